/** Which page an address names. */
import { expect, test } from "vitest";
import { pageOf, toSubmission } from "./route";

test.each([
  ["/", { page: "home" }],
  ["/submissions/2", { page: "submission", id: 2, form: null }],
  [toSubmission(2, "fuel") + "?row=3", { page: "submission", id: 2, form: "fuel" }],
  ["/submissions/two", { page: "nowhere" }],
  ["/totals", { page: "totals" }],
  ["/scenarios/pay-up", { page: "scenarios", id: "pay-up" }],
  ["/elsewhere", { page: "nowhere" }],
])("%s", (address, page) => {
  expect(pageOf(address)).toEqual(page);
});

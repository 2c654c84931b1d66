/** How figures are written; beside the code that writes them. */
import { beforeEach, expect, test } from "vitest";
import { date, difference, figure, money, percent, plain } from "./figures";
import { unit } from "./session";
import { language } from "./words/say";

beforeEach(() => {
  language.value = "ru";
  unit.value = "1";
});
const spaced = (text: string) => text.replaceAll("\u00a0", " ");

test.each([
  [7963650, 2, "79 636,50"],
  [-5, 2, "−0,05"],
  [0, 0, "0"],
  ["123456789012345678901", 2, "1 234 567 890 123 456 789,01"],
  [null, 2, "—"],
])("a number with all its digits: %s at %s", (value, digits, told) => {
  expect(spaced(figure(value, digits))).toBe(told);
});

test.each([
  ["1", "16033480050", 2, "160 334 801"],
  ["thousand", "16033449999", 2, "160 334"],
  ["thousand", "-50000", 2, "−1"],
  ["million", "16033480050", 2, "160,3"],
  ["thousand", 499, 0, "0"],
] as const)("money in the unit of the moment: %s", (shown, value, digits, told) => {
  unit.value = shown;
  expect(spaced(money(value, digits))).toBe(told);
});

test("in English: commas and a point", () => {
  language.value = "en";
  expect(figure(7963650, 2)).toBe("79,636.50");
  expect(date("2026-01-31")).toBe("31 Jan 2026");
  expect(plain("1,234.50")).toBe("1234.50");
});

test("dates, shares and differences", () => {
  expect(date("2026-01-31")).toBe("31.01.2026");
  expect(spaced(percent(0.1234))).toBe("12,3 %");
  expect([difference(100), difference(-100), difference(0), difference(1)]).toEqual(["+1", "−1", "0", "0"]);
});

test.each([
  ["1 234,50", "1234.50"],
  ["1\u00a0234", "1234"],
  ["−5", "-5"],
  ["B2-1", "B2-1"],
  ["2026-01-31", "2026-01-31"],
])("what a person typed as a number: %s", (typed, told) => {
  expect(plain(typed)).toBe(told);
});

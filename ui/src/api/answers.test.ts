/** The golden answers that the Python tests write, read by the readers of the page. */
import { expect, test } from "vitest";
import { ANSWERS, readerOf, REFUSAL } from "./answers";
import { complaints } from "./reader";

interface Golden {
  readonly asked: string;
  readonly answer: unknown;
}
const FILES = import.meta.glob<Golden>("../../../tests/ui/contract/*.json", { eager: true, import: "default" });

test.each(Object.entries(FILES))("%s", (name, { asked, answer }) => {
  const [method, path] = asked.split(" ") as [string, string];
  const reader = path === "refused" ? REFUSAL : readerOf(method, path);
  expect(reader, name).toBeDefined();
  expect(complaints(reader!, answer)).toEqual([]);
});

test("every answer that the page reads has its golden one", () => {
  const asked = Object.values(FILES).map((one) => one.asked);
  expect(ANSWERS.filter(([pattern]) => !asked.some((one) => pattern.test(one)))).toEqual([]);
});

test("an answer that is not as it must be is told with its place", () => {
  const reader = readerOf("GET", "/cycles")!;
  expect(complaints(reader, { cycles: [{ name: 2026, calendar: { law: "soon" } }] })).toEqual([
    '.cycles[0].name: text expected, not 2026',
    '.cycles[0].calendar.law: a date expected, not "soon"',
  ]);
});

import { expect, test } from "vitest";
import { asTable, asText, fromText } from "./clipboard";
import { commandOf } from "./keys";
import { date, number, plainOf, typedAs } from "./reading";
import { at, boxOf, edge, reaching, stepped } from "./span";

test.each([
  ["1 234,50", "ru", "1234.50"],
  ["1\u00a0234,5", "kk", "1234.5"],
  ["1,234.50", "en", "1234.50"],
  ["1.234.567,8", "ru", "1234567.8"],
  ["1,234", "en", "1234"],
  ["1,234", "ru", "1.234"],
  ["−5", "ru", "-5"],
  ["(1 000)", "ru", "-1000"],
  ["12,5 %", "ru", "0.125"],
  ["7%", "en", "0.07"],
  ["500 тг", "ru", "500"],
  [",5", "ru", "0.5"],
] as const)("the number %s in %s is %s", (typed, language, plain) => {
  expect(number(typed, language)).toBe(plain);
});

test.each(["", "1,2,3", "12 apples", "1e5", "--1"])("no number: %s", (typed) => {
  expect(number(typed, "ru")).toBeNull();
});

test.each([
  ["31.01.2026", "ru", "2026-01-31"],
  ["2026-01-31 00:00:00", "ru", "2026-01-31"],
  ["1/2/26", "en", "2026-01-02"],
  ["1/2/26", "ru", "2026-02-01"],
  ["31 мая 2018", "ru", "2018-05-31"],
  ["31 Jan 2026", "en", "2026-01-31"],
] as const)("the date %s in %s is %s", (typed, language, plain) => {
  expect(date(typed, language)).toBe(plain);
});

test("what cannot be read goes on as it is, for the service to refuse", () => {
  expect(plainOf("date", "31.02.2026", "ru")).toBe("31.02.2026");
  expect(plainOf("number", "много", "ru")).toBe("много");
  expect(plainOf("bool", "иә", "kk")).toBe("true");
  expect(plainOf("code", "B2-1 · Учитель", "ru")).toBe("B2-1");
});

test("an editor shows what its user would type", () => {
  expect(typedAs("number", "1234.50", "ru")).toBe("1234,50");
  expect(typedAs("date", "2026-01-31", "kk")).toBe("31.01.2026");
  expect(typedAs("number", "1234.50", "en")).toBe("1234.50");
});

test("text with tabs and quotes comes back as it went", () => {
  const cells = [["a\tb", 'say "no"', "two\nlines"], ["", "1,5", "x"]];
  const text = asText(cells.map((row) => row.map((one) => ({ text: one, exact: null }))));
  expect(fromText(text).map((row) => row.map((cell) => cell.text))).toEqual(cells);
});

test("a table bears exact numbers and days, texts that stay texts, and no markup of the data", () => {
  const html = asTable([[
    { text: "0,13", exact: "0.125" }, { text: "<b>&", exact: null }, { text: "01.02.2026", exact: "2026-02-01" }, { text: "", exact: null },
  ]]);
  expect(html).toContain('<td x:num="0.125" sdval="0.125" sdnum="1033;">0,13</td>');
  expect(html).toContain(`<td x:str sdnum="1033;0;@" style="mso-number-format:'\\@'">&lt;b&gt;&amp;</td>`);
  expect(html).toContain('<td x:num="46054" sdval="46054" sdnum="1033;0;YYYY-MM-DD"');
  expect(html).toContain(">01.02.2026</td><td></td>");
});

test("keys are known by their place, whatever letter they bear", () => {
  const key = { ctrlKey: true, metaKey: false, shiftKey: false, altKey: false };
  expect(commandOf({ ...key, code: "KeyZ", key: "я" })).toEqual({ do: "ask", what: "undo" });
  expect(commandOf({ ...key, code: "KeyZ", key: "Я", shiftKey: true })).toEqual({ do: "ask", what: "redo" });
  expect(commandOf({ ...key, code: "KeyC", key: "с" })).toBeNull();
});

test("Ctrl+arrow goes to the edge of a block and over a gap", () => {
  const filled = [true, true, false, false, true];
  const go = (row: number): number =>
    edge({ row, column: 0 }, [1, 0], { rows: 5, columns: 1 }, (at) => !filled[at]).row;
  expect([go(0), go(1), go(2), go(4)]).toEqual([1, 4, 4, 4]);
});

test("Tab goes round a rectangle and Enter down it", () => {
  const size = { rows: 9, columns: 9 };
  const span = reaching(at(1, 1), { row: 2, column: 2 });
  expect(boxOf(span)).toEqual({ top: 1, bottom: 2, left: 1, right: 2 });
  expect(stepped(stepped(span, 0, 1, size), 0, 1, size).active).toEqual({ row: 2, column: 1 });
  expect(stepped(span, 0, -1, size).active).toEqual({ row: 2, column: 2 });
  expect(stepped(stepped(span, 1, 0, size), 1, 0, size).active).toEqual({ row: 1, column: 2 });
});

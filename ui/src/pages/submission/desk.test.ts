/** A submission that is moved to another edition while somebody looks at it and types. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Desk as DeskType } from "./desk";

const FILES = import.meta.glob<{ readonly answer: Record<string, unknown> }>("../../../../tests/ui/contract/*.json", { eager: true, import: "default" });
const golden = (name: string): any => structuredClone(FILES[`../../../../tests/ui/contract/${name}.json`]!.answer);
const asked: string[] = [];
let columns: string[] = [];
let desk: DeskType;
let hear: (event: object) => void;

/** The service as it was when the golden answers were written, but for the columns of the one form. */
function answer(address: string, how?: { method?: string }): object {
  asked.push(`${how?.method ?? "GET"} ${address}`);
  if (address.includes("/layout")) return { layout: null };
  if (address.includes("/help")) return golden("form-help");
  if (address.includes("/forms/")) return { ...golden("form"), revision: desk ? 2 : 1 };
  if (address.includes("/findings")) return golden("findings");
  if (address.includes("/remarks")) return golden("remarks");
  const told = golden("submission");
  const form = told.forms.find((one: { name: string }) => one.name === "purchases");
  form.columns = columns.map((name) => ({ ...form.columns[0], name }));
  return told;
}

beforeEach(async () => {
  asked.length = 0;
  columns = ["name"];
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
  vi.stubGlobal("fetch", (address: string, how?: { method?: string }) => Promise.resolve(Response.json(answer(address, how))));
  const { Desk } = await import("./desk");
  desk = new Desk(1);
  await desk.open();
  await desk.show("purchases");
  hear = (event) => (desk as unknown as { hear: (event: object) => void }).hear(event);
});
afterEach(() => {
  desk.close();
  vi.unstubAllGlobals();
});

const moved = () => ({
  submission: 1, position: 900, revision: 900, cells: [], sums: [], findings: [], totals: [], amounts: [], whole: {},
  reshaped: ["purchases"], edition: { ruleset: "1".repeat(64), norms: "2".repeat(64) },
});
const shown = () => desk.table.value?.form.columns.map((column) => column.name);

test("the form has its new shape, and that is told in one line", async () => {
  columns = ["name", "place"];
  hear(moved());
  await vi.waitFor(() => expect(shown()).toEqual(["name", "place"]));
  expect(desk.notice.value?.findings.map((one) => one.code)).toEqual(["moved"]);
  expect(asked.filter((one) => one.includes("/help"))).toHaveLength(2);
});

test("what is being typed is finished first", async () => {
  desk.types(true);
  columns = ["place", "name"];
  hear(moved());
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([shown(), desk.notice.value]).toEqual([["name"], null]);
  desk.types(false);
  await vi.waitFor(() => expect(shown()).toEqual(["place", "name"]));
  expect(desk.notice.value?.findings).toHaveLength(1);
});

/** A list of the service is read to its end. */
import { afterEach, expect, test, vi } from "vitest";
import { history, historyUntil, whole } from "./whole";

interface Listed {
  readonly name: string;
  readonly codes: readonly number[];
}
afterEach(() => vi.unstubAllGlobals());

function served(parts: Readonly<Record<string, object>>, by = "after"): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (address: string) => {
    asked.push(address);
    return Promise.resolve(Response.json(parts[new URL(address, "http://here").searchParams.get(by) ?? ""]));
  });
  return asked;
}

test("part after part until none is next, in order", async () => {
  const asked = served({ "": { name: "n", codes: [1, 2], next: 2 }, 2: { name: "n", codes: [3], next: 3 }, 3: { name: "n", codes: [], next: null } });
  expect(await whole<Listed>("/codes", "codes", { like: "a" })).toEqual({ name: "n", codes: [1, 2, 3], next: null });
  expect(asked).toEqual(["", "&after=2", "&after=3"].map((after) => `/api/v1/codes?like=a&count=1000${after}`));
});

test("a list that fits is asked for once", async () => {
  const asked = served({ "": { name: "n", codes: [1], next: null } });
  expect((await whole<Listed>("/codes", "codes")).codes).toEqual([1]);
  expect(asked).toHaveLength(1);
});

const LINES = { "": { history: [{ revision: 5 }, { revision: 4 }], next: 4 }, 4: { history: [{ revision: 3 }, { revision: 2 }], next: 2 }, 2: { history: [{ revision: 1 }], next: null } };
const revisions = (lines: readonly { readonly revision: number }[]): number[] => lines.map((line) => line.revision);

test("history is read back to the line that is enough, and no farther", async () => {
  const asked = served(LINES, "before");
  expect(revisions(await historyUntil(7, (line) => line.revision <= 3))).toEqual([5, 4, 3]);
  expect(asked).toEqual(["", "&before=4"].map((before) => `/api/v1/submissions/7/history?count=200${before}`));
  expect(revisions(await historyUntil(7, () => false))).toEqual([5, 4, 3, 2, 1]);
});

test("so many lines of history, and whether there are more", async () => {
  served(LINES, "before");
  const some = await history(7, 3, { form: "f" });
  expect([revisions(some.lines), some.more]).toEqual([[5, 4, 3], true]);
  const all = await history(7, 5);
  expect([revisions(all.lines), all.more]).toEqual([[5, 4, 3, 2, 1], false]);
});

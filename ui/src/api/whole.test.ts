/** A list of the service is read to its end. */
import { afterEach, expect, test, vi } from "vitest";
import { whole } from "./whole";

interface Listed {
  readonly name: string;
  readonly codes: readonly number[];
}
afterEach(() => vi.unstubAllGlobals());

function served(parts: Readonly<Record<string, object>>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (address: string) => {
    asked.push(address);
    return Promise.resolve(Response.json(parts[new URL(address, "http://here").searchParams.get("after") ?? ""]));
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

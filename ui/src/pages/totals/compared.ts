/** What is compared on the page of totals: two columns, or a column with the limit of its year. */
import type { Filter, View } from "./view";
import { LIMIT, type Cube, type Sum } from "./cube";

export interface Comparison {
  readonly of: string;
  readonly with: string;
}
export interface Deviation {
  readonly of: string;
  readonly with: string;
  readonly amount: bigint;
  /** Of what it is compared with; null where that is nothing. */
  readonly share: number | null;
}

/** The comparison that the address asks for; else the first year's request with its limit, if it has one. */
export function comparisonOf(cube: Cube, view: View): Comparison | null {
  const keys = cube.columns.value.map((codes) => codes.join("/"));
  const of = keys.includes(view.of) ? view.of : keys.find((key) => key.split("/").includes("request")) ?? keys[0];
  if (of === undefined || view.with === "none") return null;
  const year = yearOf(view, of);
  const limit = year && cube.limitOf([], year) !== null ? LIMIT + year : null;
  const known = view.with && (keys.includes(view.with) || view.with.startsWith(LIMIT));
  const other = known ? view.with : (limit ?? keys.find((key) => key !== of));
  return other ? { of, with: other } : null;
}

/** The year of a column, or of the filter. */
export function yearOf(view: View, key: string): string | null {
  const at = view.columns.indexOf("year");
  if (at >= 0) return key.split("/")[at] ?? null;
  return view.where.find((one) => one.dimension === "year")?.code || null;
}

export function deviationOf(cube: Cube, path: readonly Filter[], sums: ReadonlyMap<string, Sum>, of: Comparison): Deviation | null {
  const amount = (key: string): string | null => (key.startsWith(LIMIT) ? cube.limitOf(path, key.slice(LIMIT.length)) : (sums.get(key)?.amount ?? null));
  const [one, other] = [amount(of.of), amount(of.with)];
  if (one === null || other === null) return null;
  const difference = BigInt(one) - BigInt(other);
  return { of: one, with: other, amount: difference, share: BigInt(other) === 0n ? null : Number(difference) / Math.abs(Number(other)) };
}

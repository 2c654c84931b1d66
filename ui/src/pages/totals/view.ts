/** What the page of totals shows, as its address says it: dimensions of rows and columns, filters, and what is compared. */
import { computed } from "@preact/signals";
import { go, query } from "../../route";

export const DIMENSIONS = ["administrator", "programme", "subprogramme", "specific", "institution", "kind", "stage", "year", "budget", "side"] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export type Zone = "rows" | "columns" | "where" | "idle";

/** One code of a dimension that is kept; without a code the filter keeps all, and waits for one. */
export interface Filter {
  readonly dimension: Dimension;
  readonly code: string;
}
export interface View {
  readonly rows: readonly Dimension[];
  readonly columns: readonly Dimension[];
  readonly where: readonly Filter[];
  /** Keys of two columns, such as "request/2026"; "limit:2026" is the limit of a year. */
  readonly of: string;
  readonly with: string;
}

export const view = computed<View>(() => {
  const parts = query.value;
  const named = (name: string, otherwise: readonly Dimension[]): readonly Dimension[] =>
    parts.has(name) ? parts.getAll(name).filter(isDimension) : otherwise;
  return {
    rows: named("rows", ["administrator", "specific"]),
    columns: named("columns", ["stage", "year"]),
    where: parts.getAll("where").flatMap(filterOf),
    of: parts.get("of") ?? "",
    with: parts.get("with") ?? "",
  };
});

export function addressOf(of: View): string {
  const parts = new URLSearchParams();
  for (const name of of.rows) parts.append("rows", name);
  if (!of.rows.length) parts.append("rows", "");
  for (const name of of.columns) parts.append("columns", name);
  if (!of.columns.length) parts.append("columns", "");
  for (const { dimension, code } of of.where) parts.append("where", `${dimension}:${code}`);
  if (of.of) parts.set("of", of.of);
  if (of.with) parts.set("with", of.with);
  return `/totals?${parts.toString()}`;
}

export function show(changed: Partial<View>): void {
  go(addressOf({ ...view.peek(), ...changed }));
}

export function zoneOf(name: Dimension, of: View): Zone {
  if (of.rows.includes(name)) return "rows";
  if (of.columns.includes(name)) return "columns";
  return of.where.some((one) => one.dimension === name) ? "where" : "idle";
}

/** A dimension goes to a place in a zone, and leaves where it was. */
export function placed(of: View, name: Dimension, zone: Zone, place: number): View {
  const rows = of.rows.filter((one) => one !== name);
  const columns = of.columns.filter((one) => one !== name);
  const where = of.where.filter((one) => one.dimension !== name);
  const put = (list: readonly Dimension[]): readonly Dimension[] => [...list.slice(0, place), name, ...list.slice(place)];
  const kept = { ...of, rows, columns, where, of: "", with: "" };
  if (zone === "rows") return { ...kept, rows: put(rows) };
  if (zone === "columns") return { ...kept, columns: put(columns) };
  return zone === "where" ? { ...kept, where: [...where, { dimension: name, code: "" }] } : kept;
}

/** The filters that keep something out, as the service reads them. */
export function asked(filters: readonly Filter[]): string[] {
  return filters.filter((one) => one.code !== "").map((one) => `${one.dimension}:${one.code}`);
}

export function isDimension(name: string): name is Dimension {
  return (DIMENSIONS as readonly string[]).includes(name);
}

function filterOf(text: string): Filter[] {
  const at = text.indexOf(":");
  const dimension = text.slice(0, at);
  return at > 0 && isDimension(dimension) ? [{ dimension, code: text.slice(at + 1) }] : [];
}

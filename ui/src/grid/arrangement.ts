/**
 * Rows in another order than they have: sorted, filtered, grouped, folded. The data does not move; only which row is
 * shown where.
 */
import { say } from "../words/say";
import { words } from "../words/grid";

export interface Wish {
  readonly sort: { readonly column: string; readonly down: boolean } | null;
  /** Column → the texts that are let through. */
  readonly filters: Readonly<Record<string, ReadonlySet<string>>>;
  readonly group: string | null;
  readonly folded: ReadonlySet<string>;
}
export const AS_IT_IS: Wish = { sort: null, filters: {}, group: null, folded: new Set() };

/** What is asked of the rows to arrange them. */
export interface Rows {
  readonly size: number;
  readonly text: (row: number, column: string) => string;
  readonly order: (row: number, column: string) => number | string | null;
}
export interface Heading {
  readonly key: string;
  readonly text: string;
  readonly count: number;
  readonly folded: boolean;
}

export class Arrangement {
  /** Rows as they are shown; below zero: a group's heading. */
  private constructor(
    private readonly rows: Int32Array | null,
    readonly headings: readonly Heading[],
    private readonly plain: number,
  ) {}

  static of(rows: Rows, wish: Wish): Arrangement {
    const filters = Object.entries(wish.filters);
    if (!wish.sort && !filters.length && !wish.group) return new Arrangement(null, [], rows.size);
    let kept: number[] = [];
    for (let row = 0; row < rows.size; row++)
      if (filters.every(([column, texts]) => texts.has(rows.text(row, column)))) kept.push(row);
    if (wish.sort) kept = sorted(kept, rows, wish.sort);
    if (!wish.group) return new Arrangement(Int32Array.from(kept), [], kept.length);
    return grouped(kept, rows, wish, (all, headings) => new Arrangement(Int32Array.from(all), headings, all.length));
  }

  get size(): number {
    return this.rows ? this.rows.length : this.plain;
  }

  /** Which row stands at a place; -1 for a heading. */
  row(place: number): number {
    return this.rows ? Math.max(-1, this.rows[place] ?? -1) : place;
  }

  heading(place: number): Heading | null {
    const at = this.rows?.[place] ?? 0;
    return at < 0 ? (this.headings[-at - 1] ?? null) : null;
  }

  /** Where a row is shown; -1 if it is not. */
  place(row: number): number {
    return this.rows ? this.rows.indexOf(row) : row;
  }
}

function sorted(rows: number[], of: Rows, { column, down }: { column: string; down: boolean }): number[] {
  const keys = new Map(rows.map((row) => [row, of.order(row, column)]));
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;
  return rows.sort((a, b) => {
    const [left, right] = [keys.get(a) ?? null, keys.get(b) ?? null];
    if (left === null || right === null) return Number(left === null) - Number(right === null) || a - b;
    const found = typeof left === "number" && typeof right === "number" ? left - right : compare(String(left), String(right));
    return (down ? -found : found) || a - b;
  });
}

function grouped<T>(rows: readonly number[], of: Rows, wish: Wish, make: (rows: number[], headings: Heading[]) => T): T {
  const parts = new Map<string, number[]>();
  for (const row of rows) {
    const text = of.text(row, wish.group ?? "");
    const part = parts.get(text);
    if (part) part.push(row);
    else parts.set(text, [row]);
  }
  const all: number[] = [];
  const headings: Heading[] = [];
  for (const [text, part] of [...parts].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }))) {
    const folded = wish.folded.has(text);
    headings.push({ key: text, text: text || say(words.blanks), count: part.length, folded });
    all.push(-headings.length);
    if (!folded) all.push(...part);
  }
  return make(all, headings);
}

/**
 * What the grid paints. It knows nothing of forms, norms or totals: whoever shows something in it says what each cell
 * looks like at the moment it is painted, so that 100,000 rows are never made into objects.
 */

export type Align = "left" | "right" | "center";
/** What is typed into a column, and therefore how it is read and edited; null: nothing is. */
export type Kind = "number" | "text" | "date" | "code" | "bool";

export interface Column {
  readonly id: string;
  readonly title: string;
  /** Columns next to each other with the same group share a head above their own. */
  readonly group: Group | null;
  readonly unit: string;
  readonly hint: string;
  readonly width: number;
  readonly align: Align;
  readonly kind: Kind;
  readonly frozen: boolean;
  /** Whether the hand may act in it at all; a single cell may still refuse (`Look.fixed`). */
  readonly input: boolean;
}

export interface Group {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly hint: string;
  /** Whether the group can show more or fewer columns, and which it does. */
  readonly opens: "more" | "fewer" | null;
}

/** How one cell looks; one object is written again and again, so that painting makes no garbage. */
export interface Look {
  text: string;
  /** Classes of grid.css, space before each: " in", " fresh", " bad", … */
  marks: string;
  /** What is wrong with it or to be said of it, for a screen reader and a tooltip; or nothing. */
  told: string;
  fixed: boolean;
  wrong: boolean;
}

export interface Source {
  readonly rows: number;
  readonly columns: readonly Column[];
  look(row: number, column: number, into: Look): void;
  /** The row's number as people count, or a mark in its place. */
  name(row: number, into: Look): void;
  /** The total under a column. */
  total(column: number, into: Look): void;
  /** Words at the left of the totals; empty: there are none. */
  readonly totalName: string;
  /** A cell as a whole number of its last digit, for the sum of a selection; null: no number. */
  number(row: number, column: number): { readonly value: number; readonly digits: number } | null;
  /** The text with which an editor opens, as its user would type it. */
  typed(row: number, column: number): string;
  /** Where a row of the source before is shown in this one; below zero: nowhere. Without it rows stay where they were. */
  whereIs?(row: number, before: Source): number;
}

export const ROW = 24;
export const HEAD = 22;
export const FOOT = 28;
export const NAME = 34;

export function blankLook(): Look {
  return { text: "", marks: "", told: "", fixed: true, wrong: false };
}

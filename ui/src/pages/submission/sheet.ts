/** A form as the grid's source: what each cell says and how it is marked, taken from the table at the moment of painting. */
import { isError, type Value } from "../../api/wire";
import { date, figure, isMoney, money, NOTHING } from "../../figures";
import { plain } from "../../grid/fill";
import type { Look, Source } from "../../grid/source";
import { unit } from "../../session";
import { words as gridWords } from "../../words/grid";
import { say } from "../../words/say";
import { words } from "../../words/submission";
import type { Shown } from "./columns";
import type { Desk } from "./desk";
import type { Marks } from "./marks";
import { keyOf, type Figure, type Table } from "./table";

export class Sheet implements Source {
  readonly rows: number;
  readonly columns;
  readonly figures: readonly Figure[];

  constructor(
    private readonly desk: Desk,
    readonly table: Table,
    shown: Shown,
    private readonly marks: Marks,
    readonly editable: boolean,
  ) {
    this.rows = table.size;
    this.columns = shown.columns;
    this.figures = shown.figures;
  }

  get totalName(): string {
    return this.table.form.columns.some((column) => column.total) ? say(words.total, { count: this.rows }) : "";
  }

  look(row: number, column: number, into: Look): void {
    const of = this.figures[column] as Figure;
    const number = this.table.rows[row];
    into.fixed = !(this.editable && of.column.input);
    if (number === undefined) return void (into.text = "…");
    const value = this.table.value(row, of);
    const key = this.keyAt(number, of);
    const typed = this.desk.sent.get(key);
    into.text = typed === undefined ? shownText(value, of) : typed;
    into.marks = this.marked(value, of, key, typed !== undefined);
    this.tell(key, value, into);
  }

  name(row: number, into: Look): void {
    const number = this.table.rows[row];
    into.text = String(row + 1);
    if (number === undefined) return;
    const found = this.marks.ofRow(number);
    if (!found) return;
    into.text = "⚠";
    into.marks = " warn";
    into.told = `${row + 1}. ${found}`;
  }

  total(column: number, into: Look): void {
    const of = this.figures[column] as Figure;
    if (!of.column.total || of.month !== null) return;
    const sums = this.table.sums[of.column.name];
    const sum = sums?.[String(of.year ?? Object.keys(sums)[0])];
    if (!sum) return;
    into.text = isMoney(of.column.type.unit) ? money(sum.sum, of.column.digits ?? 0) : figure(sum.sum, of.column.digits ?? 0);
    if (sum.incomplete) {
      into.told = say(words.incomplete, { count: sum.incomplete });
      into.marks = " nonorm";
    }
  }

  number(row: number, column: number): { value: number; digits: number } | null {
    const of = this.figures[column] as Figure;
    const value = this.table.value(row, of);
    return of.column.type.kind === "number" && typeof value === "number" ? { value, digits: of.column.digits ?? 0 } : null;
  }

  typed(row: number, column: number): string {
    const of = this.figures[column] as Figure;
    const number = this.table.rows[row];
    const waits = number === undefined ? undefined : this.desk.sent.get(this.keyAt(number, of));
    return waits ?? plainText(this.table.value(row, of), of);
  }

  keyAt(row: number, { column, year, month }: Figure): string {
    return keyOf(row, column.name, year, month);
  }

  /** The row's number; undefined while it is not here yet. */
  rowAt(row: number): number | undefined {
    return this.table.rows[row];
  }

  /** Where the rows from one to another stand in the table. */
  placesOf(first: number, last: number): number[] {
    const rows = Math.max(0, Math.min(last, this.rows - 1) - first + 1);
    return Array.from({ length: this.rows ? rows : 0 }, (_, i) => first + i);
  }

  private marked(value: Value | undefined, of: Figure, key: string, waits: boolean): string {
    let marks = of.column.input ? (this.editable ? " in" : "") : "";
    if (typeof value === "number" && value < 0 && of.column.type.kind === "number") marks += " neg";
    if (isError(value)) marks += value.error === "norm-missing" ? " nonorm" : " wrong";
    const fresh = this.desk.fresh.get(key);
    if (waits) marks += " sent";
    else if (fresh) {
      marks += fresh === "mine" ? " fresh" : " others";
      this.desk.painted(key);
    }
    return marks + this.marks.of(key);
  }

  private tell(key: string, value: Value | undefined, into: Look): void {
    const told = this.marks.told(key);
    if (isError(value) || this.marks.wrong(key)) into.wrong = true;
    into.told = told;
  }
}

export function shownText(value: Value | undefined, { column }: Figure): string {
  if (value === null || value === undefined) return column.input ? "" : NOTHING;
  if (isError(value)) return value.error === "norm-missing" ? say(words.noNorm) : value.error;
  if (typeof value === "boolean") return say(value ? gridWords.yes : gridWords.no);
  if (column.type.kind === "date") return date(String(value));
  if (typeof value !== "number") return value;
  return isMoney(column.type.unit) && column.digits !== null ? money(value, column.digits, decimals(column.digits)) : figure(value, column.digits ?? 0);
}

/** Money in tenge keeps its tiyn where its column has them. */
function decimals(digits: number): number | undefined {
  return unit.value === "1" ? digits : undefined;
}

function plainText(value: Value | undefined, { column }: Figure): string {
  if (value === null || value === undefined) return "";
  if (isError(value)) return value.error;
  return typeof value === "number" ? plain(value, column.digits ?? 0) : String(value);
}


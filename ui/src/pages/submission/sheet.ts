/** A form as the grid's source: what each cell says and how it is marked, taken from the table at the moment of painting. */
import { isError, type Value } from "../../api/wire";
import { date, figure, isMoney, money, NOTHING } from "../../figures";
import type { Arrangement, Heading } from "../../grid/arrangement";
import { plain } from "../../grid/fill";
import type { Look, Source } from "../../grid/source";
import { unit } from "../../session";
import { words as gridWords } from "../../words/grid";
import { say } from "../../words/say";
import { words } from "../../words/submission";
import { codeText, codeTitle } from "./codes";
import type { Shown } from "./columns";
import type { Desk } from "./desk";
import type { Marks } from "./marks";
import { keyOf, type Figure, type Table } from "./table";

/** Rows that are not there yet: the one under the last, in which a new row is begun. */
const NEW = -2;

export interface SheetOf {
  readonly desk: Desk;
  readonly table: Table;
  readonly shown: Shown;
  readonly marks: Marks;
  readonly arrangement: Arrangement;
  readonly editable: boolean;
  readonly filtered: ReadonlySet<string>;
}

export class Sheet implements Source {
  readonly rows: number;
  readonly columns;
  readonly figures: readonly Figure[];
  readonly table: Table;
  readonly editable: boolean;
  /** Whether users add rows to this form, and may now. */
  readonly grows: boolean;

  constructor(private readonly of: SheetOf) {
    this.table = of.table;
    this.editable = of.editable;
    this.grows = of.editable && of.table.form.kind === "added";
    this.rows = of.arrangement.size + (this.grows ? 1 : 0);
    this.columns = of.shown.columns;
    this.figures = of.shown.figures;
  }

  get totalName(): string {
    if (!this.table.form.columns.some((column) => column.total)) return "";
    return say(words.total, { count: this.table.size });
  }

  /** Where a shown row stands in the table; below zero: nowhere. */
  place(row: number): number {
    return this.grows && row === this.rows - 1 ? NEW : this.of.arrangement.row(row);
  }

  isNew(row: number): boolean {
    return this.place(row) === NEW;
  }

  /** The row's number; undefined where there is none. */
  rowAt(row: number): number | undefined {
    return this.table.rows[this.place(row)];
  }

  /** Where a row of the table is shown; -1: nowhere. */
  shownAt(place: number): number {
    return this.of.arrangement.place(place);
  }

  /** Rows are known by their numbers once the table was read anew; in another order of the same table places count. */
  whereIs(row: number, before: Source): number {
    if (!(before instanceof Sheet) || before.table === this.table) return row;
    if (before.isNew(row)) return this.grows ? this.rows - 1 : -1;
    return this.shownAt(this.table.places.get(before.rowAt(row) ?? -1) ?? -1);
  }

  /** Where the rows from one to another stand in the table. */
  placesOf(first: number, last: number): number[] {
    const places: number[] = [];
    for (let row = first; row <= Math.min(last, this.rows - 1); row++) if (this.place(row) >= 0) places.push(this.place(row));
    return places;
  }

  look(row: number, column: number, into: Look): void {
    const of = this.figures[column] as Figure;
    const place = this.place(row);
    into.fixed = !(this.editable && of.column.input);
    if (place < 0) return this.lookAside(row, column, into);
    const number = this.table.rows[place];
    if (number === undefined) return void (into.text = "…");
    const value = this.table.value(place, of);
    const key = keyOf(number, of.column.name, of.year, of.month);
    const typed = this.of.desk.sent.get(key);
    into.text = typed === undefined ? shownText(value, of) : typed;
    into.marks = this.marked(value, of, key, typed !== undefined);
    into.told = this.toldOf(value, of, key);
    into.wrong = isError(value) || this.of.marks.wrong(key);
  }

  name(row: number, into: Look): void {
    const place = this.place(row);
    if (place < 0) return void (into.text = place === NEW ? "+" : "");
    into.text = String(place + 1);
    const number = this.table.rows[place];
    const found = number === undefined ? undefined : this.of.marks.ofRow(number);
    if (!found) return;
    into.text = "⚠";
    into.marks = " warn";
    into.told = `${place + 1}. ${found}`;
  }

  total(column: number, into: Look): void {
    const of = this.figures[column] as Figure;
    if (!of.column.total || of.month !== null) return;
    const sums = this.table.sums[of.column.name];
    const sum = sums?.[String(of.year ?? Object.keys(sums)[0])];
    if (!sum) return;
    into.text = written(sum.sum, of);
    if (this.of.desk.freshTotals.has(`${of.column.name}/${of.year ?? ""}`)) into.marks = " fresh";
    if (!sum.incomplete) return;
    into.told = say(words.incomplete, { count: sum.incomplete });
    into.marks = " nonorm";
  }

  number(row: number, column: number): { value: number; digits: number } | null {
    void this.of.desk.version.value;
    const of = this.figures[column] as Figure;
    if (of.column.type.kind !== "number") return null;
    const digits = of.column.digits ?? 0;
    const number = this.rowAt(row);
    if (number === undefined) return null;
    const waits = this.of.desk.sent.get(keyOf(number, of.column.name, of.year, of.month));
    if (waits !== undefined) return numberIn(waits, digits);
    const value = this.table.value(this.place(row), of);
    return typeof value === "number" ? { value, digits } : null;
  }

  typed(row: number, column: number): string {
    void this.of.desk.version.value;
    const of = this.figures[column] as Figure;
    const place = this.place(row);
    const number = this.table.rows[place];
    if (number === undefined) return "";
    const waits = this.of.desk.sent.get(keyOf(number, of.column.name, of.year, of.month));
    return waits ?? plainText(this.table.value(place, of), of);
  }

  headingAt(row: number): Heading | null {
    return this.of.arrangement.heading(row);
  }

  /** What a cell of the table says, wherever it is shown. */
  textAt(place: number, column: number): string {
    return shownText(this.table.value(place, this.figures[column] as Figure), this.figures[column] as Figure);
  }

  private lookAside(row: number, column: number, into: Look): void {
    const heading = this.of.arrangement.heading(row);
    const first = column === 0;
    if (heading) {
      into.fixed = true;
      into.marks = " heading";
      if (first) into.text = `${heading.folded ? "▸" : "▾"} ${heading.text} · ${heading.count}`;
      return;
    }
    into.marks = into.fixed ? "" : " in dim";
    if (first) into.text = say(words.newRow);
  }

  private toldOf(value: Value | undefined, { column }: Figure, key: string): string {
    const told = this.of.marks.told(key, column.name);
    const title = column.type.classification && typeof value === "string" ? codeTitle(column.type.classification, value) : "";
    return title && told ? `${title}\n${told}` : title || told;
  }

  private marked(value: Value | undefined, of: Figure, key: string, waits: boolean): string {
    const { desk, marks } = this.of;
    let told = of.column.input && this.editable ? " in" : "";
    if (typeof value === "number" && value < 0 && of.column.type.kind === "number") told += " neg";
    if (isError(value)) told += value.error === "norm-missing" ? " nonorm" : " hole";
    if (of.column.per_month && of.month === 1 && this.steps(key, of)) told += " step";
    if (waits) return told + " sent";
    const fresh = desk.fresh.get(key);
    if (fresh) {
      told += fresh === "mine" ? " fresh" : " others";
      desk.painted(key);
    }
    return told + marks.of(key, of.column.name);
  }

  /** Whether a monthly figure that shows January only changes within the year. */
  private steps(key: string, of: Figure): boolean {
    const place = this.table.places.get(Number(key.split("/")[0]));
    if (place === undefined) return false;
    const january = this.table.value(place, of);
    const december = this.table.value(place, { ...of, month: 12 });
    return typeof december === "number" && december !== january;
  }
}

export function shownText(value: Value | undefined, of: Figure): string {
  if (value === null || value === undefined) return of.column.input ? "" : NOTHING;
  if (isError(value)) return value.error === "norm-missing" ? say(words.noNorm) : NOTHING;
  if (typeof value === "boolean") return say(value ? gridWords.yes : gridWords.no);
  if (of.column.type.kind === "date") return date(String(value));
  if (typeof value === "number") return written(value, of);
  const { classification } = of.column.type;
  return classification ? codeText(classification, value) : value;
}

/** Money in the unit of the moment, with its tiyn in tenge; all else with its own digits. */
function written(value: number | string, { column }: Figure): string {
  const digits = column.digits ?? 0;
  if (!isMoney(column.type.unit)) return figure(value, digits);
  return unit.value === "1" ? figure(value, digits) : money(value, digits);
}

/** A plain text as a whole number of its last digit. */
function numberIn(text: string, digits: number): { value: number; digits: number } | null {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!parts || (parts[3] ?? "").length > digits) return null;
  return { value: Number(`${parts[1]}${parts[2]}${(parts[3] ?? "").padEnd(digits, "0")}`), digits };
}

function plainText(value: Value | undefined, { column }: Figure): string {
  if (value === null || value === undefined) return "";
  if (isError(value)) return value.error;
  return typeof value === "number" ? plain(value, column.digits ?? 0) : String(value);
}

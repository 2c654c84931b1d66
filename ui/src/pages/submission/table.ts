/** One form's cells as the service told them, column by column; what changes is written over them. */
import { get } from "../../api/client";
import type { ChangedColumn, Column, ColumnHelp, Form, FormHelp, FormPart, Sums, Value, Values } from "../../api/wire";

/** Which figure of a row: a column, in a year where it differs by year, in a month where by month. */
export interface Figure {
  readonly column: Column;
  readonly year: number | null;
  readonly month: number | null;
}

const FIRST = 1_000;
const NEXT = 10_000;
/** Forms with more rows show their months only when they are asked for. */
const MONTHS_ROWS_MAX = 500;

type Cells = Value[];
type Stored = Cells | Record<string, Cells | Cells[]>;

export class Table {
  readonly places = new Map<number, number>();
  readonly sums: Record<string, Sums> = {};
  private readonly columns: Record<string, Stored> = {};
  private readonly later: (readonly ChangedColumn[])[] = [];
  readonly months = new Set<string>();

  private constructor(
    readonly submission: number,
    readonly form: Form,
    /** What its columns mean, by name. */
    readonly help: ReadonlyMap<string, ColumnHelp>,
    readonly rows: number[],
    public revision: number,
    readonly size: number,
    /** The earlier revision that is looked at, if one is. */
    readonly at: number | undefined,
  ) {}

  /** Read a form's first rows; `rest` reads the others. */
  static async read(submission: number, form: Form, asked: Promise<FormHelp>, at?: number): Promise<Table> {
    const months = form.rows <= MONTHS_ROWS_MAX ? form.columns.filter((c) => c.per_month).map((c) => c.name) : [];
    const when = at === undefined ? {} : { revision: at };
    const [help, part] = await Promise.all([asked, partOf(submission, form.name, { first: 0, count: FIRST, months, ...when })]);
    const columns = new Map(help.columns.map((column) => [column.name, column]));
    const table = new Table(submission, form, columns, [], part.revision, part.total_rows, at);
    months.forEach((name) => table.months.add(name));
    table.take(part, 0);
    return table;
  }

  get complete(): boolean {
    return this.rows.length >= this.size;
  }

  /** Read what is not here yet, as it was when the first rows were read, and what has changed since over it. */
  async rest(grown: () => void): Promise<void> {
    const { revision } = this;
    while (!this.complete) {
      const asked = { first: this.rows.length, count: NEXT, months: [...this.months], revision };
      const part = await partOf(this.submission, this.form.name, asked);
      if (!part.rows.length) return;
      this.take(part, this.rows.length);
      for (const cells of this.later) this.apply(cells);
      grown();
    }
    this.later.length = 0;
  }

  /** Read monthly columns that are not here yet. */
  async read(months: readonly string[]): Promise<void> {
    const wanted = months.filter((name) => !this.months.has(name));
    for (let first = 0; wanted.length && first < this.size; first += NEXT) {
      const part = await partOf(this.submission, this.form.name, { first, count: NEXT, months: wanted });
      for (const name of wanted) this.columns[name] = joined(this.columns[name], part.columns[name] ?? [], first);
    }
    for (const name of wanted) this.months.add(name);
  }

  value(place: number, { column, year, month }: Figure): Value | undefined {
    const stored = this.columns[column.name];
    if (!stored) return undefined;
    if (Array.isArray(stored)) return stored[place];
    const cells = stored[String(year)];
    return month === null ? (cells as Cells | undefined)?.[place] : (cells as Cells[] | undefined)?.[month - 1]?.[place];
  }

  /** Whether a column's figures differ by year. */
  byYear(column: Column): boolean {
    const stored = this.columns[column.name];
    return stored ? !Array.isArray(stored) : column.by_year;
  }

  /** Write what has changed; answers which figures of which rows those are. */
  apply(cells: readonly ChangedColumn[]): string[] {
    if (!this.complete) this.later.push(cells);
    return cells.filter((one) => one.form === this.form.name).flatMap((one) => this.write(one));
  }

  private write({ column, changes }: ChangedColumn): string[] {
    const stored = this.columns[column];
    const keys: string[] = [];
    if (!stored) return keys;
    for (const [row, year, month, , after] of changes) {
      const place = this.places.get(row);
      if (place === undefined) continue;
      if (Array.isArray(stored)) stored[place] = after;
      else if (month === null) (stored[String(year)] as Cells)[place] = after;
      else ((stored[String(year)] as Cells[])[month - 1] as Cells)[place] = after;
      keys.push(keyOf(row, column, Array.isArray(stored) ? null : year, month));
    }
    return keys;
  }

  private take(part: FormPart, first: number): void {
    part.rows.forEach((row, i) => this.places.set(row, first + i));
    for (const row of part.rows) this.rows.push(row);
    for (const [name, values] of Object.entries(part.columns))
      this.columns[name] = joined(this.columns[name], values, first);
    Object.assign(this.sums, part.totals);
  }
}

/** One figure's name among all of a form: "12/fund/2026/". */
export function keyOf(row: number, column: string, year: number | null, month: number | null): string {
  return `${row}/${column}/${year ?? ""}/${month ?? ""}`;
}

interface Part {
  readonly first: number;
  readonly count: number;
  readonly months: readonly string[];
  readonly revision?: number;
}

function partOf(submission: number, form: string, part: Part): Promise<FormPart> {
  return get<FormPart>(`/submissions/${submission}/forms/${encodeURIComponent(form)}`, { ...part });
}

function joined(before: Stored | undefined, values: Values, first: number): Stored {
  if (Array.isArray(values)) return appended((before as Cells | undefined) ?? [], values as readonly Value[], first);
  const stored = (before as Record<string, Cells | Cells[]> | undefined) ?? {};
  for (const [year, cells] of Object.entries(values as Readonly<Record<string, readonly unknown[]>>))
    stored[year] = ofYear(stored[year], cells, first);
  return stored;
}

function ofYear(before: Cells | Cells[] | undefined, cells: readonly unknown[], first: number): Cells | Cells[] {
  if (!Array.isArray(cells[0])) return appended((before as Cells | undefined) ?? [], cells as readonly Value[], first);
  const months = (before as Cells[] | undefined) ?? Array.from({ length: cells.length }, (): Cells => []);
  return months.map((month, i) => appended(month, cells[i] as readonly Value[], first));
}

function appended(into: Cells, values: readonly Value[], first: number): Cells {
  for (let i = 0; i < values.length; i++) into[first + i] = values[i] as Value;
  return into;
}

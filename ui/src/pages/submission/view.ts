/** How a form is looked at: its columns as the user likes them, its rows in the order that was asked for, its marks. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { AS_IT_IS, Arrangement, type Wish } from "../../grid/arrangement";
import { unit } from "../../session";
import { language } from "../../words/say";
import type { Submission } from "../../api/wire";
import { known, learn } from "./codes";
import { idOf, shownOf, type Shape } from "./columns";
import type { Desk } from "./desk";
import { Marks } from "./marks";
import { reshape, shapeOf } from "./memory";
import { Sheet, shownText } from "./sheet";
import { type Figure, Table } from "./table";

export interface View {
  readonly desk: Desk;
  readonly submission: Submission;
  readonly table: Table;
  readonly sheet: Sheet;
  readonly wish: Wish;
  readonly arrange: (wish: Wish) => void;
  readonly shape: Shape;
  /** `keep`: remembered for the next time. */
  readonly reshape: (shape: Shape, keep?: boolean) => void;
  /** Show or hide the months of a column. */
  readonly opens: (column: string) => void;
}

export function useView(desk: Desk, table: Table, submission: Submission): View {
  const key = `${submission.ruleset.name}/${table.form.name}`;
  const shape = shapeOf(key);
  const [wish, arrange] = useState<Wish>(AS_IT_IS);
  const [, draw] = useState(0);
  const { years } = submission;
  const editable = submission.may_edit && desk.moment.value === null;
  const said = [language.value, unit.value];
  useEffect(() => void learn(table.form.columns), [table.form.name]);
  const marks = useMarks(desk, table);
  const shown = useMemo(() => shownOf(table, years, shape), [table, table.months.size, JSON.stringify(shape), ...said]);
  const arrangement = useMemo(() => Arrangement.of(rowsOf(table, years), wish), [table, table.rows.length, wish, language.value]);
  const filtered = useMemo(() => new Set(Object.keys(wish.filters)), [wish]);
  const sheet = useMemo(
    () => new Sheet({ desk, table, shown, marks, arrangement, editable, filtered }),
    [table, shown, marks, arrangement, editable, known.value],
  );
  useEffect(() => {
    const open = shape.months.filter((name) => !table.months.has(name));
    if (open.length) void table.read(open).then(() => draw((count) => count + 1));
  }, [table]);
  const opens = (column: string): void => {
    const months = shape.months.includes(column) ? shape.months.filter((one) => one !== column) : [...shape.months, column];
    void table.read([column]).then(() => reshape(key, { ...shapeOf(key), months }));
  };
  return { desk, submission, table, sheet, wish, arrange, shape, reshape: (next, keep) => reshape(key, next, keep), opens };
}

function useMarks(desk: Desk, table: Table): Marks {
  const { findings, remarks } = desk.facts;
  const { since } = desk;
  return useMemo(
    () => new Marks(table.form, findings.value ?? [], remarks.value, since.value),
    [table, findings.value, remarks.value, since.value],
  );
}

/** What rows are arranged by: texts as they are shown, and numbers where a column has them. */
function rowsOf(table: Table, years: readonly number[]) {
  const figures = new Map<string, Figure>();
  for (const column of table.form.columns) {
    const yearly = table.byYear(column) || column.per_month;
    const of = yearly ? years.flatMap((year) => figuresIn(column, year)) : [{ column, year: null, month: null }];
    for (const figure of of) figures.set(idOf(figure), figure);
  }
  return {
    size: table.size,
    text: (row: number, id: string): string => {
      const figure = figures.get(id);
      return figure ? shownText(table.value(row, figure), figure) : "";
    },
    order: (row: number, id: string): number | string | null => {
      const figure = figures.get(id);
      const value = figure ? table.value(row, figure) : null;
      return typeof value === "number" || typeof value === "string" ? value : typeof value === "boolean" ? Number(value) : null;
    },
  };
}

function figuresIn(column: Figure["column"], year: number): Figure[] {
  if (!column.per_month) return [{ column, year, month: null }];
  return Array.from({ length: 12 }, (_, i) => ({ column, year, month: i + 1 }));
}

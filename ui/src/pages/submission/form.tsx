/** One form: its title and buttons, the limits, the formula bar, the grid and the status bar. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Submission } from "../../api/wire";
import { Grid, type Acts, type Board } from "../../grid/grid";
import { at, type Span } from "../../grid/span";
import { selected, shown } from "../../selection";
import { unit } from "../../session";
import { language, say } from "../../words/say";
import { words } from "../../words/submission";
import { addedRows, patched, planned, undone, written, type Plan } from "./acts";
import { Bar } from "./bar";
import { optionsOf } from "./codes";
import { shownOf } from "./columns";
import type { Desk } from "./desk";
import { Heading, Told } from "./heading";
import { Limits } from "./limits";
import { Marks } from "./marks";
import { reshape, shapeOf } from "./memory";
import { PastePreview } from "./pasting";
import { rowsAsked } from "./rows";
import { Sheet } from "./sheet";
import { Status } from "./status";
import type { Table } from "./table";

interface FormProps {
  readonly desk: Desk;
  readonly table: Table;
  readonly submission: Submission;
}

export function FormView({ desk, table, submission }: FormProps) {
  const board = useRef<Board | null>(null);
  const [span, move] = useState<Span>(at(0, 0));
  const [typing, type] = useState<string | null>(null);
  const [plan, preview] = useState<Plan | null>(null);
  const sheet = useSheet({ desk, table, submission });
  useEffect(() => board.current?.refresh(), [desk.version.value, sheet]);
  useEffect(() => point(desk, sheet, span), [sheet, span]);
  const focus = (): void => board.current?.focus();
  const acts = actsOf({ desk, sheet, submission, move, type, preview, say: (text) => board.current?.announce(text) });
  return (
    <>
      <Heading desk={desk} table={table} submission={submission} />
      <Limits desk={desk} year={submission.years[0] ?? 0} />
      <Bar sheet={sheet} spot={span.active} typing={typing} write={(text) => acts.write([{ ...span.active, text }])} leave={focus} />
      {desk.notice.value && <Told desk={desk} notice={desk.notice.value} />}
      <Grid label={`${table.form.code} ${say(table.form.title)}`} source={sheet} acts={acts} hold={(held) => (board.current = held)} />
      <Status desk={desk} source={sheet} span={span} />
      {plan && (
        <PastePreview
          plan={plan}
          form={table.form}
          rowOf={(row) => (table.places.get(row) ?? 0) + 1}
          cancel={() => (preview(null), focus())}
          paste={() => (preview(null), take(desk, sheet, plan), focus())}
        />
      )}
    </>
  );
}

function useSheet({ desk, table, submission }: FormProps): Sheet {
  const shape = shapeOf(keyOfShape(submission, table));
  const { may_edit: editable, years } = submission;
  const marks = useMemo(
    () => new Marks(table.form.name, desk.findings.value, [], new Set(), new Set()),
    [table, desk.findings.value],
  );
  const columns = useMemo(
    () => shownOf(table, years, shape),
    [table, table.months.size, JSON.stringify(shape), language.value, unit.value],
  );
  return useMemo(() => new Sheet(desk, table, columns, marks, editable), [table, table.size, columns, marks, editable]);
}

interface Hands {
  readonly desk: Desk;
  readonly sheet: Sheet;
  readonly submission: Submission;
  readonly move: (span: Span) => void;
  readonly type: (text: string | null) => void;
  readonly preview: (plan: Plan) => void;
  readonly say: (text: string) => void;
}

function actsOf({ desk, sheet, submission, move, type, preview, say: tell }: Hands): Acts {
  const { table } = sheet;
  const key = keyOfShape(submission, table);
  return {
    write: (edits) => void written(desk, sheet, edits),
    paste: (from, cells, how) => {
      if (!submission.may_edit) return;
      void planned(desk, sheet, from, cells, how).then((plan) =>
        plan.refused.length || how.preview ? preview(plan) : take(desk, sheet, plan),
      );
    },
    ask: (what, span) => {
      if (what === "undo" || what === "redo") void undone(desk, what === "redo");
      else if (submission.may_edit) rowsAsked(desk, sheet, span, what);
    },
    select: move,
    typing: type,
    resize: (column, width, done) => {
      const id = sheet.columns[column]?.id;
      const shape = shapeOf(key);
      if (id) reshape(key, { ...shape, widths: { ...shape.widths, [id]: Math.round(width) } }, done);
    },
    reorder: () => undefined,
    opens: (group) => {
      const shape = shapeOf(key);
      const open = shape.months.includes(group);
      const months = open ? shape.months.filter((one) => one !== group) : [...shape.months, group];
      void table.read([group]).then(() => reshape(key, { ...shape, months }));
    },
    menu: () => undefined,
    options: (column) => optionsOf(sheet.figures[column]?.column),
    copied: (count) => tell(say(words.copied, { count })),
    none: () => say(words.none),
  };
}

/** Do what a paste was found to do. */
function take(desk: Desk, sheet: Sheet, plan: Plan): void {
  const refused = new Set(plan.refused.map(({ cell }) => cell));
  void patched(desk, plan.cells.filter((cell) => !refused.has(cell)));
  if (plan.rows.length) void addedRows(desk, sheet.table.form.name, sheet.table.size, plan.rows);
}

/** Tell everything beside the grid which figure is chosen. */
function point(desk: Desk, sheet: Sheet, span: Span): void {
  const form = sheet.table.form.name;
  shown.value = { submission: desk.id, form };
  const figure = sheet.figures[span.active.column];
  const row = sheet.rowAt(span.active.row);
  if (!figure) return void (selected.value = null);
  const year = figure.year ?? desk.submission.peek()?.years[0] ?? 0;
  selected.value = { submission: desk.id, form, column: figure.column.name, row: row ?? null, year, month: figure.month };
}

function keyOfShape(submission: Submission, table: Table): string {
  return `${submission.ruleset.name}/${table.form.name}`;
}

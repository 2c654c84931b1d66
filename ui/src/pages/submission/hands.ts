/** What the page does when the grid is acted upon. */
import type { Acts } from "../../grid/grid";
import type { Asked } from "../../grid/keys";
import type { Span } from "../../grid/span";
import { say } from "../../words/say";
import { words } from "../../words/submission";
import { addedRows, patched, planned, undone, written, type Plan } from "./acts";
import { optionsOf } from "./codes";
import type { Desk } from "./desk";
import { rowsAsked } from "./rows";
import type { Sheet } from "./sheet";
import type { View } from "./view";

/** What a page shows because of the grid. */
export interface Faces {
  readonly move: (span: Span) => void;
  readonly type: (text: string | null) => void;
  readonly preview: (plan: Plan) => void;
  readonly find: () => void;
  readonly menu: (what: "column" | "rows" | "columns", x?: number, y?: number) => void;
  readonly tell: (text: string) => void;
  /** Beside the grid: where a figure comes from, and where it goes. */
  readonly beside: (what: Asked) => void;
}

export function handsOf(view: View, faces: Faces): Acts {
  const { desk, sheet, shape } = view;
  return {
    write: (edits) => {
      const [folds, others] = [edits.filter(({ row }) => sheet.headingAt(row)), edits.filter(({ row }) => !sheet.headingAt(row))];
      if (!folds.length) void written(desk, sheet, others).then((delta) => delta && faces.tell(toldOf(delta.cells)));
    },
    paste: (from, cells, how) => {
      if (!sheet.editable) return;
      void planned(desk, sheet, from, cells, how).then((plan) =>
        plan.refused.length || how.preview ? faces.preview(plan) : take(desk, sheet, plan),
      );
    },
    ask: (what, span) => asked(view, faces, what, span),
    select: faces.move,
    typing: faces.type,
    resize: (column, width, done) => {
      const id = sheet.columns[column]?.id;
      if (id) view.reshape({ ...shape, widths: { ...shape.widths, [id]: Math.round(width) } }, done);
    },
    reorder: (column, before) => {
      const [from, to] = [sheet.figures[column]?.column.name, sheet.figures[before]?.column.name];
      if (from && to && from !== to) view.reshape({ ...shape, order: ordered(sheet, from, to) });
    },
    opens: view.opens,
    menu: (spot, { x, y }) => {
      if (spot.row < 0) faces.menu("column", x, y);
      else if (sheet.grows) faces.menu("rows", x, y);
    },
    options: (column) => optionsOf(sheet.figures[column]?.column),
    fold: (row) => {
      const heading = sheet.headingAt(row);
      if (!heading) return false;
      const folded = new Set(view.wish.folded);
      if (!folded.delete(heading.key)) folded.add(heading.key);
      view.arrange({ ...view.wish, folded });
      return true;
    },
    copied: (count) => faces.tell(say(words.copied, { count })),
    none: () => say(words.none),
  };
}

/** Do what a paste was found to do. */
export function take(desk: Desk, sheet: Sheet, plan: Plan): void {
  const refused = new Set(plan.refused.map(({ cell }) => cell));
  void patched(desk, plan.cells.filter((cell) => !refused.has(cell)));
  if (plan.rows.length) void addedRows(desk, sheet.table.form.name, null, plan.rows);
}

function asked(view: View, faces: Faces, what: Asked, span: Span): void {
  const { desk, sheet } = view;
  if (what === "undo" || what === "redo") return void (sheet.editable && undone(desk, what === "redo"));
  if (what === "find" || what === "next" || what === "previous") return faces.find();
  if (what === "filter") return faces.menu("column");
  if (what === "columns") return faces.menu("columns");
  if (what === "rows") return faces.menu("rows");
  if (sheet.editable && rowsAsked(desk, sheet, span, what)) return;
  faces.beside(what);
}

function toldOf(cells: readonly { readonly changes: readonly unknown[] }[]): string {
  return say(words.written, { count: cells.reduce((count, { changes }) => count + changes.length, 0) });
}

function ordered(sheet: Sheet, from: string, to: string): string[] {
  const names = [...new Set(sheet.figures.map((figure) => figure.column.name))].filter((name) => name !== from);
  names.splice(names.indexOf(to), 0, from);
  return names;
}

/** One form: its title and buttons, the limits, the formula bar, the grid and the status bar. */
import { useEffect, useState } from "preact/hooks";
import type { Submission } from "../../api/wire";
import { stir, whenCalm } from "../../calm";
import { Find } from "../../grid/find";
import { Grid, type Board } from "../../grid/grid";
import type { Asked } from "../../grid/keys";
import { at, type Span } from "../../grid/span";
import { query } from "../../route";
import { selected } from "../../selection";
import { say } from "../../words/say";
import type { Plan } from "./acts";
import { Bar } from "./bar";
import type { Desk } from "./desk";
import { handsOf, take } from "./hands";
import { Heading, Told } from "./heading";
import { Limits } from "./limits";
import { ColumnMenu, ColumnsMenu, RowMenu } from "./menus";
import { PastePreview } from "./pasting";
import { Status } from "./status";
import type { Table } from "./table";
import { useView, type View } from "./view";

interface FormProps {
  readonly desk: Desk;
  readonly table: Table;
  readonly submission: Submission;
  readonly beside: (what: Asked) => void;
}
interface Menu {
  readonly what: "column" | "rows" | "columns";
  readonly x: number;
  readonly y: number;
}

export function FormView({ desk, table, submission, beside }: FormProps) {
  const [board, hold] = useState<Board | null>(null);
  const [span, move] = useState<Span>(at(0, 0));
  const [typing, type] = useState<string | null>(null);
  const [plan, preview] = useState<Plan | null>(null);
  const [finding, find] = useState(false);
  const [menu, open] = useState<Menu | null>(null);
  const view = useView(desk, table, submission);
  const { sheet } = view;
  useEffect(() => desk.version.subscribe(() => board?.refresh()), [desk, board]);
  useEffect(() => {
    if (!board) return; // nobody stands anywhere yet, and the address may name a cell
    stir();
    return whenCalm(() => desk.waiting.peek() || point(view, span));
  }, [board, sheet, submission.years, span]);
  useEffect(() => follow(view, board), [query.value.toString(), table, board]);
  const focus = (): void => board?.focus();
  const hands = handsOf(view, {
    move,
    type: (text) => (stir(), desk.types(text !== null), type(text)),
    preview,
    beside,
    find: () => find(true),
    tell: (text) => board?.announce(text),
    menu: (what, x, y) => open({ what, ...placeOf(board, x, y) }),
  });
  const ask = (what: Asked): void => hands.ask(what, span);
  const close = (): void => (open(null), focus());
  return (
    <>
      <Heading view={view} ask={ask} focus={focus} />
      <Limits desk={desk} year={submission.years[0] ?? 0} />
      <Bar sheet={sheet} spot={span.active} typing={typing} write={(text) => hands.write([{ ...span.active, text }])} leave={focus} />
      {desk.notice.value && <Told desk={desk} notice={desk.notice.value} />}
      <div class="sheet-place">
        <Grid label={`${table.form.code} ${say(table.form.title)}`} source={sheet} acts={hands} hold={hold} />
        {finding && board && <Find board={board} source={sheet} close={() => (find(false), focus())} />}
      </div>
      <Status desk={desk} source={sheet} span={span} />
      {menu && <MenuOf view={view} menu={menu} column={span.active.column} ask={ask} close={close} />}
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

interface MenuProps {
  readonly view: View;
  readonly menu: Menu;
  readonly column: number;
  readonly ask: (what: Asked) => void;
  readonly close: () => void;
}

function MenuOf({ view, menu, column, ask, close }: MenuProps) {
  const { what, x, y } = menu;
  if (what === "rows") return <RowMenu x={x} y={y} ask={ask} close={close} />;
  if (what === "columns") return <ColumnsMenu {...view} x={x} y={y} close={close} />;
  return <ColumnMenu {...view} column={column} x={x} y={y} close={close} />;
}

/** Where a menu opens: at the pointer, or at the active cell. */
function placeOf(board: Board | null, x?: number, y?: number): { x: number; y: number } {
  if (x !== undefined && y !== undefined) return { x, y };
  const box = board?.host.getBoundingClientRect();
  const cell = board?.pane.boxAt(board.span.active);
  return { x: (box?.left ?? 0) + (cell?.left ?? 0), y: (box?.top ?? 0) + (cell?.top ?? 0) + (cell?.height ?? 0) };
}

/** Tell everything beside the grid which figure is chosen. */
function point({ desk, sheet, submission }: View, span: Span): void {
  const form = sheet.table.form.name;
  const figure = sheet.figures[span.active.column];
  if (!figure) return void (selected.value = null);
  const year = figure.year ?? submission.years[0] ?? 0;
  const row = sheet.rowAt(span.active.row) ?? null;
  selected.value = { submission: desk.id, form, column: figure.column.name, row, year, month: figure.month };
}

/** Go to the cell that the address names. */
function follow({ sheet }: View, board: Board | null): void {
  const [column, row, year] = ["column", "row", "year"].map((name) => query.value.get(name));
  if (!column || !board) return;
  const place = row === null ? 0 : sheet.shownAt(sheet.table.places.get(Number(row)) ?? -1);
  const all = sheet.figures.map((figure, i) => ({ figure, i })).filter(({ figure }) => figure.column.name === column);
  const found = all.find(({ figure }) => String(figure.year) === year) ?? all[0];
  if (!found || place < 0) return;
  board.select(at(place, found.i));
  board.focus();
}

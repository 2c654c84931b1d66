/** The mouse in the grid: choosing, drawing the handle, widening columns, opening groups. */
import type { Pane } from "./pane";
import { at, boxOf, reaching, type Box, type Span, type Spot } from "./span";
import type { Source } from "./source";

export interface Hand {
  readonly source: () => Source;
  readonly select: (span: Span, follow: boolean) => void;
  readonly edit: () => void;
  readonly fill: (from: Box, to: Box) => void;
  readonly resize: (column: number, width: number, done: boolean) => void;
  readonly opens: (group: string) => void;
  readonly menu: (spot: Spot, at: { readonly x: number; readonly y: number }) => void;
  readonly reorder: (column: number, before: number) => void;
}

const WIDTH_MIN = 36;
const WIDTH_MAX = 800;

/** Attach the mouse; the function that is returned takes it away. */
export function attach(pane: Pane, hand: Hand): () => void {
  const { scroller } = pane;
  const press = (event: PointerEvent): void => pressed(pane, hand, event);
  const twice = (event: MouseEvent): void => {
    const spot = pane.spotAt(event);
    if (spot.row >= 0 && spot.column >= 0 && onCells(event)) hand.edit();
  };
  const menu = (event: MouseEvent): void => {
    event.preventDefault();
    const spot = pane.spotAt(event);
    const box = boxOf(pane.span);
    const outside = spot.row < box.top || spot.row > box.bottom;
    if (spot.row >= 0 && outside) hand.select(at(spot.row, Math.max(0, spot.column)), false);
    hand.menu(spot, { x: event.clientX, y: event.clientY });
  };
  scroller.addEventListener("pointerdown", press);
  scroller.addEventListener("dblclick", twice);
  scroller.addEventListener("contextmenu", menu);
  return () => {
    scroller.removeEventListener("pointerdown", press);
    scroller.removeEventListener("dblclick", twice);
    scroller.removeEventListener("contextmenu", menu);
  };
}

function pressed(pane: Pane, hand: Hand, event: PointerEvent): void {
  const target = event.target as HTMLElement;
  if (event.button !== 0 || (!target.closest(".sheet-pane") && target !== pane.scroller)) return;
  if (!target.closest(".sheet-pane")) return;
  pane.scroller.focus({ preventScroll: true });
  const grip = target.dataset["grip"];
  const group = target.closest<HTMLElement>("[data-opens]")?.dataset["opens"];
  if (grip !== undefined) return widen(pane, hand, event, Number(grip));
  if (group !== undefined) return hand.opens(group);
  if (target.classList.contains("handle")) return draw(pane, hand, event);
  const head = target.closest<HTMLElement>(".head[data-column]");
  if (head) return chooseColumn(pane, hand, event, Number(head.dataset["column"]));
  if (target.closest(".heads, .foot")) return;
  choose(pane, hand, event);
}

function choose(pane: Pane, hand: Hand, event: PointerEvent): void {
  const spot = pane.spotAt(event);
  const { rows, columns } = hand.source();
  if (!rows) return;
  const named = spot.column < 0;
  const anchor = { row: spot.row, column: Math.max(0, spot.column) };
  const begin = event.shiftKey ? pane.span : at(anchor.row, anchor.column);
  const headed = (head: Spot): Spot => (named ? { row: head.row, column: columns.length - 1 } : head);
  hand.select(event.shiftKey || named ? reaching(begin, headed(anchor)) : begin, false);
  drag(pane, event, (moved) => {
    const over = pane.spotAt(moved);
    const head = { row: Math.max(0, over.row), column: Math.max(0, over.column) };
    hand.select(reaching(pane.span, headed(head)), true);
  });
}

function chooseColumn(pane: Pane, hand: Hand, event: PointerEvent, column: number): void {
  const last = Math.max(0, hand.source().rows - 1);
  const anchor = event.shiftKey ? pane.span.anchor.column : column;
  const active = { row: 0, column: anchor };
  hand.select({ active, anchor: active, head: { row: last, column } }, false);
  let before = -1;
  drag(
    pane,
    event,
    (moved) => (before = Math.abs(moved.clientX - event.clientX) > 12 ? pane.spotAt(moved).column : -1),
    () => before >= 0 && before !== column && hand.reorder(column, before),
  );
}

function widen(pane: Pane, hand: Hand, event: PointerEvent, column: number): void {
  const from = pane.geometry.columns[column]?.width ?? 0;
  let width = from;
  drag(
    pane,
    event,
    (moved) => {
      width = Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, from + moved.clientX - event.clientX));
      hand.resize(column, width, false);
    },
    () => width !== from && hand.resize(column, width, true),
  );
}

function draw(pane: Pane, hand: Hand, event: PointerEvent): void {
  const from = boxOf(pane.span);
  let to = from;
  drag(
    pane,
    event,
    (moved) => {
      to = stretched(from, pane.spotAt(moved));
      hand.select({ active: pane.span.active, anchor: corner(to, false), head: corner(to, true) }, false);
    },
    () => hand.fill(from, to),
  );
}

/** The box grown to a spot, in the one direction in which it is farther away. */
function stretched(from: Box, spot: Spot): Box {
  const rows = Math.max(spot.row - from.bottom, from.top - spot.row, 0);
  const columns = Math.max(spot.column - from.right, from.left - spot.column, 0);
  if (rows === 0 && columns === 0) return from;
  const row = Math.max(0, spot.row);
  const column = Math.max(0, spot.column);
  if (rows >= columns) return { ...from, top: Math.min(from.top, row), bottom: Math.max(from.bottom, row) };
  return { ...from, left: Math.min(from.left, column), right: Math.max(from.right, column) };
}

function corner(box: Box, last: boolean): Spot {
  return last ? { row: box.bottom, column: box.right } : { row: box.top, column: box.left };
}

function drag(pane: Pane, event: PointerEvent, move: (event: PointerEvent) => void, end: () => unknown = () => 0): void {
  const { scroller } = pane;
  scroller.setPointerCapture(event.pointerId);
  const moved = (next: PointerEvent): void => move(next);
  const ended = (): void => {
    scroller.removeEventListener("pointermove", moved);
    scroller.removeEventListener("pointerup", ended);
    scroller.removeEventListener("pointercancel", ended);
    end();
  };
  scroller.addEventListener("pointermove", moved);
  scroller.addEventListener("pointerup", ended);
  scroller.addEventListener("pointercancel", ended);
}

/** What lies under the pointer; the event's own target is whoever holds the pointer. */
function onCells(event: MouseEvent): boolean {
  const under = document.elementFromPoint(event.clientX, event.clientY);
  return under?.closest(".sheet-body, .overlay") != null;
}

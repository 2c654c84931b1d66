/** Rows that are recycled: a few dozen elements that are written anew as one scrolls, and never made or thrown away. */
import type { Geometry } from "./geometry";
import { contains, type Box } from "./span";
import { blankLook, NAME, ROW, type Column, type Look, type Source } from "./source";

interface Cell {
  readonly element: HTMLElement;
  readonly text: Text;
  row: number;
  column: number;
  shown: string;
  marks: string;
  told: string;
  state: number;
}

export interface Row {
  readonly element: HTMLElement;
  readonly moving: HTMLElement;
  readonly name: Cell;
  readonly frozen: readonly Cell[];
  readonly cells: readonly Cell[];
  row: number;
  scrolled: number;
}

/** What every cell of a painting needs. */
export interface Scene {
  readonly source: Source;
  readonly geometry: Geometry;
  readonly box: Box;
  readonly id: string;
}

const look: Look = blankLook();
const READONLY = 1;
const WRONG = 2;
const SELECTED = 4;

export function rowOf(frozen: number, moving: number): Row {
  const element = div("row", "row");
  const move = div("none", "moving");
  const cells = Array.from({ length: moving }, () => cellIn(move, "gridcell"));
  const name = cellIn(element, "rowheader");
  place(name.element, 0, NAME);
  const still = Array.from({ length: frozen }, () => cellIn(element, "gridcell"));
  element.append(move);
  return { element, moving: move, name, frozen: still, cells, row: -1, scrolled: -1 };
}

/** Write a row's cells, or those of them that differ; `all`: the source has changed. */
export function write(row: Row, index: number, columns: readonly [number, number], scene: Scene, all: boolean): void {
  const { geometry } = scene;
  const moved = all || row.row !== index;
  if (moved) {
    row.row = index;
    row.element.style.transform = `translateY(${index * ROW}px)`;
    row.element.setAttribute("aria-rowindex", String(index + 3));
    writeName(row.name, index, scene);
    for (let i = 0; i < geometry.frozen; i++) writeCell(row.frozen[i] as Cell, index, i, scene);
  }
  const [first, count] = columns;
  const last = Math.min(first + count, geometry.columns.length);
  for (let column = first; column < last; column++) {
    const cell = row.cells[column % count] as Cell;
    if (moved || cell.column !== column || cell.row !== index) writeCell(cell, index, column, scene);
  }
}

export function shift(row: Row, scrolled: number): void {
  if (row.scrolled === scrolled) return;
  row.scrolled = scrolled;
  row.moving.style.transform = `translateX(${-scrolled}px)`;
}

function writeCell(cell: Cell, row: number, column: number, scene: Scene): void {
  if (cell.column !== column) settle(cell, column, scene.geometry);
  cell.row = row;
  look.text = look.marks = look.told = "";
  look.fixed = look.wrong = false;
  if (row < scene.source.rows) scene.source.look(row, column, look);
  const of = scene.geometry.columns[column] as Column;
  const selected = contains(scene.box, row, column);
  paint(cell, `cell ${of.align}${column < scene.geometry.frozen ? " frozen" : ""}${look.marks}`);
  state(cell, (look.fixed ? READONLY : 0) | (look.wrong ? WRONG : 0) | (selected ? SELECTED : 0));
  if (look.told !== cell.told) {
    cell.told = look.told;
    if (look.told) cell.element.title = look.told;
    else cell.element.removeAttribute("title");
  }
}

function writeName(cell: Cell, row: number, scene: Scene): void {
  look.text = look.marks = look.told = "";
  if (row < scene.source.rows) scene.source.name(row, look);
  const lit = row >= scene.box.top && row <= scene.box.bottom;
  paint(cell, `cell name${lit ? " on" : ""}${look.marks}`);
  if (look.told !== cell.told) cell.element.title = cell.told = look.told;
}

/** A cell comes to stand in a column. */
function settle(cell: Cell, column: number, geometry: Geometry): void {
  cell.column = column;
  place(cell.element, geometry.left(column), (geometry.columns[column] as Column).width);
  cell.element.setAttribute("aria-colindex", String(column + 2));
}

function paint(cell: Cell, marks: string): void {
  if (cell.shown !== look.text) cell.text.nodeValue = cell.shown = look.text;
  if (cell.marks !== marks) cell.element.className = cell.marks = marks;
}

function state(cell: Cell, wanted: number): void {
  const changed = cell.state ^ wanted;
  if (!changed) return;
  cell.state = wanted;
  const { element } = cell;
  if (changed & READONLY) element.setAttribute("aria-readonly", String((wanted & READONLY) !== 0));
  if (changed & SELECTED) element.setAttribute("aria-selected", String((wanted & SELECTED) !== 0));
  if (!(changed & WRONG)) return;
  if (wanted & WRONG) element.setAttribute("aria-invalid", "true");
  else element.removeAttribute("aria-invalid");
}

function cellIn(parent: HTMLElement, role: string): Cell {
  const element = div(role, "cell");
  const text = document.createTextNode("");
  element.append(text);
  parent.append(element);
  if (role === "rowheader") element.setAttribute("aria-colindex", "1");
  return { element, text, row: -1, column: -1, shown: "", marks: "", told: "", state: 0 };
}

export function place(element: HTMLElement, left: number, width: number): void {
  element.style.left = `${left}px`;
  element.style.width = `${width}px`;
}

export function div(role: string, marks: string): HTMLElement {
  const element = document.createElement("div");
  element.setAttribute("role", role);
  element.className = marks;
  return element;
}

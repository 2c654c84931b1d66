/** What people do in the grid, as deeds for the service: typing, pasting, rows, undo. */
import { send, Refusal } from "../../api/client";
import type { Column, Delta, Finding } from "../../api/wire";
import type { Edit, Pasting } from "../../grid/grid";
import type { Pasted } from "../../grid/clipboard";
import { number, plainOf } from "../../grid/reading";
import type { Box, Spot } from "../../grid/span";
import { language } from "../../words/say";
import type { Deed, Desk } from "./desk";
import type { Sheet } from "./sheet";
import { keyOf, type Figure } from "./table";

/** One cell as PATCH takes it. */
export interface CellEdit {
  readonly form: string;
  readonly row: number;
  readonly column: string;
  readonly year: number | null;
  readonly value: string;
}
/** A new row: an input's text, or one for each year. */
export type Row = Record<string, string | string[]>;
/** What a paste would do: cells to be written, rows to be added, and what cannot be. */
export interface Plan {
  readonly cells: readonly CellEdit[];
  readonly rows: readonly Row[];
  /** Cells that the service refuses, with its reasons. */
  readonly refused: readonly { readonly cell: CellEdit; readonly why: Finding }[];
  /** Cells that calculate themselves and are passed over. */
  readonly skipped: number;
}

const CELLS_MAX = 100_000;

export function written(desk: Desk, sheet: Sheet, edits: readonly Edit[]): Promise<Delta | null> {
  const fresh = edits.filter(({ row, text }) => sheet.isNew(row) && text !== "");
  if (fresh.length) void addedRows(desk, sheet.table.form.name, null, [begun(sheet, fresh)]);
  return patched(desk, edits.flatMap((edit) => cellOf(sheet, edit) ?? []));
}

/** What was typed under the last row, as a row. */
function begun(sheet: Sheet, edits: readonly Edit[]): Row {
  const row: Row = {};
  for (const { column, text } of edits) {
    const figure = sheet.figures[column];
    if (figure?.column.input) put(row, sheet, figure, plainOf(figure.column.type.kind, text, language.value));
  }
  return row;
}

export function patched(desk: Desk, cells: readonly CellEdit[]): Promise<Delta | null> {
  if (!cells.length) return Promise.resolve(null);
  const sent = new Map(cells.map((cell) => [figureOf(cell), cell.value]));
  return desk.act({ method: "PATCH", path: "/cells", body: { cells }, pinned: true, sent });
}

export function undone(desk: Desk, again: boolean): Promise<Delta | null> {
  return desk.act({ ...PLAIN, path: again ? "/redo" : "/undo", body: null, pinned: false });
}

/** Rows before a place; null: under the last, whatever has come there meanwhile. */
export function addedRows(desk: Desk, form: string, place: number | null, rows: readonly object[]): Promise<Delta | null> {
  return desk.act({ ...PLAIN, path: "/rows", body: { form, place, rows } });
}

export function copiedRows(desk: Desk, form: string, place: number, copies: readonly number[]): Promise<Delta | null> {
  return desk.act({ ...PLAIN, path: "/rows", body: { form, place, copies } });
}

export function removedRows(desk: Desk, form: string, rows: readonly number[]): Promise<Delta | null> {
  return desk.act({ ...PLAIN, path: "/rows/remove", body: { form, rows } });
}

export function movedRows(desk: Desk, form: string, place: number, rows: readonly number[]): Promise<Delta | null> {
  return desk.act({ ...PLAIN, path: "/rows/move", body: { form, rows, place } });
}

const PLAIN: Deed = { method: "POST", path: "", body: {}, pinned: true, sent: new Map() };

/** What pasting would do, asked of the service without doing it. */
export async function planned(desk: Desk, sheet: Sheet, from: Spot, pasted: readonly (readonly Pasted[])[], how: Pasting): Promise<Plan> {
  const cells: CellEdit[] = how.cleared.flatMap((edit) => toList(cellOf(sheet, edit)));
  const rows: Row[] = [];
  let skipped = 0;
  for (const [i, line] of repeated(pasted, how.box).entries()) {
    const row = from.row + i;
    const added: Row = {};
    const beyond = row >= sheet.rows || sheet.isNew(row);
    for (const [j, cell] of line.entries()) {
      const figure = sheet.figures[from.column + j];
      if (!figure) continue;
      if (!figure.column.input) skipped++;
      else if (beyond) put(added, sheet, figure, textOf(cell, figure.column));
      else cells.push(...toList(cellOf(sheet, { row, column: from.column + j, text: textOf(cell, figure.column) })));
    }
    if (beyond && Object.keys(added).length) rows.push(added);
  }
  const kept = cells.slice(0, CELLS_MAX);
  return { cells: kept, rows: sheet.table.form.kind === "added" ? rows : [], refused: await refusals(desk, kept), skipped };
}

async function refusals(desk: Desk, cells: readonly CellEdit[]): Promise<Plan["refused"]> {
  if (!cells.length) return [];
  const told = await tried(desk, cells);
  return told.flatMap((why) => {
    const at = why.cell;
    const cell = cells.find((one) => at && one.column === at.column && one.row === at.row && (at.year ?? one.year) === one.year);
    return cell ? [{ cell, why }] : [];
  });
}

async function tried(desk: Desk, cells: readonly CellEdit[]): Promise<readonly Finding[]> {
  try {
    const told = await send<Delta>("PATCH", `/submissions/${desk.id}/cells`, { cells, dry: true });
    const wrong = new Set(["input-unreadable", "row-gone", "edit-refused-computed", "input-name-unknown"]);
    return told.findings.filter((finding) => wrong.has(finding.code) || told.cells.length === 0 && finding.severity === "error");
  } catch (error) {
    if (error instanceof Refusal) return error.findings;
    throw error;
  }
}

/** A paste into a larger selection is repeated over it, if it fits a whole number of times. */
function repeated(pasted: readonly (readonly Pasted[])[], box: Box): readonly (readonly Pasted[])[] {
  const wide = Math.max(...pasted.map((row) => row.length));
  const down = times(box.bottom - box.top + 1, pasted.length);
  const across = times(box.right - box.left + 1, wide);
  const widened = pasted.map((row) => Array.from({ length: across }, () => row).flat());
  return Array.from({ length: down }, () => widened).flat();
}

function times(room: number, size: number): number {
  return room > size && room % size === 0 ? room / size : 1;
}

function cellOf(sheet: Sheet, { row, column, text }: Edit): CellEdit | undefined {
  const figure = sheet.figures[column];
  const number = sheet.rowAt(row);
  if (!figure?.column.input || number === undefined) return undefined;
  const value = plainOf(figure.column.type.kind, text, language.value);
  return { form: sheet.table.form.name, row: number, column: figure.column.name, year: figure.year, value };
}

function toList(cell: CellEdit | undefined): CellEdit[] {
  return cell ? [cell] : [];
}

/** An input that differs by year is given for each year; the years that nothing is said of are blank. */
function put(into: Row, sheet: Sheet, { column, year }: Figure, text: string): void {
  const years = sheet.figures.filter((figure) => figure.column === column).map((figure) => figure.year);
  if (!column.by_year || year === null || years.length < 2) return void (into[column.name] = text);
  const texts = (into[column.name] as string[] | undefined) ?? years.map(() => "");
  texts[years.indexOf(year)] = text;
  into[column.name] = texts;
}

/** The exact number that another program tells, else what it showed. */
function textOf(cell: Pasted, column: Column): string {
  const exact = column.type.kind === "number" && cell.exact !== null ? number(cell.exact, "en") : null;
  return exact ?? plainOf(column.type.kind, cell.text, language.value);
}

export function figureOf(cell: CellEdit): string {
  return keyOf(cell.row, cell.column, cell.year, null);
}

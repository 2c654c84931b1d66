/** Rows by the keyboard and the menu: insert, copy, remove, move. */
import type { Asked } from "../../grid/keys";
import { boxOf, type Span } from "../../grid/span";
import { addedRows, copiedRows, movedRows, removedRows } from "./acts";
import type { Desk } from "./desk";
import type { Sheet } from "./sheet";

/** Do what was asked with the rows of a selection; answers whether it was about rows at all. */
export function rowsAsked(desk: Desk, sheet: Sheet, span: Span, what: Asked): boolean {
  const form = sheet.table.form;
  const box = boxOf(span);
  const places = sheet.placesOf(box.top, box.bottom);
  const rows = places.flatMap((place) => sheet.table.rows[place] ?? []);
  const first = places[0] ?? 0;
  const after = (places.at(-1) ?? -1) + 1;
  const does: Partial<Record<Asked, () => unknown>> = {
    insert: () => addedRows(desk, form.name, first, Array.from({ length: Math.max(1, rows.length) }, () => ({}))),
    remove: () => removedRows(desk, form.name, rows),
    "copy-rows": () => copiedRows(desk, form.name, after, rows),
    "rows-up": () => first > 0 && movedRows(desk, form.name, first - 1, rows),
    "rows-down": () => after < sheet.table.size && movedRows(desk, form.name, first + 1, rows),
  };
  const act = does[what];
  if (!act || form.kind !== "added" || (!rows.length && what !== "insert")) return false;
  act();
  return true;
}

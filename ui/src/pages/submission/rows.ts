/** Rows by the keyboard and the menu: insert, copy, remove, move. */
import type { Asked } from "../../grid/keys";
import { boxOf, type Span } from "../../grid/span";
import { addedRows, copiedRows, movedRows, removedRows } from "./acts";
import type { Desk } from "./desk";
import type { Sheet } from "./sheet";

/** Do what was asked with the rows of a selection; answers whether it was about rows at all. */
export function rowsAsked(desk: Desk, sheet: Sheet, span: Span, what: Asked): boolean {
  const { form, size } = sheet.table;
  const box = boxOf(span);
  const places = sheet.placesOf(box.top, box.bottom);
  const rows = places.flatMap((place) => sheet.table.rows[place] ?? []);
  const first = places[0] ?? size;
  const after = (places.at(-1) ?? size - 1) + 1;
  const blank = Array.from({ length: Math.max(1, rows.length) }, () => ({}));
  const does: Partial<Record<Asked, () => unknown>> = {
    insert: () => addedRows(desk, form.name, first, blank),
    remove: () => rows.length && removedRows(desk, form.name, rows),
    "copy-rows": () => rows.length && copiedRows(desk, form.name, after, rows),
    "rows-up": () => rows.length && first > 0 && movedRows(desk, form.name, first - 1, rows),
    "rows-down": () => rows.length && after < size && movedRows(desk, form.name, first + 1, rows),
  };
  const act = sheet.grows ? does[what] : undefined;
  act?.();
  return act !== undefined;
}

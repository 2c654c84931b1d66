/** The submission that stands beside the panels, as the page that shows it has read it. */
import { computed, signal } from "@preact/signals";
import type { Column, Form, Titles } from "../api/wire";
import type { Facts } from "../pages/submission/facts";
import { go, query, toSubmission } from "../route";
import { selected, shown, type Place } from "../selection";

/** What is known of the open submission; null where none is. */
export const facts = signal<Facts | null>(null);
/** Null until it is known. */
export const submission = computed(() => facts.value?.submission.value ?? null);
export const limits = computed(() => facts.value?.limits.value ?? []);
/** Null until they are known. */
export const findings = computed(() => facts.value?.findings.value ?? null);
export const remarks = computed(() => facts.value?.remarks.value ?? []);
/** Grows when it is calm after changes; whoever depends on it asks again. */
export const moved = computed(() => facts.value?.moved.value ?? 0);
/** Grows when something beside the cells has changed: a remark, a file, a step of the workflow. */
export const besides = computed(() => facts.value?.besides.value ?? 0);

export function formOf(name: string): Form | undefined {
  return submission.value?.forms.find((form) => form.name === name);
}

export function columnOf(form: string, column: string): Column | undefined {
  return formOf(form)?.columns.find((one) => one.name === column);
}

/** A field of the header, such as the institution's code. */
export function headerOf(name: string): string {
  const value = submission.value?.header.find((field) => field.name === name)?.value;
  return typeof value === "string" ? value : "";
}

export function columnTitle(form: string, column: string): Titles {
  if (form === "header") return submission.value?.header.find((field) => field.name === column)?.title ?? { ru: column };
  return columnOf(form, column)?.title ?? { ru: column, kk: column, en: column };
}

/** The address of a cell: the grid goes there, and everybody may be sent it. */
export function toCell(place: Place): string {
  const parts = new URLSearchParams();
  if (place.row !== null) parts.set("row", String(place.row));
  parts.set("column", place.column);
  if (place.year) parts.set("year", String(place.year));
  if (place.month !== null) parts.set("month", String(place.month));
  return `${toSubmission(place.submission, place.form)}?${parts.toString()}`;
}

/** Go to a cell, of another form too. */
export function jump(place: Place): void {
  selected.value = place;
  shown.value = { submission: place.submission, form: place.form };
  go(toCell(place));
}

/** The cell that the address names, if it names one of this submission. */
export function placeOf(number: number, form: string): Place | null {
  const parts = query.value;
  const column = parts.get("column");
  if (!column) return null;
  const [row, year, month] = ["row", "year", "month"].map((name) => (parts.get(name) ? Number(parts.get(name)) : null));
  return { submission: number, form, column, row: row ?? null, year: year ?? 0, month: month ?? null };
}

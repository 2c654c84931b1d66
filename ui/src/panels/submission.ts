/** The submission that stands beside the panels: what it is made of, and a count that grows with each change of it. */
import { effect, signal, untracked } from "@preact/signals";
import { get } from "../api/client";
import type { Column, Form, Limit, Submission, Titles } from "../api/wire";
import { currentAt, subscribe } from "../live";
import { go, query, toSubmission } from "../route";
import { selected, shown, type Place } from "../selection";

/** Null until it is known. */
export const submission = signal<Submission | null>(null);
/** Grows whenever the shown submission has changed; whoever depends on it asks again. */
export const moved = signal(0);
/** Grows when something beside the cells has changed: a remark, a file, a step of the workflow. */
export const besides = signal(0);
export const limits = signal<readonly Limit[]>([]);

const CALM = 450;
let asked = 0;

/** Keep up with the submission that is shown, until the returned function is called. */
export function keepUp(): () => void {
  let leave = () => {};
  const stop = effect(() => {
    const number = shown.value?.submission ?? null;
    if (number === asked) return;
    asked = number ?? 0;
    leave();
    submission.value = null;
    limits.value = [];
    if (number === null) return;
    void read(number);
    leave = subscribe([number], (delta) => {
      if (!delta.cells.length && !delta.reshaped.length) besides.value += 1;
      later(number);
    });
  });
  const missed = effect(() => {
    const [now, told] = [currentAt.value, submission.value];
    if (told && now > told.position) untracked(() => later(told.id));
  });
  return () => {
    stop();
    missed();
    leave();
    asked = 0;
  };
}

let waiting: ReturnType<typeof setTimeout> | undefined;

/** Changes come one upon another as somebody types; panels ask once after them. */
function later(number: number): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => void read(number), CALM);
}

async function read(number: number): Promise<void> {
  const told = await get<Submission>(`/submissions/${number}`).catch(() => null);
  if (!told || asked !== number) return;
  submission.value = told;
  limits.value = told.limits;
  moved.value += 1;
}

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

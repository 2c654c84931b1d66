/** What the user looks at: the grid tells it here, and everything beside the grid follows. */
import { signal } from "@preact/signals";

/** One cell; `row` is the row's number (null: a total or the header), `month` is 1 to 12 in a monthly column. */
export interface Place {
  readonly submission: number;
  readonly form: string;
  readonly column: string;
  readonly row: number | null;
  readonly year: number;
  readonly month: number | null;
}

export const selected = signal<Place | null>(null);
/** The form that is open. */
export const shown = signal<{ readonly submission: number; readonly form: string } | null>(null);

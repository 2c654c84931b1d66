/** Time travel: the moment at which the grid shows the submission; null is now. Whoever shows cells reads it. */
import { signal } from "@preact/signals";

export interface Moment {
  readonly submission: number;
  readonly revision: number;
  readonly at: string;
  readonly by: string;
}
export const moment = signal<Moment | null>(null);

/**
 * Calm: nobody has done anything for a moment. What stands beside the grid is asked for then, once after a run of edits
 * and all at the same moment, so that it never holds up the next edit.
 */
import { batch } from "@preact/signals";

/** Longer than people wait between two cells that they type one after the other; in milliseconds. */
const CALM = 500;
const watchers = new Set<() => void>();
let resting: ReturnType<typeof setTimeout> | undefined;

/** Something is being done, or has changed: calm is put off. */
export function stir(): void {
  clearTimeout(resting);
  resting = setTimeout(() => batch(() => watchers.forEach((act) => act())), CALM);
}

/** Do something whenever it has become calm, until the returned function is called. */
export function whenCalm(act: () => void): () => void {
  watchers.add(act);
  return () => void watchers.delete(act);
}

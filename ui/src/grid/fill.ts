/** Filling cells from others beside them: down, right, and by the handle, which goes on with a series where it sees one. */
import type { Box } from "./span";
import type { Source } from "./source";

/** One cell that is to hold what somebody typed. */
export interface Edit {
  readonly row: number;
  readonly column: number;
  readonly text: string;
}

/** Ctrl+D and Ctrl+R: the first row (column) of the box into the rest; of a single one, what stands before it. */
export function filled(source: Source, box: Box, along: "down" | "right"): Edit[] {
  const down = along === "down";
  const single = down ? box.top === box.bottom : box.left === box.right;
  const from = down ? box.top - (single ? 1 : 0) : box.left - (single ? 1 : 0);
  if (from < 0) return [];
  const edits: Edit[] = [];
  for (let row = down && !single ? box.top + 1 : box.top; row <= box.bottom; row++)
    for (let column = !down && !single ? box.left + 1 : box.left; column <= box.right; column++)
      edits.push({ row, column, text: down ? source.typed(from, column) : source.typed(row, from) });
  return edits;
}

/** The handle was drawn from one box to a larger one. */
export function drawn(source: Source, from: Box, to: Box): Edit[] {
  const edits: Edit[] = [];
  const vertical = to.top < from.top || to.bottom > from.bottom;
  const series = vertical ? (line: number) => down(source, from, line) : (line: number) => across(source, from, line);
  const lines = vertical ? [from.left, from.right] : [from.top, from.bottom];
  for (let line = lines[0] as number; line <= (lines[1] as number); line++) {
    const next = series(line);
    const [first, last] = vertical ? [to.top, to.bottom] : [to.left, to.right];
    const [start, end] = vertical ? [from.top, from.bottom] : [from.left, from.right];
    for (let i = first; i <= last; i++) {
      if (i >= start && i <= end) continue;
      const text = next(i - start);
      edits.push(vertical ? { row: i, column: line, text } : { row: line, column: i, text });
    }
  }
  return edits;
}

type Series = (offset: number) => string;

function down(source: Source, from: Box, column: number): Series {
  const places = Array.from({ length: from.bottom - from.top + 1 }, (_, i) => [from.top + i, column] as const);
  return seriesOf(source, places);
}

function across(source: Source, from: Box, row: number): Series {
  const places = Array.from({ length: from.right - from.left + 1 }, (_, i) => [row, from.left + i] as const);
  return seriesOf(source, places);
}

/** Numbers at even steps go on; anything else is repeated. */
function seriesOf(source: Source, places: readonly (readonly [number, number])[]): Series {
  const texts = places.map(([row, column]) => source.typed(row, column));
  const numbers = places.map(([row, column]) => source.number(row, column));
  const [first, second] = numbers;
  const length = texts.length;
  const repeated: Series = (offset) => texts[((offset % length) + length) % length] ?? "";
  if (!first || !second || numbers.some((number) => !number || number.digits !== first.digits)) return repeated;
  const step = second.value - first.value;
  const even = numbers.every((number, i) => number?.value === first.value + i * step);
  return even ? (offset) => plain(first.value + offset * step, first.digits) : repeated;
}

/** A whole number of its last digit as a plain text: 150 at two digits is 1.50. */
export function plain(value: number, digits: number): string {
  const size = String(Math.abs(value)).padStart(digits + 1, "0");
  const whole = size.slice(0, size.length - digits);
  return (value < 0 ? "-" : "") + whole + (digits ? `.${size.slice(-digits)}` : "");
}

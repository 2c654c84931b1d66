/** Where columns and rows lie. Frozen columns come first and stay; the others move under them. */
import { NAME, ROW, type Column } from "./source";

export class Geometry {
  /** Left edge of each column, counted from the left of the whole sheet; one more at the end. */
  readonly lefts: Float64Array;
  readonly frozen: number;
  readonly frozenWidth: number;

  constructor(
    readonly columns: readonly Column[],
    readonly rows: number,
  ) {
    this.lefts = new Float64Array(columns.length + 1);
    this.lefts[0] = NAME;
    columns.forEach((column, i) => (this.lefts[i + 1] = this.left(i) + column.width));
    const moving = columns.findIndex((column) => !column.frozen);
    this.frozen = moving < 0 ? columns.length : moving;
    this.frozenWidth = this.left(this.frozen);
  }

  left(column: number): number {
    return this.lefts[column] ?? 0;
  }

  get width(): number {
    return this.left(this.columns.length);
  }

  get height(): number {
    return this.rows * ROW;
  }

  /** The first moving column that is seen at a scroll position. */
  first(scrolled: number): number {
    let low = this.frozen;
    let high = Math.max(this.frozen, this.columns.length - 1);
    const edge = this.frozenWidth + scrolled;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.left(middle) <= edge) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** How many moving columns can be seen at once, wherever one scrolls to. */
  most(view: number): number {
    const room = view - this.frozenWidth;
    let most = 1;
    for (let first = this.frozen, last = first; first < this.columns.length; first++) {
      while (last < this.columns.length && this.left(last) < this.left(first + 1) + room) last++;
      most = Math.max(most, last - first + 1);
    }
    return most;
  }

  /** Where a column is painted, in the coordinates of what is seen. */
  shown(column: number, scrolled: number): number {
    return column < this.frozen ? this.left(column) : Math.max(this.left(column) - scrolled, this.frozenWidth);
  }

  /** The column under a place of what is seen; -1: the row's name. */
  at(x: number, scrolled: number): number {
    if (x < NAME) return -1;
    const place = x < this.frozenWidth ? x : x + scrolled;
    let column = 0;
    while (column < this.columns.length - 1 && this.left(column + 1) <= place) column++;
    return column;
  }
}

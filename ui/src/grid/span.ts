/** What is selected: the active cell, and the rectangle from where the selection began to where it has come. */
export interface Spot {
  readonly row: number;
  readonly column: number;
}
export interface Span {
  /** Where one types. */
  readonly active: Spot;
  readonly anchor: Spot;
  readonly head: Spot;
}
export interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}
export interface Size {
  readonly rows: number;
  readonly columns: number;
}

export function at(row: number, column: number): Span {
  const spot = { row, column };
  return { active: spot, anchor: spot, head: spot };
}

export function reaching(span: Span, head: Spot): Span {
  return { active: span.anchor, anchor: span.anchor, head };
}

export function boxOf(span: Span): Box {
  const { anchor, head } = span;
  return {
    top: Math.min(anchor.row, head.row),
    bottom: Math.max(anchor.row, head.row),
    left: Math.min(anchor.column, head.column),
    right: Math.max(anchor.column, head.column),
  };
}

export function alike(one: Span, other: Span): boolean {
  return ["active", "anchor", "head"].every((name) => {
    const [a, b] = [one[name as keyof Span], other[name as keyof Span]];
    return a.row === b.row && a.column === b.column;
  });
}

export function cellsIn(box: Box): number {
  return (box.bottom - box.top + 1) * (box.right - box.left + 1);
}

export function contains(box: Box, row: number, column: number): boolean {
  return row >= box.top && row <= box.bottom && column >= box.left && column <= box.right;
}

export function whole(size: Size): Span {
  const active = { row: 0, column: 0 };
  return { active, anchor: active, head: { row: size.rows - 1, column: size.columns - 1 } };
}

/** A span that no longer fits, since rows or columns are gone, comes back inside. */
export function within(span: Span, size: Size): Span {
  const inside = (spot: Spot): Spot => ({
    row: Math.max(0, Math.min(spot.row, size.rows - 1)),
    column: Math.max(0, Math.min(spot.column, size.columns - 1)),
  });
  return { active: inside(span.active), anchor: inside(span.anchor), head: inside(span.head) };
}

/** The same cells after rows have come, gone or moved; what stood in a row that is gone stays at its place. */
export function carried(span: Span, whereIs: (row: number) => number): Span {
  const moved = (spot: Spot): Spot => {
    const row = whereIs(spot.row);
    return row < 0 ? spot : { ...spot, row };
  };
  return { active: moved(span.active), anchor: moved(span.anchor), head: moved(span.head) };
}

/** Tab and Enter: inside a rectangle they go round it, else they move the one active cell. */
export function stepped(span: Span, rows: number, columns: number, size: Size): Span {
  const box = boxOf(span);
  const { row, column } = span.active;
  if (cellsIn(box) === 1) {
    const moved = within(at(row + rows, column + columns), size);
    return moved;
  }
  const wide = box.right - box.left + 1;
  const high = box.bottom - box.top + 1;
  const along = columns !== 0;
  const index = along ? (row - box.top) * wide + (column - box.left) : (column - box.left) * high + (row - box.top);
  const next = (index + rows + columns + wide * high) % (wide * high);
  const across = Math.floor(next / (along ? wide : high));
  const rest = next % (along ? wide : high);
  const active = along
    ? { row: box.top + across, column: box.left + rest }
    : { row: box.top + rest, column: box.left + across };
  return { ...span, active };
}

/** Ctrl+arrow: to the edge of the block of filled cells, or over the gap to the next one. */
export function edge(
  from: Spot,
  [rows, columns]: readonly [number, number],
  size: Size,
  blank: (row: number, column: number) => boolean,
): Spot {
  const inside = (spot: Spot): boolean =>
    spot.row >= 0 && spot.row < size.rows && spot.column >= 0 && spot.column < size.columns;
  const next = (spot: Spot): Spot => ({ row: spot.row + rows, column: spot.column + columns });
  let spot = next(from);
  if (!inside(spot)) return from;
  const gap = blank(from.row, from.column) || blank(spot.row, spot.column);
  if (gap) {
    while (inside(next(spot)) && blank(spot.row, spot.column)) spot = next(spot);
    return spot;
  }
  while (inside(next(spot)) && !blank(next(spot).row, next(spot).column)) spot = next(spot);
  return spot;
}

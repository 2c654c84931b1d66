/**
 * The sheet on the screen. What scrolls is an empty space as large as the whole sheet; what is seen is one pane that
 * sticks to the window's corner and is written anew at each scroll, so that never a frame shows a hole.
 */
import { Geometry } from "./geometry";
import { footOf, headsOf, total, type Foot, type Heads } from "./heads";
import { div, rowOf, shift, write, type Row, type Scene } from "./rows";
import { boxOf, at, cellsIn, within, type Box, type Span, type Spot } from "./span";
import { FOOT, HEAD, ROW, type Source } from "./source";

let panes = 0;

export class Pane {
  readonly scroller = div("grid", "sheet");
  readonly over = document.createElement("div");
  geometry: Geometry;
  span: Span = at(0, 0);
  private readonly id = `sheet-${++panes}`;
  private readonly space = div("none", "sheet-space");
  private readonly pane = div("none", "sheet-pane");
  private readonly body = div("rowgroup", "sheet-body");
  private readonly range = document.createElement("div");
  private readonly frame = document.createElement("div");
  private readonly handle = document.createElement("div");
  private readonly copied = document.createElement("div");
  private heads: Heads;
  private foot: Foot;
  private rows: Row[] = [];
  private most = 1;
  private view = { width: 0, height: 0 };
  /** How far it is scrolled; asked of the browser only when that changes, since the answer costs a layout. */
  private scrolled = { top: 0, left: 0 };
  private named: HTMLElement | null = null;
  private copiedBox: Box | null = null;
  private readonly watch = new ResizeObserver(() => this.fit());
  private asked = 0;
  /** Called after each painting, so that an editor can follow its cell. */
  painted: () => void = () => undefined;

  constructor(
    private source: Source,
    readonly host: HTMLElement,
  ) {
    this.geometry = new Geometry(source.columns, source.rows);
    this.heads = headsOf(this.geometry);
    this.foot = footOf(source, this.geometry);
    this.range.className = "range";
    this.frame.className = "active-cell";
    this.handle.className = "handle";
    this.copied.className = "copied";
    this.over.className = "overlay";
    this.over.append(this.range, this.copied, this.frame, this.handle);
    this.over.setAttribute("aria-hidden", "true");
    this.pane.append(this.body, this.over, this.heads.element, this.foot.element);
    this.space.append(this.pane);
    this.scroller.append(this.space);
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("aria-multiselectable", "true");
    this.scroller.addEventListener("scroll", () => (this.measure(), this.soon()), { passive: true });
    host.append(this.scroller);
    this.watch.observe(this.scroller);
    this.fit();
  }

  end(): void {
    this.watch.disconnect();
    cancelAnimationFrame(this.asked);
    this.scroller.remove();
  }

  /** Show another source, or the same after rows or columns have changed. */
  show(source: Source): void {
    const same = source.columns === this.source.columns && source.rows === this.source.rows;
    this.source = source;
    if (same) return this.refresh();
    this.geometry = new Geometry(source.columns, source.rows);
    this.span = within(this.span, { rows: source.rows, columns: source.columns.length });
    const heads = headsOf(this.geometry);
    this.heads.element.replaceWith(heads.element);
    this.heads = heads;
    this.fit();
  }

  /** The same rows and columns, whose cells look otherwise now. */
  refresh(): void {
    total(this.foot, this.source, this.geometry);
    this.paint(true);
  }

  select(span: Span, follow = true): void {
    this.span = span;
    if (follow) this.reveal(span.head === span.anchor ? span.active : span.head);
    this.paint(true);
  }

  /** Dashes round what was copied, until something else happens. */
  mark(box: Box | null): void {
    this.copiedBox = box;
    this.overlay();
  }

  get pageRows(): number {
    return Math.max(1, Math.floor(this.bodyHeight / ROW) - 1);
  }

  reveal({ row, column }: Spot): void {
    const { scroller, geometry, scrolled } = this;
    const [top, left] = [row * ROW, geometry.left(column) - geometry.frozenWidth];
    const room = this.view.width - geometry.frozenWidth;
    const width = geometry.left(column + 1) - geometry.left(column);
    const to = { top: shownAt(scrolled.top, this.bodyHeight, top, ROW), left: scrolled.left };
    if (column >= geometry.frozen) to.left = shownAt(scrolled.left, room, left, width);
    if (to.top === scrolled.top && to.left === scrolled.left) return;
    scroller.scrollTop = to.top;
    scroller.scrollLeft = to.left;
    this.measure();
  }

  /** Back to the first columns; those that always stay would not bring them back. */
  leftmost(): void {
    this.scroller.scrollLeft = 0;
    this.measure();
  }

  /** The cell under the pointer; column -1 is the row's name, row -1 the heads. */
  spotAt(event: MouseEvent): Spot {
    const box = this.scroller.getBoundingClientRect();
    const y = event.clientY - box.top - 2 * HEAD;
    const column = this.geometry.at(event.clientX - box.left, this.scrolled.left);
    if (y < 0) return { row: -1, column };
    const row = Math.floor((Math.min(y, this.bodyHeight - 1) + this.scrolled.top) / ROW);
    return { row: Math.max(0, Math.min(row, this.source.rows - 1)), column };
  }

  /** Where a cell is painted: left, top, width, height in the coordinates of `host`. */
  boxAt({ row, column }: Spot): { left: number; top: number; width: number; height: number } {
    const left = this.geometry.shown(column, this.scrolled.left);
    const width = this.geometry.left(column + 1) - this.geometry.left(column);
    return { left, top: 2 * HEAD + row * ROW - this.scrolled.top, width, height: ROW };
  }

  private get bodyHeight(): number {
    return Math.max(ROW, this.view.height - 2 * HEAD - this.footHeight);
  }

  private get footHeight(): number {
    return this.source.totalName ? FOOT : 0;
  }

  private refoot(): void {
    const foot = footOf(this.source, this.geometry);
    this.foot.element.replaceWith(foot.element);
    this.foot = foot;
    total(foot, this.source, this.geometry);
    foot.element.style.top = `${Math.min(this.bodyHeight, this.geometry.height) + 2 * HEAD}px`;
    for (const part of foot.moving) part.style.transform = `translateX(${-this.scrolled.left}px)`;
  }

  /** Fit the pane into the window: as many rows and cells as can be seen, and one more. */
  private fit(): void {
    const { scroller, geometry, source } = this;
    this.space.style.width = `${geometry.width}px`;
    this.space.style.height = `${geometry.height + 2 * HEAD + this.footHeight}px`;
    this.view = { width: scroller.clientWidth, height: scroller.clientHeight };
    this.measure();
    this.refoot();
    this.pane.style.width = `${this.view.width}px`;
    this.pane.style.height = `${this.view.height}px`;
    scroller.setAttribute("aria-rowcount", String(source.rows + 2 + (source.totalName ? 1 : 0)));
    scroller.setAttribute("aria-colcount", String(source.columns.length + 1));
    this.most = geometry.most(this.view.width);
    const rows = Math.min(source.rows, Math.ceil(this.bodyHeight / ROW) + 1);
    this.rows = Array.from({ length: rows }, () => rowOf(geometry.frozen, this.most));
    this.body.replaceChildren(...this.rows.map((row) => row.element));
    this.paint(true);
  }

  private measure(): void {
    this.scrolled = { top: this.scroller.scrollTop, left: this.scroller.scrollLeft };
  }

  private soon(): void {
    if (!this.asked) this.asked = requestAnimationFrame(() => this.paint(false));
  }

  private paint(all: boolean): void {
    cancelAnimationFrame(this.asked);
    this.asked = 0;
    const { top: scrollTop, left: scrollLeft } = this.scrolled;
    const { geometry, rows } = this;
    const first = Math.max(0, Math.min(Math.floor(scrollTop / ROW), this.source.rows - rows.length));
    const columns = [geometry.first(scrollLeft), this.most] as const;
    const scene: Scene = { source: this.source, geometry, box: boxOf(this.span), id: this.id };
    for (let i = first; i < first + rows.length; i++) {
      const row = rows[i % rows.length] as Row;
      shift(row, scrollLeft);
      write(row, i, columns, scene, all);
    }
    this.body.style.transform = `translateY(${2 * HEAD - scrollTop}px)`;
    for (const part of [...this.heads.moving, ...this.foot.moving]) part.style.transform = `translateX(${-scrollLeft}px)`;
    this.overlay();
    this.point();
    this.painted();
  }

  private overlay(): void {
    const box = boxOf(this.span);
    const empty = this.source.rows === 0 || this.source.columns.length === 0;
    this.frame.hidden = this.handle.hidden = empty;
    this.range.hidden = empty || cellsIn(box) === 1;
    const { active } = this.span;
    this.lay(this.frame, { top: active.row, bottom: active.row, left: active.column, right: active.column });
    this.lay(this.range, box);
    this.copied.hidden = !this.copiedBox;
    if (this.copiedBox) this.lay(this.copied, this.copiedBox);
    const corner = this.edges(box);
    this.handle.style.transform = `translate(${corner.right - 4}px, ${corner.bottom - 4}px)`;
    const hidden = corner.right <= this.geometry.frozenWidth && box.right >= this.geometry.frozen;
    if (hidden) this.handle.hidden = true;
  }

  private edges(box: Box): { left: number; right: number; top: number; bottom: number } {
    const { top: scrollTop, left: scrollLeft } = this.scrolled;
    const left = this.geometry.shown(box.left, scrollLeft);
    const end = this.geometry.left(box.right + 1);
    const right = box.right < this.geometry.frozen ? end : Math.max(end - scrollLeft, this.geometry.frozenWidth);
    return { left, right, top: 2 * HEAD + box.top * ROW - scrollTop, bottom: 2 * HEAD + (box.bottom + 1) * ROW - scrollTop };
  }

  private lay(element: HTMLElement, box: Box): void {
    const { left, right, top, bottom } = this.edges(box);
    const high = Math.max(top, -ROW);
    element.style.transform = `translate(${left - 1}px, ${high - 1}px)`;
    element.style.width = `${Math.max(0, right - left + 1)}px`;
    element.style.height = `${Math.max(0, Math.min(bottom, this.view.height + ROW) - high + 1)}px`;
    if (right <= left) element.hidden = true;
  }

  /** Tell the screen reader which cell is the active one. */
  private point(): void {
    const { row, column } = this.span.active;
    const held = this.rows.find((one) => one.row === row);
    const cells = held && (column < this.geometry.frozen ? held.frozen : held.cells);
    const element = cells?.find((cell) => cell.column === column && cell.row === row)?.element ?? null;
    if (element === this.named) return;
    this.named?.removeAttribute("id");
    this.named = element;
    if (!element) return this.scroller.removeAttribute("aria-activedescendant");
    element.id = `${this.id}-active`;
    this.scroller.setAttribute("aria-activedescendant", element.id);
  }
}

/** How far to scroll so that something is seen, as little as possible. */
function shownAt(scrolled: number, room: number, at: number, size: number): number {
  if (at < scrolled || size > room) return at;
  return Math.max(scrolled, at + size - room);
}

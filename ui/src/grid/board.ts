/** The grid at work: the pane, the keyboard, the mouse, the clipboard and the editor of cells together. */
import { language, type Language } from "../words/say";
import { asTable, asText, read, type Copied, type Pasted } from "./clipboard";
import { Editor, type Done, type Option } from "./editor";
import { drawn, filled, type Edit } from "./fill";
import { attach } from "./hand";
import { begins, commandOf, type Asked, type Command } from "./keys";
import { Pane } from "./pane";
import { plainOf, typedAs } from "./reading";
import { blankLook, type Kind, type Source } from "./source";
import { alike, at, boxOf, carried, cellsIn, edge, reaching, stepped, whole, within, type Box, type Span, type Spot } from "./span";

/** Where one pastes, whether one wants to see it first, and what was cut elsewhere for it. */
export interface Pasting {
  readonly box: Box;
  readonly preview: boolean;
  readonly cleared: readonly Edit[];
}
/** What the page does when the grid is acted upon. */
export interface Acts {
  /** Cells were typed, cleared, filled or cut: their texts as people write them. */
  readonly write: (edits: readonly Edit[]) => void;
  readonly paste: (from: Spot, cells: readonly (readonly Pasted[])[], how: Pasting) => void;
  readonly ask: (what: Asked, span: Span) => void;
  readonly select: (span: Span) => void;
  readonly typing: (text: string | null) => void;
  readonly resize: (column: number, width: number, done: boolean) => void;
  readonly reorder: (column: number, before: number) => void;
  readonly opens: (group: string) => void;
  readonly menu: (spot: Spot, at: { readonly x: number; readonly y: number }) => void;
  /** Choices of a column for some words; null: the text is free. */
  readonly options: (column: number) => ((words: string) => Promise<readonly Option[]>) | null;
  /** Fold or unfold the group whose heading stands in a row; false: none does. */
  readonly fold: (row: number) => boolean;
  readonly copied: (cells: number) => void;
  readonly none: () => string;
}

const COPIED_MAX = 1_000_000;
/** What other programs are told besides how it is shown. */
const EXACT: Partial<Record<Kind, RegExp>> = { number: /^-?\d+(\.\d+)?$/, date: /^\d{4}-\d\d-\d\d$/ };

export class Board {
  readonly pane: Pane;
  readonly editor: Editor;
  private readonly live = document.createElement("div");
  private readonly leave: () => void;
  private preview = false;
  /** Rows were asked for in the place of the selection: it stays there, and does not go with its rows. */
  private stays = false;
  private cut: { box: Box; edits: Edit[] } | null = null;

  constructor(
    readonly host: HTMLElement,
    private source: Source,
    private readonly acts: () => Acts,
  ) {
    this.pane = new Pane(source, host);
    this.live.className = "vh";
    this.live.setAttribute("aria-live", "polite");
    host.append(this.live);
    this.editor = new Editor(
      host,
      (done) => this.typed(done),
      () => this.focus(),
      (text) => this.acts().typing(text),
    );
    this.pane.painted = () => this.stand();
    const mouse = attach(this.pane, {
      source: () => this.source,
      select: (span, follow) => this.select(span, follow),
      edit: () => this.edit(null),
      fill: (from, to) => this.write(drawn(this.source, from, to)),
      resize: (column, width, done) => this.acts().resize(column, width, done),
      reorder: (column, before) => this.acts().reorder(column, before),
      opens: (group) => this.acts().opens(group),
      menu: (spot, place) => this.acts().menu(spot, place),
    });
    const keys = this.listen();
    this.leave = () => {
      mouse();
      keys();
    };
  }

  end(): void {
    this.leave();
    this.pane.end();
    this.host.replaceChildren();
  }

  show(source: Source): void {
    if (source === this.source) return;
    const before = this.source;
    this.source = source;
    const span = this.stays ? this.span : carried(this.span, (row) => source.whereIs?.(row, before) ?? row);
    if (source.rows !== before.rows) this.stays = false;
    this.pane.show(source);
    if (!alike(span, this.span)) this.select(span, false);
  }

  name(label: string): void {
    this.pane.scroller.setAttribute("aria-label", label);
  }

  /** The cells look otherwise now. */
  refresh(): void {
    this.pane.refresh();
  }

  focus(): void {
    this.pane.scroller.focus({ preventScroll: true });
  }

  /** Tell a screen reader. */
  announce(text: string): void {
    this.live.textContent = text;
  }

  select(span: Span, follow = true): void {
    this.pane.select(within(span, this.size), follow);
    this.acts().select(this.pane.span);
  }

  get span(): Span {
    return this.pane.span;
  }

  /** Open the editor over the active cell; with a text it begins with that instead of what the cell holds. */
  edit(text: string | null): void {
    const { row, column } = this.span.active;
    const of = this.source.columns[column];
    const look = blankLook();
    if (!of || row >= this.source.rows || this.acts().fold(row)) return;
    look.fixed = false;
    this.source.look(row, column, look);
    if (!of.input || look.fixed) return this.announce(look.told || this.acts().none());
    this.pane.reveal({ row, column });
    const label = [of.group?.title, of.title].filter(Boolean).join(", ");
    const typed = text ?? typedAs(of.kind, this.source.typed(row, column), language.peek());
    const options = this.acts().options(column);
    this.editor.begin({ text: typed, align: of.align, label, typedOver: text !== null, options, none: this.acts().none() });
    this.stand();
  }

  write(edits: readonly Edit[]): void {
    const { columns } = this.source;
    const look = blankLook();
    const wanted = edits.filter(({ row, column }) => {
      look.fixed = false;
      if (columns[column]?.input) this.source.look(row, column, look);
      return columns[column]?.input && !look.fixed;
    });
    this.pane.mark(null);
    if (wanted.length) this.acts().write(wanted);
  }

  private get size(): { rows: number; columns: number } {
    return { rows: this.source.rows, columns: this.source.columns.length };
  }

  private stand(): void {
    if (this.editor.open) this.editor.stand(this.pane.boxAt(this.span.active), this.host.clientHeight);
  }

  private typed(done: Done): void {
    const { active } = this.span;
    const box = boxOf(this.span);
    const edits = done.everywhere ? everywhere(box, done.text) : [{ ...active, text: done.text }];
    const kind = this.source.columns[active.column]?.kind ?? "text";
    const before = this.source.typed(active.row, active.column);
    const same = !done.everywhere && plainOf(kind, done.text, language.peek()) === before;
    this.focus();
    if (!same) this.write(edits);
    if (done.step[0] || done.step[1]) this.select(stepped(this.span, done.step[0], done.step[1], this.size));
  }

  private listen(): () => void {
    const { scroller } = this.pane;
    const key = (event: KeyboardEvent): void => this.key(event);
    const copy = (event: ClipboardEvent): void => this.copy(event, false);
    const cut = (event: ClipboardEvent): void => this.copy(event, true);
    const paste = (event: ClipboardEvent): void => this.paste(event);
    scroller.addEventListener("keydown", key);
    scroller.addEventListener("copy", copy);
    scroller.addEventListener("cut", cut);
    scroller.addEventListener("paste", paste);
    return () => {
      scroller.removeEventListener("keydown", key);
      scroller.removeEventListener("copy", copy);
      scroller.removeEventListener("cut", cut);
      scroller.removeEventListener("paste", paste);
    };
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.ctrlKey && event.code === "KeyV") this.preview = event.shiftKey;
    const command = commandOf(event);
    if (command?.do === "step" && event.key === "Tab" && !this.source.rows) return;
    if (command) {
      event.preventDefault();
      event.stopPropagation();
      this.obey(command);
    } else if (begins(event)) this.edit("");
  }

  private obey(command: Command): void {
    const { span, size } = this;
    switch (command.do) {
      case "move":
        return this.move(command.by, command.extend, command.far);
      case "page":
        return this.move([command.by[0] * this.pane.pageRows, command.by[1] * 8], command.extend, false);
      case "home":
        this.pane.leftmost();
        return this.to({ row: command.far ? 0 : this.from(command.extend).row, column: 0 }, command.extend);
      case "end":
        return this.to(this.lastOf(command), command.extend);
      case "step":
        return this.select(stepped(span, command.by[0], command.by[1], size));
      case "all":
        return this.select(whole(size), false);
      case "rows":
        return this.select(across(span, size), false);
      case "columns":
        return this.select(along(span, size), false);
      case "ask":
        this.stays = command.what === "insert";
        return this.acts().ask(command.what, span);
      default:
        return this.act(command.do);
    }
  }

  private act(what: "edit" | "open" | "clear" | "escape" | "down" | "right" | "today"): void {
    const box = boxOf(this.span);
    if (what === "edit" || what === "open") this.edit(null);
    else if (what === "clear") this.write(everywhere(box, ""));
    else if (what === "down" || what === "right") this.write(filled(this.source, box, what));
    else if (what === "today") this.write([{ ...this.span.active, text: new Date().toLocaleDateString("sv") }]);
    else this.pane.mark((this.cut = null));
  }

  private from(extend: boolean): Spot {
    return extend ? this.span.head : this.span.active;
  }

  private move(by: readonly [number, number], extend: boolean, far: boolean): void {
    const from = this.from(extend);
    const blank = (row: number, column: number): boolean => this.source.typed(row, column) === "";
    const to = far ? edge(from, by, this.size, blank) : { row: from.row + by[0], column: from.column + by[1] };
    this.to(to, extend);
  }

  private to(spot: Spot, extend: boolean): void {
    if (!this.source.rows) return;
    this.select(extend ? reaching(this.span, spot) : at(spot.row, spot.column));
    const { row, column } = extend ? this.span.head : this.span.active;
    this.pane.reveal({ row, column });
  }

  private lastOf(command: { extend: boolean; far: boolean }): Spot {
    const { rows, columns } = this.size;
    return { row: command.far ? rows - 1 : this.from(command.extend).row, column: columns - 1 };
  }

  private copy(event: ClipboardEvent, cut: boolean): void {
    event.preventDefault();
    const box = boxOf(this.span);
    if (!event.clipboardData || !this.source.rows || cellsIn(box) > COPIED_MAX) return;
    const rows = copiedFrom(this.source, box);
    event.clipboardData.setData("text/plain", asText(rows));
    event.clipboardData.setData("text/html", asTable(rows));
    this.cut = cut ? { box, edits: everywhere(box, "") } : null;
    this.pane.mark(box);
    this.acts().copied(cellsIn(box));
  }

  private paste(event: ClipboardEvent): void {
    event.preventDefault();
    const cells = event.clipboardData ? read(event.clipboardData) : [];
    const box = boxOf(this.span);
    const { cut, preview } = this;
    this.preview = false;
    this.cut = null;
    this.pane.mark(null);
    if (!cells.length) return;
    this.acts().paste({ row: box.top, column: box.left }, cells, { box, preview, cleared: cut?.edits ?? [] });
  }
}

function copiedFrom(source: Source, box: Box): Copied[][] {
  const rows: Copied[][] = [];
  const of = language.peek();
  for (let row = box.top; row <= box.bottom; row++) {
    const cells: Copied[] = [];
    for (let column = box.left; column <= box.right; column++) cells.push(copiedCell(source, row, column, of));
    rows.push(cells);
  }
  return rows;
}

function copiedCell(source: Source, row: number, column: number, of: Language): Copied {
  const text = source.typed(row, column);
  const kind = source.columns[column]?.kind ?? "text";
  const exact = EXACT[kind]?.test(text) ? text : null;
  return { text: typedAs(kind, text, of), exact };
}

function everywhere(box: Box, text: string): Edit[] {
  const edits: Edit[] = [];
  for (let row = box.top; row <= box.bottom; row++)
    for (let column = box.left; column <= box.right; column++) edits.push({ row, column, text });
  return edits;
}

function across(span: Span, size: { columns: number }): Span {
  const { anchor, head, active } = span;
  return { active, anchor: { ...anchor, column: 0 }, head: { ...head, column: size.columns - 1 } };
}

function along(span: Span, size: { rows: number }): Span {
  const { anchor, head, active } = span;
  return { active, anchor: { ...anchor, row: 0 }, head: { ...head, row: size.rows - 1 } };
}

/**
 * The one field in which cells are edited. It is made by hand, not drawn: the first letter that is typed over a cell must
 * find it open and focused within the same key press.
 */
import type { Align } from "./source";

export interface Option {
  readonly value: string;
  readonly title: string;
}
export interface Editing {
  readonly text: string;
  readonly align: Align;
  readonly label: string;
  /** Begun by typing over: arrows leave it, as in Excel. */
  readonly typedOver: boolean;
  /** Choices for some words; null: none, the text is free. */
  readonly options: ((words: string) => Promise<readonly Option[]>) | null;
  readonly none: string;
}
/** How an editing ended: where to go, and whether the text is for the whole selection. */
export interface Done {
  readonly text: string;
  readonly step: readonly [number, number];
  readonly everywhere: boolean;
}

const LEAVING: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
const LIST = "sheet-list";

export class Editor {
  readonly input = document.createElement("input");
  private readonly list = document.createElement("div");
  private editing: Editing | null = null;
  private found: readonly Option[] = [];
  private chosen = -1;
  private asked = 0;

  constructor(
    host: HTMLElement,
    private readonly done: (done: Done) => void,
    private readonly cancelled: () => void,
    private readonly changed: (text: string | null) => void,
  ) {
    this.input.className = "sheet-editor";
    this.input.autocomplete = "off";
    this.input.spellcheck = false;
    this.list.className = LIST;
    this.list.id = `${LIST}-${Math.trunc(performance.now() * 1000)}`;
    this.list.setAttribute("role", "listbox");
    this.input.hidden = this.list.hidden = true;
    host.append(this.input, this.list);
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("blur", () => this.editing && this.finish([0, 0], false));
    this.list.addEventListener("mousedown", (event) => this.pick(event));
  }

  get open(): boolean {
    return this.editing !== null;
  }

  begin(editing: Editing): void {
    this.editing = editing;
    this.input.value = editing.text;
    this.input.className = `sheet-editor ${editing.align}`;
    this.input.setAttribute("aria-label", editing.label);
    this.input.hidden = false;
    this.input.setAttribute("role", editing.options ? "combobox" : "textbox");
    for (const name of ["aria-expanded", "aria-controls", "aria-activedescendant"]) this.input.removeAttribute(name);
    if (editing.options) this.input.setAttribute("aria-expanded", "false");
    if (editing.options) this.input.setAttribute("aria-controls", this.list.id);
    this.list.setAttribute("aria-label", editing.label);
    this.input.focus({ preventScroll: true });
    if (!editing.typedOver) this.input.select();
    this.changed(editing.text);
    if (editing.options) void this.search("");
  }

  /** Stand over a cell. */
  stand(box: { left: number; top: number; width: number; height: number }, room: number): void {
    if (!this.editing) return;
    const { style } = this.input;
    style.left = `${box.left - 1}px`;
    style.top = `${box.top - 1}px`;
    style.width = `${Math.max(box.width + 1, this.editing.options ? 180 : 64)}px`;
    const below = box.top + box.height + 264 <= room;
    this.list.style.left = `${box.left - 1}px`;
    this.list.style.top = below ? `${box.top + box.height + 1}px` : "auto";
    this.list.style.bottom = below ? "auto" : `${room - box.top + 1}px`;
  }

  cancel(): void {
    if (!this.editing) return;
    this.close();
    this.cancelled();
  }

  finish(step: readonly [number, number], everywhere: boolean): void {
    if (!this.editing) return;
    const option = this.found[this.chosen];
    const text = this.editing.options && option ? option.value : this.input.value;
    this.close();
    this.done({ text, step, everywhere });
  }

  private close(): void {
    this.editing = null;
    this.asked++;
    this.found = [];
    this.chosen = -1;
    this.input.hidden = this.list.hidden = true;
    this.changed(null);
  }

  private key(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.isComposing || !this.editing) return;
    const step = this.leaving(event);
    if (event.key === "Escape") this.cancel();
    else if (event.key === "Enter" && event.altKey) return;
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.finish([0, 0], true);
    else if (step) this.finish(step, false);
    else if (this.editing.options && (event.key === "ArrowDown" || event.key === "ArrowUp"))
      this.choose(this.chosen + (event.key === "ArrowDown" ? 1 : -1));
    else return;
    event.preventDefault();
  }

  private leaving(event: KeyboardEvent): readonly [number, number] | null {
    if (event.key === "Enter") return [event.shiftKey ? -1 : 1, 0];
    if (event.key === "Tab") return [0, event.shiftKey ? -1 : 1];
    const plain = this.editing?.typedOver && !this.editing.options && !event.shiftKey && !event.ctrlKey;
    return plain ? (LEAVING[event.key] ?? null) : null;
  }

  private typed(): void {
    this.changed(this.input.value);
    if (this.editing?.options) void this.search(this.input.value);
  }

  private async search(words: string): Promise<void> {
    const turn = ++this.asked;
    const found = (await this.editing?.options?.(words)) ?? [];
    if (turn !== this.asked || !this.editing) return;
    this.found = found;
    const exact = found.findIndex((option) => option.value === this.input.value);
    this.chosen = exact >= 0 ? exact : words && found.length ? 0 : -1;
    this.draw();
  }

  private draw(): void {
    this.list.replaceChildren(...this.found.map((option, i) => this.optionOf(option, i)));
    if (!this.found.length) this.list.append(noneOf(this.editing?.none ?? ""));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.choose(this.chosen);
  }

  private optionOf(option: Option, index: number): HTMLElement {
    const element = document.createElement("div");
    element.setAttribute("role", "option");
    element.id = `${this.list.id}-${index}`;
    element.dataset["index"] = String(index);
    const value = document.createElement("b");
    value.append(option.value);
    const title = document.createElement("span");
    title.append(option.title);
    element.append(value, title);
    return element;
  }

  private choose(index: number): void {
    this.chosen = Math.max(-1, Math.min(index, this.found.length - 1));
    for (const [i, element] of [...this.list.children].entries())
      if (element.hasAttribute("id")) element.setAttribute("aria-selected", String(i === this.chosen));
    const element = this.list.children[this.chosen];
    if (!element) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", element.id);
    element.scrollIntoView({ block: "nearest" });
  }

  private pick(event: MouseEvent): void {
    event.preventDefault();
    const element = (event.target as Element).closest("[data-index]");
    if (!(element instanceof HTMLElement)) return;
    this.chosen = Number(element.dataset["index"]);
    this.finish([1, 0], false);
  }
}

function noneOf(words: string): HTMLElement {
  const none = document.createElement("div");
  none.className = "none";
  none.setAttribute("role", "option");
  none.setAttribute("aria-disabled", "true");
  none.append(words);
  return none;
}

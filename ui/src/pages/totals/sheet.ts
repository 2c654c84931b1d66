/** The totals as the grid's source: a tree of rows, their sums, and how they deviate from what they are compared with. */
import { difference, money, percent } from "../../figures";
import type { Column, Group, Look, Source } from "../../grid/source";
import { unit } from "../../session";
import { say } from "../../words/say";
import { words } from "../../words/totals";
import { deviationOf, type Comparison } from "./compared";
import { LIMIT, type Cube, type Node, type Sum } from "./cube";
import type { Filter, View } from "./view";

type Shown = { readonly sum: string } | { readonly limit: string } | { readonly deviation: "amount" | "share" };
const TITLE_WIDTH = 300;
const UNITS = { "1": words.tenge, thousand: words.thousand, million: words.million };
const WIDTHS = { "1": 130, thousand: 108, million: 92 };

export class TotalsSheet implements Source {
  readonly nodes: readonly Node[];
  readonly columns: readonly Column[];
  private readonly shown: readonly Shown[];

  constructor(
    readonly cube: Cube,
    readonly comparison: Comparison | null,
  ) {
    this.nodes = cube.visible();
    this.shown = shownOf(cube, comparison);
    this.columns = [nameColumn(cube.view), ...this.shown.map((one) => columnOf(cube, one, comparison))];
  }

  get rows(): number {
    return this.nodes.length;
  }

  get totalName(): string {
    return say(words.total, { count: this.cube.roots.value?.length ?? 0 });
  }

  look(row: number, column: number, into: Look): void {
    const node = this.nodes[row];
    into.fixed = true;
    if (!node) return;
    const top = node.path.length === 1 && this.cube.view.rows.length > 1;
    if (column === 0) into.text = this.title(node);
    else this.figure(node.path, node.sums, column, into);
    if (top) into.marks += " group";
  }

  name(row: number, into: Look): void {
    const node = this.nodes[row];
    if (!node) return;
    const deeper = node.path.length < this.cube.view.rows.length;
    into.text = deeper ? (node.open ? "▾" : "▸") : "·";
  }

  total(column: number, into: Look): void {
    if (column > 0) this.figure([], this.cube.whole.value, column, into);
  }

  number(row: number, column: number): { value: number; digits: number } | null {
    const [node, shown] = [this.nodes[row], this.shown[column - 1]];
    if (!node || !shown || !("sum" in shown)) return null;
    const value = Number(node.sums.get(shown.sum)?.amount ?? 0);
    return Number.isSafeInteger(value) ? { value, digits: 2 } : null;
  }

  typed(): string {
    return "";
  }

  /** The key of a column of sums; null for others. */
  keyOf(column: number): string | null {
    const shown = this.shown[column - 1];
    return shown && "sum" in shown ? shown.sum : null;
  }

  private title(node: Node): string {
    const { code } = node.path[node.path.length - 1] as Filter;
    return `${"\u2003".repeat(node.path.length - 1)}${code || "—"}\u2002${say(node.title)}`;
  }

  private figure(path: readonly Filter[], sums: ReadonlyMap<string, Sum>, column: number, into: Look): void {
    const shown = this.shown[column - 1];
    if (!shown) return;
    if ("sum" in shown) {
      const sum = sums.get(shown.sum);
      into.text = sum ? money(sum.amount) : "—";
      if (sum?.incomplete) Object.assign(into, { marks: " nonorm", told: say(words.incomplete, { count: sum.incomplete }) });
    } else if ("limit" in shown) into.text = money(this.cube.limitOf(path, shown.limit));
    else if (this.comparison) this.deviation(path, sums, this.comparison, shown.deviation, into);
  }

  private deviation(path: readonly Filter[], sums: ReadonlyMap<string, Sum>, of: Comparison, what: "amount" | "share", into: Look): void {
    const found = deviationOf(this.cube, path, sums, of);
    if (!found) return void (into.text = "—");
    const over = of.with.startsWith(LIMIT) && found.amount > 0n;
    into.text = what === "amount" ? difference(found.amount) : found.share === null ? "—" : percent(found.share);
    if (over) Object.assign(into, { marks: " over", told: say(words.limit) });
  }
}

/** The sums, the limit where the page compares with it, and the deviation. */
function shownOf(cube: Cube, comparison: Comparison | null): Shown[] {
  const sums = cube.columns.value.map((codes) => ({ sum: codes.join("/") }));
  if (!comparison) return sums;
  const limit = comparison.with.startsWith(LIMIT) ? [{ limit: comparison.with.slice(LIMIT.length) }] : [];
  return [...sums, ...limit, { deviation: "amount" }, { deviation: "share" }];
}

function nameColumn(view: View): Column {
  const title = view.rows.map((name) => say(words[name])).join(", ");
  return { id: "name", title, group: null, unit: "", hint: title, width: TITLE_WIDTH, align: "left", kind: "text", frozen: true, input: false };
}

function columnOf(cube: Cube, shown: Shown, comparison: Comparison | null): Column {
  const plain = { hint: "", align: "right" as const, kind: "number" as const, frozen: false, input: false, unit: "", width: WIDTHS[unit.value] };
  const told = say(UNITS[unit.value]);
  if ("sum" in shown) {
    const names = namesOf(cube, shown.sum);
    const [last, first] = [names[names.length - 1] ?? say(words.all), names.slice(0, -1).join(", ")];
    return { ...plain, id: shown.sum, title: last, group: first ? group(first, told) : null, hint: names.join(", ") };
  }
  if ("limit" in shown) return { ...plain, id: "limit", title: shown.limit, group: group(say(words.limit), told) };
  const name = comparison ? labelOf(cube, comparison) : "";
  const share = shown.deviation === "share";
  return { ...plain, id: shown.deviation, title: share ? "%" : say(UNITS[unit.value]), group: group(say(words.deviation), ""), hint: name, width: share ? 76 : plain.width };
}

function group(title: string, unitOf: string): Group {
  return { id: title, title, unit: unitOf, hint: title, opens: null };
}

/** A column's codes as they are called. */
export function namesOf(cube: Cube, key: string): readonly string[] {
  if (key.startsWith(LIMIT)) return [say(words.limitOf, { year: key.slice(LIMIT.length) })];
  if (!cube.view.columns.length) return [];
  return key.split("/").map((code, i) => {
    const name = cube.view.columns[i];
    return name === "year" || !name ? code : say(cube.titleOf(name, code)) || code;
  });
}

export function labelOf(cube: Cube, of: Comparison): string {
  return say(words.against, { of: namesOf(cube, of.of).join(" "), with: namesOf(cube, of.with).join(" ") });
}

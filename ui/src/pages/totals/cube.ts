/** The sums behind the page of totals: a tree of rows, read level by level as one opens it; every figure is the service's. */
import { signal } from "@preact/signals";
import { get } from "../../api/client";
import type { Pivot, Titles } from "../../api/wire";
import { asked, type Dimension, type Filter, type View } from "./view";

export interface Sum {
  readonly amount: string;
  readonly incomplete: number;
}
/** A row: its codes from the top, and a sum for each column; `children` is null until it was opened. */
export interface Node {
  readonly path: readonly Filter[];
  readonly title: Titles;
  readonly sums: ReadonlyMap<string, Sum>;
  children: readonly Node[] | null;
  open: boolean;
}
interface Limits {
  readonly rows: readonly (readonly [string, string, string, string, string])[];
}
export const LIMIT = "limit:";

export class Cube {
  readonly roots = signal<readonly Node[] | null>(null);
  /** The sums of all rows together. */
  readonly whole = signal<ReadonlyMap<string, Sum>>(new Map());
  readonly columns = signal<readonly (readonly string[])[]>([]);
  readonly position = signal(0);
  readonly version = signal(0);
  readonly titles = new Map<string, Titles>();
  private limits = new Map<string, bigint>();
  private ended = false;

  constructor(readonly view: View) {}

  end(): void {
    this.ended = true;
  }

  /** Read what is open, from the top; called again when anything was written. */
  async read(): Promise<void> {
    const { rows, columns, where } = this.view;
    const [whole, tops] = await Promise.all([this.ask([], where), rows[0] ? this.level([]) : [], this.readLimits()]);
    if (this.ended) return;
    const sums = new Map<string, Sum>();
    for (const row of whole.rows) sums.set(row.slice(0, columns.length).join("/"), sumOf(row));
    await this.reopen(this.roots.peek() ?? [], tops);
    if (this.ended) return;
    this.whole.value = sums;
    this.columns.value = whole.rows.map((row) => row.slice(0, columns.length)).sort((a, b) => this.order(a, b));
    this.position.value = whole.position;
    this.roots.value = tops;
    this.version.value += 1;
  }

  /** Open or close a row; says whether it has rows below. */
  async toggle(node: Node, open = !node.open): Promise<boolean> {
    if (node.path.length >= this.view.rows.length) return false;
    if (open && !node.children) node.children = await this.level(node.path);
    node.open = open;
    this.version.value += 1;
    return true;
  }

  /** The rows that are seen, from the top. */
  visible(): readonly Node[] {
    const found: Node[] = [];
    const add = (nodes: readonly Node[]): void => {
      for (const node of nodes) {
        found.push(node);
        if (node.open && node.children) add(node.children);
      }
    };
    add(this.roots.value ?? []);
    return found;
  }

  titleOf(dimension: Dimension, code: string): Titles {
    return this.titles.get(`${dimension}:${code}`) ?? {};
  }

  /** The limit of a row in a year: of an administrator, an institution or the republic, where nothing else cuts it. */
  limitOf(path: readonly Filter[], year: string): string | null {
    const cuts = [...this.view.where.filter((one) => one.code), ...path];
    const place = cuts.filter((one) => one.dimension === "administrator" || one.dimension === "institution").at(-1);
    const kinds = cuts.filter((one) => one.dimension === "kind").map((one) => one.code);
    if (cuts.some((one) => !OF_LIMITS.includes(one.dimension)) || cuts.some((one) => one.dimension === "year" && one.code !== year)) return null;
    const level = place?.dimension ?? "republic";
    const found = (kinds.length ? kinds : ["base", "new"]).map((kind) => this.limits.get([level, place?.code ?? "", kind, year].join("/")));
    const known = found.filter((one): one is bigint => one !== undefined);
    return known.length ? known.reduce((sum, one) => sum + one, 0n).toString() : null;
  }

  private async readLimits(): Promise<void> {
    if (this.limits.size) return;
    const told = await get<Limits>("/totals/limits");
    for (const [level, code, kind, year, amount] of told.rows) this.limits.set([level, code, kind, year].join("/"), BigInt(amount));
  }

  private ask(rows: readonly Dimension[], where: readonly Filter[]): Promise<Pivot> {
    return get<Pivot>("/totals", { by: [...rows, ...this.view.columns], where: asked(where), titles: true }).then((told) => {
      for (const [name, codes] of Object.entries(told.titles ?? {}))
        for (const [code, title] of Object.entries(codes)) this.titles.set(`${name}:${code}`, title);
      return told;
    });
  }

  private async level(path: readonly Filter[]): Promise<readonly Node[]> {
    const dimension = this.view.rows[path.length];
    if (!dimension) return [];
    const told = await this.ask([dimension], [...this.view.where, ...path]);
    const sums = new Map<string, Map<string, Sum>>();
    for (const [code = "", ...rest] of told.rows) {
      const of = sums.get(code) ?? new Map<string, Sum>();
      of.set(rest.slice(0, this.view.columns.length).join("/"), sumOf(rest));
      sums.set(code, of);
    }
    return [...sums].map(([code, of]) => ({
      path: [...path, { dimension, code }],
      title: this.titleOf(dimension, code),
      sums: of,
      children: null,
      open: false,
    }));
  }

  private async reopen(before: readonly Node[], now: readonly Node[]): Promise<void> {
    const then = new Map(before.map((node) => [keyOf(node.path), node]));
    for (const node of now) {
      const was = then.get(keyOf(node.path));
      if (!was?.open) continue;
      node.children = await this.level(node.path);
      node.open = true;
      await this.reopen(was.children ?? [], node.children);
    }
  }

  /** Columns stand in the order of their codes, stages as they follow one another. */
  private order(a: readonly string[], b: readonly string[]): number {
    for (const [i, name] of this.view.columns.entries()) {
      const [one, other] = [a[i] ?? "", b[i] ?? ""];
      if (one === other) continue;
      return name === "stage" ? STAGES.indexOf(one) - STAGES.indexOf(other) : one < other ? -1 : 1;
    }
    return 0;
  }
}

const OF_LIMITS: readonly Dimension[] = ["administrator", "institution", "kind", "year", "stage", "budget", "side"];
const STAGES = ["executed", "specified", "limit", "request", "conclusion", "decision", "draft-law", "law", "corrected"];

export function keyOf(path: readonly Filter[]): string {
  return path.map((one) => `${one.dimension}:${one.code}`).join("/");
}

/** The last two of a row are the amount and the rows left out of it. */
function sumOf(row: readonly string[]): Sum {
  return { amount: row[row.length - 2] ?? "0", incomplete: Number(row[row.length - 1] ?? 0) };
}

/** A comparison as the grid's source: the base, and each scenario with its difference, of one year. */
import { difference, money } from "../../figures";
import type { Column, Look, Source } from "../../grid/source";
import { unit } from "../../session";
import { say } from "../../words/say";
import { words } from "../../words/scenarios";
import type { Compared } from "./book";

const WIDTHS = { "1": 136, thousand: 112, million: 96 };

export class ScenarioSheet implements Source {
  readonly columns: readonly Column[];
  private readonly lines: readonly (readonly string[])[];

  constructor(
    readonly compared: Compared,
    readonly year: string,
    private readonly titleOf: (code: string) => string,
    names: readonly string[],
  ) {
    this.lines = compared.rows.filter((row) => row[1] === year);
    const plain = { unit: "", hint: "", align: "right" as const, kind: "number" as const, frozen: false, input: false, width: WIDTHS[unit.value] };
    const first: Column = { ...plain, id: "name", title: year, group: null, width: 320, align: "left", kind: "text", frozen: true };
    const sides = names.flatMap((name, i) => {
      const group = { id: `side${i}`, title: name, unit: "", hint: name, opens: null };
      return [{ ...plain, id: `sum${i}`, title: say(words.request), group }, { ...plain, id: `change${i}`, title: say(words.toBase), group }];
    });
    this.columns = [first, { ...plain, id: "base", title: say(words.request), group: { id: "base", title: say(words.base), unit: "", hint: "", opens: null } }, ...sides];
  }

  get rows(): number {
    return this.lines.length;
  }

  get totalName(): string {
    return say(words.total);
  }

  look(row: number, column: number, into: Look): void {
    const line = this.lines[row];
    into.fixed = true;
    if (!line) return;
    if (column === 0) into.text = `${line[0]}\u2002${this.titleOf(line[0] ?? "")}`;
    else this.figure(line.slice(2).map(BigInt), column, into);
  }

  name(row: number, into: Look): void {
    into.text = String(row + 1);
  }

  total(column: number, into: Look): void {
    if (column > 0) this.figure(this.sums(), column, into);
  }

  number(row: number, column: number): { value: number; digits: number } | null {
    const value = Number(this.lines[row]?.[1 + this.at(column)] ?? "0");
    return column > 0 && (column === 1 || column % 2 === 0) && Number.isSafeInteger(value) ? { value, digits: 2 } : null;
  }

  typed(): string {
    return "";
  }

  /** The base's sum of the year, then each scenario's. */
  sums(): readonly bigint[] {
    const count = (this.compared.scenarios.length ?? 0) + 1;
    return Array.from({ length: count }, (_, i) => this.lines.reduce((sum, line) => sum + BigInt(line[2 + i] ?? "0"), 0n));
  }

  /** Which of the sums stands in a column: 1 the base's, 2 the first scenario's. */
  private at(column: number): number {
    return column === 1 ? 1 : 2 + Math.floor((column - 2) / 2);
  }

  private figure(sums: readonly bigint[], column: number, into: Look): void {
    const [base, own] = [sums[0] ?? 0n, sums[this.at(column) - 1] ?? 0n];
    const change = column > 1 && column % 2 === 1;
    into.text = change ? difference(own - base) : money(own.toString());
    if (column > 1 && own !== base) into.marks += change ? " since moved" : "";
  }
}

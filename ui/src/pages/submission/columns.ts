/** A form's columns as the grid shows them: a group for the years, and the months of a year where they are asked for. */
import type { Column as Wire } from "../../api/wire";
import type { Align, Column, Group } from "../../grid/source";
import { isMoney } from "../../figures";
import { unit } from "../../session";
import { language, say } from "../../words/say";
import { monthName, unitOf } from "../../words/units";
import type { Figure, Table } from "./table";

/** How a user likes a form's columns; ids of figures, and names of columns. */
export interface Shape {
  readonly widths: Readonly<Record<string, number>>;
  readonly hidden: readonly string[];
  readonly order: readonly string[];
  /** Monthly columns that show all their months. */
  readonly months: readonly string[];
  /** How many columns at the left stay; the first ones that are no numbers, if not said. */
  readonly frozen?: number;
}
export const PLAIN: Shape = { widths: {}, hidden: [], order: [], months: [] };

export interface Shown {
  readonly columns: readonly Column[];
  readonly figures: readonly Figure[];
}

export function shownOf(table: Table, years: readonly number[], shape: Shape): Shown {
  const wire = ordered(table.form.columns, shape.order).filter((column) => !shape.hidden.includes(column.name));
  const frozen = shape.frozen ?? (wire[0] && wire[0].type.kind !== "number" ? 1 : 0);
  const columns: Column[] = [];
  const figures: Figure[] = [];
  wire.forEach((column, i) => {
    const group = groupOf(column, table, shape);
    for (const figure of figuresOf(column, table, years, shape)) {
      const id = idOf(figure);
      columns.push({
        id,
        title: group ? subtitle(figure) : say(column.title),
        group,
        unit: group ? "" : unitText(column),
        hint: hintOf(column, table),
        width: shape.widths[id] ?? widthOf(column, group !== null, figures.at(-1)?.column !== column),
        align: alignOf(column),
        kind: column.type.kind,
        frozen: i < frozen,
        input: column.input,
      });
      figures.push(figure);
    }
  });
  return { columns, figures };
}

export function idOf({ column, year, month }: Figure): string {
  return [column.name, year, month].filter((part) => part !== null).join(".");
}

function ordered(columns: readonly Wire[], order: readonly string[]): Wire[] {
  const place = new Map(order.map((name, i) => [name, i]));
  return [...columns].sort((a, b) => (place.get(a.name) ?? 1e6) - (place.get(b.name) ?? 1e6));
}

function figuresOf(column: Wire, table: Table, years: readonly number[], shape: Shape): Figure[] {
  if (column.per_month) {
    if (!table.months.has(column.name)) return [{ column, year: years[0] ?? null, month: 1 }];
    if (!shape.months.includes(column.name)) return [{ column, year: years[0] ?? null, month: 1 }];
    return years.flatMap((year) => Array.from({ length: 12 }, (_, i) => ({ column, year, month: i + 1 })));
  }
  if (table.byYear(column)) return years.map((year) => ({ column, year, month: null }));
  return [{ column, year: null, month: null }];
}

function groupOf(column: Wire, table: Table, shape: Shape): Group | null {
  if (!column.per_month && !table.byYear(column)) return null;
  const open = shape.months.includes(column.name);
  return {
    id: column.name,
    title: say(column.title),
    unit: unitText(column),
    hint: hintOf(column, table),
    opens: column.per_month ? (open ? "fewer" : "more") : null,
  };
}

function hintOf(column: Wire, table: Table): string {
  const help = table.help.get(column.name)?.help;
  return help ? say(help) : "";
}

function subtitle({ year, month }: Figure): string {
  return month === null ? String(year) : `${monthName(month)} ${year}`;
}

function unitText(column: Wire): string {
  const { kind, unit: of } = column.type;
  return kind === "number" && of && of !== "1" ? unitOf(of, language.value, isMoney(of) ? unit.value : "1") : "";
}

function alignOf(column: Wire): Align {
  if (column.type.kind === "number" || column.type.kind === "date") return "right";
  return column.type.kind === "bool" ? "center" : "left";
}

function widthOf(column: Wire, grouped: boolean, first: boolean): number {
  const { kind, unit: of } = column.type;
  if (column.per_month && first) return 116;
  if (kind === "text") return 188;
  if (kind === "bool") return 60;
  if (kind === "code") return 92;
  if (kind === "date") return 86;
  if (isMoney(of)) return grouped ? 88 : 104;
  return (of ?? "").startsWith("KZT") ? 92 : grouped ? 56 : 64;
}

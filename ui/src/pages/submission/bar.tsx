/** The formula bar: which cell is chosen, and what it holds: what was typed, or the column's formula. */
import { useState } from "preact/hooks";
import { typedAs } from "../../grid/reading";
import { language, say } from "../../words/say";
import { words } from "../../words/submission";
import { monthName } from "../../words/units";
import { Icon } from "./icons";
import type { Sheet } from "./sheet";
import type { Figure } from "./table";

export interface BarProps {
  readonly sheet: Sheet;
  readonly spot: { readonly row: number; readonly column: number };
  /** What is being typed in the cell's own editor. */
  readonly typing: string | null;
  readonly write: (text: string) => void;
  readonly leave: () => void;
}

export function Bar({ sheet, spot, typing, write, leave }: BarProps) {
  const figure = sheet.figures[spot.column];
  if (!figure) return <div class="fbar" />;
  const input = figure.column.input;
  return (
    <div class="fbar">
      <span class="ref">{`${nameOf(figure)} · ${say(words.row, { row: spot.row + 1 })}`}</span>
      {input ? (
        <Input key={`${spot.row}.${spot.column}`} sheet={sheet} spot={spot} typing={typing} write={write} leave={leave} />
      ) : (
        <Formula sheet={sheet} figure={figure} />
      )}
    </div>
  );
}

function Input({ sheet, spot, typing, write, leave }: BarProps) {
  const figure = sheet.figures[spot.column];
  const kind = figure?.column.type.kind ?? "text";
  const held = sheet.rows ? typedAs(kind, sheet.typed(spot.row, spot.column), language.value) : "";
  const [own, type] = useState<string | null>(null);
  const done = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && own !== null) write(own);
    if (event.key !== "Enter" && event.key !== "Escape") return;
    type(null);
    leave();
  };
  return (
    <input
      class="fin"
      aria-label={figure ? nameOf(figure) : ""}
      value={typing ?? own ?? held}
      readOnly={!sheet.editable || !sheet.rows}
      onInput={(event) => type(event.currentTarget.value)}
      onKeyDown={done}
    />
  );
}

function Formula({ sheet, figure }: { readonly sheet: Sheet; readonly figure: Figure }) {
  const text = sheet.table.help.get(figure.column.name)?.formulas?.[language.value] ?? "";
  return (
    <>
      <Icon name="fx" />
      <code title={text}>{partsOf(text, sheet)}</code>
      <span class="state">
        <Icon name="lock" />
        {say(words.calculated)}
      </span>
    </>
  );
}

/** The formula with columns by their titles: `[@staff]` is told as [@Штатные единицы]. */
function partsOf(text: string, sheet: Sheet) {
  const titles = new Map(sheet.table.form.columns.map((column) => [column.name, say(column.title)]));
  return text.split(/(\[@?\w+\])/).map((part) => {
    const name = /^\[(@?)(\w+)\]$/.exec(part);
    return name ? <b>{`[${name[1]}${titles.get(name[2] ?? "") ?? name[2]}]`}</b> : part;
  });
}

export function nameOf({ column, year, month }: Figure): string {
  return [say(column.title), month ? monthName(month) : "", year ?? ""].filter(Boolean).join(" ");
}

/** What can be done with a column and with rows: sort, filter, group, hide, move; insert, copy, remove. */
import { useMemo, useState } from "preact/hooks";
import type { Wish } from "../../grid/arrangement";
import type { Asked } from "../../grid/keys";
import { words as gridWords } from "../../words/grid";
import { say } from "../../words/say";
import { words } from "../../words/submission";
import { idOf, type Shape } from "./columns";
import { Popup } from "./popup";
import type { Sheet } from "./sheet";

export interface Where {
  readonly x: number;
  readonly y: number;
}
interface ColumnMenuProps extends Where {
  readonly sheet: Sheet;
  readonly column: number;
  readonly wish: Wish;
  readonly arrange: (wish: Wish) => void;
  readonly shape: Shape;
  readonly reshape: (shape: Shape) => void;
  readonly opens: (column: string) => void;
  readonly close: () => void;
}
const STEP = 24;

export function ColumnMenu(props: ColumnMenuProps) {
  const { sheet, column, wish, arrange, shape, reshape, opens, close } = props;
  const figure = sheet.figures[column];
  if (!figure) return null;
  const id = idOf(figure);
  const name = figure.column.name;
  const sort = (down: boolean): void => (arrange({ ...wish, sort: { column: id, down } }), close());
  const widen = (by: number): void => {
    const width = (sheet.columns[column]?.width ?? 80) + by;
    reshape({ ...shape, widths: { ...shape.widths, [id]: Math.max(36, width) } });
  };
  const move = (by: number): void => reshape({ ...shape, order: moved(sheet, name, by) });
  return (
    <Popup label={sheet.columns[column]?.title ?? ""} x={props.x} y={props.y} close={close}>
      <Choice act={() => sort(false)} text={say(words.sortUp)} />
      <Choice act={() => sort(true)} text={say(words.sortDown)} />
      {wish.sort && <Choice act={() => (arrange({ ...wish, sort: null }), close())} text={say(words.unsort)} />}
      {wish.group === id ? (
        <Choice act={() => (arrange({ ...wish, group: null }), close())} text={say(words.ungroup)} />
      ) : (
        <Choice act={() => (arrange({ ...wish, group: id, folded: new Set() }), close())} text={say(words.groupBy)} />
      )}
      <hr />
      {figure.column.per_month && <Choice act={() => (opens(name), close())} text={say(words.months)} />}
      <Choice act={() => widen(STEP)} text={say(words.wider)} />
      <Choice act={() => widen(-STEP)} text={say(words.narrower)} />
      <Choice act={() => move(-1)} text={say(words.moveLeft)} />
      <Choice act={() => move(1)} text={say(words.moveRight)} />
      <Choice act={() => (reshape({ ...shape, hidden: [...shape.hidden, name] }), close())} text={say(words.hide)} />
      <hr />
      <Filter sheet={sheet} column={column} id={id} wish={wish} arrange={arrange} />
    </Popup>
  );
}

function Choice({ act, text, keys }: { readonly act: () => void; readonly text: string; readonly keys?: string }) {
  return (
    <button type="button" class="choice" onClick={act}>
      <span>{text}</span>
      {keys && <kbd>{keys}</kbd>}
    </button>
  );
}

const VALUES_MAX = 200;
type FilterProps = Pick<ColumnMenuProps, "sheet" | "column" | "wish" | "arrange"> & { readonly id: string };

function Filter({ sheet, column, id, wish, arrange }: FilterProps) {
  const [like, type] = useState("");
  const values = useMemo(() => valuesOf(sheet, column), [sheet.table, id]);
  const through = wish.filters[id];
  const shown = values.filter((value) => value.toLowerCase().includes(like.trim().toLowerCase()));
  const let_ = (texts: readonly string[] | null): void => {
    const { [id]: _, ...others } = wish.filters;
    arrange({ ...wish, filters: texts === null ? others : { ...others, [id]: new Set(texts) } });
  };
  const toggle = (value: string): void => {
    const now = new Set(through ?? values);
    if (!now.delete(value)) now.add(value);
    let_(now.size === values.length ? null : [...now]);
  };
  return (
    <fieldset class="filter">
      <legend>{say(words.filter)}</legend>
      <input type="search" aria-label={say(gridWords.find)} placeholder={say(gridWords.find)} value={like} onInput={(event) => type(event.currentTarget.value)} onKeyDown={(event) => event.key === "Enter" && let_(like ? shown : null)} />
      <div class="row-of-two">
        <Choice act={() => let_(null)} text={say(words.all)} />
        <Choice act={() => let_([])} text={say(words.nothing)} />
      </div>
      <div class="values">
        {shown.slice(0, VALUES_MAX).map((value) => (
          <label key={value}>
            <input type="checkbox" checked={through?.has(value) ?? true} onChange={() => toggle(value)} />
            <span>{value || say(gridWords.blanks)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function valuesOf(sheet: Sheet, column: number): string[] {
  const found = new Set<string>();
  for (let place = 0; place < sheet.table.rows.length && found.size < 5_000; place++) found.add(sheet.textAt(place, column));
  return [...found].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
}

function moved(sheet: Sheet, name: string, by: number): string[] {
  const names = [...new Set(sheet.figures.map((figure) => figure.column.name))];
  const from = names.indexOf(name);
  const to = Math.max(0, Math.min(names.length - 1, from + by));
  names.splice(to, 0, ...names.splice(from, 1));
  return names;
}

interface RowMenuProps extends Where {
  readonly ask: (what: Asked) => void;
  readonly close: () => void;
}

export function RowMenu({ x, y, ask, close }: RowMenuProps) {
  const choices: readonly (readonly [Asked, string, string])[] = [
    ["insert", say(words.insertRow), "Ctrl+="],
    ["copy-rows", say(words.copyRow), "Ctrl+Shift+D"],
    ["rows-up", say(words.moveUp), "Alt+Shift+↑"],
    ["rows-down", say(words.moveDown), "Alt+Shift+↓"],
    ["remove", say(words.removeRow), "Ctrl+−"],
  ];
  return (
    <Popup label={say(words.rows)} x={x} y={y} close={close}>
      {choices.map(([what, text, keys]) => (
        <Choice key={what} act={() => (ask(what), close())} text={text} keys={keys} />
      ))}
    </Popup>
  );
}

interface ColumnsMenuProps extends Where {
  readonly sheet: Sheet;
  readonly shape: Shape;
  readonly reshape: (shape: Shape) => void;
  readonly close: () => void;
}

/** All columns of the form: which are shown. */
export function ColumnsMenu({ x, y, sheet, shape, reshape, close }: ColumnsMenuProps) {
  const toggle = (name: string): void => {
    const hidden = shape.hidden.includes(name) ? shape.hidden.filter((one) => one !== name) : [...shape.hidden, name];
    reshape({ ...shape, hidden });
  };
  return (
    <Popup label={say(words.columns)} x={x} y={y} close={close}>
      <fieldset class="filter">
        <legend>{say(words.columns)}</legend>
        <Choice act={() => reshape({ ...shape, hidden: [], order: [], widths: {} })} text={say(words.restore)} />
        <div class="values">
          {sheet.table.form.columns.map((column) => (
            <label key={column.name}>
              <input type="checkbox" checked={!shape.hidden.includes(column.name)} onChange={() => toggle(column.name)} />
              <span>{say(column.title)}</span>
            </label>
          ))}
        </div>
      </fieldset>
    </Popup>
  );
}

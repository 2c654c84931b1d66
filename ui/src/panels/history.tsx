/** What happened to the cell and to the submission, the last first; any moment of it can be looked at again. */
import { useEffect, useState } from "preact/hooks";
import { history, historyUntil } from "../api/whole";
import type { HistoryLine } from "../api/wire";
import { date, moment as momentText } from "../figures";
import { selected, shown } from "../selection";
import { words } from "../words/panels";
import { say, type Words } from "../words/say";
import { moment } from "./moment";
import { decimal } from "./story";
import { columnOf, columnTitle, moved } from "./submission";
import { useTold } from "./told";

const PAGE = 50;
const CELLS_SHOWN = 3;
type CellChange = readonly [string, number, string, number | null, string, string];

export function History() {
  const place = selected.value;
  const [ofCell, choose] = useState(place !== null && place.row !== null && (columnOf(place.form, place.column)?.input ?? true));
  const about = ofCell && place ? { form: place.form, row: place.row, column: place.column } : {};
  const number = shown.value?.submission ?? place?.submission;
  const [count, more] = useState(PAGE);
  const told = useTold(number ? () => history(number, count, about) : null,
    [number, ofCell, ofCell && place?.form, ofCell && place?.row, ofCell && place?.column, count, moved.value]);
  useEffect(() => more(PAGE), [number, ofCell]);
  if (!number) return null;
  return (
    <>
      <div class="seg" role="group" aria-label={say(words.history)}>
        <button type="button" aria-pressed={ofCell} disabled={!place} onClick={() => choose(true)}>{say(words.ofCell)}</button>
        <button type="button" aria-pressed={!ofCell} onClick={() => choose(false)}>{say(words.ofSubmission)}</button>
      </div>
      {ofCell && place && <p class="small sec">{say(columnTitle(place.form, place.column))}</p>}
      {!ofCell && <Travel number={number} />}
      {told.value?.lines.length === 0 && <p class="small sec">{say(words.noHistory)}</p>}
      <ol class="events">{told.value?.lines.map((line) => <Line key={line.revision} line={line} number={number} ofCell={ofCell} />)}</ol>
      {told.value?.more && <button type="button" class="link" onClick={() => more(count + PAGE)}>{say(words.more)}</button>}
    </>
  );
}

/** To the submission as it was at a date and time: the last revision before it. */
function Travel({ number }: { readonly number: number }) {
  const [at, choose] = useState("");
  const [none, tellNone] = useState(false);
  const travel = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!at) return;
    const found = await revisionAt(number, new Date(at).toISOString());
    tellNone(!found);
    if (found) moment.value = { submission: number, revision: found.revision, at: found.at, by: found.by };
  };
  return (
    <form class="travel" onSubmit={(event) => void travel(event)}>
      <label class="small sec">
        {say(words.toMoment)}
        <input type="datetime-local" value={at} onInput={(event) => choose(event.currentTarget.value)} />
      </label>
      <button type="submit" class="btn">{say(words.go)}</button>
      {none && <p class="small bad" role="alert">{say(words.nothingThen)}</p>}
    </form>
  );
}

/** The last thing that had happened by a moment. */
async function revisionAt(number: number, iso: string): Promise<HistoryLine | null> {
  const by = (line: HistoryLine): boolean => new Date(line.at).toISOString() <= iso;
  const last = (await historyUntil(number, by)).at(-1);
  return last && by(last) ? last : null;
}

function Line({ line, number, ofCell }: { readonly line: HistoryLine; readonly number: number; readonly ofCell: boolean }) {
  const cells = (line.payload.cells as readonly CellChange[] | undefined) ?? [];
  const show = (): void => void (moment.value = { submission: number, revision: line.revision, at: line.at, by: line.by });
  const here = moment.value?.revision === line.revision;
  return (
    <li class={here ? "here" : ""}>
      <p class="small">
        <b>{line.by}</b> <time class="dim" dateTime={line.at}>{momentText(line.at)}</time>
      </p>
      {(!ofCell || !cells.length) && <p class="small">{actionOf(line)}</p>}
      {cells.slice(0, CELLS_SHOWN).map((cell, i) => <Changed key={i} cell={cell} named={!ofCell} />)}
      <button type="button" class="link" onClick={show}>{say(words.showThen)}</button>
    </li>
  );
}

function Changed({ cell, named }: { readonly cell: CellChange; readonly named: boolean }) {
  const [form, row, column, year, before, after] = cell;
  return (
    <p class="small change">
      {named && <span class="sec">{say(columnTitle(form, column))}, {say(words.row, { row })}{year ? `, ${year}` : ""}: </span>}
      {!named && year ? <span class="sec">{year}: </span> : null}
      <s class="stale">{written(form, column, before)}</s> <b>{written(form, column, after)}</b>
    </p>
  );
}

/** The text of an input, a number and a date as the language writes them. */
function written(form: string, column: string, text: string): string {
  const kind = columnOf(form, column)?.type.kind;
  if (!text) return say(words.nothing);
  return kind === "number" ? decimal(text) : kind === "date" ? date(text) : text;
}

function actionOf(line: HistoryLine): string {
  const word = (words as Record<string, Words>)[`action.${line.action}`];
  const { cells, rows, copies, name } = line.payload as Record<string, unknown>;
  const count = [cells, rows, copies].find((one): one is unknown[] => Array.isArray(one))?.length ?? 1;
  return say(word ?? words["action.other"], { count, name: typeof name === "string" ? name : line.action });
}

/** Remarks pinned to cells, rows or the whole submission: answered, and closed one by one. */
import { computed } from "@preact/signals";
import { useState } from "preact/hooks";
import { send } from "../api/client";
import type { Finding, Remark, Spot } from "../api/wire";
import { moment as momentText } from "../figures";
import { selected, shown } from "../selection";
import { words } from "../words/panels";
import { say } from "../words/say";
import { whereOf } from "./findings";
import { FindingList } from "./found";
import { facts, jump, remarks, submission } from "./submission";
import { tried } from "./told";

/** How many are open, for the tab. */
export const openCount = computed(() => remarks.value.filter((one) => one.answers === null && one.closed_at === null).length);

/** Ask again: something was written or closed. */
function again(): void {
  void facts.peek()?.read("remarks");
}

export function Remarks() {
  const heads = remarks.value.filter((one) => one.answers === null);
  const [open, closed] = [heads.filter((one) => !one.closed_at), heads.filter((one) => one.closed_at)];
  return (
    <>
      <NewRemark />
      {!heads.length && <p class="small sec">{say(words.noRemarks)}</p>}
      {open.length > 0 && <h2 class="h">{say(words.openCount, { count: open.length })}</h2>}
      <ul class="notes">{open.map((one) => <Thread key={one.id} head={one} />)}</ul>
      {closed.length > 0 && (
        <details>
          <summary class="small sec">{say(words.closedCount, { count: closed.length })}</summary>
          <ul class="notes">{closed.map((one) => <Thread key={one.id} head={one} />)}</ul>
        </details>
      )}
    </>
  );
}

function NewRemark() {
  const number = shown.value?.submission;
  const [body, type] = useState("");
  const [blocking, block] = useState(false);
  const [whole, toWhole] = useState(false);
  const [refused, refuse] = useState<readonly Finding[]>([]);
  const place = whole ? {} : spotOf();
  const write = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!number || !body.trim()) return;
    const found = await tried(() => send("POST", `/submissions/${number}/remarks`, { place, body, blocking }));
    refuse(found);
    if (!found.length) type("");
    again();
  };
  return (
    <form class="new" onSubmit={(event) => void write(event)}>
      <label class="small sec" for="new-remark">{say(words.newRemark)}. {say(words.pinnedTo, { where: whereOf(place) })}</label>
      <textarea id="new-remark" rows={3} value={body} aria-label={say(words.remarkText)} onInput={(event) => type(event.currentTarget.value)} />
      <label class="small check"><input type="checkbox" checked={whole} onChange={(event) => toWhole(event.currentTarget.checked)} /> {say(words.toWhole)}</label>
      <label class="small check"><input type="checkbox" checked={blocking} onChange={(event) => block(event.currentTarget.checked)} /> {say(words.blocking)}</label>
      <button type="submit" class="btn" disabled={!body.trim()}>{say(words.write)}</button>
      <FindingList findings={refused} />
    </form>
  );
}

/** What is selected as the place of a remark. */
function spotOf(): Spot {
  const place = selected.value;
  if (!place) return {};
  const of = { form: place.form, column: place.column, ...(place.year ? { year: place.year } : {}) };
  return place.row === null ? of : { ...of, row: place.row };
}

function Thread({ head }: { readonly head: Remark }) {
  const answers = remarks.value.filter((one) => one.answers === head.id);
  const number = shown.value?.submission;
  const [refused, refuse] = useState<readonly Finding[]>([]);
  const close = async (): Promise<void> => {
    refuse(await tried(() => send("POST", `/submissions/${number}/remarks/${head.id}/close`)));
    again();
  };
  return (
    <li class={head.closed_at ? "note-line closed" : "note-line"} data-remark={head.id}>
      <Said remark={head} />
      {head.closed_at && <p class="micro dim">{say(words.closedAt, { at: momentText(head.closed_at) })}</p>}
      {answers.map((one) => <div key={one.id} class="reply"><Said remark={one} /></div>)}
      {!head.closed_at && (
        <div class="acts">
          <Answer head={head} />
          <button type="button" class="link" onClick={() => void close()}>{say(words.closeRemark)}</button>
        </div>
      )}
      <FindingList findings={refused} />
    </li>
  );
}

function Said({ remark }: { readonly remark: Remark }) {
  return (
    <>
      <p class="small">
        <b>{remark.by}</b> <time class="dim" dateTime={remark.at}>{momentText(remark.at)}</time>
        {remark.blocking && <span class="bad"> · {say(words.blocks)}</span>}
      </p>
      <p class="body">{remark.body}</p>
      {remark.answers === null && <Pinned place={remark.place} />}
    </>
  );
}

function Pinned({ place }: { readonly place: Spot }) {
  const number = submission.value?.id;
  const { form, column } = place;
  if (!form || !column || number === undefined) return <p class="micro sec">{whereOf(place)}</p>;
  const year = place.year ?? submission.value?.years[0] ?? 0;
  return (
    <button type="button" class="link micro" onClick={() => jump({ submission: number, form, column, row: place.row ?? null, year, month: null })}>
      {whereOf(place)}
    </button>
  );
}

function Answer({ head }: { readonly head: Remark }) {
  const [body, type] = useState<string | null>(null);
  const [refused, refuse] = useState<readonly Finding[]>([]);
  const number = shown.value?.submission;
  if (body === null) return <button type="button" class="link" onClick={() => type("")}>{say(words.answer)}</button>;
  const answer = async (event: Event): Promise<void> => {
    event.preventDefault();
    const found = await tried(() => send("POST", `/submissions/${number}/remarks`, { place: head.place, body, answers: head.id }));
    refuse(found);
    if (!found.length) type(null);
    again();
  };
  return (
    <form class="new" onSubmit={(event) => void answer(event)}>
      <textarea rows={2} value={body} aria-label={say(words.answerText)} onInput={(event) => type(event.currentTarget.value)} />
      <div class="acts">
        <button type="submit" class="btn" disabled={!body.trim()}>{say(words.send)}</button>
        <button type="button" class="link" onClick={() => type(null)}>{say(words.cancel)}</button>
      </div>
      <FindingList findings={refused} />
    </form>
  );
}

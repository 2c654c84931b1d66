/** Why a figure is what it is: a sentence, the calculation, norms with their acts, steps down and up. */
import { useLayoutEffect } from "preact/hooks";
import { get } from "../api/client";
import type { Block, Explained, HistoryLine, NormUse, Step } from "../api/wire";
import { date, moment as momentText } from "../figures";
import { selected, type Place } from "../selection";
import { words } from "../words/panels";
import { say } from "../words/say";
import { FindingList } from "./found";
import { Included } from "./included";
import { columnOf, columnTitle, jump, moved } from "./submission";
import { decimal, isBlock, isError, monthsText, normsBelow, sentence, spoken, titled, titleOf, valueText, valueWithUnit } from "./story";
import { ways } from "./tabs";
import { useTold } from "./told";
import { unitText } from "./units";

export function Why() {
  const place = selected.value;
  if (!place) return <p class="say quiet">{say(words.chooseFigure)}</p>;
  if (place.row === null) return <Total place={place} />;
  return <OfCell place={place} row={place.row} />;
}

function Total({ place }: { readonly place: Place }) {
  return (
    <>
      <p class="small sec">{say(columnTitle(place.form, place.column))}</p>
      <p class="say">{say(words.chooseRow)}</p>
    </>
  );
}

function OfCell({ place, row }: { readonly place: Place; readonly row: number }) {
  const { submission, form, column, year, month } = place;
  const known = form !== "header" && year > 0;
  const ask = { form, column, row, year, month: columnOf(form, column)?.per_month ? month : null };
  const told = useTold(known ? () => get<Explained>(`/submissions/${submission}/explain`, ask) : null,
    [submission, form, column, row, year, month, moved.value]);
  const current = told.value?.cell.column === column && told.value.cell.form === form && told.value.cell.number === row;
  if (told.findings.length) return <FindingList findings={told.findings} />;
  if (!told.value || !current) return <p class="small sec" aria-live="polite">{say(known ? words.loading : words.typed)}</p>;
  return <Story told={told.value} submission={submission} />;
}

function Story({ told, submission }: { readonly told: Explained; readonly submission: number }) {
  const step = told.cell;
  const norms = normsBelow(step);
  return (
    <article class="why" aria-live="polite">
      <p class="small sec">
        {titleOf(step)} {step.year}
        {monthsText(step.months) && `, ${monthsText(step.months)}`} · {say(words.row, { row: step.row })}
      </p>
      <p class="big">
        <span class={isError(step) ? "bad" : norms.some((use) => doubtful(use)) ? "third" : ""}>{valueText(step)}</span>{" "}
        <span class="unit">{unitText(step.unit)}</span>
      </p>
      {step.input ? <Origin step={step} submission={submission} /> : <p class="say">{sentence(step)}</p>}
      {!step.input && <Calculation step={step} />}
      {norms.length > 0 && <Norms norms={norms} />}
      {!step.input && <MadeOf step={step} submission={submission} />}
      <Included of={told} submission={submission} />
    </article>
  );
}

/** Who typed an input, and when. */
function Origin({ step, submission }: { readonly step: Step; readonly submission: number }) {
  const at = { form: step.form, row: step.number, column: step.column, count: 1 };
  const told = useTold(() => get<{ history: HistoryLine[] }>(`/submissions/${submission}/history`, at),
    [submission, step.form, step.number, step.column, moved.value]);
  const last = told.value?.history[0];
  if (!told.value) return <p class="say">{say(words.typed)}</p>;
  return <p class="say">{last ? say(words.typedBy, { by: last.by, at: momentText(last.at) }) : say(words.atBirth)}</p>;
}

function Calculation({ step }: { readonly step: Step }) {
  return (
    <section>
      <h2 class="h">{say(words.calculation)}</h2>
      {step.formula && <p class="formula">{titled(step.formula, step.form)}</p>}
      {step.numbers && step.numbers !== step.formula && <p class="formula sec">{titled(spoken(step.numbers), step.form)}</p>}
      <table class="sums">
        <tbody>{(step.parts ?? []).map((part, i) => <Addend key={i} part={part} />)}</tbody>
        <tfoot>
          <tr>
            <th scope="row">{titleOf(step)}</th>
            <td class="num">{valueText(step)}</td>
          </tr>
        </tfoot>
      </table>
      {step.approximate && <p class="micro gold">{say(words.approximate)}</p>}
    </section>
  );
}

function Addend({ part }: { readonly part: Step | Block }) {
  const times = !isBlock(part) && part.months && part.months.length > 1 ? `${part.months.length} × ` : "";
  const label = isBlock(part) ? say(words.rows, { rows: part.rows }) : monthsText(part.months);
  const value = isBlock(part) ? (part.total === null ? "" : decimal(part.total)) : valueText(part);
  return (
    <tr>
      <th scope="row">{[titleOf(part), label].filter(Boolean).join(", ")}</th>
      <td class="num">{times + value}</td>
    </tr>
  );
}

function Norms({ norms }: { readonly norms: readonly NormUse[] }) {
  return (
    <section>
      <h2 class="h">{say(words.norms)}</h2>
      <ul class="norms">{norms.map((use) => <NormLine key={`${use.norm}${use.keys.join()}${use.value}`} use={use} />)}</ul>
    </section>
  );
}

function NormLine({ use }: { readonly use: NormUse }) {
  const period = [use.from ? say(words.from, { date: date(use.from) }) : "", use.to ? say(words.until, { date: date(use.to) }) : ""];
  if (use.from && use.from_verified === false) period.push(say(words.fromMemory));
  const level = words[(use.verified ?? "absent") as "absent"] ?? words.absent;
  return (
    <li>
      <div class="line">
        <span>{[say(use.title), use.keys.join(", ")].filter(Boolean).join(" ")}</span>
        <b class={use.value === null ? "bad" : doubtful(use) ? "third" : ""}>{use.value === null ? say(words.inForceNot) : decimal(use.value)}</b>
      </div>
      {use.value !== null && (
        <p class="micro sec">
          {period.filter(Boolean).join(", ")}. {use.source} <span class={doubtful(use) ? "gold" : "sec"}>{mark(use)} {say(level)}</span>
        </p>
      )}
      {use.note && <p class="micro dim">{use.note}</p>}
    </li>
  );
}

function doubtful(use: NormUse): boolean {
  return use.verified !== "published";
}

function mark(use: NormUse): string {
  return doubtful(use) ? "◌" : "✓";
}

function MadeOf({ step, submission }: { readonly step: Step; readonly submission: number }) {
  const parts = step.parts ?? [];
  const steps = parts.map((part) => ({ part, place: placeOf(part, submission) }));
  const down = steps[0]?.place ?? null;
  useLayoutEffect(() => {
    ways.value = { ...ways.peek(), down };
    return () => void (ways.value = { ...ways.peek(), down: null });
  }, [JSON.stringify(down)]);
  if (!parts.length) return null;
  return (
    <section>
      <h2 class="h head">{say(words.madeOf)} <kbd>Ctrl+[</kbd></h2>
      <ul class="ways">
        {steps.map(({ part, place }, i) => (
          <li key={i}>
            <button type="button" class="way" onClick={() => place && jump(place)}>
              <span aria-hidden="true">›</span>
              <span class="grow">{[titleOf(part), isBlock(part) ? say(words.rows, { rows: part.rows }) : monthsText(part.months)].filter(Boolean).join(", ")}</span>
              <span class="sec">{isBlock(part) ? (part.total === null ? "" : decimal(part.total)) : valueWithUnit(part)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function placeOf(part: Step | Block, submission: number): Place | null {
  const one = isBlock(part) ? part.first[0] : part;
  if (!one) return null;
  const month = !isBlock(part) && part.months?.length ? (part.months[0] ?? null) : null;
  return { submission, form: part.form, column: part.column, row: one.number, year: part.year, month };
}

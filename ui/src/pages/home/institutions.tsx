/** All requests that one sees, by programme and stage, with what they ask for: how one gets from above to a form. */
import { useState } from "preact/hooks";
import { useAsked } from "../../asked";
import type { ListedSubmission, Pivot } from "../../api/wire";
import { whole } from "../../api/whole";
import { useProgrammes } from "../../crumbs";
import { money, NOTHING } from "../../figures";
import { useTold } from "../../panels/told";
import { query, toSubmission } from "../../route";
import { unit } from "../../session";
import { words as frame } from "../../words/frame";
import { words } from "../../words/home";
import { stageOf } from "../../words/process";
import { say } from "../../words/say";
import "./home.css";

const PAGE = 200;
interface Listing {
  readonly submissions: readonly ListedSubmission[];
}
interface Row {
  readonly of: ListedSubmission;
  readonly programmes: readonly string[];
  readonly amounts: readonly string[];
  /** Whether it puts anything in the budget. */
  readonly asks: boolean;
}

export function InstitutionsPage() {
  const [text, type] = useState("");
  const [shown, show] = useState(PAGE);
  const programme = query.value.get("programme");
  const { rows, years } = useRows(query.value.get("stage"), programme, query.value.get("cycle"));
  const titles = useProgrammes("");
  const found = rows.filter((row) => matches(row, text));
  const mixed = new Set(rows.map((row) => say(row.of.ruleset_title))).size > 1;
  return (
    <main class="listed">
      <header class="mast">
        <h1>{say(words.institutions)}</h1>
        {programme && <p>{say(words.programme)}: {programme} {say(titles.get(programme) ?? {})} <a href="/institutions">{say(words.all)}</a></p>}
        <input type="search" aria-label={say(frame.filter)} placeholder={say(frame.filter)} onInput={(event) => type(event.currentTarget.value)} />
        <p class="sec" role="status">{say(words.shown, { count: Math.min(shown, found.length) })}</p>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label={say(words.institutions)}>
        <table class="grid">
          <thead>
            <tr>
              <th scope="col">{say(words.code)}</th>
              <th scope="col">{say(words.institution)}</th>
              <th scope="col">{say(words.programme)}</th>
              <th scope="col">{say(words.stage_of)}</th>
              {years.map((year) => <th scope="col" class="num">{say(words.year, { year, unit: say(frame.units[unit.value]) })}</th>)}
            </tr>
          </thead>
          <tbody>{found.slice(0, shown).map((row) => <Listed key={row.of.id} row={row} mixed={mixed} />)}</tbody>
        </table>
      </div>
      {found.length > shown && <button type="button" class="btn" onClick={() => show(shown + PAGE)}>{say(words.more)}</button>}
    </main>
  );
}

/** Of what ruleset a row is, is told where there are several. */
function Listed({ row, mixed }: { readonly row: Row; readonly mixed: boolean }) {
  const { of } = row;
  return (
    <tr>
      <td class="dim">{of.institution}</td>
      <td><a href={toSubmission(of.id)}>{say(of.title)}</a>{mixed && <span class="sec"> {say(of.ruleset_title)}</span>}</td>
      <td>{row.programmes.join(", ")}</td>
      <td>{say(stageOf(of.state))}</td>
      {row.amounts.map((amount) => <td class="num">{row.asks ? money(amount) : NOTHING}</td>)}
    </tr>
  );
}

function matches({ of }: Row, text: string): boolean {
  const within = [of.institution, ...Object.values(of.title)].join(" ").toLowerCase();
  return within.includes(text.trim().toLowerCase());
}

/** Submissions beside what each asks for by year, and under which programmes. */
function useRows(stage: string | null, programme: string | null, cycle: string | null): { rows: Row[]; years: string[] } {
  const listed = useTold(() => whole<Listing>("/submissions", "submissions", { state: stage }), [stage]).value;
  const where = programme ? [`programme:${programme}`] : [];
  const totals = useAsked<Pivot>("/totals", { by: ["institution", "year"], where, cycle }).told;
  const under = useAsked<Pivot>("/totals", { by: ["institution", "programme"], where, cycle }).told;
  const years = [...new Set(totals?.rows.map((row) => String(row[1])))].sort();
  const amounts = new Map(totals?.rows.map((row) => [`${row[0]} ${row[1]}`, String(row[2])]));
  const programmes = new Map<string, string[]>();
  for (const row of under?.rows ?? []) programmes.set(row[0]!, [...(programmes.get(row[0]!) ?? []), row[1]!]);
  const rows = (listed?.submissions ?? [])
    .filter((of) => (!programme || programmes.has(of.institution)) && of.cycle === totals?.cycle)
    .map((of) => ({
      of,
      programmes: programmes.get(of.institution) ?? [],
      asks: programmes.has(of.institution),
      amounts: years.map((year) => amounts.get(`${of.institution} ${year}`) ?? "0"),
    }));
  return { rows, years };
}

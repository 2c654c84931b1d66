/** Scenarios side by side with their base: the table, why they differ, and how many limits break. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { whole } from "../../api/whole";
import type { Codes, Finding } from "../../api/wire";
import { Grid } from "../../grid/grid";
import { IDLE } from "../../grid/idle";
import { FindingList } from "../../panels/found";
import { tried, useTold } from "../../panels/told";
import { unit } from "../../session";
import { language, say } from "../../words/say";
import { words } from "../../words/scenarios";
import { compared, type Compared, type Scenario } from "./book";
import { Bridge } from "./bridge";
import { ScenarioSheet } from "./sheet";

const ALONG = ["administrator", "specific", "programme", "institution"] as const;
type Along = (typeof ALONG)[number];
const ALONG_WORDS = { administrator: words.administrator, specific: words.specific, programme: words.programme, institution: words.institutions };

export function Comparison({ scenarios }: { readonly scenarios: readonly Scenario[] }) {
  const [along, choose] = useState<Along>("administrator");
  const [year, chooseYear] = useState("");
  const [chosen, chooseSide] = useState(0);
  const run = useCompared(scenarios, along);
  const told = run.told;
  const years = [...new Set(told?.rows.map((row) => row[1] ?? "") ?? [])].sort();
  const shownYear = years.includes(year) ? year : (years[0] ?? "");
  return (
    <div class="comparison">
      <div class="compare small">
        <label>{say(words.along)} <select value={along} onChange={(event) => choose(event.currentTarget.value as Along)}>
          {ALONG.map((one) => <option key={one} value={one}>{say(ALONG_WORDS[one])}</option>)}
        </select></label>
        <label>{say(words.year)} <select value={shownYear} onChange={(event) => chooseYear(event.currentTarget.value)}>
          {years.map((one) => <option key={one} value={one}>{one}</option>)}
        </select></label>
        <span aria-live="polite" class="sec">{run.progress}</span>
      </div>
      <FindingList findings={run.findings} />
      {told && <Beside told={told} along={along} year={shownYear} scenarios={scenarios} chosen={chosen} choose={chooseSide} />}
    </div>
  );
}

interface Asked {
  readonly told: Compared | null;
  readonly findings: readonly Finding[];
  readonly progress: string;
}

function useCompared(scenarios: readonly Scenario[], along: Along): Asked {
  const [told, tell] = useState<Compared | null>(null);
  const [findings, find] = useState<readonly Finding[]>([]);
  const [progress, go] = useState("");
  const key = scenarios.map((one) => `${one.link}${one.revision}`).join();
  useEffect(() => {
    let late = false;
    go(say(words.running, { done: 0, of: 1 }));
    const ask = async (): Promise<void> => {
      const links = scenarios.map((one) => one.link);
      const found = await compared(links, [along, "year"], (done, of) => (late || go(say(words.running, { done, of })), !late));
      if (!late && found) (tell(found), go(""));
    };
    void tried(ask).then((wrong) => late || (find(wrong), wrong.length && go("")));
    return () => void (late = true);
  }, [key, along]);
  return { told, findings, progress };
}

interface BesideProps {
  readonly told: Compared;
  readonly along: Along;
  readonly year: string;
  readonly scenarios: readonly Scenario[];
  readonly chosen: number;
  readonly choose: (at: number) => void;
}

function Beside({ told, along, year, scenarios, chosen, choose }: BesideProps) {
  const codes = useTold(() => whole<Codes>(`/classifications/${along}`, "codes"), [along]);
  const titles = useMemo(() => new Map(codes.value?.codes.map((one) => [one.code, one.title])), [codes.value]);
  const names = told.scenarios.map((side) => scenarios.find((one) => one.link === side.link)?.title ?? side.name);
  const sheet = useMemo(
    () => new ScenarioSheet(told, year, (code) => say(titles.get(code) ?? {}), names),
    [told, year, titles, names.join(), unit.value, language.value],
  );
  const sums = sheet.sums();
  const side = told.scenarios[chosen] ?? told.scenarios[0];
  const at = side ? told.scenarios.indexOf(side) : 0;
  const broken = (list: readonly { readonly year: number }[]): number => list.filter((one) => String(one.year) === year).length;
  return (
    <>
      <div class="scenario-table"><Grid label={say(words.table)} source={sheet} acts={IDLE} /></div>
      {told.scenarios.length > 1 && (
        <div class="seg" role="group" aria-label={say(words.title)}>
          {names.map((name, i) => <button type="button" key={i} aria-pressed={i === at} onClick={() => choose(i)}>{name}</button>)}
        </div>
      )}
      {side && <Bridge side={side} name={names[at] ?? ""} year={year} base={sums[0] ?? 0n} sum={sums[1 + at] ?? 0n} />}
      <footer class="sb">
        <span>{say(words.counted, { count: told.submissions })}</span>
        {told.left_out > 0 && <span>{say(words.leftOut, { count: told.left_out })}</span>}
        <span class="grow" />
        {side && <span class={broken(side.limits) > broken(told.limits) ? "bad" : ""}>{say(words.broken, { before: broken(told.limits), after: broken(side.limits) })}</span>}
      </footer>
    </>
  );
}

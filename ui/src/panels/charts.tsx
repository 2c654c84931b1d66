/** Where people would rather look than read: structure by specific, three years, before and after; each also a table. */
import { useMemo, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { get } from "../api/client";
import { history, whole } from "../api/whole";
import type { Codes, Titles } from "../api/wire";
import { Chart } from "../chart";
import { colour, type Option } from "../charts";
import { difference, moment as momentText, money, percent } from "../figures";
import { selected, shown } from "../selection";
import { theme, unit } from "../session";
import { words } from "../words/panels";
import { language, say } from "../words/say";
import { Measure } from "./limits";
import { moved, submission } from "./submission";
import { useTold } from "./told";

interface Sums {
  readonly rows: readonly (readonly string[])[];
}
const SHOWN = 10;
/** Moments of the past that are offered at once. */
const PAST = 100;

export function Charts() {
  const number = shown.value?.submission;
  const told = useTold(number ? () => get<Sums>(`/submissions/${number}/lines`, { by: ["specific", "year"] }) : null, [number, moved.value]);
  const codes = useTold(() => whole<Codes>("/classifications/specific", "codes"), []);
  const years = submission.value?.years ?? [];
  const year = years.includes(selected.value?.year ?? 0) ? (selected.value?.year ?? 0) : (years[0] ?? 0);
  const titles = useMemo(() => new Map(codes.value?.codes.map((one) => [one.code, one.title])), [codes.value]);
  if (!told.value || !number) return <p class="small sec">{say(words.loading)}</p>;
  return (
    <>
      <Years rows={told.value.rows} years={years} />
      <Structure rows={told.value.rows} year={year} titles={titles} />
      <BeforeAfter number={number} rows={told.value.rows} year={year} titles={titles} />
    </>
  );
}

/** A chart with its heading, and the same as a table. */
function Figure({ title, table, children }: { readonly title: string; readonly table: ComponentChildren; readonly children: ComponentChildren }) {
  const [asTable, choose] = useState(false);
  return (
    <section class="chart">
      <h2 class="h head">
        {title}
        <button type="button" class="link" aria-pressed={asTable} onClick={() => choose(!asTable)}>{say(asTable ? words.asChart : words.asTable)}</button>
      </h2>
      {asTable ? <table>{table}</table> : children}
    </section>
  );
}

type Rows = readonly (readonly string[])[];

function sumOf(rows: Rows, keep: (row: readonly string[]) => boolean): bigint {
  return rows.filter(keep).reduce((sum, row) => sum + BigInt(row[2] ?? "0"), 0n);
}

function Years({ rows, years }: { readonly rows: Rows; readonly years: readonly number[] }) {
  const sums = years.map((year) => sumOf(rows, (row) => row[1] === String(year)).toString());
  const table = <TwoColumns heads={[say(words.year), say(words.amount)]} lines={years.map((year, i) => [String(year), money(sums[i] ?? null)])} />;
  const label = `${say(words.threeYears)}: ${years.map((year, i) => `${year} ${money(sums[i] ?? null)}`).join(", ")}`;
  const draw = useMemo(() => () => columnsOf(years.map(String), sums), [sums.join(), unit.value, language.value]);
  return <Figure title={say(words.threeYears)} table={table}><Chart short label={label} option={draw} /></Figure>;
}

function TwoColumns({ heads, lines }: { readonly heads: readonly string[]; readonly lines: readonly (readonly string[])[] }) {
  return (
    <>
      <thead><tr>{heads.map((head) => <th key={head} scope="col">{head}</th>)}</tr></thead>
      <tbody>{lines.map(([first, ...rest]) => <tr key={first}><th scope="row">{first}</th>{rest.map((cell, i) => <td key={i}>{cell}</td>)}</tr>)}</tbody>
    </>
  );
}

/** Columns with their amounts above them; heights are all that is not text. */
export function columnsOf(names: readonly string[], amounts: readonly string[]): Option {
  const ink = colour("ink-2");
  return {
    aria: { enabled: true },
    grid: { left: 4, right: 4, top: 24, bottom: 24 },
    xAxis: { type: "category", data: [...names], axisTick: { show: false }, axisLine: { lineStyle: { color: colour("ink-3") } }, axisLabel: { color: ink, fontSize: 12 } },
    yAxis: { type: "value", show: false, min: 0 },
    series: [{
      type: "bar", barMaxWidth: 48, data: amounts.map(Number), itemStyle: { color: colour("bar") },
      label: { show: true, position: "top", color: colour("ink"), fontSize: 11, formatter: (at) => money(amounts[at.dataIndex] ?? null) },
    }],
  };
}

function Structure({ rows, year, titles }: { readonly rows: Rows; readonly year: number; readonly titles: ReadonlyMap<string, Titles> }) {
  const total = sumOf(rows, (row) => row[1] === String(year));
  const parts = rows.filter((row) => row[1] === String(year)).map((row) => ({ code: row[0] ?? "", amount: BigInt(row[2] ?? "0") }));
  parts.sort((a, b) => (b.amount > a.amount ? 1 : b.amount < a.amount ? -1 : 0));
  const share = (amount: bigint): number => (total ? Number(amount) / Number(total) : 0);
  const name = (code: string): string => `${code} ${say(titles.get(code) ?? {})}`;
  const rest = parts.slice(SHOWN).reduce((sum, part) => sum + part.amount, 0n);
  const lines = [...parts.slice(0, SHOWN).map((part) => ({ name: name(part.code), amount: part.amount })), ...(rest ? [{ name: say(words.others), amount: rest }] : [])];
  const table = <TwoColumns heads={[say(words.specific), say(words.amount), say(words.shareOf)]}
    lines={parts.map((part) => [name(part.code), money(part.amount.toString()), percent(share(part.amount))])} />;
  return (
    <Figure title={say(words.structure, { year })} table={table}>
      <ul>
        {lines.map((line) => (
          <li class="share-line" key={line.name}>
            <span class="cut" title={line.name}>{line.name}</span>
            <Measure share={share(line.amount)} over={false} label={percent(share(line.amount))} />
            <span class="num">{percent(share(line.amount))}</span>
          </li>
        ))}
      </ul>
    </Figure>
  );
}

interface Compared {
  readonly number: number;
  readonly rows: Rows;
  readonly year: number;
  readonly titles: ReadonlyMap<string, Titles>;
}

/** What has changed since an earlier revision, specific by specific. */
function BeforeAfter({ number, rows, year, titles }: Compared) {
  const [count, more] = useState(PAST);
  const past = useTold(() => history(number, count), [number, count, moved.value]);
  const [chosen, choose] = useState(1);
  const then = useTold(() => get<Sums>(`/submissions/${number}/lines`, { by: ["specific", "year"], revision: chosen }), [number, chosen]);
  const changes = then.value ? changesOf(then.value.rows, rows, year) : [];
  const name = (code: string): string => `${code} ${say(titles.get(code) ?? {})}`;
  const table = <TwoColumns heads={[say(words.specific), say(words.before), say(words.after), say(words.change)]}
    lines={changes.map((one) => [name(one.code), money(one.before), money(one.after), difference(one.change)])} />;
  const draw = useMemo(() => () => pairsOf(changes), [JSON.stringify(changes), unit.value, language.value, theme.value]);
  const label = changes.map((one) => `${one.code}: ${difference(one.change)}`).join(", ");
  return (
    <>
      <Figure title={`${say(words.beforeAfter)}, ${year}`} table={table}>
        {changes.length ? <Chart label={label} option={draw} /> : <p class="small sec">{say(words.noChange)}</p>}
      </Figure>
      <label class="small sec">
        {say(words.comparedWith)}
        <select value={chosen} onChange={(event) => choose(Number(event.currentTarget.value))}>
          {past.value?.lines.map((line) => <option key={line.revision} value={line.revision}>{line.revision}: {momentText(line.at)}, {line.by}</option>)}
        </select>
      </label>
      {past.value?.more && <button type="button" class="link" onClick={() => more(count + PAST)}>{say(words.more)}</button>}
    </>
  );
}

interface Changed {
  readonly code: string;
  readonly before: string;
  readonly after: string;
  readonly change: string;
}

function changesOf(then: Rows, now: Rows, year: number): readonly Changed[] {
  const of = (rows: Rows): Map<string, bigint> => new Map(rows.filter((row) => row[1] === String(year)).map((row) => [row[0] ?? "", BigInt(row[2] ?? "0")]));
  const [before, after] = [of(then), of(now)];
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((code) => {
    const [was, is] = [before.get(code) ?? 0n, after.get(code) ?? 0n];
    return was === is ? [] : [{ code, before: was.toString(), after: is.toString(), change: (is - was).toString() }];
  });
}

function pairsOf(changes: readonly Changed[]): Option {
  const shown = changes.slice(0, SHOWN).reverse();
  const bar = (data: number[], token: string) => ({ type: "bar" as const, barGap: "10%", data, itemStyle: { color: colour(token) } });
  const after = bar(shown.map((one) => Number(one.after)), "gold-fill");
  return {
    aria: { enabled: true },
    grid: { left: 40, right: 84, top: 4, bottom: 4 },
    xAxis: { type: "value", show: false, min: 0 },
    yAxis: { type: "category", data: shown.map((one) => one.code), axisTick: { show: false }, axisLine: { lineStyle: { color: colour("ink-3") } }, axisLabel: { color: colour("ink-2"), fontSize: 12 } },
    series: [
      bar(shown.map((one) => Number(one.before)), "bar-2"),
      { ...after, label: { show: true, position: "right", color: colour("ink"), fontSize: 11, formatter: (at) => difference(shown[at.dataIndex]?.change ?? "0") } },
    ],
  };
}

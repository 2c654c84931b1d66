/** Beside the totals: what is to be said of the selected row, its columns as a chart, what it is made of, its cells. */
import { useMemo, useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Pivot, Titles } from "../../api/wire";
import { Chart } from "../../chart";
import { colour, type Option } from "../../charts";
import { money, percent } from "../../figures";
import { Measure } from "../../panels/limits";
import { useTold } from "../../panels/told";
import { unit } from "../../session";
import { language, say } from "../../words/say";
import { words } from "../../words/totals";
import { deviationOf, yearOf, type Comparison } from "./compared";
import type { Cube, Node } from "./cube";
import { addressOfCell, cellsOf, cutOf } from "./drill";
import { labelOf, namesOf } from "./sheet";
import { asked } from "./view";

const PARTS = 9;
const CELLS = 12;

interface BesideProps {
  readonly cube: Cube;
  readonly node: Node | null;
  readonly column: string | null;
  readonly comparison: Comparison | null;
}

export function Beside(props: BesideProps) {
  const { cube, node, comparison } = props;
  const path = node?.path ?? [];
  const sums = node?.sums ?? cube.whole.value;
  const last = path[path.length - 1];
  const deviation = comparison ? deviationOf(cube, path, sums, comparison) : null;
  const word = !deviation || deviation.amount === 0n ? words.same : deviation.amount > 0n ? words.over : words.under;
  const size = deviation ? (deviation.amount < 0n ? -deviation.amount : deviation.amount).toString() : "0";
  return (
    <aside class="side totals-side" aria-label={say(words.beside)}>
      <div class="panel" tabIndex={0} role="region" aria-label={say(words.beside)}>
        <p class="h">{last ? `${last.code} ${say(node?.title ?? {})}` : say(words.republic)}</p>
        {deviation && comparison && (
          <p class="say" aria-live="polite">
            {say(word, { what: labelOf(cube, comparison), amount: money(size), share: percent(Math.abs(deviation.share ?? 0)) })}
          </p>
        )}
        <Columns {...props} />
        <Parts {...props} />
        {node && <Cells {...props} node={node} />}
      </div>
    </aside>
  );
}

function Columns({ cube, node, comparison }: BesideProps) {
  const [asTable, choose] = useState(false);
  const sums = node?.sums ?? cube.whole.value;
  const keys = cube.columns.value.map((codes) => codes.join("/")).slice(0, 12);
  const bars = keys.map((key) => ({ key, name: namesOf(cube, key).at(-1) ?? say(words.all), full: namesOf(cube, key).join(" "), amount: sums.get(key)?.amount ?? "0" }));
  const limits = keys.map((key) => cube.limitOf(node?.path ?? [], yearOf(cube.view, key) ?? ""));
  const label = bars.map((bar) => `${bar.full}: ${money(bar.amount)}`).join("; ");
  const draw = useMemo(() => () => option(bars, limits, comparison?.of ?? ""), [label, limits.join(), comparison?.of, unit.value, language.value]);
  return (
    <section class="chart">
      <p class="small dim line">
        {say(unit.value === "1" ? words.tenge : words[unit.value])}
        <button type="button" class="link" aria-pressed={asTable} onClick={() => choose(!asTable)}>{say(asTable ? words.asChart : words.asTable)}</button>
      </p>
      {asTable ? (
        <table>
          <thead><tr><th scope="col">{say(words.column)}</th><th scope="col">{say(words.amount)}</th><th scope="col">{say(words.limit)}</th></tr></thead>
          <tbody>{bars.map((bar, i) => <tr key={bar.key}><th scope="row">{bar.full}</th><td>{money(bar.amount)}</td><td>{money(limits[i] ?? null)}</td></tr>)}</tbody>
        </table>
      ) : (
        <Chart label={label} option={draw} />
      )}
    </section>
  );
}

interface Bar {
  readonly key: string;
  readonly name: string;
  readonly amount: string;
}

/** Bars with the limit as a line over each; heights are all that is not text. */
function option(bars: readonly Bar[], limits: readonly (string | null)[], chosen: string): Option {
  const data = bars.map((bar) => ({ value: Number(bar.amount), itemStyle: { color: colour(bar.key === chosen ? "bar" : "bar-2") } }));
  const line = { type: "line" as const, symbol: "rect", symbolSize: [30, 2] as number[], lineStyle: { width: 0 }, itemStyle: { color: colour("ink") }, data: limits.map((one) => (one === null ? "-" : Number(one))) };
  return {
    aria: { enabled: true },
    grid: { left: 4, right: 4, top: 24, bottom: 24 },
    xAxis: { type: "category", data: bars.map((bar) => bar.name), axisTick: { show: false }, axisLine: { lineStyle: { color: colour("ink-3") } }, axisLabel: { color: colour("ink-2"), fontSize: 12 } },
    yAxis: { type: "value", show: false, min: 0 },
    series: [
      { type: "bar", barMaxWidth: 44, data, label: { show: true, position: "top", color: colour("ink"), fontSize: 11, formatter: (at) => money(bars[at.dataIndex]?.amount ?? null) } },
      ...(limits.some((one) => one !== null) ? [line] : []),
    ],
  };
}

/** What the selected figure is made of: by specific, or where that is one, by administrator or institution. */
function Parts({ cube, node, column, comparison }: BesideProps) {
  const cut = cutOf(cube.view, node?.path ?? [], column ?? comparison?.of ?? null);
  const has = (name: string): boolean => cut.some((one) => one.dimension === name);
  const by = !has("specific") ? "specific" : !has("administrator") ? "administrator" : !has("institution") ? "institution" : null;
  const told = useTold(by ? () => get<Pivot>("/totals", { by: [by], where: asked(cut), titles: true }) : null, [by, asked(cut).join(), cube.version.value]);
  if (!by || !told.value?.rows.length) return null;
  const titles: Readonly<Record<string, Titles>> = told.value.titles?.[by] ?? {};
  const parts = told.value.rows.map((row) => ({ code: row[0] ?? "", amount: Number(row[1] ?? 0) })).sort((a, b) => b.amount - a.amount);
  const whole = parts.reduce((sum, part) => sum + part.amount, 0);
  return (
    <section class="chart">
      <h2 class="h">{say(words.madeOf)} <span class="unit">%</span></h2>
      <ul>
        {parts.slice(0, PARTS).map((part) => (
          <li class="share-line" key={part.code}>
            <span class="cut" title={`${part.code} ${say(titles[part.code] ?? {})}`}>{part.code} {say(titles[part.code] ?? {})}</span>
            <Measure share={whole ? part.amount / whole : 0} over={false} label={percent(whole ? part.amount / whole : 0)} />
            <span class="num">{percent(whole ? part.amount / whole : 0)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The cells of an institution's figure, the largest first; or how to get there. */
function Cells({ cube, node, column }: BesideProps & { readonly node: Node }) {
  const cut = cutOf(cube.view, node.path, column);
  const known = useTold(() => cellsOf(cut), [asked(cut).join(), cube.version.value]);
  if (!known.value) return <section><p class="small sec">{say(words.drillHint)}</p></section>;
  return (
    <section>
      <h2 class="h">{say(words.cells)}</h2>
      {known.value.map((one) => (
        <ul class="ways" key={one.submission}>
          {one.cells.slice(0, CELLS).map((cell) => (
            <li key={`${cell.form}${cell.column}${cell.row}${cell.year}`} class="line small">
              <a href={addressOfCell(one.submission, cell)}>{`${cell.form} · ${cell.row} · ${cell.year}`}</a>
              <span class="num">{money(cell.amount)}</span>
            </li>
          ))}
        </ul>
      ))}
    </section>
  );
}

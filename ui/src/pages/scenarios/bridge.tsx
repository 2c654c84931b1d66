/** The bridge of causes: from the base, cause by cause, to the scenario; the parts add up to the last tiyn. */
import { useMemo, useState } from "preact/hooks";
import { Chart } from "../../chart";
import { colour, type Option } from "../../charts";
import { difference, money } from "../../figures";
import { unit } from "../../session";
import { language, say, type Words } from "../../words/say";
import { words } from "../../words/scenarios";
import type { Cause, Side } from "./book";

const SHOWN = 9;
interface Stair {
  readonly name: string;
  /** With the form's code in place of its title, where there is little room. */
  readonly short?: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly whole: boolean;
}
interface BridgeProps {
  readonly side: Side;
  readonly name: string;
  readonly year: string;
  readonly base: bigint;
  readonly sum: bigint;
}

export function Bridge({ side, name, year, base, sum }: BridgeProps) {
  const [asTable, choose] = useState(false);
  const stairs = stairsOf(side, year, base, sum, name);
  const moved = sum - base;
  const size = money((moved < 0n ? -moved : moved).toString());
  const word = moved === 0n ? words.whySame : moved > 0n ? words.whyMore : words.whyLess;
  const label = stairs.map((one) => `${one.name}: ${one.whole ? money(one.to.toString()) : difference(one.to - one.from)}`).join("; ");
  const draw = useMemo(() => () => option(stairs), [label, unit.value, language.value]);
  return (
    <section class="bridge chart">
      <h2 class="h head">
        {say(word, { name, amount: size, year })}
        <button type="button" class="link" aria-pressed={asTable} onClick={() => choose(!asTable)}>{say(asTable ? words.asChart : words.asTable)}</button>
      </h2>
      {asTable ? (
        <table>
          <thead><tr><th scope="col">{say(words.cause)}</th><th scope="col">{say(words.amount)}</th></tr></thead>
          <tbody>{stairs.map((one, i) => <tr key={i}><th scope="row">{one.name}</th><td>{one.whole ? money(one.to.toString()) : difference(one.to - one.from)}</td></tr>)}</tbody>
        </table>
      ) : (
        <Chart label={label} option={draw} />
      )}
    </section>
  );
}

function stairsOf(side: Side, year: string, base: bigint, sum: bigint, name: string): readonly Stair[] {
  const stairs: Stair[] = [{ name: say(words.base), from: 0n, to: base, whole: true }];
  let at = base;
  const causes = side.causes.filter((one) => one.amounts[year]);
  const sorted = [...causes].sort((a, b) => Math.abs(Number(b.amounts[year])) - Math.abs(Number(a.amounts[year])));
  const kept = new Set(sorted.slice(0, SHOWN));
  for (const one of causes.filter((cause) => kept.has(cause))) {
    const to = at + BigInt(one.amounts[year] ?? "0");
    stairs.push({ ...namesOf(one), from: at, to, whole: false });
    at = to;
  }
  const rest = sum - at;
  if (rest !== 0n) stairs.push({ name: "…", from: at, to: sum, whole: false });
  return [...stairs, { name, from: 0n, to: sum, whole: true }];
}

/** A cause by what it is and what differs: a norm, a column with its form. */
function namesOf({ cause, what, part, title, form }: Cause): { readonly name: string; readonly short: string } {
  const known = words as Record<string, Words | undefined>;
  const [word, kind] = [known[`cause.${cause}`], known[`part.${part}`]];
  const named = [kind && say(kind), title && say(title)].filter(Boolean).join(" ") || what;
  const told = `${word ? say(word) : cause}: ${named}`;
  if (!form) return { name: told, short: told };
  return { name: `${told}, ${say(form.title)}`, short: `${told}, ${form.code ?? say(form.title)}` };
}

/** Stairs between two columns; the axis begins where there is something to see, and the label says so. */
function option(stairs: readonly Stair[]): Option {
  const tops = stairs.flatMap((one) => (one.whole ? [Number(one.to)] : [Number(one.from), Number(one.to)]));
  const [low, high] = [Math.min(...tops), Math.max(...tops)];
  const floor = high - low > 0 && low > 0 ? Math.max(0, low - (high - low) * 0.4) : 0;
  const bottom = stairs.map((one) => (one.whole ? floor : Math.min(Number(one.from), Number(one.to))));
  const data = stairs.map((one, i) => ({
    value: one.whole ? Number(one.to) - floor : Math.abs(Number(one.to - one.from)),
    itemStyle: { color: colour(one.whole ? "bar-2" : one.to >= one.from ? "gold-fill" : "bar") },
    bottom: bottom[i],
  }));
  return {
    aria: { enabled: true },
    grid: { left: 8, right: 8, top: 24, bottom: 44 },
    xAxis: { type: "category", data: stairs.map((one) => one.short ?? one.name), axisTick: { show: false }, axisLine: { lineStyle: { color: colour("ink-3") } }, axisLabel: { color: colour("ink-2"), fontSize: 12, lineHeight: 14, interval: 0, width: 130, overflow: "break" } },
    yAxis: { type: "value", show: false, min: floor },
    series: [
      { type: "bar", stack: "bridge", silent: true, itemStyle: { color: "transparent" }, data: bottom.map((one, i) => (stairs[i]?.whole ? floor : one)) },
      { type: "bar", stack: "bridge", barMaxWidth: 80, data, label: { show: true, position: "top", color: colour("ink"), fontSize: 12, formatter: (at) => labelOf(stairs[at.dataIndex]) } },
    ],
  };
}

function labelOf(one: Stair | undefined): string {
  if (!one) return "";
  return one.whole ? money(one.to.toString()) : difference(one.to - one.from);
}

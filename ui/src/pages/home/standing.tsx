/** Beside what is to be done: limits of the requests, the total of what one sees by year, how many stand at each stage. */
import { useAsked } from "../../asked";
import type { Limit, Pivot, WaitingSubmission } from "../../api/wire";
import { money } from "../../figures";
import { unit } from "../../session";
import { words as frame } from "../../words/frame";
import { words } from "../../words/home";
import { KINDS, LEVELS, stageOf } from "../../words/process";
import { say } from "../../words/say";

export function Limits({ of }: { readonly of: WaitingSubmission }) {
  const year = of.limits?.[0]?.year;
  if (year === undefined) return null;
  return (
    <section>
      <h2>
        {say(words.limits, { year })} <span class="unit">{say(frame.units_full[unit.value])}</span>
      </h2>
      {of.limits?.filter((one) => one.year === year).map((one) => <Bar key={`${one.level} ${one.kind}`} of={one} />)}
    </section>
  );
}

function Bar({ of }: { readonly of: Limit }) {
  const over = BigInt(of.left) < 0n;
  return (
    <div class="lm">
      <p>
        <b>
          {say(KINDS[of.kind] ?? {})} <span class="dim">{say(LEVELS[of.level ?? ""] ?? {})} {of.code}</span>
        </b>
        <span class={over ? "bad" : ""}>
          {over ? say(words.above, { amount: money(of.left.replace("-", "")) }) : say(words.left, { amount: money(of.left) })}
        </span>
      </p>
      <meter min={0} max={1} value={shareOf(of)} class={over ? "over" : ""} aria-label={say(KINDS[of.kind] ?? {})} />
      <p class="small sec">
        <span>{money(of.asked)}</span>
        <span>{say(words.limit, { amount: money(of.limit) })}</span>
      </p>
    </div>
  );
}

/** How full a limit is, for the length of its bar. */
function shareOf({ asked, limit }: Limit): number {
  return BigInt(limit) > 0n ? Math.min(1, Number((BigInt(asked) * 1000n) / BigInt(limit)) / 1000) : 1;
}

export function RepublicTotals() {
  const totals = useAsked<Pivot>("/totals", { by: "year" }).told;
  const amount = totals?.columns.indexOf("amount") ?? 1;
  return (
    <section>
      <h2>
        {say(words.republic)} <span class="unit">{say(frame.units_full[unit.value])}</span>
      </h2>
      <dl class="years">
        {totals?.rows.map((row) => [<dt>{row[0]}</dt>, <dd>{money(String(row[amount]))}</dd>])}
      </dl>
    </section>
  );
}

export function Below({ stages }: { readonly stages: Readonly<Record<string, number>> }) {
  return (
    <section>
      <h2>{say(words.by_stage)}</h2>
      <dl class="years">
        {Object.entries(stages).map(([stage, count]) => [
          <dt><a href={`/institutions?stage=${stage}`}>{say(stageOf(stage))}</a></dt>,
          <dd>{count}</dd>,
        ])}
      </dl>
    </section>
  );
}

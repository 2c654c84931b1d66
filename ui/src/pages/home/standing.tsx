/** Beside what is to be done: limits of the requests, the total of what one sees by year, how many stand at each stage. */
import { useAsked } from "../../asked";
import type { Limit, Pivot, WaitingSubmission } from "../../api/wire";
import { money } from "../../figures";
import { unit } from "../../session";
import { words as frame } from "../../words/frame";
import { words } from "../../words/home";
import { KINDS, LEVELS, stageOf } from "../../words/process";
import { say } from "../../words/say";

/** The limits of some requests and of all levels above them, each once. */
export function Limits({ of }: { readonly of: readonly WaitingSubmission[] }) {
  const all = of.flatMap((one) => one.limits ?? []);
  const year = all[0]?.year;
  if (year === undefined) return null;
  const places = new Map<string, Map<string, Limit>>();
  for (const limit of all) {
    if (limit.year !== year) continue;
    const place = `${say(LEVELS[limit.level ?? ""] ?? {})} ${limit.code ?? ""}`;
    places.set(place, (places.get(place) ?? new Map<string, Limit>()).set(limit.kind, limit));
  }
  return (
    <section aria-labelledby="home-limits">
      <h2 id="home-limits">
        {say(words.limits, { year })} <span class="unit">{say(frame.units_full[unit.value])}</span>
      </h2>
      {[...places].map(([place, limits]) => [
        <h3 class="level">{place}</h3>,
        [...limits.values()].map((one) => <Bar key={`${place} ${one.kind}`} of={one} place={place} />),
      ])}
    </section>
  );
}

function Bar({ of, place }: { readonly of: Limit; readonly place: string }) {
  const over = BigInt(of.left) < 0n;
  const kind = say(KINDS[of.kind] ?? {});
  return (
    <div class="lm">
      <p>
        <span>{kind}</span>
        <b class={over ? "bad" : ""}>
          {over ? say(words.above, { amount: money(of.left.replace("-", "")) }) : say(words.left, { amount: money(of.left) })}
        </b>
      </p>
      <meter min={0} max={1} value={shareOf(of)} class={over ? "over" : ""} aria-label={`${place}: ${kind}`} />
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
    <section aria-labelledby="home-total">
      <h2 id="home-total">
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
    <section aria-labelledby="home-stages">
      <h2 id="home-stages">{say(words.by_stage)}</h2>
      <dl class="stages">
        {Object.entries(stages).map(([stage, count]) => [
          <dt><a href={`/institutions?stage=${stage}`}>{say(stageOf(stage))}</a></dt>,
          <dd>{count}</dd>,
        ])}
      </dl>
    </section>
  );
}

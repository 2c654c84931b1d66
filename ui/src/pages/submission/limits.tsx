/** The limits above the grid: how much of each is asked for, moving as one types. */
import type { Limit } from "../../api/wire";
import { money } from "../../figures";
import { say } from "../../words/say";
import { words as panelWords } from "../../words/panels";
import { words } from "../../words/submission";
import type { Desk } from "./desk";

export function Limits({ desk, year }: { readonly desk: Desk; readonly year: number }) {
  const limits = desk.facts.limits.value.filter((limit) => limit.year === year && (limit.kind !== "new" || limit.asked !== "0"));
  if (!limits.length) return null;
  return (
    <section aria-label={say(words.limits)}>
      <ul class="lims">
        {limits.map((limit) => (
          <Strip key={`${limit.level}${limit.limit_of}`} limit={limit} />
        ))}
      </ul>
    </section>
  );
}

function Strip({ limit }: { readonly limit: Limit }) {
  const over = limit.left.startsWith("-");
  const share = shareOf(limit);
  const level = panelWords[(limit.level ?? "institution") as "institution"];
  const kind = limit.kind === "new" ? words.new : words.base;
  return (
    <li class="lim">
      <div class="l1">
        <span>
          <b>{say(level)}</b> <span class="dim">{[limit.code, say(kind), limit.year].filter(Boolean).join(" ")}</span>
        </span>
        <span class={over ? "bad" : ""}>
          {over ? say(words.over, { amount: money(limit.left.slice(1)) }) : say(words.left, { amount: money(limit.left) })}
        </span>
      </div>
      <svg viewBox="0 0 1000 9" preserveAspectRatio="none" aria-hidden="true">
        <rect class="bar-2" x="0" y="3" width="1000" height="4" />
        <rect class={over ? "bar over" : "bar"} x="0" y="3" width={Math.min(share, 1) * 1000} height="4" />
        <rect class="tick" x={over ? 1000 / share - 2 : 996} y="0" width="4" height="9" />
      </svg>
      <div class="l2">{say(words.of, { asked: money(limit.asked), limit: money(limit.limit) })}</div>
    </li>
  );
}

function shareOf(limit: Limit): number {
  const whole = Number(limit.limit);
  return whole > 0 ? Number(limit.asked) / whole : Number(limit.asked) > 0 ? 2 : 0;
}

/** Limits as bars, one for each level, kind and year: they move while somebody types. */
import { useEffect, useRef } from "preact/hooks";
import type { Limit } from "../api/wire";
import { money, percent } from "../figures";
import { selected } from "../selection";
import { words } from "../words/panels";
import { say } from "../words/say";
import { limits, submission } from "./submission";

const LEVELS = ["institution", "programme", "administrator", "republic"];

export function Limits() {
  const years = submission.value?.years ?? [];
  const year = years.includes(selected.value?.year ?? 0) ? selected.value?.year : years[0];
  const all = limits.value;
  if (!all.length) return <p class="small sec">{say(submission.value ? words.noLimits : words.loading)}</p>;
  const groups = LEVELS.map((level) => all.filter((one) => levelOf(one) === level)).filter((group) => group.length);
  return (
    <div class="bars" aria-live="polite">
      {groups.map((group) => (
        <section key={levelOf(group[0] as Limit)}>
          <h2 class="h">{nameOf(group[0] as Limit)}</h2>
          {levelOf(group[0] as Limit) !== "institution" && <p class="micro dim">{say(words.sumOfLimits)}</p>}
          {group.map((one) => <Bar key={`${one.kind}${one.year}`} limit={one} lit={one.year === year} />)}
        </section>
      ))}
    </div>
  );
}

function Bar({ limit, lit }: { readonly limit: Limit; readonly lit: boolean }) {
  const left = BigInt(limit.left);
  const over = left < 0n;
  const share = Number(limit.limit) > 0 ? Number(limit.asked) / Number(limit.limit) : 0;
  const told = over ? say(words.over, { amount: money((-left).toString()) }) : say(words.left, { amount: money(limit.left) });
  return (
    <div class={lit ? "limit lit" : "limit"}>
      <div class="line small">
        <span>{limit.year}, {say(limit.kind === "new" ? words.new : words.base)}</span>
        <b class={over ? "bad" : ""}>{told}</b>
      </div>
      <Measure share={share} over={over} label={`${limit.year}: ${told}; ${say(words.share, { share: percent(share) })}`} />
      <p class="micro sec">{say(words.outOf, { asked: money(limit.asked), limit: money(limit.limit) })}</p>
    </div>
  );
}

/** How much of a whole: a bar whose length is set by script, since the page has no inline styles. */
export function Measure({ share, over, label }: { readonly share: number; readonly over: boolean; readonly label: string }) {
  const bar = useRef<HTMLElement>(null);
  useEffect(() => bar.current?.style.setProperty("inline-size", `${Math.min(100, Math.max(0, share * 100))}%`), [share]);
  return (
    <span class={over ? "measure over-it" : "measure"} role="img" aria-label={label}>
      <i ref={bar} />
    </span>
  );
}

function levelOf(limit: Limit): string {
  return limit.level ?? "institution";
}

function nameOf(limit: Limit): string {
  const level = levelOf(limit);
  const word = words[level as "institution"] ?? words.institution;
  return [say(word), limit.code ?? limit.institution].filter(Boolean).join(" ");
}

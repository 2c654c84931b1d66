/** What a figure goes into: the cells that read it, across forms, and the totals above it. */
import { useLayoutEffect } from "preact/hooks";
import type { Explained, Total } from "../api/wire";
import { money } from "../figures";
import type { Place } from "../selection";
import { words } from "../words/panels";
import { say } from "../words/say";
import { columnTitle, formOf, jump } from "./submission";
import { ways } from "./tabs";

const READERS_SHOWN = 8;

export function Included({ of, submission }: { readonly of: Explained; readonly submission: number }) {
  const { readers, totals, lines } = of.included;
  const placed = (one: (typeof readers)[number]): Place => ({ submission, form: one.form, column: one.column, row: one.row ?? firstRow(one.form), year: one.year, month: null });
  const go = (one: (typeof readers)[number]): void => jump(placed(one));
  const up = readers[0] ? placed(readers[0]) : null;
  useLayoutEffect(() => {
    ways.value = { ...ways.peek(), up };
    return () => void (ways.value = { ...ways.peek(), up: null });
  }, [JSON.stringify(up)]);
  if (!readers.length && !totals.length) return null;
  return (
    <section>
      <h2 class="h head">{say(words.goesInto)} <kbd>Ctrl+]</kbd></h2>
      <ul class="ways">
        {readers.slice(0, READERS_SHOWN).map((one) => (
          <li key={`${one.form}.${one.column}`}>
            <button type="button" class="way" onClick={() => go(one)}>
              <span aria-hidden="true">↑</span>
              <span class="grow">{say(columnTitle(one.form, one.column))}</span>
              <span class="sec cut">{one.form === of.cell.form ? "" : say(formOf(one.form)?.title ?? {})}</span>
            </button>
          </li>
        ))}
      </ul>
      {totals.length > 0 && <Totals totals={totals} years={new Set(lines.map((line) => Number(line.year)))} />}
    </section>
  );
}

/** Rows of forms that nobody adds to are numbered from 0, others from 1; the grid finds the nearest. */
function firstRow(form: string): number {
  return formOf(form)?.kind === "added" ? 1 : 0;
}

function Totals({ totals, years }: { readonly totals: readonly Total[]; readonly years: ReadonlySet<number> }) {
  const shown = totals.filter((one) => years.has(one.year));
  return (
    <table class="sums">
      <tbody>
        {[...shown].sort((a, b) => RANK.indexOf(a.level) - RANK.indexOf(b.level)).map((one) => (
          <tr key={`${one.level}${one.code}${one.specific ?? ""}${one.year}`}>
            <th scope="row">↑ <a href={toTotals(one)}>{name(one)}</a></th>
            <td class="num">{money(one.amount)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const RANK = ["institution", "administrator", "republic"];

/** The same sum on the page of totals. */
function toTotals(one: Total): string {
  const where = [one.code && `${one.level}:${one.code}`, one.specific && `specific:${one.specific}`].filter(Boolean) as string[];
  const parts = new URLSearchParams([["rows", one.specific ? "institution" : "specific"], ["columns", "year"], ...where.map((w) => ["where", w])]);
  return `/totals?${parts.toString()}`;
}

function name(one: Total): string {
  const level = one.level === "institution" ? words.institutionTotal : one.level === "administrator" ? words.administratorTotal : words.republicTotal;
  const specific = one.specific ? say(words.ofSpecific, { specific: one.specific }) : say(words.allSpecifics);
  return `${say(level, { code: one.code })}, ${specific} ${one.year}`;
}

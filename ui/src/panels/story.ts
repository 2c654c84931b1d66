/** The story of a figure in words: its value, its months, one sentence. All numbers are the service's, as it wrote them. */
import type { Block, NormUse, Step } from "../api/wire";
import { date, figure } from "../figures";
import { FROM_MONTHS, MONTHS, words } from "../words/panels";
import { language, say } from "../words/say";
import { columnOf, columnTitle } from "./submission";
import { unitText } from "./units";

const NUMBER = /^-?\d+(\.\d+)?$/;
const PARTS_TOLD = 4;

export function isBlock(part: Step | Block): part is Block {
  return "rows" in part;
}

/** A decimal text such as "124940.82" as people write it. */
export function decimal(text: string): string {
  const digits = text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
  return NUMBER.test(text) ? figure(text.replace(".", ""), digits) : text;
}

/** The value of a cell without its unit: a number, a date, yes or no, a code with its title. */
export function valueText(step: Pick<Step, "value" | "title" | "form" | "column">): string {
  const value = step.value ?? "";
  if (value === "" || value === '""') return say(words.nothing);
  if (value === "TRUE" || value === "FALSE") return say(value === "TRUE" ? words.yes : words.no);
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return date(value);
  const code = /^"(.*)"$/.exec(value)?.[1];
  if (code !== undefined) return step.title ? say(step.title) : code;
  return columnOf(step.form, step.column)?.type.kind === "text" ? value : decimal(value);
}

export function valueWithUnit(step: Step): string {
  return [valueText(step), unitText(step.unit)].filter(Boolean).join("\u00a0");
}

export function titleOf(step: Step | Block): string {
  return say(columnTitle(step.form, step.column));
}

/** "январь – октябрь"; nothing for a yearly figure or the whole year. */
export function monthsText(months: readonly number[] | undefined): string {
  if (!months?.length || months.length === 12) return "";
  const names = MONTHS[language.value];
  const [first, last] = [months[0] ?? 1, months[months.length - 1] ?? 1];
  return first === last ? (names[first - 1] ?? "") : `${names[first - 1]} – ${names[last - 1]}`;
}

/** A formula with the titles of its columns in place of names. */
export function titled(formula: string, form: string): string {
  return formula.replace(/([\p{L}_][\p{L}\d_]*)?\[(@?)([^\]]+)\]/gu, (_, of: string | undefined, at: string, name: string) => {
    const title = say(columnTitle(of ?? form, name));
    return `[${at}${title}]`;
  });
}

/** The numbers of a formula as people write them. */
export function spoken(numbers: string): string {
  return numbers.replace(/(?<![\p{L}\d"._-])\d+(\.\d+)?(?![\p{L}\d"_-])/gu, decimal);
}

/** Why it is so, in a sentence or two. */
export function sentence(step: Step): string {
  const missing = normsBelow(step).find((use) => use.value === null);
  if (missing) return say(words.noNorm, { norm: say(missing.title), on: date(missing.on) });
  if (step.value?.startsWith("#") || isError(step)) return say(words.failed, { value: step.value ?? "" });
  const parts = (step.parts ?? []).filter((part) => isBlock(part) || part.value !== null);
  const monthly = parts.filter((part): part is Step => !isBlock(part) && Boolean(part.months?.length));
  const told = monthly.length > 1 && monthly.every((part) => part.column === monthly[0]?.column) ? byMonths(monthly) : listed(parts);
  return told ? say(words.made, { what: titleOf(step), parts: told }) + changes(monthly) : "";
}

/** A cell holds the code of its error where its column holds numbers. */
export function isError(step: Step): boolean {
  return columnOf(step.form, step.column)?.type.kind === "number" && step.value !== null && step.value !== "" && !NUMBER.test(step.value);
}

/** All norms that a story rests on, each once. */
export function normsBelow(step: Step): readonly NormUse[] {
  const found = new Map<string, NormUse>();
  const visit = (of: Step): void => {
    for (const use of of.norms ?? []) found.set([use.norm, ...use.keys, use.value].join("|"), use);
    for (const part of of.parts ?? []) if (!isBlock(part)) visit(part);
  };
  visit(step);
  return [...found.values()];
}

function byMonths(parts: readonly Step[]): string {
  return joined(parts.map((part) => say(words.monthsAt, { months: monthsText(part.months), value: valueText(part) })));
}

function listed(parts: readonly (Step | Block)[]): string {
  const told = parts.slice(0, PARTS_TOLD).map((part) =>
    isBlock(part)
      ? say(words.ofRows, { column: titleOf(part).toLowerCase(), rows: part.rows, total: part.total === null ? "" : decimal(part.total) })
      : `${titleOf(part).toLowerCase()}\u00a0${valueText(part)}`,
  );
  return joined(told) + (parts.length > PARTS_TOLD ? "…" : "");
}

function joined(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} ${say(words.and)} ${parts[parts.length - 1]}`;
}

/** What becomes different in the course of the year: "С ноября: стаж 17 вместо 16." */
function changes(monthly: readonly Step[]): string {
  return monthly.slice(1).map((part, i) => {
    const told = differing(monthly[i] as Step, part);
    const month = FROM_MONTHS[language.value][(part.months?.[0] ?? 1) - 1] ?? "";
    return told.length ? " " + say(words.since, { month, changes: joined(told) }) : "";
  }).join("");
}

/** The deepest cells and the norms that two months do not share. */
function differing(before: Step, after: Step): string[] {
  const deeper = (after.parts ?? []).flatMap((part, i) => {
    const then = before.parts?.[i];
    return isBlock(part) || !then || isBlock(then) ? [] : differing(then, part);
  });
  const norms = (after.norms ?? []).flatMap((use, i) => {
    const then = before.norms?.[i];
    return then && then.norm === use.norm && then.value !== use.value && use.value && then.value
      ? [say(words.becomes, { what: say(use.title).toLowerCase(), before: decimal(then.value), after: decimal(use.value) })]
      : [];
  });
  const told = [...deeper, ...norms];
  if (told.length || before.value === after.value) return [...new Set(told)];
  return [say(words.becomes, { what: titleOf(after).toLowerCase(), before: valueText(before), after: valueText(after) })];
}

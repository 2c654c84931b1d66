/** Code lists for the editor of cells: searched by code and by title in any of the three languages. */
import { signal } from "@preact/signals";
import { get } from "../../api/client";
import type { Codes, Column, Titles } from "../../api/wire";
import type { Option } from "../../grid/editor";
import { words as gridWords } from "../../words/grid";
import { say } from "../../words/say";

const SHOWN = 60;
const KNOWN_MAX = 1_000;

/** Titles of codes by classification, as far as forms that were shown needed them. */
const titles = new Map<string, Promise<ReadonlyMap<string, Titles>>>();
export const known = signal<Readonly<Record<string, ReadonlyMap<string, Titles>>>>({});

/** Ask for the titles of the codes that a form's columns hold. */
export async function learn(columns: readonly Column[]): Promise<void> {
  const names = new Set(columns.flatMap((column) => column.type.classification ?? []));
  const missing = [...names].filter((name) => !(name in known.value));
  const found = await Promise.all(missing.map(async (name) => [name, await titlesOf(name)] as const));
  if (found.length) known.value = { ...known.value, ...Object.fromEntries(found) };
}

/** How a code is shown: words by their title, codes that are codes by themselves. */
export function codeText(classification: string, code: string): string {
  const title = /^[a-z][a-z-]*$/.test(code) ? known.value[classification]?.get(code) : undefined;
  return title ? say(title) : code;
}

export function codeTitle(classification: string, code: string): string {
  const title = known.value[classification]?.get(code);
  return title ? `${code} · ${say(title)}` : "";
}

function titlesOf(name: string): Promise<ReadonlyMap<string, Titles>> {
  const asked = titles.get(name) ?? get<Codes>(`/classifications/${encodeURIComponent(name)}`, { count: KNOWN_MAX })
    .then((told) => new Map(told.codes.map(({ code, title }) => [code, title])));
  titles.set(name, asked);
  return asked;
}

/** The choices of a column for some words, or null where the text is free. */
export function optionsOf(column: Column | undefined): ((words: string) => Promise<readonly Option[]>) | null {
  if (!column) return null;
  if (column.type.kind === "bool") return truths;
  const { classification } = column.type;
  return classification ? (words) => codes(classification, words) : null;
}

async function codes(classification: string, like: string): Promise<readonly Option[]> {
  const path = `/classifications/${encodeURIComponent(classification)}`;
  const found = await get<Codes>(path, { like: like.trim(), count: SHOWN });
  const options = found.codes.map(({ code, title }) => ({ value: code, title: say(title) }));
  const exact = options.filter((option) => option.value.toLowerCase() === like.trim().toLowerCase());
  return [...exact, ...options.filter((option) => !exact.includes(option))];
}

async function truths(words: string): Promise<readonly Option[]> {
  const all = [
    { value: "true", title: say(gridWords.yes) },
    { value: "false", title: say(gridWords.no) },
  ];
  const like = words.trim().toLowerCase();
  return Promise.resolve(all.filter((option) => option.value.startsWith(like) || option.title.startsWith(like)));
}

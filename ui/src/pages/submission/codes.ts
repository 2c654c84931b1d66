/** Code lists for the editor of cells: searched by code and by title in any of the three languages. */
import { get } from "../../api/client";
import type { Codes, Column } from "../../api/wire";
import type { Option } from "../../grid/editor";
import { words as gridWords } from "../../words/grid";
import { say } from "../../words/say";

const SHOWN = 60;

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

/** Every text that a user sees stands in three languages in `words/`; `say` gives it in the language of the moment. */
import { signal } from "@preact/signals";

export type Language = "kk" | "ru" | "en";
export type Words = Readonly<Record<Language, string>>;
export const LANGUAGES: readonly Language[] = ["kk", "ru", "en"];

/** The language in which everything is shown; who reads it is drawn anew when it changes. */
export const language = signal<Language>("ru");

/** A text in the language of the moment, its {facts} put in; a title from the service may lack a language. */
export function say(words: Partial<Words>, facts: Readonly<Record<string, string | number>> = {}): string {
  const text = words[language.value] ?? words.ru ?? words.en ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
}

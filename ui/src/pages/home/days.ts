/** Days in words, with the plural that a language has for the number. */
import { words } from "../../words/home";
import { language } from "../../words/say";

export function daysLeft(days: number): string {
  const forms = words.days[language.value];
  const rule = new Intl.PluralRules(language.value).select(days);
  return (rule === "one" ? forms.one : rule === "few" ? forms.few : forms.many).replace("{n}", String(days));
}

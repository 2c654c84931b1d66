/** A unit in words: "KZT/FTE/month" is "тенге/шт. ед./мес.", by the titles that the service gives. */
import { say } from "../words/say";
import { submission } from "./submission";

export function unitText(unit: string | null | undefined): string {
  if (!unit || unit === "1") return "";
  return unit.replace(/[\p{L}][\p{L}\d]*/gu, nameOf).replaceAll("*", "·");
}

function nameOf(name: string): string {
  const title = submission.value?.units[name];
  if (!title) return name;
  const full = say(title);
  const short = /\(([^)]+)\)$/.exec(full);
  if (short?.[1]) return short[1];
  return /^.\p{Lu}/u.test(full) ? full : full.charAt(0).toLowerCase() + full.slice(1);
}

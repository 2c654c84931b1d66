/** Units of columns, `KZT/FTE/month`, as people read them; and the names of months. */
import type { Unit } from "../session";
import { language, say, type Language, type Words } from "./say";

const MONEY: Readonly<Record<Unit, Words>> = {
  "1": { kk: "тг", ru: "тг", en: "KZT" },
  thousand: { kk: "мың тг", ru: "тыс. тг", en: "KZT thousand" },
  million: { kk: "млн тг", ru: "млн тг", en: "KZT million" },
};
const PARTS: Readonly<Record<string, Words>> = {
  KZT: { kk: "тг", ru: "тг", en: "KZT" },
  MCI: { kk: "АЕК", ru: "МРП", en: "MCI" },
  MZP: { kk: "ЕТЖ", ru: "МЗП", en: "MZP" },
  FTE: { kk: "бірлік", ru: "ед.", en: "FTE" },
  person: { kk: "адам", ru: "чел.", en: "person" },
  month: { kk: "ай", ru: "мес.", en: "month" },
  day: { kk: "күн", ru: "дн.", en: "day" },
  year: { kk: "жыл", ru: "лет", en: "years" },
  hour: { kk: "сағ", ru: "ч", en: "h" },
  piece: { kk: "дана", ru: "шт.", en: "pcs" },
  measure: { kk: "өлшем", ru: "изм.", en: "unit" },
  litre: { kk: "л", ru: "л", en: "l" },
  m2: { kk: "м²", ru: "м²", en: "m²" },
  kg: { kk: "кг", ru: "кг", en: "kg" },
  km: { kk: "км", ru: "км", en: "km" },
  t: { kk: "т", ru: "т", en: "t" },
  FX: { kk: "валюта", ru: "вал.", en: "FX" },
};
const MONTHS: readonly Words[] = [
  { kk: "қаң", ru: "янв", en: "Jan" },
  { kk: "ақп", ru: "фев", en: "Feb" },
  { kk: "нау", ru: "мар", en: "Mar" },
  { kk: "сәу", ru: "апр", en: "Apr" },
  { kk: "мам", ru: "май", en: "May" },
  { kk: "мау", ru: "июн", en: "Jun" },
  { kk: "шіл", ru: "июл", en: "Jul" },
  { kk: "там", ru: "авг", en: "Aug" },
  { kk: "қыр", ru: "сен", en: "Sep" },
  { kk: "қаз", ru: "окт", en: "Oct" },
  { kk: "қар", ru: "ноя", en: "Nov" },
  { kk: "жел", ru: "дек", en: "Dec" },
];

/** "KZT/FTE/month" as "тг/ед./мес."; money alone in the unit in which it is shown. */
export function unitOf(unit: string, _language: Language = language.value, shown: Unit = "1"): string {
  if (unit === "KZT") return say(MONEY[shown]);
  return unit.replace(/[A-Za-z0-9]+/g, (part) => {
    const words = PARTS[part];
    return words ? say(words) : part;
  });
}

export function monthName(month: number): string {
  return say(MONTHS[month - 1] ?? { kk: "", ru: "", en: "" });
}

/** What people type and paste, in any of the three languages' habits, as the service's one plain text of it. */
import type { Language } from "../words/say";
import type { Kind } from "./source";

const YES = ["true", "yes", "y", "1", "+", "да", "д", "истина", "иә", "ия", "ақиқат", "✓"];
const NO = ["false", "no", "n", "0", "-", "−", "нет", "н", "ложь", "жоқ", "жалған"];
const MONTHS: Readonly<Record<string, number>> = Object.fromEntries(
  [
    ["jan", "янв", "қаң"],
    ["feb", "фев", "ақп"],
    ["mar", "мар", "нау"],
    ["apr", "апр", "сәу"],
    ["may", "мая", "мам", "май"],
    ["jun", "июн", "мау"],
    ["jul", "июл", "шіл"],
    ["aug", "авг", "там"],
    ["sep", "сен", "қыр"],
    ["oct", "окт", "қаз"],
    ["nov", "ноя", "қар"],
    ["dec", "дек", "жел"],
  ].flatMap((names, i) => names.map((name) => [name, i + 1])),
);

/** The plain text of what was typed; what cannot be read goes on as it is, for the service to say why not. */
export function plainOf(kind: Kind, typed: string, language: Language): string {
  const text = typed.trim();
  if (!text) return "";
  if (kind === "number") return number(text, language) ?? text;
  if (kind === "date") return date(text, language) ?? text;
  if (kind === "bool") return truth(text) ?? text;
  if (kind === "code") return text.split(/\s+[·—–]\s+/)[0] ?? text;
  return typed;
}

/** A plain text as its user would type it: with a comma, or the day first. */
export function typedAs(kind: Kind, plain: string, language: Language): string {
  if (language === "en") return plain;
  if (kind === "number" && /^-?[\d.]+$/.test(plain)) return plain.replace(".", ",");
  return kind === "date" ? plain.replace(/^(\d{4})-(\d\d)-(\d\d)$/, "$3.$2.$1") : plain;
}

export function number(typed: string, language: Language): string | null {
  let text = typed.replace(/[\s\u00a0\u202f'’]/g, "").replace(/[−–]/g, "-");
  text = text.replace(/(₸|тг\.?|тенге|теңге|kzt)$/iu, "");
  const negative = /^\(.*\)$/.test(text);
  if (negative) text = text.slice(1, -1);
  const share = text.endsWith("%");
  if (share) text = text.slice(0, -1);
  const plain = pointed(text, language);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain)) return null;
  const [sign, digits] = /^[+-]/.test(plain) ? [plain[0], plain.slice(1)] : ["", plain];
  const filled = digits.startsWith(".") ? `0${digits}` : digits.replace(/\.$/, "");
  const size = share ? hundredth(filled) : filled;
  return (negative !== (sign === "-") ? "-" : "") + size;
}

export function date(typed: string, language: Language): string | null {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$/.exec(typed);
  if (iso) return day(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const parts = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:\s.*)?$/.exec(typed);
  if (parts) {
    const [first, second] = [Number(parts[1]), Number(parts[3])];
    const american = language === "en" && parts[2] === "/" && first <= 12;
    return american ? day(century(parts[4]), first, second) : day(century(parts[4]), second, first);
  }
  const named = /^(\d{1,2})[\s-]+(\p{L}{3,})\.?[\s-]+(\d{4}|\d{2})/u.exec(typed);
  const month = named && MONTHS[(named[2] ?? "").slice(0, 3).toLowerCase()];
  return named && month ? day(century(named[3]), month, Number(named[1])) : null;
}

export function truth(typed: string): string | null {
  const text = typed.toLowerCase();
  if (YES.includes(text)) return "true";
  return NO.includes(text) ? "false" : null;
}

/** With both signs the last one is the decimal one; a comma alone is, unless English groups are meant. */
function pointed(text: string, language: Language): string {
  const comma = text.lastIndexOf(",");
  const point = text.lastIndexOf(".");
  if (comma >= 0 && point >= 0)
    return comma > point ? text.replaceAll(".", "").replace(",", ".") : text.replaceAll(",", "");
  if (comma >= 0) return grouped(text, ",", language === "en") ? text.replaceAll(",", "") : text.replace(",", ".");
  return grouped(text, ".", false) ? text.replaceAll(".", "") : text;
}

/** Groups of three: surely where there are several, perhaps where there is one. */
function grouped(text: string, sign: string, one: boolean): boolean {
  const parts = text.split(sign);
  return parts.length > (one ? 1 : 2) && parts.slice(1).every((part) => /^\d{3}$/.test(part));
}

function hundredth(digits: string): string {
  const [whole = "0", rest = ""] = digits.split(".");
  const padded = whole.padStart(3, "0");
  return `${padded.slice(0, -2).replace(/^0+(?=\d)/, "")}.${padded.slice(-2)}${rest}`;
}

function century(year: string | undefined): number {
  const number = Number(year);
  return number >= 100 ? number : number + (number < 70 ? 2000 : 1900);
}

function day(year: number, month: number, date: number): string | null {
  const found = new Date(Date.UTC(year, month - 1, date));
  const real = found.getUTCFullYear() === year && found.getUTCMonth() === month - 1 && found.getUTCDate() === date;
  return real ? found.toISOString().slice(0, 10) : null;
}

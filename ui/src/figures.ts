/**
 * How numbers, money and dates are written, in the language and the unit of the moment. Numbers come as whole numbers
 * of their last digit (a JSON number, or text where it may be long), so all of this is exact.
 */
import { unit, type Unit } from "./session";
import { language } from "./words/say";

export const NOTHING = "—";
const NO_BREAK = "\u00a0";
const MINUS = "−";
const SHIFT: Record<Unit, number> = { "1": 0, thousand: 3, million: 6 };

/** A number with all its digits: figure(7963650, 2) is "79 636,50". */
export function figure(value: number | string | bigint | null, digits = 0): string {
  return value === null ? NOTHING : written(BigInt(value), digits);
}

/** Money in the unit of the moment: whole tenge and thousands, tenths of millions; rounded half away from zero. */
export function money(value: number | string | bigint | null, digits = 2, decimals = decimalsOf(unit.value)): string {
  if (value === null) return NOTHING;
  return written(rounded(BigInt(value), digits + SHIFT[unit.value] - decimals), decimals);
}

/** A change, always with its sign; no change is "0". */
export function difference(value: number | string | bigint, digits = 2): string {
  const told = money(value, digits);
  return BigInt(value) > 0n && /[1-9]/.test(told) ? `+${told}` : told;
}

/** Whether a column's numbers are amounts of money, which the unit of the moment concerns; rates and prices stay. */
export function isMoney(unitOfColumn: string | null): boolean {
  return unitOfColumn === "KZT";
}

/** A share of 1 as "12,3 %". */
export function percent(share: number, decimals = 1): string {
  return `${written(BigInt(Math.round(share * 100 * 10 ** decimals)), decimals)}${language.value === "en" ? "" : NO_BREAK}%`;
}

/** "2026-01-31" as "31.01.2026" (ru, kk) or "31 Jan 2026" (en). */
export function date(iso: string | null): string {
  if (iso === null) return NOTHING;
  const [year, month, day] = iso.slice(0, 10).split("-");
  if (language.value === "en") return `${Number(day)} ${MONTHS_EN[Number(month) - 1] ?? ""} ${year}`;
  return `${day}.${month}.${year}`;
}

/** A moment as date and time of this machine: "31.01.2026, 14:20". */
export function moment(iso: string): string {
  const at = new Date(iso);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString();
  return `${date(local)}, ${local.slice(11, 16)}`;
}

/** What a person typed or pasted as a number, as the service reads it: "1 234,50" is "1234.50"; else unchanged. */
export function plain(typed: string): string {
  const dense = typed.replace(/[\s\u00a0\u202f]/g, "").replace(/[−–]/, "-");
  const pointed = language.value === "en" ? dense.replace(/,(?=\d{3}(\D|$))/g, "") : dense;
  const candidate = pointed.replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(candidate) ? candidate : typed;
}

const MONTHS_EN = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function decimalsOf(shown: Unit): number {
  return shown === "million" ? 1 : 0;
}

/** value / 10^drop, half away from zero; a negative drop is a multiplication. */
function rounded(value: bigint, drop: number): bigint {
  if (drop <= 0) return value * 10n ** BigInt(-drop);
  const scale = 10n ** BigInt(drop);
  const size = (abs(value) * 2n + scale) / (scale * 2n);
  return value < 0n ? -size : size;
}

function written(value: bigint, digits: number): string {
  const text = abs(value).toString().padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, language.value === "en" ? "," : NO_BREAK);
  const rest = digits > 0 ? (language.value === "en" ? "." : ",") + text.slice(-digits) : "";
  return (value < 0n ? MINUS : "") + whole + rest;
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

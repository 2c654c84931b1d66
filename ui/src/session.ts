/** Who is here and how they like to see things: language, unit and theme are kept in this browser. */
import { effect, signal } from "@preact/signals";
import { get, Refusal, send, whenSignedOut } from "./api/client";
import type { Somebody } from "./api/wire";
import { told } from "./installation";
import { language, LANGUAGES, type Language } from "./words/say";

export type Unit = "1" | "thousand" | "million";
export const UNITS: readonly Unit[] = ["1", "thousand", "million"];
export type Theme = "light" | "dark";

/** Undefined until the service has told; null when nobody has signed in. */
export const user = signal<Somebody | null | undefined>(undefined);
/** In what amounts of money are shown; rates and prices stay in tenge. */
export const unit = signal<Unit>(kept("unit", UNITS) ?? "1");
/** What the user chose, else what the system says. */
export const theme = signal<Theme>(kept("theme", ["light", "dark"]) ?? systemTheme());

/** Ask who is here, once, and keep language, unit and theme from now on. */
export async function begin(): Promise<void> {
  const chosen = kept("language", LANGUAGES);
  if (chosen) language.value = chosen;
  whenSignedOut(() => (user.value = null));
  effect(() => document.documentElement.setAttribute("lang", language.value));
  effect(() => document.documentElement.setAttribute("data-theme", theme.value));
  user.value = null;
  if (told.signed) await get<Somebody>("/session").then(arrived, notHere);
}

export async function signIn(login: string, password: string): Promise<void> {
  arrived(await send<Somebody>("POST", "/session", { login, password }));
}

export async function signOut(): Promise<void> {
  await send("DELETE", "/session");
  user.value = null;
}

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  keep("language", chosen);
}

export function chooseUnit(chosen: Unit): void {
  unit.value = chosen;
  keep("unit", chosen);
}

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  keep("theme", chosen);
}

function arrived(somebody: Somebody): void {
  const own = LANGUAGES.find((one) => one === somebody.language);
  if (own && !kept("language", LANGUAGES)) language.value = own;
  user.value = somebody;
}

function notHere(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
}

function kept<T extends string>(name: string, of: readonly T[]): T | undefined {
  const found = globalThis.localStorage?.getItem(`esep.${name}`);
  return of.find((one) => one === found);
}

function keep(name: string, value: string): void {
  localStorage.setItem(`esep.${name}`, value);
}

function systemTheme(): Theme {
  return globalThis.matchMedia?.("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

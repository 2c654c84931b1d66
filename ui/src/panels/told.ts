/** Asking the service from a panel: what it tells, read anew when what it depends on changes; late answers are dropped. */
import { signal, type Signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { Refusal, Unreached } from "../api/client";
import type { Finding } from "../api/wire";

export interface Told<T> {
  readonly value: T | null;
  readonly findings: readonly Finding[];
  readonly lost: boolean;
}
const NOTHING: Told<never> = { value: null, findings: [], lost: false };

/** What `ask` gives; null asks nothing. What was told stays to be seen until the new answer is there. */
export function useTold<T>(ask: (() => Promise<T>) | null, on: readonly unknown[]): Told<T> {
  const [told, tell] = useState<Told<T>>(NOTHING);
  useEffect(() => {
    let late = false;
    if (!ask) return tell(NOTHING);
    ask().then(
      (value) => late || tell({ value, findings: [], lost: false }),
      (error: unknown) => late || tell((before) => ({ ...before, ...wrong(error) })),
    );
    return () => void (late = true);
  }, on);
  return told;
}

/** Do something that may be refused: the findings, or none. */
export async function tried(act: () => Promise<unknown>): Promise<readonly Finding[]> {
  try {
    await act();
    return [];
  } catch (error) {
    if (error instanceof Refusal) return error.findings;
    if (error instanceof Unreached) return [UNREACHED];
    throw error;
  }
}

const UNREACHED: Finding = {
  code: "unreached",
  severity: "error",
  args: {},
  text: {
    kk: "Қызметпен байланыс жоқ. Кейінірек қайталаңыз.",
    ru: "Нет связи со службой. Повторите позже.",
    en: "The service cannot be reached. Try again later.",
  },
};

function wrong(error: unknown): { value: null; findings: readonly Finding[]; lost: boolean } {
  if (error instanceof Refusal) return { value: null, findings: error.findings, lost: false };
  if (error instanceof Unreached) return { value: null, findings: [UNREACHED], lost: true };
  throw error;
}

/** A signal of one component. */
export function useOwn<T>(first: T): Signal<T> {
  return useState(() => signal(first))[0];
}

/** Which panel is open, and where one step down or up from the selected figure leads; the grid's keys act here too. */
import { signal } from "@preact/signals";
import type { Place } from "../selection";

export const TABS = ["why", "limits", "findings", "remarks", "history", "files", "charts"] as const;
export type Tab = (typeof TABS)[number];
/** The panel that is open. */
export const tab = signal<Tab>("why");
/** Where Ctrl+[ and Ctrl+] lead from the selected figure. */
export const ways = signal<{ readonly down: Place | null; readonly up: Place | null }>({ down: null, up: null });

const ASKED: Readonly<Record<string, Tab>> = { why: "why", limits: "limits", history: "history", comment: "remarks" };

/** What the grid was asked for with a key, as far as it stands beside it; says whether that was so. */
export function beside(what: string, jump: (place: Place) => void): boolean {
  const to = what === "precedents" ? ways.value.down : what === "dependents" ? ways.value.up : null;
  if (to) jump(to);
  const named = ASKED[what];
  if (!named) return to !== null;
  tab.value = named;
  requestAnimationFrame(() => document.getElementById(named === "remarks" ? "new-remark" : "side-panel")?.focus());
  return true;
}

export function tabOf(name: string | null): Tab | null {
  return TABS.find((one) => one === name) ?? null;
}

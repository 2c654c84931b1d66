/** What stands beside the grid: why, limits, findings, remarks, history, files, charts; all follow what is selected. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { lazy } from "../lazy";
import { selected, shown } from "../selection";
import { words } from "../words/panels";
import { say, type Words } from "../words/say";
import "./panels.css";
import { fileCount, Files, useFiles } from "./files";
import { findingCount, Findings, useFindings } from "./findings";
import { History } from "./history";
import { Limits } from "./limits";
import { openCount, Remarks, useRemarks } from "./remarks";
import { keepUp } from "./submission";
import { Why } from "./why";

const Charts = lazy(() => import("./charts").then((part) => part.Charts));
export type Tab = "why" | "limits" | "findings" | "remarks" | "history" | "files" | "charts";
/** The panel that is open. */
export const tab = signal<Tab>("why");

interface Head {
  readonly tab: Tab;
  readonly words: Words;
  /** The key by its place on the keyboard, with Alt, or Ctrl and Alt. */
  readonly key?: { readonly code: string; readonly ctrl: boolean; readonly shown: string };
}
const HEADS: readonly Head[] = [
  { tab: "why", words: words.why, key: { code: "KeyE", ctrl: false, shown: "Alt+E" } },
  { tab: "limits", words: words.limits, key: { code: "KeyL", ctrl: false, shown: "Alt+L" } },
  { tab: "findings", words: words.findings },
  { tab: "remarks", words: words.remarks, key: { code: "KeyM", ctrl: true, shown: "Ctrl+Alt+M" } },
  { tab: "history", words: words.history, key: { code: "KeyH", ctrl: false, shown: "Alt+H" } },
  { tab: "files", words: words.files },
  { tab: "charts", words: words.charts },
];

export function Side() {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(keepUp, []);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const head = HEADS.find(({ key }) => key && event.altKey && event.code === key.code && event.ctrlKey === key.ctrl);
      if (!head) return;
      event.preventDefault();
      tab.value = head.tab;
      panel.current?.focus();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  const [findings, again, files] = [useFindings(), useRemarks(), useFiles()];
  if (!shown.value && !selected.value) return null;
  return (
    <aside class="side" aria-label={say(words.side)}>
      <Tabs />
      <div class="panel" role="tabpanel" id="side-panel" aria-labelledby={`tab-${tab.value}`} tabIndex={0} ref={panel}>
        {tab.value === "why" && <Why />}
        {tab.value === "limits" && <Limits />}
        {tab.value === "findings" && <Findings findings={findings} />}
        {tab.value === "remarks" && <Remarks again={again} />}
        {tab.value === "history" && <History key={selected.value?.row === null ? "whole" : "cell"} />}
        {tab.value === "files" && <Files {...files} />}
        {tab.value === "charts" && <Charts />}
      </div>
    </aside>
  );
}

function Tabs() {
  const moves: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, Home: -HEADS.length, End: HEADS.length };
  const step = (event: KeyboardEvent): void => {
    const by = moves[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const at = HEADS.findIndex((head) => head.tab === tab.value) + by;
    const next = HEADS[Math.abs(by) > 1 ? Math.min(HEADS.length - 1, Math.max(0, at)) : (at + HEADS.length) % HEADS.length];
    if (!next) return;
    tab.value = next.tab;
    document.getElementById(`tab-${next.tab}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={say(words.side)} onKeyDown={step}>
      {HEADS.map((head) => <TabHead key={head.tab} head={head} />)}
    </div>
  );
}

function TabHead({ head }: { readonly head: Head }) {
  const counts: Partial<Record<Tab, number>> = { findings: findingCount.value, remarks: openCount.value, files: fileCount.value };
  const count = counts[head.tab] ?? 0;
  const on = tab.value === head.tab;
  const title = head.key ? `${say(head.words)} (${head.key.shown})` : say(head.words);
  return (
    <button type="button" role="tab" id={`tab-${head.tab}`} aria-selected={on} aria-controls="side-panel" tabIndex={on ? 0 : -1}
      title={title} onClick={() => (tab.value = head.tab)}>
      {say(head.words)}
      {count > 0 && <span class={head.tab === "files" ? "count" : "count bad"}>{count}</span>}
    </button>
  );
}

/** What stands beside the grid: why, limits, findings, remarks, history, files, charts; all follow what is selected. */
import { useEffect } from "preact/hooks";
import { lazy } from "../lazy";
import { address, page, query } from "../route";
import { selected, shown } from "../selection";
import { words } from "../words/panels";
import { say, type Words } from "../words/say";
import "./panels.css";
import { fileCount, Files, useFiles } from "./files";
import { Findings } from "./findings";
import { History } from "./history";
import { Limits } from "./limits";
import { openCount, Remarks } from "./remarks";
import { findings, jump, placeOf } from "./submission";
import { beside, tab, tabOf, type Tab } from "./tabs";
import { Why } from "./why";

export { tab } from "./tabs";

const Charts = lazy(() => import("./charts").then((part) => part.Charts));
interface Head {
  readonly tab: Tab;
  readonly words: Words;
  readonly key?: string;
}
const HEADS: readonly Head[] = [
  { tab: "why", words: words.why, key: "Alt+E" },
  { tab: "limits", words: words.limits, key: "Alt+L" },
  { tab: "findings", words: words.findings },
  { tab: "remarks", words: words.remarks, key: "Ctrl+Alt+M" },
  { tab: "history", words: words.history, key: "Alt+H" },
  { tab: "files", words: words.files },
  { tab: "charts", words: words.charts },
];
/** By the key's place on the keyboard, whatever the layout. */
const KEYS: Readonly<Record<string, string>> = {
  "Alt+KeyE": "why",
  "Alt+KeyL": "limits",
  "Alt+KeyH": "history",
  "Ctrl+Alt+KeyM": "comment",
  "Ctrl+BracketLeft": "precedents",
  "Ctrl+BracketRight": "dependents",
};

export function Side() {
  useEffect(() => {
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  useEffect(() => {
    const named = tabOf(query.value.get("beside"));
    if (named) tab.value = named;
  }, [query.value]);
  useEffect(() => {
    const at = page.value;
    const place = at.page === "submission" && at.form ? placeOf(at.id, at.form) : null;
    if (place?.year) selected.value = place;
  }, [address.value]);
  const files = useFiles();
  if (!shown.value && !selected.value) return null;
  return (
    <aside class="side" aria-label={say(words.side)}>
      <Tabs />
      <div class="panel" role="tabpanel" id="side-panel" aria-labelledby={`tab-${tab.value}`} tabIndex={0}>
        {tab.value === "why" && <Why />}
        {tab.value === "limits" && <Limits />}
        {tab.value === "findings" && <Findings />}
        {tab.value === "remarks" && <Remarks />}
        {tab.value === "history" && <History key={selected.value?.row === null ? "whole" : "cell"} />}
        {tab.value === "files" && <Files {...files} />}
        {tab.value === "charts" && <Charts />}
      </div>
    </aside>
  );
}

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const name = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", event.code].filter(Boolean).join("+");
  const what = KEYS[name];
  if (!what) return;
  event.preventDefault();
  beside(what, jump);
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
  const counts: Partial<Record<Tab, number>> = { findings: findings.value?.length ?? 0, remarks: openCount.value, files: fileCount.value };
  const count = counts[head.tab] ?? 0;
  const on = tab.value === head.tab;
  const title = head.key ? `${say(head.words)} (${head.key})` : say(head.words);
  return (
    <button type="button" role="tab" id={`tab-${head.tab}`} aria-selected={on} aria-controls="side-panel" tabIndex={on ? 0 : -1}
      title={title} onClick={() => (tab.value = head.tab)}>
      {say(head.words)}
      {count > 0 && <span class={head.tab === "files" ? "count" : "count bad"}>{count}</span>}
    </button>
  );
}

/** What the checks say of the submission, by severity: where it is, and what to do about it. */
import type { Finding, FindingCell, Severity } from "../api/wire";
import { words } from "../words/panels";
import { say } from "../words/say";
import { markOf } from "./found";
import { columnOf, columnTitle, findings, formOf, jump, submission } from "./submission";

const ORDER: readonly Severity[] = ["error", "warning", "note"];
const HEADS = { error: words.errors, warning: words.warnings, note: words.infos };
const SHOWN_MAX = 200;

export function Findings() {
  const all = findings.value;
  if (!all) return <p class="small sec">{say(words.loading)}</p>;
  if (!all.length) return <p class="say quiet">{say(words.clean)}</p>;
  return (
    <div aria-live="polite">
      {ORDER.map((severity) => <Group key={severity} severity={severity} findings={all.filter((one) => one.severity === severity)} />)}
    </div>
  );
}

function Group({ severity, findings }: { readonly severity: Severity; readonly findings: readonly Finding[] }) {
  if (!findings.length) return null;
  return (
    <section>
      <h2 class={severity === "error" ? "h bad" : "h"}>{say(HEADS[severity])} <span class="count">{findings.length}</span></h2>
      <ul class="notes">{findings.slice(0, SHOWN_MAX).map((one, i) => <Line key={i} finding={one} />)}</ul>
    </section>
  );
}

function Line({ finding }: { readonly finding: Finding }) {
  const cell = finding.cell;
  return (
    <li class={`note-line ${finding.severity}`}>
      <p><span aria-hidden="true">{markOf(finding.severity)}</span> {say(finding.text)}</p>
      {cell && <p class="micro sec">{whereOf(cell)}</p>}
      {cell?.column && <p class="micro dim">{say(columnOf(cell.form, cell.column)?.input ? words.fixInput : words.seeWhy)}</p>}
      {cell && <button type="button" class="link" onClick={() => goTo(cell)}>{say(words.toCell)}</button>}
    </li>
  );
}

/** "Оплата труда, строка 3, Категория, 2026" */
export function whereOf(cell: { readonly form?: string; readonly row?: number | null; readonly place?: number | null; readonly column?: string | null; readonly year?: number | null }): string {
  if (!cell.form) return say(words.whole);
  const row = cell.place === undefined ? cell.row : cell.place === null ? null : cell.place + 1;
  const parts = [
    say(formOf(cell.form)?.title ?? { ru: cell.form }),
    row === null || row === undefined ? "" : say(words.row, { row }),
    cell.column ? say(columnTitle(cell.form, cell.column)) : "",
    cell.year ?? "",
  ];
  return parts.filter(Boolean).join(", ");
}

function goTo(cell: FindingCell): void {
  const number = submission.value?.id;
  const column = cell.column ?? formOf(cell.form)?.columns[0]?.name;
  if (number === undefined || column === undefined) return;
  const year = cell.year ?? submission.value?.years[0] ?? 0;
  jump({ submission: number, form: cell.form, column, row: cell.row, year, month: cell.month });
}

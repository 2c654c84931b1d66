/** What waits, the nearest and gravest first: each with its day, what is the matter, and one button that leads there. */
import type { ComponentChildren } from "preact";
import type { Deadline, Finding, FirstFinding, Limit, WaitingSubmission } from "../../api/wire";
import { date, money } from "../../figures";
import { Icon } from "../../icons";
import { toSubmission } from "../../route";
import { unit } from "../../session";
import { words as frame } from "../../words/frame";
import { words } from "../../words/home";
import { KINDS, stageOf } from "../../words/process";
import { say } from "../../words/say";
import { daysLeft } from "./days";

/** What is wrong in a request is told to whoever may correct it, and where it is the only one that one sees. */
export function Tasks({ of, mine }: { readonly of: readonly WaitingSubmission[]; readonly mine: boolean }) {
  return (
    <section>
      <h2>{say(words.todo)}</h2>
      {of.length === 0 && <p class="sec">{say(words.nothing)}</p>}
      <ul class="tasks">{of.map((one) => <TasksOf key={one.id} one={one} mine={mine || one.may_edit} />)}</ul>
    </section>
  );
}

function TasksOf({ one, mine }: { readonly one: WaitingSubmission; readonly mine: boolean }) {
  return (
    <>
      {one.open_remarks > 0 && <RemarkTask one={one} />}
      <RequestTask one={one} />
      {one.limits_exceeded?.map((limit) => <LimitTask key={`${limit.kind} ${limit.year}`} one={one} limit={limit} />)}
      {mine && one.findings?.first.map((finding, i) => <FindingTask key={i} one={one} finding={finding} />)}
    </>
  );
}

function RemarkTask({ one }: { readonly one: WaitingSubmission }) {
  const title = say(words.remarks, { count: one.open_remarks });
  return (
    <Task due={one.deadline} icon="remark" title={title} to={`${toSubmission(one.id)}?beside=remarks`} button={say(words.answer)}>
      {one.institution} {say(one.title)}
    </Task>
  );
}

function RequestTask({ one }: { readonly one: WaitingSubmission }) {
  const counts = one.findings?.counts ?? {};
  const { error = 0, warning = 0 } = counts;
  const title = say(one.may_edit ? words.fill : words.see, { what: say(one.ruleset_title), title: say(one.title) });
  const button = say(one.may_edit ? words.go_on : words.look);
  return (
    <Task due={one.deadline} icon="open" title={title} to={toSubmission(one.id)} button={button} main={one.may_edit}>
      {say(words.stage, { stage: say(stageOf(one.state)) })}{" "}
      {one.findings && (error + warning ? say(words.hinders, { errors: error, warnings: warning }) : say(words.clean))}
    </Task>
  );
}

function LimitTask({ one, limit }: { readonly one: WaitingSubmission; readonly limit: Limit }) {
  const amount = `${money(limit.left.replace("-", ""))} ${say(frame.units[unit.value])}`;
  const title = say(words.exceeded, { kind: say(KINDS[limit.kind] ?? {}), year: limit.year, amount });
  return (
    <Task due={one.deadline} icon="limit" bad title={title} to={`${toSubmission(one.id)}?beside=limits`} button={say(words.look)}>
      {one.institution} {say(one.title)}
    </Task>
  );
}

function FindingTask({ one, finding }: { readonly one: WaitingSubmission; readonly finding: FirstFinding }) {
  return (
    <Task due={one.deadline} icon="warning" bad={finding.severity === "error"} title={say(finding.text)} to={toCell(one.id, finding)} button={say(words.to_cell)}>
      {say(words[finding.severity])}
      {finding.form && `. ${finding.form.code} ${say(finding.form.title)}`}
      {finding.cell?.row != null && `, ${say(words.row, { row: finding.cell.row })}`}
    </Task>
  );
}

/** Where a finding stands, as an address. */
export function toCell(submission: number, finding: Finding): string {
  const { cell } = finding;
  if (!cell) return toSubmission(submission);
  const at = new URLSearchParams();
  if (cell.row !== null) at.set("row", String(cell.row));
  if (cell.column) at.set("column", cell.column);
  if (cell.year !== null) at.set("year", String(cell.year));
  return `${toSubmission(submission, cell.form)}?${at.toString()}`;
}

interface TaskProps {
  readonly due: Deadline | null;
  readonly icon: "remark" | "open" | "limit" | "warning";
  readonly title: string;
  readonly to: string;
  readonly button: string;
  readonly bad?: boolean;
  readonly main?: boolean;
  readonly children: ComponentChildren;
}

function Task({ due, icon, title, to, button, bad, main, children }: TaskProps) {
  return (
    <li class="task">
      <div class={bad ? "what grave" : "what"}>
        <h3><Icon of={icon} /> {title}</h3>
        <p>{children}</p>
      </div>
      <p class="due">
        {due && <><b>{date(due.date)}</b> {daysLeft(due.days)}</>}
      </p>
      <a class={main ? "btn main" : "btn"} href={to} aria-label={`${button}: ${title}`}>{button}</a>
    </li>
  );
}

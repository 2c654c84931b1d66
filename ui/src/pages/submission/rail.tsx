/** The forms of a submission at the left: their state, their amounts, and the whole below. */
import type { Finding, Form } from "../../api/wire";
import { money, NOTHING } from "../../figures";
import { toSubmission } from "../../route";
import { unit } from "../../session";
import { say } from "../../words/say";
import { words } from "../../words/submission";
import { unitOf } from "../../words/units";
import type { Desk } from "./desk";
import { Icon } from "./icons";

export function Rail({ desk, open }: { readonly desk: Desk; readonly open: string }) {
  const submission = desk.facts.submission.value;
  if (!submission) return null;
  const year = submission.years[0] ?? 0;
  return (
    <nav class="rail" aria-label={say(words.forms)}>
      <div class="rh">
        <span class="h">{say(words.forms)}</span>
        <span class="micro unit">{`${year}, ${unitOf("KZT", undefined, unit.value)}`}</span>
      </div>
      <ul>
        {submission.forms.map((form) => (
          <Entry key={form.name} desk={desk} form={form} year={year} current={form.name === open} />
        ))}
      </ul>
      <div class="rt">
        <span>{say(words.whole)}</span>
        <span class="num">{money(desk.facts.whole.value[String(year)] ?? null)}</span>
      </div>
    </nav>
  );
}

interface EntryProps {
  readonly desk: Desk;
  readonly form: Form;
  readonly year: number;
  readonly current: boolean;
}

function Entry({ desk, form, year, current }: EntryProps) {
  const amount = amountOf(desk, form, year);
  const found = (desk.facts.findings.value ?? []).filter((finding) => finding.cell?.form === form.name);
  return (
    <li>
      <a class="rf" href={toSubmission(desk.id, form.name)} aria-current={current ? "page" : undefined} title={say(form.title)}>
        <Mark form={form} found={found} />
        <span class="code">{form.code}</span>
        <span class="nm">{say(form.title)}</span>
        <span class="num">{amount === undefined || amount === "0" ? NOTHING : money(amount)}</span>
      </a>
    </li>
  );
}

function Mark({ form, found }: { readonly form: Form; readonly found: readonly Finding[] }) {
  const bad = found.filter((finding) => finding.severity === "error").length;
  if (bad) return <Icon name="warn" bad title={say(words.findingsCount, { count: bad })} />;
  if (form.kind !== "added") return <Icon name="fx" title={say(words.auto)} />;
  return form.rows ? <Icon name="ok" title={say(words.started)} /> : <Icon name="open" title={say(words.notStarted)} />;
}

function amountOf(desk: Desk, form: Form, year: number): string | undefined {
  return (desk.facts.amounts.value[form.name] ?? form.amounts)[String(year)];
}

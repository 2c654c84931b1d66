/** What the service tells of a submission besides its cells: read once for the page and its panels, anew when it is calm. */
import { signal } from "@preact/signals";
import { get, Refusal, Unreached } from "../../api/client";
import type { Delta, DeltaEvent, Finding, Findings, FormHelp, Limit, Remark, Submission } from "../../api/wire";
import { whole } from "../../api/whole";
import { stir } from "../../calm";

type Fact = "submission" | "findings" | "remarks";

export class Facts {
  readonly submission = signal<Submission | null>(null);
  /** Null until they are known. */
  readonly findings = signal<readonly Finding[] | null>(null);
  readonly remarks = signal<readonly Remark[]>([]);
  readonly limits = signal<readonly Limit[]>([]);
  readonly amounts = signal<Readonly<Record<string, Readonly<Record<string, string>>>>>({});
  readonly whole = signal<Readonly<Record<string, string>>>({});
  /** What forms and their columns mean, of the forms that were opened. */
  readonly help = signal<Readonly<Record<string, FormHelp>>>({});
  /** Grows when it is calm after changes; whoever depends on it asks again. */
  readonly moved = signal(0);
  /** Grows when something beside the cells has changed: a remark, a file, a step of the workflow. */
  readonly besides = signal(0);
  /** What may be otherwise by now. */
  private readonly stale = new Set<Fact>();
  private position = 0;

  constructor(readonly id: number) {}

  /** What a change says of itself need not be asked: one's own says all but the findings. */
  take(delta: Delta | DeltaEvent): void {
    this.position = Math.max(this.position, delta.position ?? 0);
    this.amounts.value = { ...this.amounts.value, ...Object.fromEntries(delta.amounts.map(({ form, years }) => [form, years])) };
    this.whole.value = delta.whole;
    if ("limits" in delta) this.limits.value = delta.limits;
    else this.expect("submission");
    this.expect("findings");
  }

  /** The stream has told everything up to a position; what was not known until then may have changed anything. */
  told(position: number): void {
    if (position <= this.position) return;
    this.position = position;
    this.expect("submission", "findings", "remarks");
  }

  /** Something may be otherwise by now. */
  expect(...facts: readonly Fact[]): void {
    for (const fact of facts) this.stale.add(fact);
    stir();
  }

  /** It has become calm: ask again for what may be otherwise, here and wherever `moved` is heard. */
  catchUp(): void {
    if (!this.stale.size) return;
    this.moved.value++;
    if (this.stale.has("remarks")) this.besides.value++;
    void this.read(...this.stale);
  }

  /** Ask for some of it; what does not come is asked for when it is calm again. */
  async read(...facts: readonly Fact[]): Promise<void> {
    for (const fact of facts) this.stale.delete(fact);
    try {
      await Promise.all(facts.map((fact) => this.one(fact)));
    } catch (error) {
      if (!(error instanceof Unreached || error instanceof Refusal)) throw error;
      this.expect(...facts);
    }
  }

  /** Ask for the submission itself; what is older than what is known by now is asked for again. */
  async header(): Promise<Submission> {
    const told = await get<Submission>(`/submissions/${this.id}`);
    if (told.position < this.position) this.expect("submission");
    this.position = Math.max(this.position, told.position);
    this.submission.value = told;
    this.limits.value = told.limits;
    this.whole.value = told.whole;
    this.amounts.value = Object.fromEntries(told.forms.map((form) => [form.name, form.amounts]));
    return told;
  }

  /** Ask what a form and its columns mean, once. */
  async explain(form: string): Promise<FormHelp> {
    const known = this.help.value[form];
    if (known) return known;
    const told = await get<FormHelp>(`/submissions/${this.id}/forms/${encodeURIComponent(form)}/help`);
    this.help.value = { ...this.help.value, [form]: told };
    return told;
  }

  private async one(fact: Fact): Promise<unknown> {
    const path = `/submissions/${this.id}`;
    if (fact === "submission") return this.header();
    if (fact === "findings") return (this.findings.value = (await get<Findings>(`${path}/findings`)).findings);
    return (this.remarks.value = (await whole<{ remarks: readonly Remark[] }>(`${path}/remarks`, "remarks")).remarks);
  }
}

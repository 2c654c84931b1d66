/**
 * The page's hold on one submission: what is shown, what has been sent and not answered, and what others do meanwhile.
 * Everything that changes cells goes one after another through one queue, so that a lost connection loses nothing: what
 * was typed waits, is sent again under the same key, and the service does it once.
 */
import { computed, effect, signal } from "@preact/signals";
import { Refusal, send, Unreached, type Method } from "../../api/client";
import type { Delta, DeltaEvent, Finding, Sums } from "../../api/wire";
import { historyUntil } from "../../api/whole";
import { stir, whenCalm } from "../../calm";
import { connection, currentAt, subscribe } from "../../live";
import { moment, type Moment } from "../../panels/moment";
import { go, toSubmission } from "../../route";
import { user } from "../../session";
import { words } from "../../words/submission";
import { Facts } from "./facts";
import { keep, remembered, sawOf, seenOf } from "./memory";
import { keyOf, Table } from "./table";

/** One thing that somebody wants done. */
export interface Deed {
  readonly method: Method;
  /** After the submission's address. */
  readonly path: string;
  readonly body: object | null;
  /** Whether it is refused if the submission has moved on. */
  readonly pinned: boolean;
  /** The figures that wait for it, and what was typed there. */
  readonly sent: ReadonlyMap<string, string>;
}
interface Waiting extends Deed {
  key: string;
  done: (delta: Delta | null) => void;
}
export interface Notice {
  readonly findings: readonly Finding[];
  /** What was typed and not taken, to be sent again over what others did. */
  readonly again: Deed | null;
}

/** A changed cell in a line of history: form, row, column, year, before, after. */
type HistoryCell = readonly [string, number, string, number | null, string, string];
const PATIENCE = 1_500;

export class Desk {
  readonly facts: Facts;
  readonly table = signal<Table | null>(null);
  /** Figures that others changed since one was here last, and what each was before. */
  readonly since = signal<ReadonlyMap<string, string>>(new Map());
  /** The moment at which the submission is looked at; null: now. */
  readonly moment = computed<Moment | null>(() => (moment.value?.submission === this.id ? moment.value : null));
  readonly notice = signal<Notice | null>(null);
  readonly missing = signal<Refusal | null>(null);
  /** How many deeds wait for an answer. */
  readonly waiting = signal(0);
  readonly savedAt = signal<Date | null>(null);
  /** Grows whenever cells look otherwise. */
  readonly version = signal(0);
  readonly sent = new Map<string, string>();
  /** Figures that changed and that nobody has seen yet; whether others changed them. */
  readonly fresh = new Map<string, "mine" | "others">();
  /** Totals that moved with the last change, "fund/2026". */
  readonly freshTotals = new Set<string>();
  private readonly seen = new Set<string>();
  private readonly queue: Waiting[] = [];
  private readonly events: DeltaEvent[] = [];
  private running = false;
  private revision = 0;
  private turn = 0;
  private follows: (() => void)[] = [];
  /** Whether a cell is being typed in: a form changes its shape afterwards. */
  private typing = false;
  private whenTyped: (() => void)[] = [];

  constructor(readonly id: number) {
    this.facts = new Facts(id);
  }

  /** Open the submission and follow it; a submission that is not there is told in `missing`. */
  async open(): Promise<void> {
    this.follows = [subscribe([this.id], (event) => this.hear(event)), whenCalm(() => this.running || this.facts.catchUp())];
    try {
      await this.reread();
      await Promise.all([this.facts.read("findings", "remarks"), this.missed()]);
      this.follows.push(effect(() => this.travelled(this.moment.value)), effect(() => this.facts.told(currentAt.value)));
    } catch (error) {
      if (error instanceof Refusal) this.missing.value = error;
      else throw error;
    }
  }

  close(): void {
    for (const leave of this.follows) leave();
    this.turn++;
    keep();
  }

  /** Show a form. */
  async show(name: string): Promise<void> {
    const form = this.facts.submission.value?.forms.find((one) => one.name === name);
    if (!form) return;
    const turn = ++this.turn;
    const table = await Table.read(this.id, form, this.facts.explain(name), this.moment.peek()?.revision);
    if (turn !== this.turn) return;
    if (this.table.value?.form.name !== name) this.forget();
    this.table.value = table;
    this.version.value++;
    void table.rest(() => turn === this.turn && this.version.value++);
  }

  /** Do something; answers the delta, or null if it was refused. */
  act(deed: Deed): Promise<Delta | null> {
    this.look();
    for (const [figure, text] of deed.sent) this.sent.set(figure, text);
    const done = new Promise<Delta | null>((done) => {
      this.queue.push({ ...deed, key: crypto.randomUUID(), done });
      this.waiting.value = this.queue.length;
      void this.run();
    });
    this.version.value++;
    return done;
  }

  /** A cell is being typed in, or no more; what others did meanwhile to the form's shape is shown then. */
  types(typing: boolean): void {
    this.typing = typing;
    if (typing) return;
    for (const go of this.whenTyped.splice(0)) go();
    if (!this.running) this.hearAll();
  }

  /** What is painted has been looked at: when the next thing is done, it no longer glows. */
  painted(figure: string): void {
    this.seen.add(figure);
  }

  private look(): void {
    for (const figure of this.seen) this.fresh.delete(figure);
    this.seen.clear();
    this.freshTotals.clear();
  }

  /** Another moment is looked at. */
  private travelled(_to: Moment | null): void {
    const open = this.table.peek();
    if (open && open.at !== this.moment.peek()?.revision) void this.show(open.form.name);
  }

  /** What others changed since one was here last. */
  private async missed(): Promise<void> {
    await remembered();
    const seen = seenOf(this.id);
    const mine = user.peek()?.name;
    sawOf(this.id, this.revision);
    if (seen === undefined || seen >= this.revision) return;
    const history = await historyUntil(this.id, (line) => line.revision <= seen);
    const found = new Map<string, string>();
    for (const line of history)
      if (line.revision > seen && line.by !== mine && line.action === "cells")
        for (const [, row, column, year, before] of line.payload["cells"] as readonly HistoryCell[])
          found.set(keyOf(row, column, year, null), `${line.by}, ${before || "—"}`);
    this.since.value = found;
  }

  private forget(): void {
    this.types(false);
    this.fresh.clear();
    this.seen.clear();
    this.freshTotals.clear();
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      while (this.queue[0]) await this.next(this.queue[0]);
    } finally {
      this.running = false;
      this.hearAll();
      stir();
    }
  }

  private async next(deed: Waiting): Promise<void> {
    try {
      const body = deed.body && (deed.pinned ? { ...deed.body, revision: this.revision } : deed.body);
      const path = `/submissions/${this.id}${deed.path}`;
      const delta = await send<Delta>(deed.method, path, body ?? undefined, { key: deed.key });
      this.finish(deed, delta);
      this.savedAt.value = new Date();
      await this.apply(delta, "mine");
    } catch (error) {
      if (error instanceof Unreached) await this.wait();
      else if (error instanceof Refusal && error.status >= 500) await this.wait();
      else if (error instanceof Refusal) await this.refused(deed, error);
      else throw error;
    }
  }

  private finish(deed: Waiting, delta: Delta | null): void {
    this.queue.shift();
    this.waiting.value = this.queue.length;
    const still = new Set(this.queue.flatMap((one) => [...one.sent.keys()]));
    for (const figure of deed.sent.keys()) if (!still.has(figure)) this.sent.delete(figure);
    deed.done(delta);
  }

  /** The service is away: what was typed stays, and is sent again. */
  private async wait(): Promise<void> {
    if (connection.value === "live") connection.value = "lost";
    await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  }

  private async refused(deed: Waiting, refusal: Refusal): Promise<void> {
    if (refusal.findings[0]?.code === "revision-stale" && (await this.healed(deed))) return;
    const stale = refusal.findings[0]?.code === "revision-stale";
    this.finish(deed, null);
    this.notice.value = { findings: refusal.findings, again: stale ? deed : null };
    this.version.value++;
  }

  /** Others were first: read anew; if they left these cells alone, the same may be sent once more. */
  private async healed(deed: Waiting): Promise<boolean> {
    const before = this.valuesOf(deed);
    await this.reread();
    const untouched = [...before].every(([figure, value]) => this.valuesOf(deed).get(figure) === value);
    deed.key = crypto.randomUUID();
    return untouched;
  }

  private valuesOf(deed: Deed): Map<string, string> {
    const table = this.table.value;
    const found = new Map<string, string>();
    for (const figure of deed.sent.keys()) {
      const [row, name, year, month] = figure.split("/");
      const column = table?.form.columns.find((one) => one.name === name);
      const place = table?.places.get(Number(row));
      if (!table || !column || place === undefined) continue;
      const of = { column, year: year ? Number(year) : null, month: month ? Number(month) : null };
      found.set(figure, JSON.stringify(table.value(place, of) ?? null));
    }
    return found;
  }

  private hear(event: DeltaEvent): void {
    const shapes = event.edition || event.reshaped.length;
    if (this.running || this.events.length || (this.typing && shapes)) this.events.push(event);
    else void (event.edition ? this.moved(event) : this.apply(event, "others"));
  }

  private hearAll(): void {
    for (const event of this.events.splice(0)) this.hear(event);
  }

  /** The submission is under other rules or norms: all that is shown is read anew, and that is told. */
  private async moved(event: DeltaEvent): Promise<void> {
    this.facts.take(event);
    this.facts.help.value = {};
    this.notice.value = { findings: [{ code: "moved", severity: "note", text: words.moved, args: {} }], again: null };
    await this.reread();
    const open = this.table.value?.form.name;
    const forms = this.facts.submission.value?.forms ?? [];
    if (open && !forms.some((form) => form.name === open)) go(toSubmission(this.id), true);
  }

  /** Paint a delta: one's own and that of others alike. */
  private async apply(delta: Delta | DeltaEvent, whose: "mine" | "others"): Promise<void> {
    if (!delta.cells.length && !delta.reshaped.length) this.facts.expect("submission", "remarks");
    if (delta.revision <= this.revision) return;
    this.facts.take(delta);
    if (delta.revision > this.revision + 1) return this.reread();
    this.revision = delta.revision;
    sawOf(this.id, delta.revision);
    const table = this.moment.value ? null : this.table.value;
    for (const key of table?.apply(delta.cells) ?? []) this.fresh.set(key, whose);
    for (const { form, column, years } of delta.sums) if (table?.form.name === form) this.total(table, column, years);
    this.version.value++;
    if (delta.reshaped.length) await this.reshape(delta.reshaped);
  }

  private total(table: Table, column: string, years: Sums): void {
    for (const [year, { sum }] of Object.entries(years))
      if (table.sums[column]?.[year]?.sum !== sum) this.freshTotals.add(`${column}/${year}`);
    table.sums[column] = years;
  }

  private async reshape(forms: readonly string[]): Promise<void> {
    const open = this.table.value?.form.name;
    await this.facts.header();
    if (open && forms.includes(open) && !this.moment.value) await this.renew(open);
  }

  /** Read everything that is shown anew. */
  private async reread(): Promise<void> {
    this.revision = (await this.facts.header()).revision;
    const open = this.table.value?.form.name;
    if (open) await this.renew(open);
  }

  /** Show a form anew that is shown, unless another is meanwhile; what is being typed stays over its row till then. */
  private async renew(name: string): Promise<void> {
    if (this.typing) await new Promise<void>((go) => this.whenTyped.push(go));
    if (this.table.value?.form.name === name) await this.show(name);
  }
}

/** What is to be said of single cells and rows: findings, remarks, changes by others, norms that nobody has checked. */
import type { Finding, Form, Remark } from "../../api/wire";
import { say } from "../../words/say";
import { words } from "../../words/submission";
import { keyOf } from "./table";

export class Marks {
  private readonly findings = new Map<string, string>();
  private readonly rows = new Map<number, string>();
  private readonly notes = new Map<string, string>();
  private readonly doubtful: ReadonlySet<string>;

  constructor(
    form: Form,
    findings: readonly Finding[],
    remarks: readonly Remark[],
    private readonly since: ReadonlyMap<string, string>,
  ) {
    this.doubtful = new Set(form.columns.filter((column) => column.doubtful).map((column) => column.name));
    for (const finding of findings) if (finding.cell?.form === form.name) this.find(finding);
    for (const remark of remarks) if (remark.place.form === form.name && !remark.closed_at) this.note(remark);
  }

  /** Classes of a figure's marks. */
  of(key: string, column: string): string {
    let marks = this.findings.has(key) ? " wrong" : "";
    if (this.notes.has(key)) marks += " note";
    if (this.since.has(key)) marks += " since";
    return this.doubtful.has(column) ? `${marks} third` : marks;
  }

  told(key: string, column: string): string {
    const [finding, note, since] = [this.findings.get(key), this.notes.get(key), this.since.get(key)];
    const doubtful = this.doubtful.has(column) ? say(words.doubtful) : "";
    if (!finding && !note && !since) return doubtful;
    return [finding, note, since && `${say(words.since)}: ${since}`, doubtful].filter(Boolean).join("\n");
  }

  wrong(key: string): boolean {
    return this.findings.has(key);
  }

  ofRow(row: number): string | undefined {
    return this.rows.get(row);
  }

  private find(finding: Finding): void {
    const { column, row, year, month } = finding.cell ?? {};
    if (row === null || row === undefined) return;
    const text = say(finding.text);
    if (!this.rows.has(row)) this.rows.set(row, text);
    if (!column) return;
    this.findings.set(keyOf(row, column, year ?? null, month ?? null), text);
    this.findings.set(keyOf(row, column, null, null), text);
  }

  private note({ place: { row, column, year }, by, body }: Remark): void {
    if (row === undefined || !column) return;
    this.notes.set(keyOf(row, column, year ?? null, null), `${by}: ${body}`);
    if (year !== undefined) this.notes.set(keyOf(row, column, null, null), `${by}: ${body}`);
  }
}

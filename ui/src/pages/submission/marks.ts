/** What is to be said of single cells and rows: findings, remarks, changes by others since one last looked. */
import type { Finding, Remark } from "../../api/wire";
import { say } from "../../words/say";
import { keyOf } from "./table";

export class Marks {
  private readonly findings = new Map<string, string>();
  private readonly rows = new Map<number, string>();
  private readonly notes = new Map<string, string>();

  constructor(
    form: string,
    findings: readonly Finding[],
    remarks: readonly Remark[],
    private readonly since: ReadonlySet<string>,
    private readonly doubtful: ReadonlySet<string>,
  ) {
    for (const finding of findings) if (finding.cell?.form === form) this.find(finding);
    for (const remark of remarks) if (remark.place.form === form && !remark.closed_at) this.note(remark);
  }

  /** Classes of a figure's marks. */
  of(key: string): string {
    let marks = this.findings.has(key) ? " wrong" : "";
    if (this.notes.has(key)) marks += " note";
    if (this.since.has(key)) marks += " since";
    const column = key.split("/")[1] ?? "";
    return this.doubtful.has(column) ? `${marks} third` : marks;
  }

  told(key: string): string {
    return [this.findings.get(key), this.notes.get(key)].filter(Boolean).join("\n");
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
    for (const key of [keyOf(row, column, year ?? null, month ?? null), keyOf(row, column, null, null)])
      this.findings.set(key, text);
  }

  private note(remark: Remark): void {
    const { row, column, year } = remark.place;
    if (row === undefined || !column) return;
    this.notes.set(keyOf(row, column, year ?? null, null), `${remark.by}: ${remark.body}`);
  }
}

/**
 * The types of what the service tells (api/wire.py, api/reading.py, api/routes). A number is the whole number of its
 * column's last digit (7963650 at two digits is 79 636.50); a sum is the same as text, since it may pass what a number
 * holds; amounts of totals and limits are tiyn as text; a date is "2026-01-31"; a blank is null.
 */
export type Titles = Readonly<Partial<Record<"kk" | "ru" | "en", string>>>;
export interface CellError {
  readonly error: string;
}
export type Value = number | string | boolean | null | CellError;

/** Where a finding stands: `row` is the row's number, `place` where it lies in the form. */
export interface FindingCell {
  readonly form: string;
  readonly column: string | null;
  readonly row: number | null;
  readonly place: number | null;
  readonly year: number | null;
  readonly month: number | null;
}
export type Severity = "error" | "warning" | "note";
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly text: Titles;
  readonly args: Readonly<Record<string, unknown>>;
  readonly cell?: FindingCell;
}

/** [row number, year, month, before, after]; a value that does not differ by year or month has null there. */
export type Change = readonly [number, number | null, number | null, Value, Value];
export interface ChangedColumn {
  readonly form: string;
  readonly column: string;
  readonly changes: readonly Change[];
}
export interface Total {
  readonly level: string;
  readonly code: string;
  readonly specific: string | null;
  readonly year: number;
  readonly amount: string;
  readonly incomplete: number;
}
/** `level` is institution, administrator or republic; above an institution a limit is the sum of those below. */
export interface Limit {
  readonly limit_of: string;
  readonly level?: string;
  readonly code?: string;
  readonly institution?: string;
  readonly kind: string;
  readonly year: number;
  readonly limit: string;
  readonly asked: string;
  readonly left: string;
}
/** What one change moved; `reshaped` names forms to be read anew. */
export interface Delta {
  readonly revision: number;
  readonly position: number | null;
  readonly cells: readonly ChangedColumn[];
  readonly reshaped: readonly string[];
  readonly findings: readonly Finding[];
  /** The sums of columns that moved, and what the forms that moved put in the budget now, in tiyn. */
  readonly sums: readonly { readonly form: string; readonly column: string; readonly years: Sums }[];
  readonly amounts: readonly { readonly form: string; readonly years: Readonly<Record<string, string>> }[];
  readonly whole: Readonly<Record<string, string>>;
  readonly totals: readonly Total[];
  readonly limits: readonly Limit[];
}
/** A delta as it comes by the stream of events. */
export interface DeltaEvent extends Omit<Delta, "limits" | "position"> {
  readonly submission: number;
  /** Told when the submission was moved to other rules or norms. */
  readonly edition?: { readonly ruleset: string; readonly norms: string };
  readonly position: number;
}

export type Kind = "number" | "text" | "date" | "code" | "bool";
export interface ValueType {
  readonly kind: Kind;
  readonly classification: string | null;
  readonly unit: string | null;
}
export interface Column {
  readonly name: string;
  readonly title: Titles;
  readonly type: ValueType;
  readonly digits: number | null;
  readonly by_year: boolean;
  readonly per_month: boolean;
  readonly optional: boolean;
  readonly input: boolean;
  readonly total: boolean;
  /** Whether its formula looks up norms that were not checked against their act. */
  readonly doubtful: boolean;
}
export interface ColumnHelp {
  readonly name: string;
  readonly help: Titles | null;
  readonly formula: string | null;
  /** The formula as each language writes it. */
  readonly formulas: Titles | null;
  /** The norms that its formula looks up, with the acts that set them for the plan years. */
  readonly norms: readonly NormRead[];
}
/** GET /submissions/{id}/forms/{form}/help */
export interface FormHelp {
  readonly form: string;
  readonly help: Titles | null;
  readonly basis: string | null;
  readonly columns: readonly ColumnHelp[];
}
export interface NormRead {
  readonly norm: string;
  readonly title: Titles;
  readonly acts: readonly string[];
}
export type RowsKind = "added" | "fixed" | "each" | "group";
export interface Form {
  readonly name: string;
  readonly code: string;
  readonly title: Titles;
  readonly rows: number;
  readonly kind: RowsKind;
  readonly columns: readonly Column[];
  /** year → what the form puts in the budget, in tiyn; empty where it puts nothing. */
  readonly amounts: Readonly<Record<string, string>>;
}
export interface HeaderField {
  readonly name: string;
  readonly title: Titles;
  readonly type: ValueType;
  readonly digits: number | null;
  readonly value: Value;
}
/** GET /submissions/{id} */
export interface Submission {
  readonly id: number;
  readonly state: string;
  readonly cycle: string;
  readonly revision: number;
  readonly position: number;
  /** The institution's code and title. */
  readonly institution: string;
  readonly title: Titles;
  readonly may_edit: boolean;
  readonly ruleset: { readonly name: string; readonly version: string; readonly title: Titles; readonly digest: string };
  readonly years: readonly number[];
  readonly header: readonly HeaderField[];
  readonly forms: readonly Form[];
  /** year → what all forms put in the budget, in tiyn. */
  readonly whole: Readonly<Record<string, string>>;
  /** Unit → what it is called. */
  readonly units: Readonly<Record<string, Titles>>;
  readonly limits: readonly Limit[];
}
/** GET /submissions, one of the list. */
export interface ListedSubmission {
  readonly id: number;
  readonly institution: string;
  readonly title: Titles;
  readonly state: string;
  readonly cycle: string;
  readonly revision: number;
  readonly ruleset_title: Titles;
}
/** A column's values of some rows: one a row, by year, or by year a list for each month. */
export type Values = readonly Value[] | Readonly<Record<string, readonly Value[] | readonly (readonly Value[])[]>>;
export interface ColumnTotal {
  readonly sum: string;
  readonly incomplete: number;
}
/** year → a column's sum. */
export type Sums = Readonly<Record<string, ColumnTotal>>;
/** GET /submissions/{id}/forms/{form} */
export interface FormPart {
  readonly form: string;
  readonly revision: number;
  readonly rows: readonly number[];
  readonly total_rows: number;
  readonly columns: Readonly<Record<string, Values>>;
  readonly totals: Readonly<Record<string, Sums>>;
}
/** GET /submissions/{id}/findings */
export interface Findings {
  readonly revision: number;
  readonly findings: readonly Finding[];
}

/** A norm that a figure used: the value with its act, or nothing in force. */
export interface NormUse {
  readonly norm: string;
  readonly title: Titles;
  readonly keys: readonly string[];
  readonly on: string;
  readonly unit: string | null;
  readonly value: string | null;
  readonly from?: string;
  readonly to?: string | null;
  readonly source?: string;
  readonly verified?: string;
  readonly note?: string | null;
  readonly from_verified?: boolean;
}
/** A figure's story; `row` counts from 1, as people do, `number` is the row's own; `title` is of the code in the cell. */
export interface Step {
  readonly form: string;
  readonly column: string;
  readonly row: number;
  readonly number: number;
  readonly title?: Titles;
  readonly year: number;
  readonly months?: readonly number[];
  readonly value: string | null;
  readonly input: boolean;
  readonly unit?: string | null;
  readonly formula?: string;
  readonly numbers?: string | null;
  readonly approximate?: boolean;
  readonly header?: Readonly<Record<string, string | null>>;
  readonly norms?: readonly NormUse[];
  readonly parts?: readonly (Step | Block)[];
}
/** A whole column that a figure adds up: how many rows, their total, and the first of them. */
export interface Block {
  readonly form: string;
  readonly column: string;
  readonly year: number;
  readonly rows: number;
  readonly total: string | null;
  readonly errors: number;
  readonly first: readonly Step[];
}
/** What a figure goes into: cells that read it (`row` null: many rows are read together), lines, and totals above. */
export interface Included {
  readonly readers: readonly { readonly form: string; readonly column: string; readonly row: number | null; readonly year: number }[];
  readonly lines: readonly Readonly<Record<string, string>>[];
  readonly totals: readonly Total[];
}
/** GET /submissions/{id}/explain; `text` is sentences, each with how far in it stands. */
export interface Explained {
  readonly revision: number;
  readonly cell: Step;
  readonly text: Readonly<Record<"kk" | "ru" | "en", readonly (readonly [number, string])[]>>;
  readonly included: Included;
}

export interface HistoryLine {
  readonly revision: number;
  readonly at: string;
  readonly by: string;
  readonly action: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly digest: string;
  readonly position: number;
}
/** Where a remark or a file is pinned; nothing is the whole submission. */
export interface Spot {
  readonly form?: string;
  readonly row?: number;
  readonly column?: string;
  readonly year?: number;
  readonly specific?: string;
}
export interface Remark {
  readonly id: number;
  readonly place: Spot;
  readonly by: string;
  readonly at: string;
  readonly body: string;
  readonly blocking: boolean;
  readonly answers: number | null;
  readonly closed_at: string | null;
}
export interface Attachment {
  readonly id: number;
  readonly name: string;
  readonly place: Spot;
  readonly media_type: string;
  readonly size: number;
  readonly digest: string;
  readonly by: string;
  readonly at: string;
}
/** GET /totals: a row is the codes of `by` in their order, then the amount in tiyn and the rows left out of it, as text. */
export interface Pivot {
  readonly position: number;
  readonly cycle: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What codes are called, by dimension, where that was asked for. */
  readonly titles?: Readonly<Record<string, Readonly<Record<string, Titles>>>>;
}

export interface Role {
  readonly organisation: number;
  readonly role: string;
  readonly title: Titles;
}
/** GET /session */
export interface Somebody {
  readonly login: string;
  readonly name: string;
  readonly language: string;
  readonly roles: readonly Role[];
}
export interface Deadline {
  readonly milestone: string;
  readonly date: string;
  readonly days: number;
}
/** A finding with what the form in which it stands is called. */
export interface FirstFinding extends Finding {
  readonly form: { readonly title: Titles; readonly code: string } | null;
}
export interface WaitingSubmission {
  readonly id: number;
  readonly institution: string;
  readonly title: Titles;
  readonly state: string;
  readonly may_edit: boolean;
  readonly open_remarks: number;
  readonly ruleset_title: Titles;
  readonly deadline: Deadline | null;
  /** What is in it is told of those that one may edit, and to whoever sees only a few. */
  readonly findings?: {
    readonly counts: Readonly<Partial<Record<Severity, number>>>;
    readonly first: readonly FirstFinding[];
  };
  readonly limits?: readonly Limit[];
  readonly limits_exceeded?: readonly Limit[];
}
/** An error planted in a demo; `finding` is what tells of it until it is corrected. */
export interface PlantedError {
  readonly submission: number;
  readonly form: string;
  readonly row: number | null;
  readonly column: string;
  readonly title: Titles;
  readonly code: string;
  readonly corrected: boolean;
  readonly finding: Finding | null;
}
/** GET /start */
export interface Origin {
  readonly id: number;
  readonly cycle: string;
  readonly programme: string | null;
  readonly subprogramme: string | null;
}
/** A submission that an institution or administrator has not begun in the last cycle, and those of the cycle before it may start from. */
export interface Opening {
  readonly institution: string;
  readonly title: Titles;
  readonly administrator: string | null;
  readonly cycle: string;
  readonly ruleset: string;
  readonly ruleset_title: Titles;
  /** What there is to choose when it starts from none. */
  readonly asks: readonly ("programme" | "subprogramme")[];
  readonly origins: readonly Origin[];
}
/** The first few of the `unbegun` are told in `beginnings`. */
export interface Start {
  readonly submissions: readonly WaitingSubmission[];
  readonly visible: number;
  readonly open_remarks: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly beginnings: readonly Opening[];
  readonly unbegun: number;
  readonly calendar: readonly Deadline[];
  readonly practice: readonly PlantedError[];
}
/** GET /search */
export type Hit =
  | { readonly kind: "submission"; readonly id: number; readonly code: string; readonly title: Titles }
  | {
      readonly kind: "form" | "column";
      readonly submission: number;
      readonly form: string;
      readonly code: string;
      readonly column: string | null;
      readonly title: Titles;
    };
export interface Code {
  readonly code: string;
  readonly title: Titles;
  readonly parent: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly verified: string;
}
/** GET /classifications/{name} */
export interface Codes {
  readonly name: string;
  readonly title: Titles;
  readonly codes: readonly Code[];
  readonly next: number | null;
}
export interface Cycle {
  readonly name: string;
  readonly calendar: Readonly<Record<string, string>>;
}
export interface Organisation {
  readonly id: number;
  readonly code: string;
  readonly kind: string;
  readonly parent: number | null;
  readonly title: Titles;
  readonly from: string;
  readonly to: string | null;
  readonly successor: number | null;
}

/** Whether a cell holds an error. */
export function isError(value: Value | undefined): value is CellError {
  return typeof value === "object" && value !== null;
}

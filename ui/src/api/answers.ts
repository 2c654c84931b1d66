/** What each answer of the service must look like, by its address. */
import { anything, day, either, flag, later, list, moment, number, oneOf, orNull, record, shape, text, whole, type Reader } from "./reader";
import type * as W from "./wire";

const titles: Reader<W.Titles> = shape<W.Titles>({ kk: text, ru: text, en: text }, "kk", "ru", "en");
const value: Reader<W.Value> = either<W.Value>(orNull(number), text, flag, shape<W.CellError>({ error: text }));
const cell = shape<W.FindingCell>({
  form: text, column: orNull(text), row: orNull(number), place: orNull(number), year: orNull(number), month: orNull(number),
});
const severity = oneOf<W.Severity>("error", "warning", "note");
const finding = shape<W.Finding>({ code: text, severity, text: titles, args: record(anything), cell }, "cell");
const change: Reader<W.Change> = (told, at, wrong) => {
  if (!Array.isArray(told) || told.length !== 5) return void wrong.push(`${at}: five parts expected`);
  [number, orNull(number), orNull(number), value, value].forEach((reader, i) => reader(told[i], `${at}[${i}]`, wrong));
};
const total = shape<W.Total>({ level: text, code: text, specific: orNull(text), year: number, amount: whole, incomplete: number });
const limit = shape<W.Limit>(
  { limit_of: text, level: text, code: text, institution: text, kind: text, year: number, limit: whole, asked: whole, left: whole },
  "level", "code", "institution",
);
const sums = record(shape<W.ColumnTotal>({ sum: whole, incomplete: number }));
const delta = shape<W.Delta>({
  revision: number, position: orNull(number),
  cells: list(shape<W.ChangedColumn>({ form: text, column: text, changes: list(change) })),
  reshaped: list(text), findings: list(finding),
  sums: list(shape({ form: text, column: text, years: sums })),
  amounts: list(shape({ form: text, years: record(whole) })),
  whole: record(whole), totals: list(total), limits: list(limit),
});
const type = shape<W.ValueType>({
  kind: oneOf("number", "text", "date", "code", "bool"), classification: orNull(text), unit: orNull(text),
});
const column = shape<W.Column>({
  name: text, title: titles, type, digits: orNull(number), by_year: flag, per_month: flag,
  optional: flag, input: flag, total: flag, doubtful: flag,
});
const columnHelp = shape<W.ColumnHelp>({
  name: text, help: orNull(titles), formula: orNull(text), formulas: orNull(titles),
  norms: list(shape<W.NormRead>({ norm: text, title: titles, acts: list(text) })),
});
const formHelp = shape<W.FormHelp>({ form: text, help: orNull(titles), basis: orNull(text), columns: list(columnHelp) });
const form = shape<W.Form>({
  name: text, code: text, title: titles, rows: number,
  kind: oneOf("added", "fixed", "each", "group"), columns: list(column), amounts: record(whole),
});
const field = shape<W.HeaderField>({ name: text, title: titles, type, digits: orNull(number), value });
const submission = shape<W.Submission>({
  id: number, state: text, cycle: text, revision: number, position: number, institution: text, title: titles,
  may_edit: flag, ruleset: shape({ name: text, version: text, title: titles, digest: text }), years: list(number),
  header: list(field), forms: list(form), whole: record(whole), units: record(titles), limits: list(limit),
});
const listed = shape<W.ListedSubmission>({ id: number, institution: text, title: titles, state: text, cycle: text, revision: number, ruleset_title: titles });
const values: Reader<W.Values> = either<W.Values>(
  list(value),
  record(either<readonly W.Value[] | readonly (readonly W.Value[])[]>(list(value), list(list(value)))),
);
const part = shape<W.FormPart>({
  form: text, revision: number, rows: list(number), total_rows: number, columns: record(values), totals: record(sums),
});
const findings = shape<W.Findings>({ revision: number, findings: list(finding) });
const norm = shape<W.NormUse>(
  {
    norm: text, title: titles, keys: list(text), on: day, unit: orNull(text), value: orNull(text), from: day,
    to: orNull(day), source: text, verified: text, note: orNull(text), from_verified: flag,
  },
  "from", "to", "source", "verified", "note", "from_verified",
);
const step: Reader<W.Step> = shape<W.Step>(
  {
    form: text, column: text, row: number, number, title: titles, year: number, months: list(number), value: orNull(text),
    input: flag, unit: orNull(text), formula: text, numbers: orNull(text), approximate: flag, header: record(orNull(text)),
    norms: list(norm), parts: list(either<W.Step | W.Block>(later(() => step), later(() => block))),
  },
  "title", "months", "unit", "formula", "numbers", "approximate", "header", "norms", "parts",
);
const block = shape<W.Block>({
  form: text, column: text, year: number, rows: number, total: orNull(text), errors: number, first: list(step),
});
const included = shape<W.Included>({
  readers: list(shape({ form: text, column: text, row: orNull(number), year: number })),
  lines: list(record(text)), totals: list(total),
});
const sentences: Reader<W.Explained["text"]> = shape<W.Explained["text"]>({ kk: list(anything), ru: list(anything), en: list(anything) });
const explained = shape<W.Explained>({ revision: number, cell: step, text: sentences, included });
const line = shape<W.HistoryLine>({
  revision: number, at: moment, by: text, action: text, payload: record(anything), digest: text, position: number,
});
const spot = shape<W.Spot>({ form: text, row: number, column: text, year: number, specific: text }, "form", "row", "column", "year", "specific");
const remark = shape<W.Remark>({
  id: number, place: spot, by: text, at: moment, body: text, blocking: flag, answers: orNull(number), closed_at: orNull(moment),
});
const attachment = shape<W.Attachment>({
  id: number, name: text, place: spot, media_type: text, size: number, digest: text, by: text, at: moment,
});
const pivot = shape<W.Pivot>(
  { position: number, cycle: text, columns: list(text), rows: list(list(text)), titles: record(record(titles)) },
  "titles",
);
const somebody = shape<W.Somebody>({
  login: text, name: text, language: text, roles: list(shape<W.Role>({ organisation: number, role: text, title: titles })),
});
const deadline = shape<W.Deadline>({ milestone: text, date: day, days: number });
const first = shape<W.FirstFinding>(
  { code: text, severity, text: titles, args: record(anything), cell, form: orNull(shape({ title: titles, code: text })) },
  "cell",
);
const waiting = shape<W.WaitingSubmission>(
  {
    id: number, institution: text, title: titles, state: text, may_edit: flag, open_remarks: number, ruleset_title: titles, deadline: orNull(deadline),
    findings: shape({ counts: record(number), first: list(first) }), limits: list(limit), limits_exceeded: list(limit),
  },
  "findings", "limits", "limits_exceeded",
);
const planted = shape<W.PlantedError>({
  submission: number, form: text, row: orNull(number), column: text, title: titles, code: text, corrected: flag, finding: orNull(finding),
});
const opening = shape<W.Opening>({
  institution: text, title: titles, administrator: orNull(text), cycle: text, ruleset: text, ruleset_title: titles, asks: list(oneOf("programme", "subprogramme")),
  origins: list(shape<W.Origin>({ id: number, cycle: text, programme: orNull(text), subprogramme: orNull(text) })),
});
const start = shape<W.Start>({
  submissions: list(waiting), visible: number, open_remarks: number, stages: record(number), beginnings: list(opening), unbegun: number,
  calendar: list(deadline), practice: list(planted),
});
const hit: Reader<W.Hit> = either<W.Hit>(
  shape({ kind: oneOf("submission"), id: number, code: text, title: titles }),
  shape({ kind: oneOf("form", "column"), submission: number, form: text, code: text, column: orNull(text), title: titles }),
);
const code = shape<W.Code>({ code: text, title: titles, parent: orNull(text), from: orNull(day), to: orNull(day), verified: text });
const codes = shape<W.Codes>({ name: text, title: titles, codes: list(code), next: orNull(number) });
const cycle = shape<W.Cycle>({ name: text, calendar: record(day) });
const organisation = shape<W.Organisation>({
  id: number, code: text, kind: text, parent: orNull(number), title: titles, from: day, to: orNull(day), successor: orNull(number),
});

/** Method and address → what must come; the first that fits. */
export const ANSWERS: readonly (readonly [RegExp, Reader<unknown>])[] = [
  [/^(GET|POST) \/session$/, somebody],
  [/^GET \/start$/, start],
  [/^GET \/search\b/, shape({ found: list(hit), more: flag })],
  [/^GET \/submissions$/, shape({ submissions: list(listed), next: orNull(number) })],
  [/^GET \/submissions\/\d+$/, submission],
  [/^GET \/submissions\/\d+\/forms\/\w+$/, part],
  [/^GET \/submissions\/\d+\/forms\/\w+\/help$/, formHelp],
  [/^GET \/submissions\/\d+\/findings$/, findings],
  [/^GET \/submissions\/\d+\/explain$/, explained],
  [/^GET \/submissions\/\d+\/history$/, shape({ history: list(line), next: orNull(number) })],
  [/^GET \/submissions\/\d+\/remarks$/, shape({ remarks: list(remark) })],
  [/^GET \/submissions\/\d+\/attachments$/, shape({ attachments: list(attachment) })],
  [/^PATCH \/submissions\/\d+\/cells$/, delta],
  [/^POST \/submissions\/\d+\/(rows|rows\/move|rows\/remove|undo|redo)$/, delta],
  [/^GET \/totals$/, pivot],
  [/^GET \/classifications\/[\w-]+$/, codes],
  [/^GET \/cycles$/, shape({ cycles: list(cycle) })],
  [/^GET \/organisations$/, shape({ organisations: list(organisation) })],
];

/** The body of every refusal. */
export const REFUSAL = shape({ type: text, title: text, status: number, findings: list(finding) });

/** The reader of an answer, if there is one. */
export function readerOf(method: string, path: string): Reader<unknown> | undefined {
  const asked = `${method} ${path.split("?")[0] ?? ""}`;
  return ANSWERS.find(([pattern]) => pattern.test(asked))?.[1];
}

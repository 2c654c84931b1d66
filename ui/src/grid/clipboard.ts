/** Cells on the clipboard as Excel and LibreOffice know them: a table as HTML with exact numbers, and text with tabs. */

const DAY = /^\d{4}-\d\d-\d\d$/;
/** The day from which both programs count days. */
const DAY_ZERO = Date.UTC(1899, 11, 30);
const SPAN_MAX = 1_000;
const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^'">]){0,4000}>/gi;
const EMPTY: Pasted = { text: "", exact: null };

/** One pasted cell: as it was shown, and the exact number under it where the other program tells it. */
export interface Pasted {
  readonly text: string;
  readonly exact: string | null;
}
export interface Copied {
  readonly text: string;
  /** A number with a point, or a date as 2026-01-31, for the other program; null: a text, whatever it looks like. */
  readonly exact: string | null;
}

export function asText(rows: readonly (readonly Copied[])[]): string {
  return rows.map((row) => row.map((cell) => quoted(cell.text)).join("\t")).join("\r\n") + "\r\n";
}

/**
 * A table as both programs read it: `x:num`, `x:str` and `mso-number-format` are Excel's, `sdval` and `sdnum` LibreOffice's.
 * A text is told to be one, so that a code keeps its zeros and what begins with `=` is no formula.
 */
export function asTable(rows: readonly (readonly Copied[])[]): string {
  const cells = (row: readonly Copied[]): string => row.map(tableCell).join("");
  const body = rows.map((row) => `<tr>${cells(row)}</tr>`).join("");
  return `<html xmlns:x="urn:schemas-microsoft-com:office:excel"><meta charset="utf-8"><body><table>${body}</table></body></html>`;
}

export function read(data: DataTransfer): Pasted[][] {
  const html = data.getData("text/html");
  const table = html ? fromTable(html) : [];
  return table.length ? table : fromText(data.getData("text/plain"));
}

export function fromTable(html: string): Pasted[][] {
  const table = new DOMParser().parseFromString(unstyled(html), "text/html").querySelector("table");
  if (!table) return [];
  const below: number[] = [];
  const rows = [...table.querySelectorAll("tr")].filter((row) => row.querySelector("td, th"));
  return rows.map((row) => rowFrom([...row.querySelectorAll("td, th")], below));
}

/** Without styles, which the page's policy would complain of, though nothing that is only read is ever shown. */
function unstyled(html: string): string {
  const bare = html.replace(/<style\b[^]*?<\/style>/gi, "");
  return bare.replace(TAG, (tag) => tag.replace(/\sstyle\s*=\s*("[^"]*"|'[^']*'|[^\s>]*)/gi, ""));
}

/** A row of a table; `below` counts, place by place, how many rows more a merged cell of a row above reaches over. */
function rowFrom(cells: readonly Element[], below: number[]): Pasted[] {
  const row: Pasted[] = [];
  const next = [...cells];
  while (next.length || (below[row.length] ?? 0) > 0) {
    const at = row.length;
    if ((below[at] ?? 0) > 0) {
      below[at] = (below[at] ?? 0) - 1;
      row.push(EMPTY);
      continue;
    }
    const cell = next.shift() as Element;
    for (const one of spread(cell)) {
      below[row.length] = spanOf(cell, "rowspan") - 1;
      row.push(one);
    }
  }
  return row;
}

export function fromText(text: string): Pasted[][] {
  const rows: Pasted[][] = [[]];
  let cell = "";
  let inside = false;
  const end = (): void => {
    rows.at(-1)?.push({ text: cell, exact: null });
    cell = "";
  };
  const plain = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let i = 0; i < plain.length; i++) {
    const char = plain[i] as string;
    if (inside && char === '"' && plain[i + 1] === '"') cell += plain[++i];
    else if (char === '"' && (inside || cell === "")) inside = !inside;
    else if (inside || (char !== "\t" && char !== "\n")) cell += char;
    else {
      end();
      if (char === "\n") rows.push([]);
    }
  }
  end();
  return rows;
}

function spread(cell: Element): Pasted[] {
  const exact = cell.getAttribute("sdval") ?? (cell.getAttribute("x:num") || null);
  for (const line of cell.querySelectorAll("br")) line.replaceWith(" ");
  const text = (cell.textContent ?? "").replace(/[\s\u00a0]+/g, " ").trim();
  return [{ text, exact }, ...Array.from({ length: spanOf(cell, "colspan") - 1 }, () => EMPTY)];
}

function spanOf(cell: Element, name: "colspan" | "rowspan"): number {
  return Math.max(1, Math.min(Number(cell.getAttribute(name) ?? 1) || 1, SPAN_MAX));
}

function tableCell(cell: Copied): string {
  return `<td${toldOf(cell)}>${escaped(cell.text)}</td>`;
}

function toldOf({ text, exact }: Copied): string {
  if (exact === null) return text ? ` x:str sdnum="1033;0;@" style="mso-number-format:'\\@'"` : "";
  if (!DAY.test(exact)) return ` x:num="${exact}" sdval="${exact}" sdnum="1033;"`;
  const day = (Date.parse(exact) - DAY_ZERO) / 86_400_000;
  return ` x:num="${day}" sdval="${day}" sdnum="1033;0;YYYY-MM-DD" style="mso-number-format:'yyyy\\-mm\\-dd'"`;
}

function quoted(text: string): string {
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

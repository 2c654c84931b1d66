/** Cells on the clipboard as Excel and LibreOffice know them: a table as HTML with exact numbers, and text with tabs. */

/** One pasted cell: as it was shown, and the exact number under it where the other program tells it. */
export interface Pasted {
  readonly text: string;
  readonly exact: string | null;
}
export interface Copied {
  readonly text: string;
  /** A number with a point, for the other program; null: a text. */
  readonly exact: string | null;
}

export function asText(rows: readonly (readonly Copied[])[]): string {
  return rows.map((row) => row.map((cell) => quoted(cell.text)).join("\t")).join("\r\n") + "\r\n";
}

/** A table as both programs read it: `x:num` is Excel's, `sdval` is LibreOffice's. */
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
  const table = new DOMParser().parseFromString(html, "text/html").querySelector("table");
  if (!table) return [];
  const rows = [...table.querySelectorAll("tr")];
  return rows.map((row) => [...row.querySelectorAll("td, th")].flatMap(spread)).filter((row) => row.length > 0);
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
  const text = (cell.textContent ?? "").replace(/[\s\u00a0]+/g, " ").trim();
  const wide = Math.max(1, Math.min(Number(cell.getAttribute("colspan") ?? 1), 1_000));
  return [{ text, exact }, ...Array.from({ length: wide - 1 }, () => ({ text: "", exact: null }))];
}

function tableCell(cell: Copied): string {
  const number = cell.exact === null ? "" : ` x:num="${cell.exact}" sdval="${cell.exact}"`;
  return `<td${number}>${escaped(cell.text)}</td>`;
}

function quoted(text: string): string {
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

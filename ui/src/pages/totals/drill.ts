/** From a sum down to where it comes from: institutions, then the submission, then its cells; and back up. */
import { get } from "../../api/client";
import type { ListedSubmission } from "../../api/wire";
import { toCell } from "../../panels/submission";
import { go } from "../../route";
import { asked, show, type Filter, type View } from "./view";

export interface SourceCell {
  readonly form: string;
  readonly column: string;
  readonly row: number;
  readonly year: number;
  readonly amount: string;
}
export interface Found {
  readonly submission: number;
  readonly title: ListedSubmission["title"];
  readonly cells: readonly SourceCell[];
}

/** What a row and a column keep: the filters of the page, the row's codes, and the codes of the column. */
export function cutOf(of: View, path: readonly Filter[], key: string | null): readonly Filter[] {
  const codes = key ? key.split("/") : [];
  const column = of.columns.flatMap((dimension, i) => (codes[i] ? [{ dimension, code: codes[i] as string }] : []));
  return [...of.where.filter((one) => one.code), ...path, ...column];
}

/** The cells that a sum of one institution comes from, in each of its submissions; null where it is not of one. */
export async function cellsOf(cut: readonly Filter[]): Promise<readonly Found[] | null> {
  const institution = cut.find((one) => one.dimension === "institution")?.code;
  if (!institution) return null;
  const listed = await get<{ submissions: ListedSubmission[] }>("/submissions", { institution });
  const where = asked(cut.filter((one) => one.dimension !== "institution"));
  return Promise.all(
    listed.submissions.map(async ({ id, title }) => {
      const told = await get<{ cells: SourceCell[] }>(`/submissions/${id}/lines/cells`, { where });
      return { submission: id, title, cells: told.cells };
    }),
  );
}

export function addressOfCell(submission: number, cell: SourceCell): string {
  return toCell({ submission, form: cell.form, column: cell.column, row: cell.row, year: cell.year, month: null });
}

/** Deeper from a row that has no rows below: to its institutions, or, of an institution, to the largest cell. */
export async function deeper(of: View, path: readonly Filter[], key: string | null): Promise<void> {
  const found = await cellsOf(cutOf(of, path, key));
  if (found === null) return show({ where: [...of.where, ...path], rows: ["institution"] });
  const first = found.find((one) => one.cells.length);
  if (first?.cells[0]) go(addressOfCell(first.submission, first.cells[0]));
}

/** Back from a drill: what the last filter kept becomes the rows again. */
export function higher(of: View): void {
  const last = of.where[of.where.length - 1];
  if (!last) return;
  const drilled = of.rows.length === 1 && of.rows[0] === "institution";
  const rows = drilled ? [last.dimension] : [last.dimension, ...of.rows.filter((name) => name !== last.dimension)];
  show({ where: of.where.slice(0, -1), rows });
}

/** Lists that the service tells part by part, each with what continues it. */
import { get, type Query } from "./client";
import type { HistoryLine } from "./wire";

const PART = 1000;
/** Of history at a time: a line may hold many cells. */
const LINES = 200;

/** The answer with all of its list: `whole<Codes>("/classifications/specific", "codes")`. */
export async function whole<T extends object>(path: string, list: keyof T & string, query: Query = {}): Promise<T> {
  const first = await get<T>(path, { ...query, count: PART });
  const all = [...listOf(first, list)];
  for (let after = nextOf(first); after !== null; ) {
    const part = await get<T>(path, { ...query, count: PART, after });
    all.push(...listOf(part, list));
    after = nextOf(part);
  }
  return { ...first, [list]: all, next: null };
}

interface HistoryPart {
  readonly history: readonly HistoryLine[];
  readonly next: number | null;
}

/** So many lines of a submission's history, the last first, and whether there are more. */
export async function history(submission: number, count: number, about: Query = {}): Promise<{ lines: readonly HistoryLine[]; more: boolean }> {
  const how = { ...about, count: Math.min(count + 1, PART) };
  const lines = await historyUntil(submission, (_, i) => i === count, how);
  return { lines: lines.slice(0, count), more: lines.length > count };
}

/** A submission's history, the last first, read on until a line is `enough`; that one is the last given. */
export async function historyUntil(
  submission: number, enough: (line: HistoryLine, i: number) => boolean, how: Query = { count: LINES },
): Promise<readonly HistoryLine[]> {
  const all: HistoryLine[] = [];
  for (let before: number | null | undefined; before !== null; ) {
    const part: HistoryPart = await get<HistoryPart>(`/submissions/${submission}/history`, { ...how, before });
    const last = part.history.findIndex((line, i) => enough(line, all.length + i));
    all.push(...(last < 0 ? part.history : part.history.slice(0, last + 1)));
    before = last < 0 ? part.next : null;
  }
  return all;
}

function listOf<T extends object>(part: T, list: keyof T): readonly unknown[] {
  return part[list] as readonly unknown[];
}

function nextOf(part: object): number | string | null {
  return (part as { readonly next?: number | string | null }).next ?? null;
}

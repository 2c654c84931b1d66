/** Lists that the service tells part by part, each with what continues it. */
import { get, type Query } from "./client";

const PART = 1000;

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

function listOf<T extends object>(part: T, list: keyof T): readonly unknown[] {
  return part[list] as readonly unknown[];
}

function nextOf(part: object): number | string | null {
  return (part as { readonly next?: number | string | null }).next ?? null;
}

/** What was asked of the service, while it comes and when it is there, for whoever draws it. */
import { useEffect, useState } from "preact/hooks";
import { get, Refusal, type Query } from "./api/client";
import type { Finding, Submission } from "./api/wire";

export interface Asked<T> {
  readonly told: T | null;
  readonly refused: readonly Finding[] | null;
}

/** Ask again whenever path or query change; a null path asks nothing. What was told stays until the next is there. */
export function useAsked<T>(path: string | null, query: Query = {}, again = 0): Asked<T> {
  const [asked, tell] = useState<Asked<T>>({ told: null, refused: null });
  const key = path === null ? null : JSON.stringify([path, query]);
  useEffect(() => {
    let wanted = true;
    if (path === null) tell({ told: null, refused: null });
    else
      get<T>(path, query).then(
        (told) => wanted && tell({ told, refused: null }),
        (error) => wanted && tell({ told: null, refused: error instanceof Refusal ? error.findings : [] }),
      );
    return () => void (wanted = false);
  }, [key, again]);
  return asked;
}

let last: { id: number; told: Promise<Submission> } | null = null;
/** A submission's forms and header as they were when first asked for; several parts of the page need them at once. */
export function submissionOf(id: number): Promise<Submission> {
  if (last?.id !== id) last = { id, told: get<Submission>(`/submissions/${id}`) };
  return last.told;
}

/** The same for a component. */
export function useSubmission(id: number | null): Submission | null {
  const [told, tell] = useState<Submission | null>(null);
  useEffect(() => {
    let wanted = true;
    tell(null);
    if (id !== null) submissionOf(id).then((one) => wanted && tell(one), () => undefined);
    return () => void (wanted = false);
  }, [id]);
  return told;
}

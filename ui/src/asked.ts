/** What was asked of the service, while it comes and when it is there, for whoever draws it. */
import { useEffect, useState } from "preact/hooks";
import { get, Refusal, type Query } from "./api/client";
import type { Finding } from "./api/wire";

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

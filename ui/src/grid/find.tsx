/** Find in the grid: words, how many cells hold them, and from one to the next. */
import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../words/say";
import { words } from "../words/grid";
import type { Board } from "./board";
import { blankLook, type Source } from "./source";
import { at, type Spot } from "./span";

interface FindProps {
  readonly board: Board;
  readonly source: Source;
  readonly close: () => void;
}
interface Searched {
  readonly text: string;
  readonly hits: readonly Spot[];
}
const NONE: readonly Spot[] = [];
/** A slice of the search, in milliseconds, so that a large sheet is searched while one types. */
const SLICE = 12;
const HITS_MAX = 10_000;

export function Find({ board, source, close }: FindProps) {
  const [text, type] = useState("");
  const [last, found] = useState<Searched>({ text: "", hits: [] });
  const [place, go] = useState(-1);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  useEffect(() => search(source, text, (hits) => found({ text, hits })), [source, text]);
  const known = last.text === text; // what was found for other words is not stepped through
  const hits = known ? last.hits : NONE;
  useEffect(() => {
    if (!hits.length) return go(-1);
    const { row, column } = board.span.active;
    const next = hits.findIndex((hit) => hit.row > row || (hit.row === row && hit.column >= column));
    step(next < 0 ? 0 : next);
  }, [hits.length > 0, text]);
  const step = (to: number): void => {
    const index = (to + hits.length) % Math.max(1, hits.length);
    const hit = hits[index];
    if (!hit) return;
    go(index);
    board.select(at(hit.row, hit.column));
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" || event.key === "F3") step(place + (event.shiftKey ? -1 : 1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const told = text && known ? (hits.length ? say(words.hits, { place: place + 1, count: hits.length }) : say(words.none)) : "";
  return (
    <search class="find" onKeyDown={key}>
      <input ref={field} type="search" aria-label={say(words.find)} placeholder={say(words.find)} value={text} onInput={(event) => type(event.currentTarget.value)} />
      <span class="micro sec" role="status">
        {told}
      </span>
      <button type="button" class="icon" aria-label={say(words.previous)} title={say(words.previous)} onClick={() => step(place - 1)}>
        ↑
      </button>
      <button type="button" class="icon" aria-label={say(words.next)} title={say(words.next)} onClick={() => step(place + 1)}>
        ↓
      </button>
      <button type="button" class="icon" aria-label={say(words.close)} title={say(words.close)} onClick={close}>
        ×
      </button>
    </search>
  );
}

/** Look through all cells, a slice at a time; answers how to stop. */
function search(source: Source, text: string, found: (hits: readonly Spot[]) => void): () => void {
  const wanted = text.trim().toLowerCase();
  const hits: Spot[] = [];
  const look = blankLook();
  let row = 0;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const slice = (): void => {
    const until = performance.now() + SLICE;
    for (; row < source.rows && hits.length < HITS_MAX && performance.now() < until; row++)
      for (let column = 0; column < source.columns.length; column++) {
        look.text = "";
        source.look(row, column, look);
        if (holds(look.text, wanted)) hits.push({ row, column });
      }
    found([...hits]);
    if (row < source.rows && hits.length < HITS_MAX) waiting = setTimeout(slice);
  };
  if (wanted) waiting = setTimeout(slice, 60);
  else found([]);
  return () => clearTimeout(waiting);
}

/** A figure is found with and without the spaces between its thousands. */
function holds(text: string, wanted: string): boolean {
  const shown = text.toLowerCase();
  return shown.includes(wanted) || shown.replace(/\u00a0/g, "").includes(wanted.replace(/\s/g, ""));
}

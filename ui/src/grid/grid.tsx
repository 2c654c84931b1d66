/** The grid as a part of a page: hand it a `Source` and say what to do with what people type, paste and ask for. */
import { useEffect, useRef } from "preact/hooks";
import "./grid.css";
import { Board, type Acts } from "./board";
import type { Source } from "./source";

export type { Acts, Board, Pasting } from "./board";
export type { Edit } from "./fill";

export interface GridProps {
  readonly label: string;
  readonly source: Source;
  readonly acts: Acts;
  /** Gets the board, by which a page moves the selection and repaints. */
  readonly hold?: (board: Board | null) => void;
}

export function Grid({ label, source, acts, hold }: GridProps) {
  const host = useRef<HTMLDivElement>(null);
  const board = useRef<Board | null>(null);
  const held = useRef(acts);
  held.current = acts;
  useEffect(() => {
    const made = new Board(host.current as HTMLDivElement, source, () => held.current);
    board.current = made;
    hold?.(made);
    return () => {
      hold?.(null);
      made.end();
    };
  }, []);
  useEffect(() => board.current?.show(source), [source]);
  useEffect(() => board.current?.name(label), [label]);
  return <div class="sheet-frame" ref={host} />;
}

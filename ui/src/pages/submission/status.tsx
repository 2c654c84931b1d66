/** The status bar: sum, average and count of the selection, and whether what was typed is with the service. */
import { figure } from "../../figures";
import { boxOf, cellsIn, type Span } from "../../grid/span";
import type { Source } from "../../grid/source";
import { connection } from "../../live";
import { language, say } from "../../words/say";
import { words } from "../../words/submission";
import type { Desk } from "./desk";

interface StatusProps {
  readonly desk: Desk;
  readonly source: Source;
  readonly span: Span;
}
const CELLS_MAX = 2_000_000;

export function Status({ desk, source, span }: StatusProps) {
  const told = summary(source, span);
  return (
    <footer class="sb">
      {told.count > 0 && (
        <>
          <span>
            {say(words.sum)} <b>{told.sum}</b>
          </span>
          <span>
            {say(words.average)} <b>{told.average}</b>
          </span>
        </>
      )}
      <span>
        {say(words.count)} <b>{told.filled}</b>
      </span>
      <span class="grow" />
      <Kept desk={desk} />
      <span>{say(words.keys)}</span>
    </footer>
  );
}

function Kept({ desk }: { readonly desk: Desk }) {
  const count = desk.waiting.value;
  const at = desk.savedAt.value;
  if (connection.value === "lost")
    return (
      <span class="bad" role="status">
        {say(words.lost, { count })}
      </span>
    );
  if (connection.value === "healing") return <span role="status">{say(words.healing)}</span>;
  if (count) return <span role="status">{say(words.sending, { count })}</span>;
  return <span role="status">{at ? say(words.saved, { time: timeOf(at) }) : ""}</span>;
}

function timeOf(at: Date): string {
  return at.toLocaleTimeString(language.value, { hour: "2-digit", minute: "2-digit" });
}

interface Summary {
  readonly sum: string;
  readonly average: string;
  readonly count: number;
  readonly filled: number;
}

/** Whole numbers of the finest digit are added, so that a sum of cells is exact. */
function summary(source: Source, span: Span): Summary {
  const box = boxOf(span);
  let [sum, digits, count, filled] = [0n, 0, 0, 0];
  if (!source.rows || cellsIn(box) > CELLS_MAX) return { sum: "", average: "", count: 0, filled: source.rows ? cellsIn(box) : 0 };
  for (let column = box.left; column <= box.right; column++) {
    let [part, finest] = [0, 0];
    for (let row = box.top; row <= box.bottom; row++) {
      const number = source.number(row, column);
      if (!number) {
        if (source.typed(row, column) !== "") filled++;
        continue;
      }
      count++;
      filled++;
      part += number.value;
      finest = number.digits;
    }
    if (finest > digits) [sum, digits] = [sum * 10n ** BigInt(finest - digits), finest];
    sum += BigInt(part) * 10n ** BigInt(digits - finest);
  }
  return { sum: figure(sum, digits), average: count ? averageOf(sum, count, digits) : "", count, filled };
}

function averageOf(sum: bigint, count: number, digits: number): string {
  const finer = Math.max(digits, 2);
  const scaled = sum * 10n ** BigInt(finer - digits) * 2n;
  const of = BigInt(count) * 2n;
  const half = scaled < 0n ? -BigInt(count) : BigInt(count);
  return figure((scaled + half) / of, finer);
}

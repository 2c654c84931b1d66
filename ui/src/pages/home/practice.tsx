/** In a demo: the errors that were planted for practice, with what tells of each until it is corrected. */
import type { PlantedError } from "../../api/wire";
import { Icon } from "../../icons";
import { toSubmission } from "../../route";
import { words } from "../../words/home";
import { say } from "../../words/say";
import { toCell } from "./tasks";

export function Practice({ of }: { readonly of: readonly PlantedError[] }) {
  if (!of.length) return null;
  const done = of.filter((one) => one.corrected).length;
  return (
    <section class="practice">
      <h2>{say(words.practice)}</h2>
      <p class="sec">{say(words.practice_about, { count: of.length, done })}</p>
      <ul>
        {of.map((one) => (
          <li key={`${one.form} ${one.row} ${one.column}`} class={one.corrected ? "done" : undefined}>
            <Icon of={one.corrected ? "done" : "open"} />
            <a href={addressOf(one)}>{say(one.title)} <span class="dim">{one.code}</span></a>
            <span class="sec">{one.finding ? say(one.finding.text) : say(words.corrected)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** To the cell that was mistyped, whatever the check says of it. */
function addressOf(one: PlantedError): string {
  const cell = { form: one.form, column: one.column, row: one.row, place: null, year: null, month: null };
  if (one.row === null) return toSubmission(one.submission, one.form);
  return toCell(one.submission, { code: "", severity: "error", text: {}, args: {}, cell });
}

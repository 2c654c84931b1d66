/** What a paste would do, before it is done: what is taken, and each refused cell with the reason. */
import { useEffect, useRef } from "preact/hooks";
import type { Form } from "../../api/wire";
import { say } from "../../words/say";
import { words } from "../../words/submission";
import type { Plan } from "./acts";

interface PastingProps {
  readonly plan: Plan;
  readonly form: Form;
  readonly rowOf: (row: number) => number;
  readonly paste: () => void;
  readonly cancel: () => void;
}
const SHOWN_MAX = 200;

export function PastePreview({ plan, form, rowOf, paste, cancel }: PastingProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const good = plan.cells.length - plan.refused.length;
  return (
    <dialog class="dialog" ref={dialog} onCancel={cancel} aria-labelledby="paste-title">
      <h2 id="paste-title" class="title">
        {say(words.pasteTitle)}
      </h2>
      <p>{say(words.pasteGood, { count: good })}</p>
      {plan.rows.length > 0 && <p>{say(words.pasteRows, { count: plan.rows.length })}</p>}
      {plan.skipped > 0 && <p class="sec">{say(words.pasteSkipped, { count: plan.skipped })}</p>}
      {plan.refused.length > 0 && <Refused plan={plan} form={form} rowOf={rowOf} />}
      <div class="buttons">
        <button type="button" class="btn" onClick={cancel}>
          {say(words.cancel)}
        </button>
        <button type="button" class="btn main" onClick={paste} disabled={good + plan.rows.length === 0}>
          {say(words.pasteRest)}
        </button>
      </div>
    </dialog>
  );
}

function Refused({ plan, form, rowOf }: Pick<PastingProps, "plan" | "form" | "rowOf">) {
  return (
    <>
      <p class="bad">{say(words.pasteBad, { count: plan.refused.length })}</p>
      <div class="refused" tabIndex={0} role="region" aria-label={say(words.pasteBad, { count: plan.refused.length })}>
        <table>
          <thead>
            <tr>
              <th>{say(words.where)}</th>
              <th>{say(words.value)}</th>
              <th>{say(words.reason)}</th>
            </tr>
          </thead>
          <tbody>
            {plan.refused.slice(0, SHOWN_MAX).map(({ cell, why }) => (
              <tr key={`${cell.row}.${cell.column}.${cell.year}`}>
                <td>{`${say(words.row, { row: rowOf(cell.row) })}, ${titleOf(form, cell.column)} ${cell.year ?? ""}`}</td>
                <td>{cell.value}</td>
                <td>{say(why.text)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function titleOf(form: Form, column: string): string {
  const of = form.columns.find((one) => one.name === column);
  return of ? say(of.title) : column;
}

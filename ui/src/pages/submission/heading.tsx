/** The form's title with its state and buttons, and what the service refused. */
import type { Submission } from "../../api/wire";
import { say } from "../../words/say";
import { words } from "../../words/submission";
import { patched, undone } from "./acts";
import type { Desk, Notice } from "./desk";
import { Icon } from "./icons";
import type { Table } from "./table";

interface HeadingProps {
  readonly desk: Desk;
  readonly table: Table;
  readonly submission: Submission;
}

export function Heading({ desk, table, submission }: HeadingProps) {
  return (
    <div class="ttl">
      <h1 class="title" title={say(table.form.title)}>
        {say(table.form.title)}
      </h1>
      <span class="dim">{table.form.code}</span>
      {!submission.may_edit && (
        <span class="state">
          <Icon name="lock" />
          {say(words.readonly)}
        </span>
      )}
      <span class="grow" />
      {submission.may_edit && (
        <>
          <button type="button" class="icon" title={say(words.undo)} aria-label={say(words.undo)} onClick={() => void undone(desk, false)}>
            <Icon name="undo" />
          </button>
          <button type="button" class="icon" title={say(words.redo)} aria-label={say(words.redo)} onClick={() => void undone(desk, true)}>
            <Icon name="redo" />
          </button>
        </>
      )}
    </div>
  );
}

const SHOWN_MAX = 5;

/** Why something was not done; what was typed may be sent again over what others did. */
export function Told({ desk, notice }: { readonly desk: Desk; readonly notice: Notice }) {
  const { again } = notice;
  const close = (): void => void (desk.notice.value = null);
  const repeat = (): void => {
    close();
    if (again?.body && "cells" in again.body) void patched(desk, again.body.cells as Parameters<typeof patched>[1]);
  };
  return (
    <div class="told" role="alert">
      <ul>
        {again && <li>{say(words.conflict)}</li>}
        {!again && notice.findings.slice(0, SHOWN_MAX).map((finding, i) => <li key={i}>{say(finding.text)}</li>)}
      </ul>
      {again && (
        <button type="button" class="btn" onClick={repeat}>
          {say(words.again)}
        </button>
      )}
      <button type="button" class="icon" aria-label={say(words.close)} onClick={close}>
        <Icon name="x" />
      </button>
    </div>
  );
}

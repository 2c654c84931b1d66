/** The form's title with its state and buttons, and what the service refused. */
import { moment as written } from "../../figures";
import { AS_IT_IS } from "../../grid/arrangement";
import type { Asked } from "../../grid/keys";
import { say } from "../../words/say";
import { words } from "../../words/submission";
import { patched } from "./acts";
import type { Desk, Notice } from "./desk";
import { Icon, type IconName } from "./icons";
import type { View } from "./view";

interface HeadingProps {
  readonly view: View;
  readonly ask: (what: Asked) => void;
  /** Back to the grid. */
  readonly focus: () => void;
}

export function Heading({ view, ask, focus }: HeadingProps) {
  const { desk, table, sheet, wish } = view;
  const moment = desk.moment.value;
  const arranged = wish !== AS_IT_IS && (wish.sort || wish.group || Object.keys(wish.filters).length > 0);
  const shown = sheet.rows - (sheet.grows ? 1 : 0);
  return (
    <div class="ttl">
      <h1 class="title" title={say(table.form.title)}>
        {say(table.form.title)}
      </h1>
      <span class="dim">{table.form.code}</span>
      {moment && <span class="state gold">{say(words.was_moment, { at: written(moment.at) })}</span>}
      {!moment && !sheet.editable && (
        <span class="state">
          <Icon name="lock" />
          {say(words.readonly)}
        </span>
      )}
      <span class="grow" />
      {arranged && (
        <button type="button" class="btn small" onClick={() => (view.arrange(AS_IT_IS), focus())}>
          {say(words.shownRows, { shown, count: table.size })}
          <Icon name="x" />
        </button>
      )}
      {sheet.editable && <Button what="undo" title={say(words.undo)} ask={ask} />}
      {sheet.editable && <Button what="redo" title={say(words.redo)} ask={ask} />}
      {sheet.grows && <Button what="rows" icon="plus" title={say(words.rows)} ask={ask} />}
      <Button what="find" title={say(words.find)} ask={ask} />
      <Button what="filter" title={say(words.columnMenu)} ask={ask} />
      <Button what="columns" title={say(words.columns)} ask={ask} />
    </div>
  );
}

function Button({ what, icon, title, ask }: { readonly what: Asked & IconName | "rows"; readonly icon?: IconName; readonly title: string; readonly ask: HeadingProps["ask"] }) {
  return (
    <button type="button" class="icon" title={title} aria-label={title} onClick={() => ask(what)}>
      <Icon name={icon ?? (what as IconName)} />
    </button>
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

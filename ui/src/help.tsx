/** The help sheet (F1): what the column of the cell and the open form mean, with the act, and what the keyboard does. */
import { useEffect, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import type { Column, ColumnHelp, Form, FormHelp, Titles } from "./api/wire";
import { facts, submission } from "./panels/submission";
import { selected, shown } from "./selection";
import { words as frame } from "./words/frame";
import { KEYBOARD, words } from "./words/help";
import { say } from "./words/say";
import { unitOf } from "./words/units";

export const helpOpen = signal(false);

/** F1 opens the sheet wherever one is, F9 does nothing: all is always calculated. */
export function followHelpKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key === "F1") helpOpen.value = !helpOpen.value;
    else if (event.key !== "F9") return;
    event.preventDefault();
  });
}

export function Help() {
  const sheet = useRef<HTMLDialogElement>(null);
  useEffect(() => sheet.current?.showModal(), []);
  return (
    <dialog ref={sheet} class="help" aria-labelledby="help-title" onClose={() => (helpOpen.value = false)}>
      <header>
        <h2 id="help-title" class="title">{say(words.title)}</h2>
        <button type="button" class="btn" onClick={() => sheet.current?.close()}>
          {say(frame.close)} <kbd>Esc</kbd>
        </button>
      </header>
      <div class="columns" tabIndex={0} role="region" aria-labelledby="help-title">
        <OpenForm />
        <h3 class="part">{say(words.keyboard)}</h3>
        <div class="keyboard">
          {KEYBOARD.map((group) => (
            <section key={group.title.en}>
              <h4>{say(group.title)}</h4>
              <dl class="keys">
                {group.keys.map(([key, meaning]) => [<dt><kbd>{key}</kbd></dt>, <dd>{say(meaning)}</dd>])}
              </dl>
            </section>
          ))}
        </div>
      </div>
    </dialog>
  );
}

function OpenForm() {
  const at = shown.value;
  const form = submission.value?.forms.find((one) => one.name === at?.form);
  const help = facts.value?.help.value[at?.form ?? ""];
  if (!form || !help) return null;
  const cell = selected.value;
  const chosen = cell?.form === form.name && cell.submission === at?.submission ? cell.column : null;
  const column = form.columns.find((one) => one.name === chosen);
  return (
    <>
      {column && <ThisColumn column={column} help={helpOf(help, column)} />}
      <AboutForm form={form} help={help} />
    </>
  );
}

interface ColumnProps {
  readonly column: Column;
  readonly help: ColumnHelp | undefined;
}

function helpOf(help: FormHelp, { name }: Column): ColumnHelp | undefined {
  return help.columns.find((one) => one.name === name);
}

function ThisColumn({ column, help }: ColumnProps) {
  return (
    <section class="about" aria-labelledby="help-column">
      <h3 class="part" id="help-column">
        {say(words.column)}: {say(column.title)}
      </h3>
      <AboutColumn column={column} help={help} />
      {help?.norms.map((norm) => (
        <p class="small sec" key={norm.norm}>
          {say(words.norm)}: {say(norm.title)}
          {norm.acts.length > 0 && <>. {say(words.act)}: <span lang="en">{norm.acts.join("; ")}</span></>}
        </p>
      ))}
    </section>
  );
}

function AboutForm({ form, help }: { readonly form: Form; readonly help: FormHelp }) {
  return (
    <section class="about" aria-labelledby="help-form">
      <h3 class="part" id="help-form">
        {say(words.form)}: {say(form.title)} <span class="dim">{form.code}</span>
      </h3>
      <Told help={help.help} />
      {help.basis && <p class="small sec">{say(words.act)}: <span lang="en">{help.basis}</span></p>}
      <dl class="fields">
        {form.columns.map((column) => [<dt>{say(column.title)}</dt>, <dd><AboutColumn column={column} help={helpOf(help, column)} /></dd>])}
      </dl>
    </section>
  );
}

function AboutColumn({ column, help }: ColumnProps) {
  const unit = column.type.unit && column.type.unit !== "1" ? ` · ${unitOf(column.type.unit)}` : "";
  return (
    <>
      <Told help={help?.help ?? null} />
      <p class="micro sec">
        {say(column.input ? words.input : words.calculated)}{unit}
        {help?.formulas && <code> {say(help.formulas)}</code>}
      </p>
    </>
  );
}

/** A ruleset need not explain everything: what it leaves out is left out here. */
function Told({ help }: { readonly help: Titles | null }) {
  return help?.ru ? <p>{say(help)}</p> : null;
}

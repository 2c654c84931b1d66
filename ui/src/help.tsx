/** The help sheet (F1): what the keyboard does, and what the open form and each of its columns mean, with the act. */
import { useEffect, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import { useSubmission } from "./asked";
import type { Column, Form } from "./api/wire";
import { shown } from "./selection";
import { words as frame } from "./words/frame";
import { KEYBOARD, words } from "./words/help";
import { say } from "./words/say";

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
  const submission = useSubmission(at?.submission ?? null);
  const form = submission?.forms.find((one) => one.name === at?.form);
  return form ? <AboutForm form={form} /> : null;
}

function AboutForm({ form }: { readonly form: Form }) {
  return (
    <section class="about">
      <h3 class="part">
        {say(words.form)}: {say(form.title)} <span class="dim">{form.code}</span>
      </h3>
      {form.basis && <p class="small sec">{say(words.act)}: {form.basis}</p>}
      <dl class="fields">
        {form.columns.map((column) => [<dt>{say(column.title)}</dt>, <AboutColumn column={column} />])}
      </dl>
    </section>
  );
}

function AboutColumn({ column }: { readonly column: Column }) {
  return (
    <dd>
      {column.help && <p>{say(column.help)}</p>}
      <p class="micro sec">
        {column.input ? say(words.input) : say(words.calculated)}
        {column.type.unit && column.type.unit !== "1" && ` · ${column.type.unit}`}
        {column.formula && <code> {column.formula}</code>}
      </p>
    </dd>
  );
}

/** Search: institutions by code or title in three languages, forms and columns; opened by Ctrl+K. */
import { useEffect, useState } from "preact/hooks";
import { useAsked } from "./asked";
import type { Hit } from "./api/wire";
import { Combobox, type Option } from "./combobox";
import { Icon } from "./icons";
import { go, page, toSubmission } from "./route";
import { words } from "./words/frame";
import { say } from "./words/say";

const PAUSE = 150;

export function Search() {
  const [open, show] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.code !== "KeyK" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      show(true);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  return (
    <div class="search" onFocusOut={(event) => event.currentTarget.contains(event.relatedTarget as Node) || show(false)}>
      {open ? (
        <Field close={() => show(false)} />
      ) : (
        <button type="button" class="icon" title={`${say(words.search)} (Ctrl+K)`} aria-label={say(words.search)} onClick={() => show(true)}>
          <Icon of="search" />
        </button>
      )}
    </div>
  );
}

function Field({ close }: { readonly close: () => void }) {
  const [text, type] = useState("");
  const [wanted, want] = useState("");
  useEffect(() => {
    const pause = setTimeout(() => want(text.trim()), PAUSE);
    return () => clearTimeout(pause);
  }, [text]);
  const asked = useAsked<{ found: readonly Hit[]; more: boolean }>(wanted ? "/search" : null, { words: wanted });
  const options = (asked.told?.found ?? []).map(optionOf);
  return (
    <Combobox
      label={say(words.search)}
      hint={say(words.search_hint)}
      options={options}
      typed={type}
      leave={close}
      more={asked.told?.more ?? false}
    />
  );
}

function optionOf(hit: Hit): Option {
  const note = say(words.kinds[hit.kind]);
  if (hit.kind === "submission")
    return { key: `s${hit.id}`, code: hit.code, title: say(hit.title), note, take: () => go(toSubmission(hit.id)) };
  const at = page.value.page === "submission" ? page.value.id : (hit.submission ?? 0);
  const column = hit.column ? `?column=${hit.column}` : "";
  const take = () => go(toSubmission(at, hit.form) + column);
  return { key: `${hit.form} ${hit.column ?? ""}`, code: hit.code ?? "", title: say(hit.title), note, take };
}

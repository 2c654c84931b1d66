/** A field with a list under it: type to narrow, arrows to move, Enter to take. Search and the pickers are this. */
import type { ComponentChildren, TargetedKeyboardEvent } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { say } from "./words/say";
import { words } from "./words/frame";

export interface Option {
  readonly key: string;
  readonly code: string;
  readonly title: string;
  readonly note?: string;
  readonly take: () => void;
}

interface ComboboxProps {
  readonly label: string;
  readonly hint: string;
  readonly options: readonly Option[];
  readonly typed: (text: string) => void;
  readonly leave: () => void;
  readonly more?: boolean;
  readonly children?: ComponentChildren;
}

/** The field gets the focus at once; `leave` is called when it is done with. */
export function Combobox({ label, hint, options, typed, leave, more }: ComboboxProps) {
  const [at, move] = useState(0);
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const active = Math.min(at, options.length - 1);
  useLayoutEffect(() => field.current?.focus(), []);
  useEffect(() => document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" }), [active]);
  function press(event: TargetedKeyboardEvent<HTMLInputElement>) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step !== undefined) move(Math.max(0, Math.min(active + step, options.length - 1)));
    else if (event.key === "Enter") take(options[active]);
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  function take(option: Option | undefined) {
    if (!option) return;
    leave();
    option.take();
  }
  return (
    <div class="combobox">
      <input
        ref={field}
        type="search"
        role="combobox"
        aria-label={label}
        aria-expanded={true}
        aria-controls={id}
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        aria-autocomplete="list"
        placeholder={hint}
        autocomplete="off"
        list={undefined}
        onInput={(event) => (move(0), typed(event.currentTarget.value))}
        onKeyDown={press}
      />
      <ul role="listbox" id={id} aria-label={label}>
        {options.map((option, i) => (
          <li
            key={option.key}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === active}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(option)}
          >
            <span class="dim">{option.code}</span> <span class="name">{option.title}</span>
            {option.note && <span class="note-of">{option.note}</span>}
          </li>
        ))}
      </ul>
      <p class="count" role="status">
        {options.length ? say(words.found, { count: options.length }) : say(words.none)} {more && say(words.more)}
      </p>
    </div>
  );
}

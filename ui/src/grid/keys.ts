/**
 * What a key means in the grid, as in Excel. Letters are told by the place of the key (`event.code`), so that Ctrl+C is
 * Ctrl+C under a Kazakh or a Russian layout too.
 */
export type Command =
  | { readonly do: "move"; readonly by: readonly [number, number]; readonly extend: boolean; readonly far: boolean }
  | { readonly do: "page"; readonly by: readonly [number, number]; readonly extend: boolean }
  | { readonly do: "home" | "end"; readonly extend: boolean; readonly far: boolean }
  | { readonly do: "step"; readonly by: readonly [number, number] }
  | { readonly do: "edit" | "open" | "clear" | "escape" | "all" | "rows" | "columns" | "down" | "right" | "today" }
  | { readonly do: "ask"; readonly what: Asked };

/** What the grid hands on to whoever shows something in it. */
export type Asked =
  | "undo"
  | "redo"
  | "find"
  | "next"
  | "previous"
  | "precedents"
  | "dependents"
  | "formulas"
  | "recalculate"
  | "insert"
  | "remove"
  | "copy-rows"
  | "rows-up"
  | "rows-down"
  | "filter"
  | "columns"
  | "rows";

type Key = Pick<KeyboardEvent, "code" | "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
const CONTROL: Readonly<Record<string, Asked>> = {
  KeyZ: "undo",
  KeyY: "redo",
  KeyF: "find",
  BracketLeft: "precedents",
  BracketRight: "dependents",
  Backquote: "formulas",
  NumpadAdd: "insert",
  Equal: "insert",
  Minus: "remove",
  NumpadSubtract: "remove",
};
const CONTROL_SHIFT: Readonly<Record<string, Asked>> = {
  KeyZ: "redo",
  Equal: "insert",
  KeyL: "filter",
  KeyD: "copy-rows",
};
const PLAIN: Readonly<Record<string, Asked>> = { F9: "recalculate", F3: "next", ContextMenu: "rows" };

export function commandOf(key: Key): Command | null {
  const control = key.ctrlKey || key.metaKey;
  if (control && key.altKey) return null;
  if (key.altKey) return withAlt(key);
  return moving(key, control) ?? (control ? withControl(key) : alone(key));
}

/** Whether a key begins a new text in the active cell. */
export function begins(key: Key): boolean {
  return key.key.length === 1 && !key.ctrlKey && !key.metaKey && !key.altKey;
}

function moving(key: Key, far: boolean): Command | null {
  const arrow = ARROWS[key.code];
  if (arrow) return { do: "move", by: arrow, extend: key.shiftKey, far };
  if (key.code === "Home") return { do: "home", extend: key.shiftKey, far };
  if (key.code === "End") return { do: "end", extend: key.shiftKey, far };
  if (key.code === "PageUp" && !far) return { do: "page", by: [-1, 0], extend: key.shiftKey };
  if (key.code === "PageDown" && !far) return { do: "page", by: [1, 0], extend: key.shiftKey };
  return null;
}

function withControl(key: Key): Command | null {
  if (key.code === "KeyA") return { do: "all" };
  if (key.code === "KeyD" && !key.shiftKey) return { do: "down" };
  if (key.code === "KeyR" && !key.shiftKey) return { do: "right" };
  if (key.code === "Semicolon") return { do: "today" };
  if (key.code === "Space") return { do: "columns" };
  const what = (key.shiftKey ? CONTROL_SHIFT : CONTROL)[key.code];
  return what ? { do: "ask", what } : null;
}

function withAlt(key: Key): Command | null {
  if (key.shiftKey && key.code === "ArrowUp") return { do: "ask", what: "rows-up" };
  if (key.shiftKey && key.code === "ArrowDown") return { do: "ask", what: "rows-down" };
  if (key.code === "ArrowDown") return { do: "open" };
  if (key.code === "PageUp") return { do: "page", by: [0, -1], extend: key.shiftKey };
  if (key.code === "PageDown") return { do: "page", by: [0, 1], extend: key.shiftKey };
  return null;
}

function alone(key: Key): Command | null {
  if (key.code === "Tab") return { do: "step", by: [0, key.shiftKey ? -1 : 1] };
  if (key.code === "Enter" || key.code === "NumpadEnter") return { do: "step", by: [key.shiftKey ? -1 : 1, 0] };
  if (key.code === "F2") return { do: "edit" };
  if (key.code === "Delete" || key.code === "Backspace") return { do: "clear" };
  if (key.code === "Escape") return { do: "escape" };
  if (key.code === "Space" && key.shiftKey) return { do: "rows" };
  if (key.code === "F3" && key.shiftKey) return { do: "ask", what: "previous" };
  if (key.code === "F10" && key.shiftKey) return { do: "ask", what: "rows" };
  const what = PLAIN[key.code];
  return what ? { do: "ask", what } : null;
}

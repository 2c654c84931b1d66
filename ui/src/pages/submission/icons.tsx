/** The few signs of the form page, drawn in the line of the text. */
const PATHS = {
  ok: "M2.5 7.5 6 11l5.5-8",
  warn: "M7 1.5 13 12.5H1Z M7 5.5v3.2 M7 10.8v.1",
  open: "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0Z",
  fx: "M8.6 2.2C6.6 1.6 6.3 3 6 5L5 10.5C4.7 12 4 12.4 2.8 12M3.8 5.8h4.4 M8.6 8l3.2 4 M11.8 8l-3.2 4",
  lock: "M3 6.5h8v5.5H3Z M4.8 6.5V4.6a2.2 2.2 0 0 1 4.4 0v1.9",
  undo: "M4.5 2 2 4.5 4.5 7 M2 4.5h6a3.7 3.7 0 0 1 0 7.4H5",
  redo: "M9.5 2 12 4.5 9.5 7 M12 4.5H6a3.7 3.7 0 0 0 0 7.4h3",
  filter: "M1.5 2.5h11L8.4 7.6V12L5.6 10.5V7.6Z",
  find: "M10 6A4 4 0 1 1 2 6a4 4 0 0 1 8 0Z M9 9l3.5 3.5",
  plus: "M7 2.5v9 M2.5 7h9",
  x: "m3 3 8 8 M11 3l-8 8",
  columns: "M2 2.5h10v9H2Z M5.5 2.5v9 M8.5 2.5v9",
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name, title, bad }: { readonly name: IconName; readonly title?: string; readonly bad?: boolean }) {
  const told = title ? { role: "img" as const, "aria-label": title } : { "aria-hidden": true as const };
  return (
    <svg class={bad ? "i bad" : "i"} viewBox="0 0 14 14" {...told}>
      <path d={PATHS[name]} />
    </svg>
  );
}

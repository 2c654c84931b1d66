/** What a table does that is looked at and not typed into: nothing. */
import type { Acts } from "./board";

export const IDLE: Acts = {
  write: () => undefined,
  paste: () => undefined,
  ask: () => undefined,
  select: () => undefined,
  typing: () => undefined,
  resize: () => undefined,
  reorder: () => undefined,
  opens: () => undefined,
  menu: () => undefined,
  options: () => null,
  fold: () => false,
  copied: () => undefined,
  none: () => "",
};

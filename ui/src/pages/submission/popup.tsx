/** A small sheet of choices over the page; Escape or a click beside it closes it, and the focus comes back. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface PopupProps {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly close: () => void;
  readonly children: ComponentChildren;
}
const EDGE = 8;

export function Popup({ label, x, y, close, children }: PopupProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current as HTMLDivElement;
    const { width, height } = element.getBoundingClientRect();
    element.style.left = `${Math.max(EDGE, Math.min(x, innerWidth - width - EDGE))}px`;
    element.style.top = `${Math.max(EDGE, Math.min(y, innerHeight - height - EDGE))}px`;
    element.querySelector<HTMLElement>("button, input")?.focus();
    const beside = (event: PointerEvent): void => {
      if (!element.contains(event.target as Node)) close();
    };
    document.addEventListener("pointerdown", beside, true);
    return () => document.removeEventListener("pointerdown", beside, true);
  }, []);
  const key = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "Escape") close();
    else if (step) follow(box.current as HTMLDivElement, step);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="popup" role="dialog" aria-label={label} ref={box} onKeyDown={key}>
      {children}
    </div>
  );
}

/** Arrows go from one choice to the next. */
function follow(box: HTMLElement, step: number): void {
  const all = [...box.querySelectorAll<HTMLElement>("button:not(:disabled), input")];
  const at = all.indexOf(document.activeElement as HTMLElement);
  all[(at + step + all.length) % all.length]?.focus();
}

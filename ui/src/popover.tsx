/** A button under which something opens; Escape, a click elsewhere and leaving by Tab close it. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface PopoverProps {
  readonly name: string;
  readonly face: ComponentChildren;
  readonly kind: string;
  readonly popup: "listbox" | "menu" | "dialog";
  readonly children: (close: () => void) => ComponentChildren;
}

export function Popover({ name, face, kind, popup, children }: PopoverProps) {
  const [open, show] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  function close() {
    show(false);
    button.current?.focus();
  }
  useEffect(() => {
    if (!open) return;
    const elsewhere = (event: Event) => place.current?.contains(event.target as Node) || show(false);
    document.addEventListener("pointerdown", elsewhere);
    document.addEventListener("focusin", elsewhere);
    return () => {
      document.removeEventListener("pointerdown", elsewhere);
      document.removeEventListener("focusin", elsewhere);
    };
  }, [open]);
  return (
    <div class="popover" ref={place} onKeyDown={(event) => event.key === "Escape" && open && close()}>
      <button
        ref={button}
        type="button"
        class={kind}
        aria-label={name}
        title={name}
        aria-haspopup={popup}
        aria-expanded={open}
        onClick={() => show(!open)}
      >
        {face}
      </button>
      {open && <div class="under">{children(close)}</div>}
    </div>
  );
}

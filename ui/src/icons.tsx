/** The few pictures that stand for a word; they are decoration to a screen reader. */
const PATHS = {
  search: "M6.2 11a4.8 4.8 0 1 0 0-9.6 4.8 4.8 0 0 0 0 9.6ZM9.8 9.8l3.4 3.4",
  down: "m2 4.5 5 5 5-5",
  moon: "M12 8.6A5.4 5.4 0 0 1 5.4 2 5.6 5.6 0 1 0 12 8.6Z",
  sun: "M7 9.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM7 .8v1.4M7 11.8v1.4M.8 7h1.4M11.8 7h1.4M2.6 2.6l1 1M10.4 10.4l1 1M2.6 11.4l1-1M10.4 3.6l1-1",
  warning: "M7 1.6 13.2 12.4H.8ZM7 5.4v3.4M7 10.4v.4",
  done: "m1.6 7.6 3.6 3.8 7.2-8.6",
  open: "M7 11.6a4.6 4.6 0 1 0 0-9.2 4.6 4.6 0 0 0 0 9.2Z",
  remark: "M1.4 2.4h11.2v7.4H6.4l-2.8 2.4V9.8H1.4Z",
  limit: "M1 12.4h12M2.6 12.4V6.8h2.2v5.6M6 12.4V1.6h2.2v10.8M9.4 12.4V4.4h2.2v8",
  away: "M1 1l12 12M2 6.4a7 7 0 0 1 2.6-1.8M12 6.4a7 7 0 0 0-4-2.2M4.4 9a4 4 0 0 1 2-.9M7 12h.1",
  help: "M5 5a2 2 0 1 1 2.6 1.9c-.5.2-.6.6-.6 1.3M7 10.4v.4M7 13a6 6 0 1 0 0-12 6 6 0 0 0 0 12Z",
} as const;

export function Icon({ of }: { readonly of: keyof typeof PATHS }) {
  return (
    <svg class="i" viewBox="0 0 14 14" aria-hidden="true">
      <path d={PATHS[of]} />
    </svg>
  );
}

export function Mark() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" class="shangyraq">
      <circle cx="12" cy="12" r="10.2" />
      <path d="M8.6 2.6v18.8M15.4 2.6v18.8M2.6 8.6h18.8M2.6 15.4h18.8" />
      <path class="one" d="M8.6 8.6h6.8v6.8H8.6Z" />
    </svg>
  );
}

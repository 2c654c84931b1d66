/** What the page remembers of its user, kept by the service: how one likes the columns of each form. */
import { signal } from "@preact/signals";
import { addressOf, get, send } from "../../api/client";
import { PLAIN, type Shape } from "./columns";

interface Layout {
  readonly forms?: Readonly<Record<string, Partial<Shape>>>;
  /** The revision of each submission at which one last looked. */
  readonly seen?: Readonly<Record<string, number>>;
}
const PATIENCE = 600;

const layout = signal<Layout>({});
let known: Promise<void> | null = null;
let keeping: ReturnType<typeof setTimeout> | undefined;

/** Ask once what was remembered. */
export function remembered(): Promise<void> {
  known ??= get<{ layout: Layout | null }>("/layout").then((told) => void (layout.value = told.layout ?? {}));
  return known;
}

export function shapeOf(form: string): Shape {
  return { ...PLAIN, ...layout.value.forms?.[form] };
}

/** Change how a form's columns are shown; `keep`: remember it. */
export function reshape(form: string, shape: Shape, keep = true): void {
  layout.value = { ...layout.value, forms: { ...layout.value.forms, [form]: shape } };
  if (keep) soon();
}

export function seenOf(submission: number): number | undefined {
  return layout.value.seen?.[String(submission)];
}

export function sawOf(submission: number, revision: number): void {
  if (seenOf(submission) === revision) return;
  layout.value = { ...layout.value, seen: { ...layout.value.seen, [String(submission)]: revision } };
  soon();
}

function soon(): void {
  clearTimeout(keeping);
  keeping = setTimeout(keep, PATIENCE);
}

/** What could not be kept now is kept with the next change: it is only how one likes to look at things. */
function keep(): void {
  keeping = undefined;
  void send("PUT", "/layout", { layout: layout.value }).catch(() => undefined);
}

addEventListener("pagehide", () => {
  if (keeping === undefined) return;
  clearTimeout(keeping);
  const body = JSON.stringify({ layout: layout.value });
  void fetch(addressOf("/layout"), { method: "PUT", body, keepalive: true, headers: { "Content-Type": "application/json" } });
});

/** What the page remembers of its user, kept by the service: how one likes the columns of each form, what one has seen. */
import { signal } from "@preact/signals";
import { addressOf, get } from "../../api/client";
import { stir, whenCalm } from "../../calm";
import { PLAIN, type Shape } from "./columns";

interface Layout {
  readonly forms?: Readonly<Record<string, Partial<Shape>>>;
  /** The revision of each submission at which one last looked. */
  readonly seen?: Readonly<Record<string, number>>;
}

const forms = signal<NonNullable<Layout["forms"]>>({});
let seen: NonNullable<Layout["seen"]> = {};
let known: Promise<void> | null = null;
/** What is to be kept: the forms' shapes soon; what one has seen when one leaves, since it moves with every edit. */
let [shaped, looked] = [false, false];

/** Ask once what was remembered. */
export function remembered(): Promise<void> {
  known ??= get<{ layout: Layout | null }>("/layout").then(({ layout }) => {
    forms.value = layout?.forms ?? {};
    seen = { ...layout?.seen, ...seen };
  });
  return known;
}

export function shapeOf(form: string): Shape {
  return { ...PLAIN, ...forms.value[form] };
}

/** Change how a form's columns are shown; `keep`: remember it. */
export function reshape(form: string, shape: Shape, keep = true): void {
  forms.value = { ...forms.value, [form]: shape };
  shaped ||= keep;
  stir();
}

export function seenOf(submission: number): number | undefined {
  return seen[String(submission)];
}

export function sawOf(submission: number, revision: number): void {
  if (seenOf(submission) === revision) return;
  seen = { ...seen, [String(submission)]: revision };
  looked = true;
}

/** What could not be kept now is kept with the next change: it is only how one likes to look at things. */
export function keep(): void {
  if (!shaped && !looked) return;
  shaped = looked = false;
  const body = JSON.stringify({ layout: { forms: forms.value, seen } });
  const headers = { "Content-Type": "application/json" };
  void fetch(addressOf("/layout"), { method: "PUT", body, keepalive: true, headers }).catch(() => undefined);
}

whenCalm(() => shaped && keep());
addEventListener("pagehide", keep);

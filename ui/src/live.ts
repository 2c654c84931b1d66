/**
 * What others change, as it happens: one stream of events for the whole page, whatever submissions it follows. After a
 * loss the stream goes on from the last event that came, so that nothing is missed.
 */
import { effect, signal } from "@preact/signals";
import { addressOf } from "./api/client";
import type { DeltaEvent } from "./api/wire";
import { user } from "./session";

export type Connection = "live" | "lost" | "healing";
/** Live; lost; or healing: reached again, what was missed is coming. */
export const connection = signal<Connection>("live");

/** The position of the journal at which the stream was last known to have told everything. */
export const currentAt = signal(0);

type OnDelta = (delta: DeltaEvent) => void;
const SILENCE_MAX = 40_000;
const PATIENCE = 2_000;

const followers = new Map<OnDelta, readonly number[]>();
const watchers = new Set<() => void>();
let source: EventSource | null = null;
let last: number | null = null;
let watch: ReturnType<typeof setTimeout> | undefined;

/** Be told of each change of some submissions until the returned function is called. */
export function subscribe(submissions: readonly number[], onDelta: OnDelta): () => void {
  followers.set(onDelta, submissions);
  reopen();
  return () => {
    followers.delete(onDelta);
    reopen();
  };
}

/** Be told that something was written anywhere, so that totals may be asked again, until the returned function is called. */
export function subscribeTotals(onMoved: () => void): () => void {
  watchers.add(onMoved);
  reopen();
  return () => {
    watchers.delete(onMoved);
    reopen();
  };
}

/** Listen as long as somebody is signed in. */
export function listen(): void {
  effect(() => (user.value ? open() : close()));
  addEventListener("offline", lose);
  addEventListener("online", reopen);
}

function reopen(): void {
  if (!user.peek()) return;
  close();
  open();
}

function open(): void {
  const submission = [...new Set([...followers.values()].flat())];
  const opened = (source = new EventSource(addressOf("/events", { submission, totals: watchers.size ? true : null, after: last })));
  opened.onopen = () => {
    if (connection.value === "lost") connection.value = "healing";
    alive();
  };
  opened.onerror = lose;
  opened.addEventListener("still", alive);
  opened.addEventListener("current", (event) => {
    last = Number(event.lastEventId);
    currentAt.value = last;
    connection.value = "live";
    alive();
  });
  opened.addEventListener("moved", () => {
    alive();
    for (const onMoved of [...watchers]) onMoved();
  });
  opened.addEventListener("delta", (event) => {
    last = Number(event.lastEventId);
    alive();
    tell(JSON.parse(event.data as string) as DeltaEvent);
  });
}

function close(): void {
  clearTimeout(watch);
  source?.close();
  source = null;
}

function tell(delta: DeltaEvent): void {
  for (const [onDelta, submissions] of [...followers]) if (submissions.includes(delta.submission)) onDelta(delta);
}

/** The service speaks every few seconds; a long silence is a loss that the browser has not noticed. */
function alive(): void {
  clearTimeout(watch);
  watch = setTimeout(lose, SILENCE_MAX);
}

function lose(): void {
  connection.value = "lost";
  clearTimeout(watch);
  if (source?.readyState === EventSource.CONNECTING) watch = setTimeout(lose, SILENCE_MAX);
  else watch = setTimeout(reopen, PATIENCE);
}

/** Asking the service: JSON there and back; what it refuses is thrown as a `Refusal` with its findings. */
import type { Finding } from "./wire";

export const API = "/api/v1";
export type Query = Readonly<Record<string, string | number | boolean | null | undefined | readonly (string | number)[]>>;

/** Why the service did not do what it was asked to: problem details (RFC 9457) with findings in three languages. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly findings: readonly Finding[],
  ) {
    super(title);
  }
}

/** The service could not be reached at all; what was asked may be asked again. */
export class Unreached extends Error {}

let signedOut: () => void = () => undefined;
/** What to do when the service says that the session has ended. */
export function whenSignedOut(act: () => void): void {
  signedOut = act;
}

let answered: (method: string, path: string, answer: unknown) => void = () => undefined;
/** Who looks at each answer as it comes. */
export function whenAnswered(act: typeof answered): void {
  answered = act;
}

/** Read something: `get<Submission>("/submissions/2")`. */
export function get<T>(path: string, query: Query = {}): Promise<T> {
  return asked<T>("GET", path + written(query), undefined, {});
}

export type Method = "POST" | "PUT" | "PATCH" | "DELETE";
export interface Sending {
  /** Sent twice under one key, it is done once. */
  readonly key?: string;
  readonly query?: Query;
}

/** Change something; a Blob goes as it is, anything else as JSON. */
export function send<T>(method: Method, path: string, body?: unknown, how: Sending = {}): Promise<T> {
  const headers: Record<string, string> = how.key ? { "Idempotency-Key": how.key } : {};
  return asked<T>(method, path + written(how.query ?? {}), body, headers);
}

/** The address of something to be downloaded or shown. */
export function addressOf(path: string, query: Query = {}): string {
  return API + path + written(query);
}

async function asked<T>(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<T> {
  const plain = body === undefined || body instanceof Blob;
  const asking: RequestInit = { method, headers: plain ? headers : { ...headers, "Content-Type": "application/json" } };
  if (body !== undefined) asking.body = plain ? (body as Blob) : JSON.stringify(body);
  let answer: Response;
  try {
    answer = await fetch(API + path, asking);
  } catch (error) {
    throw new Unreached(String(error));
  }
  if (!answer.ok) throw await refusalOf(answer);
  const told = (answer.status === 204 ? undefined : await answer.json()) as T;
  answered(method, path, told);
  return told;
}

interface Problem {
  readonly title?: string;
  readonly findings?: readonly Finding[];
}

async function refusalOf(answer: Response): Promise<Refusal> {
  const told = (await answer.json().catch(() => ({}))) as Problem;
  const findings = told.findings ?? [];
  if (findings[0]?.code === "signed-out") signedOut();
  return new Refusal(answer.status, told.title ?? answer.statusText, findings);
}

function written(query: Query): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) parts.append(name, String(one));
  }
  const text = parts.toString();
  return text ? `?${text}` : "";
}

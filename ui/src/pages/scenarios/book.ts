/** Scenarios as the service keeps them, and their overrides. The page writes a body as JSON, which is YAML too, so that it
 * can read it again; a body that somebody wrote as YAML by hand is changed as text. */
import { get, Refusal, send } from "../../api/client";
import type { Finding, Titles } from "../../api/wire";

/** Milliseconds until a comparison that must wait for another is asked for again. */
const AGAIN = 500;

export interface Listed {
  readonly link: string;
  readonly title: string;
  readonly by: string;
  readonly mine: boolean;
  readonly shared: "nobody" | "link";
  readonly cycle: string;
  readonly position: number;
  readonly revision: number;
  readonly changed_at: string;
}
export interface Scenario extends Listed {
  readonly body: string;
}
export interface Override {
  readonly value?: string;
  readonly change?: string;
  readonly from?: string;
  readonly [key: string]: string | undefined;
}
export interface Body {
  readonly scenario: string;
  readonly ruleset?: string;
  readonly norms?: Readonly<Record<string, readonly Override[]>>;
  readonly limits?: readonly Override[];
  readonly cells?: readonly Override[];
}
export interface Cause {
  readonly cause: string;
  readonly what: string;
  /** The kind of thing that differs, and what it and its form are called, where they have a title. */
  readonly part: string;
  readonly title: Titles | null;
  readonly form: { readonly code: string | null; readonly title: Titles } | null;
  readonly amounts: Readonly<Record<string, string>>;
}
export interface Side {
  readonly link: string;
  readonly name: string;
  readonly title: Titles;
  readonly causes: readonly Cause[];
  readonly limits: readonly { readonly year: number }[];
  readonly findings: readonly Pick<Finding, "code" | "severity" | "text">[];
}
export interface Compared {
  readonly cycle: string;
  readonly position: number;
  readonly by: readonly string[];
  readonly submissions: number;
  readonly left_out: number;
  readonly rows: readonly (readonly string[])[];
  readonly limits: readonly { readonly year: number }[];
  readonly scenarios: readonly Side[];
}
interface Run {
  readonly digest: string;
  readonly done: number;
  readonly of: number;
  readonly compared: Compared | null;
}

export function bodyOf(text: string): Body | null {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return null;
  }
}

export function textOf(body: Body): string {
  return JSON.stringify(body, null, 2);
}

/** A scenario begins with the change of one norm: one that changes nothing is none. */
export function firstBody(norm: string, typed: string): string {
  return textOf({ scenario: `what-if-${Date.now().toString(36)}`, norms: { [norm]: [valued(typed)] } });
}

/** "+10 %" is a change, all else a value. */
export function valued(typed: string): Override {
  const plain = typed.trim().replace("−", "-").replace(",", ".");
  return /^[+-]/.test(plain) ? { change: plain } : { value: plain.replace(/\s/g, "") };
}

export function saved(scenario: Scenario, changed: Partial<Pick<Scenario, "title" | "body" | "shared">> & { rebase?: boolean }): Promise<Scenario> {
  const { title, body, shared, revision, cycle } = scenario;
  return send<Scenario>("PUT", `/scenarios/${scenario.link}`, { title, body, shared, revision, cycle, ...changed });
}

/** Compare, and go on asking until it is done; `told` hears how far it is. */
export async function compared(scenarios: readonly string[], by: readonly string[], told: (done: number, of: number) => boolean): Promise<Compared | null> {
  let run = await begun(scenarios, by);
  while (run === null) {
    if (!told(0, 1)) return null;
    await new Promise((done) => setTimeout(done, AGAIN));
    run = await begun(scenarios, by);
  }
  while (run.compared === null) {
    if (!told(run.done, run.of)) return null;
    run = await get<Run>(`/scenarios/compared/${run.digest}`);
  }
  return run.compared;
}

/** Null while one's comparison before this is still calculated: a scenario may be changed faster than it is compared. */
async function begun(scenarios: readonly string[], by: readonly string[]): Promise<Run | null> {
  try {
    return await send<Run>("POST", "/scenarios/compare", { scenarios, by });
  } catch (error) {
    if (error instanceof Refusal && error.findings[0]?.code === "scenario-running") return null;
    throw error;
  }
}

/** What the service says in the document itself, so that the first paint knows it: which installation this is. */
export type Installation = "real" | "demo" | "test";
export interface Told {
  readonly installation: Installation;
  /** Whether there may be somebody: the browser has a session's cookie, which the page cannot see. */
  readonly signed: boolean;
}

/** Without the service (in development) everything is possible. */
export const told: Told = parsed(globalThis.document?.querySelector('meta[name="esep-told"]')?.getAttribute("content"));

function parsed(text: string | null | undefined): Told {
  return text?.startsWith("{") ? (JSON.parse(text) as Told) : { installation: "test", signed: true };
}

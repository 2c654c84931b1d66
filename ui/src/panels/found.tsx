/** Findings wherever they are told: what is wrong, where, and what to do. */
import type { Finding } from "../api/wire";
import { say } from "../words/say";

const MARK = { error: "▲", warning: "△", note: "○" } as const;

export function FindingList({ findings }: { readonly findings: readonly Finding[] }) {
  if (!findings.length) return null;
  return (
    <ul class="found" role="alert">
      {findings.map((one, i) => (
        <li key={i} class={one.severity}>
          <span aria-hidden="true">{MARK[one.severity]}</span> {say(one.text)}
        </li>
      ))}
    </ul>
  );
}

export function markOf(severity: Finding["severity"]): string {
  return MARK[severity];
}

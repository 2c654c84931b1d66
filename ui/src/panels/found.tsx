/** Findings wherever they are told: what is wrong, where, and what to do. */
import type { Finding } from "../api/wire";
import { say } from "../words/say";

const MARK = { error: "▲", warning: "△", note: "○" } as const;

export function FindingList({ findings }: { readonly findings: readonly Finding[] }) {
  if (!findings.length) return null;
  return (
    <div role="alert">
      <ul class="found">
        {findings.map((one, i) => (
          <li key={i} class={one.severity}>
            <span aria-hidden="true">{MARK[one.severity]}</span> {say(one.text)}
          </li>
        ))}
      </ul>
    </div>
  );
}

export function markOf(severity: Finding["severity"]): string {
  return MARK[severity];
}

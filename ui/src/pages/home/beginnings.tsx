/** What institutions have not begun in the open cycle, and one's own administrator: begin it, from the last cycle's or empty. */
import { useState } from "preact/hooks";
import { Refusal, send } from "../../api/client";
import { whole } from "../../api/whole";
import type { Code, Codes, Finding, Opening, Origin } from "../../api/wire";
import { FindingList } from "../../panels/found";
import { useTold } from "../../panels/told";
import { go, toSubmission } from "../../route";
import { words } from "../../words/home";
import { words as signing } from "../../words/signin";
import { say } from "../../words/say";

const SERVICE_GONE: Finding = { code: "unreached", severity: "error", text: signing.unreached, args: {} };
/** What is sent besides whose it is: one of the last cycle's, or a programme to begin with nothing in. */
type From = { readonly start: "last"; readonly origin: number } | ({ readonly start: "empty" } & Chosen);
type Chosen = Readonly<Partial<Record<Opening["asks"][number], string>>>;

export function Beginnings({ of, all }: { readonly of: readonly Opening[]; readonly all: number }) {
  if (!of.length) return null;
  return (
    <>
      {of.map((one) => <Begin key={`${one.institution} ${one.ruleset}`} of={one} />)}
      {all > of.length && <p class="sec">{say(words.begin_more, { count: all })}</p>}
    </>
  );
}

function Begin({ of }: { readonly of: Opening }) {
  const [refused, refuse] = useState<readonly Finding[]>([]);
  const [key] = useState(() => crypto.randomUUID());
  const [sent, wait] = useState(false);
  async function begin(from: From) {
    wait(true);
    refuse([]);
    const body = { institution: of.institution, cycle: of.cycle, ruleset: of.ruleset, ...from };
    try {
      go(toSubmission((await send<{ id: number }>("POST", "/submissions", body, { key: [key, ...Object.values(from)].join("-") })).id));
    } catch (error) {
      refuse(error instanceof Refusal ? error.findings : [SERVICE_GONE]);
      wait(false);
    }
  }
  const title = say(words.begin, { what: say(of.ruleset_title), title: say(of.title), cycle: of.cycle.replace("-", "–") });
  return (
    <section class="begin" aria-label={title}>
      <h2>{title}</h2>
      <p class="sec">{say(words.begin_about)}</p>
      <FindingList findings={refused} />
      <ul>
        {of.origins.map((one, i) => <Last key={one.id} of={one} main={i === 0} sent={sent} begin={begin} />)}
        <Empty of={of} sent={sent} begin={begin} />
      </ul>
    </section>
  );
}

interface Starting {
  readonly sent: boolean;
  readonly begin: (from: From) => void;
}

function Last({ of, main, sent, begin }: Starting & { readonly of: Origin; readonly main: boolean }) {
  const programme = [of.programme, of.subprogramme].filter(Boolean).join(" / ");
  const what = say(words.begin_last, { cycle: of.cycle.replace("-", "–"), programme });
  return (
    <li>
      <span>{what}</span>
      <button
        type="button" class={main ? "btn main" : "btn"} disabled={sent} aria-label={`${say(words.begin_do)}: ${what}`}
        onClick={() => begin({ start: "last", origin: of.id })}
      >
        {say(words.begin_do)}
      </button>
    </li>
  );
}

function Empty({ of, sent, begin }: Starting & { readonly of: Opening }) {
  const [chosen, choose] = useState<Chosen>({});
  return (
    <li>
      <form onSubmit={(event) => (event.preventDefault(), begin({ start: "empty", ...chosen }))}>
        <span>{say(words.begin_empty)}</span>
        {of.asks.map((name) => (
          <Chooser
            key={name} label={say(words[name])} classification={name} start={name === "programme" && of.administrator ? `${of.administrator}-` : ""}
            take={(code) => choose({ ...chosen, [name]: code })}
          />
        ))}
        <button type="submit" class={of.asks.length || of.origins.length ? "btn" : "btn main"} disabled={sent} aria-label={`${say(words.begin_do)}: ${say(words.begin_empty)}`}>
          {say(words.begin_do)}
        </button>
      </form>
    </li>
  );
}

interface ChooserProps {
  readonly label: string;
  readonly classification: string;
  /** How its codes begin. */
  readonly start: string;
  readonly take: (code: string) => void;
}

function Chooser({ label, classification, start, take }: ChooserProps) {
  const of = useCodes(classification, start);
  return (
    <label>
      {label}{" "}
      <select required onChange={(event) => take(event.currentTarget.value)}>
        <option value="">{say(words.choose)}</option>
        {of.map((one) => <option key={one.code} value={one.code}>{one.code} {say(one.title)}</option>)}
      </select>
    </label>
  );
}

/** The codes of a classification that begin so. */
function useCodes(classification: string, start: string): readonly Code[] {
  const codes = useTold(() => whole<Codes>(`/classifications/${classification}`, "codes", { like: start }), [classification, start]).value?.codes ?? [];
  return codes.filter((one) => one.code.startsWith(start));
}

/** What a scenario changes: norms, limits and cells, each with what it was and becomes; to be added and taken out. */
import { useState } from "preact/hooks";
import { get } from "../../api/client";
import { whole } from "../../api/whole";
import type { Finding, Titles } from "../../api/wire";
import { date } from "../../figures";
import { FindingList } from "../../panels/found";
import { decimal } from "../../panels/story";
import { useTold } from "../../panels/told";
import { say } from "../../words/say";
import { words } from "../../words/scenarios";
import { bodyOf, textOf, valued, type Body, type Override, type Scenario } from "./book";

interface NormListed {
  readonly name: string;
  readonly title: Titles;
  readonly unit: string;
  readonly keys: readonly { readonly name: string }[];
}
interface NormValues {
  readonly values: readonly { readonly value: string | null; readonly keys: Readonly<Record<string, string>> }[];
}
type Kind = "norm" | "limit" | "cell";
interface OverridesProps {
  readonly scenario: Scenario;
  readonly save: (body: string) => Promise<readonly Finding[]>;
}

export function Overrides({ scenario, save }: OverridesProps) {
  const body = bodyOf(scenario.body);
  const [text, asText] = useState(body === null);
  return (
    <aside class="overrides" aria-label={say(words.beside)}>
      {text || !body ? <Text scenario={scenario} save={save} /> : <List body={body} scenario={scenario} save={save} />}
      {body && (
        <button type="button" class="link small" onClick={() => asText(!text)}>{say(text ? words.asList : words.asText)}</button>
      )}
    </aside>
  );
}

function Text({ scenario, save }: OverridesProps) {
  const [body, type] = useState(scenario.body);
  const [refused, refuse] = useState<readonly Finding[]>([]);
  return (
    <form onSubmit={(event) => (event.preventDefault(), void save(body).then(refuse))}>
      <textarea class="body-text" rows={18} spellcheck={false} aria-label={say(words.beside)} value={body} readOnly={!scenario.mine} onInput={(event) => type(event.currentTarget.value)} />
      <FindingList findings={refused} />
      {scenario.mine && <button type="submit" class="btn">{say(words.keep)}</button>}
    </form>
  );
}

function List({ body, scenario, save }: OverridesProps & { readonly body: Body }) {
  const known = useTold(() => whole<{ norms: NormListed[] }>("/norms", "norms"), []);
  const titleOf = (name: string): string => say(known.value?.norms.find((one) => one.name === name)?.title ?? { ru: name, en: name, kk: name });
  const norms = Object.entries(body.norms ?? {}).flatMap(([name, all]) => all.map((one, i) => ({ name, one, i })));
  const [refused, refuse] = useState<readonly Finding[]>([]);
  const out = (changed: Body): void => void save(textOf(changed)).then(refuse);
  const without = <T,>(list: readonly T[] | undefined, at: number): T[] => (list ?? []).filter((_, i) => i !== at);
  const empty = !norms.length && !body.limits?.length && !body.cells?.length;
  return (
    <>
      <FindingList findings={refused} />
      {empty && <p class="small sec">{say(words.nothingYet)}</p>}
      <Group title={say(words.norms)} mine={scenario.mine} entries={norms.map(({ name, one, i }) => ({ what: titleOf(name), one, remove: () => out({ ...body, norms: { ...body.norms, [name]: without(body.norms?.[name], i) } }) }))} />
      <Group title={say(words.limits)} mine={scenario.mine} entries={(body.limits ?? []).map((one, i) => ({ what: `${titleOf(one.limit ?? "")} ${one.administrator ?? one.institution ?? ""}`, one, remove: () => out({ ...body, limits: without(body.limits, i) }) }))} />
      <Group title={say(words.cells)} mine={scenario.mine} entries={(body.cells ?? []).map((one, i) => ({ what: `${one.submission}: ${one.form} ${one.row}, ${one.column} ${one.year ?? ""}`, one, remove: () => out({ ...body, cells: without(body.cells, i) }) }))} />
      {scenario.mine && <Adding body={body} save={save} norms={known.value?.norms ?? []} />}
    </>
  );
}

interface Entry {
  readonly what: string;
  readonly one: Override;
  readonly remove: () => void;
}

function Group({ title, entries, mine }: { readonly title: string; readonly entries: readonly Entry[]; readonly mine: boolean }) {
  if (!entries.length) return null;
  return (
    <section>
      <h2 class="h">{title}</h2>
      <ul>
        {entries.map(({ what, one, remove }, i) => (
          <li class="override" key={i}>
            <p>{what}</p>
            <p><span aria-hidden="true">›</span> <b class="gold">{one.change ?? decimal(one.value ?? "")}</b> {one.from && <span class="micro sec">{say(words.from)} {date(one.from)}</span>}</p>
            {mine && <button type="button" class="icon-x" aria-label={say(words.takeOut, { what })} onClick={remove}>×</button>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Adding({ body, save, norms }: { readonly body: Body; readonly save: OverridesProps["save"]; readonly norms: readonly NormListed[] }) {
  const [kind, choose] = useState<Kind | null>(null);
  const [facts, put] = useState<Readonly<Record<string, string>>>({});
  const [refused, refuse] = useState<readonly Finding[]>([]);
  if (!kind) return <button type="button" class="btn add" onClick={() => choose("norm")}>+ {say(words.add)}</button>;
  const set = (name: string) => (event: { currentTarget: HTMLInputElement | HTMLSelectElement }): void => put({ ...facts, [name]: event.currentTarget.value });
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    const found = await save(textOf(added(body, kind, facts)));
    refuse(found);
    if (!found.length) (choose(null), put({}));
  };
  const listed = norms.filter((one) => one.name.startsWith("limit.") === (kind === "limit"));
  return (
    <form class="new" onSubmit={(event) => void add(event)}>
      <label class="small">{say(words.what)}
        <select value={kind} onChange={(event) => (choose(event.currentTarget.value as Kind), put({}))}>
          <option value="norm">{say(words.aNorm)}</option>
          <option value="limit">{say(words.aLimit)}</option>
          <option value="cell">{say(words.aCell)}</option>
        </select>
      </label>
      {kind === "cell" ? <CellFields set={set} facts={facts} /> : (
        <label class="small">{say(kind === "norm" ? words.norm : words.limit)}
          <select required aria-label={say(kind === "norm" ? words.norm : words.limit)} value={facts.norm ?? ""} onChange={set("norm")}>
            <option value="" />
            {listed.map((one) => <option key={one.name} value={one.name}>{say(one.title)}</option>)}
          </select>
        </label>
      )}
      {kind === "norm" && facts.norm && <Now name={facts.norm} />}
      {kind === "limit" && <label class="small">{say(words.of)}<input required value={facts.of ?? ""} onInput={set("of")} /></label>}
      <label class="small">{say(kind === "cell" ? words.newValue : words.value)}<input required value={facts.value ?? ""} onInput={set("value")} /></label>
      {kind !== "cell" && <label class="small">{say(words.from)}<input type="date" value={facts.from ?? ""} onInput={set("from")} /></label>}
      <div class="acts">
        <button type="submit" class="btn main">{say(words.put)}</button>
        <button type="button" class="link" onClick={() => choose(null)}>{say(words.cancel)}</button>
      </div>
      <FindingList findings={refused} />
    </form>
  );
}

interface Fields {
  readonly facts: Readonly<Record<string, string>>;
  readonly set: (name: string) => (event: { currentTarget: HTMLInputElement | HTMLSelectElement }) => void;
}

function CellFields({ set, facts }: Fields) {
  const field = (name: "institution" | "form" | "row" | "column" | "year", required = true) => (
    <label class="small">{say(words[name])}<input required={required} value={facts[name] ?? ""} onInput={set(name)} /></label>
  );
  return <>{field("institution")}{field("form")}{field("row")}{field("column")}{field("year", false)}</>;
}

/** What a norm is now, where it is one number. */
function Now({ name }: { readonly name: string }) {
  const told = useTold(() => get<NormValues>(`/norms/${name}`, { on: `${new Date().getFullYear()}-01-01` }), [name]);
  const values = told.value?.values ?? [];
  return values.length === 1 && values[0]?.value ? <p class="micro sec">{say(words.now, { value: decimal(values[0].value) })}</p> : null;
}

function added(body: Body, kind: Kind, facts: Readonly<Record<string, string>>): Body {
  const { norm = "", of = "", value = "", from, institution = "", form = "", row = "", column = "", year } = facts;
  const what = { ...valued(value), ...(from ? { from } : {}) };
  if (kind === "norm") return { ...body, norms: { ...body.norms, [norm]: [...(body.norms?.[norm] ?? []), what] } };
  if (kind === "limit") return { ...body, limits: [...(body.limits ?? []), { limit: norm, [of.length > 3 ? "institution" : "administrator"]: of, ...what }] };
  const cell: Override = { submission: institution, form, row, column, value: valued(value).value ?? value, ...(year ? { year } : {}) };
  return { ...body, cells: [...(body.cells ?? []), cell] };
}

/** What if: an analyst's scenarios over a pinned base, what they change, and how the sums move; shared by link. */
import { useEffect, useState } from "preact/hooks";
import "../../panels/panels.css";
import "../totals/totals.css";
import "./scenarios.css";
import { get, send } from "../../api/client";
import { whole } from "../../api/whole";
import type { Finding, Titles } from "../../api/wire";
import { moment as momentText } from "../../figures";
import { FindingList } from "../../panels/found";
import { tried, useTold } from "../../panels/told";
import { go, query } from "../../route";
import { say } from "../../words/say";
import { words } from "../../words/scenarios";
import { firstBody, saved, type Listed, type Scenario } from "./book";
import { Comparison } from "./comparison";
import { Overrides } from "./overrides";

export function ScenariosPage({ id }: { readonly id: string | null }) {
  return id === null ? <Shelf /> : <Open key={id} link={id} />;
}

function Shelf() {
  const told = useTold(() => get<{ scenarios: Listed[] }>("/scenarios"), []);
  return (
    <main class="scenarios shelf">
      <h1 class="title">{say(words.title)}</h1>
      <p class="say">{say(words.intro)}</p>
      <New />
      <FindingList findings={told.findings} />
      {told.value?.scenarios.length === 0 && <p class="small sec">{say(words.none)}</p>}
      <ul>
        {told.value?.scenarios.map((one) => (
          <li key={one.link}>
            <a href={`/scenarios/${one.link}`}>{one.title}</a>{" "}
            <span class="small sec">{say(words.pinned, { cycle: one.cycle, position: one.position })} · {momentText(one.changed_at)}</span>
          </li>
        ))}
      </ul>
    </main>
  );
}

function New() {
  const norms = useTold(() => whole<{ norms: { name: string; title: Titles }[] }>("/norms", "norms"), []);
  const [title, type] = useState("");
  const [norm, choose] = useState("");
  const [value, put] = useState("");
  const [refused, refuse] = useState<readonly Finding[]>([]);
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    refuse(await tried(async () => go(`/scenarios/${(await send<Scenario>("POST", "/scenarios", { title, body: firstBody(norm, value) })).link}`)));
  };
  return (
    <form class="new-scenario" aria-label={say(words.fresh)} onSubmit={(event) => void make(event)}>
      <label class="small sec">{say(words.name)}<input required maxLength={200} value={title} onInput={(event) => type(event.currentTarget.value)} /></label>
      <label class="small sec">{say(words.norm)}
        <select required aria-label={say(words.norm)} value={norm} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="" />
          {norms.value?.norms.map((one) => <option key={one.name} value={one.name}>{say(one.title)}</option>)}
        </select>
      </label>
      <label class="small sec">{say(words.value)}<input required value={value} onInput={(event) => put(event.currentTarget.value)} /></label>
      <button type="submit" class="btn main">{say(words.make)}</button>
      <FindingList findings={refused} />
    </form>
  );
}

function Open({ link }: { readonly link: string }) {
  const read = useTold(() => get<Scenario>(`/scenarios/${link}`), [link]);
  const [changed, keep] = useState<Scenario | null>(null);
  const scenario = changed ?? read.value;
  const others = useOthers(query.value.getAll("with"));
  if (!scenario) return <main class="scenarios"><FindingList findings={read.findings} /></main>;
  const change = (what: Parameters<typeof saved>[1]): Promise<readonly Finding[]> => tried(async () => keep(await saved(scenario, what)));
  return (
    <main class="scenarios open">
      <Heading scenario={scenario} change={change} />
      <div class="scenario-work">
        <Overrides key={scenario.revision} scenario={scenario} save={(body) => change({ body })} />
        <Comparison scenarios={[scenario, ...others]} />
      </div>
    </main>
  );
}

/** Further scenarios that the address names. */
function useOthers(links: readonly string[]): readonly Scenario[] {
  const [others, keep] = useState<readonly Scenario[]>([]);
  useEffect(() => {
    void Promise.all(links.slice(0, 3).map((link) => get<Scenario>(`/scenarios/${link}`).catch(() => null))).then((found) => keep(found.filter((one) => one !== null)));
  }, [links.join()]);
  return others;
}

interface HeadingProps {
  readonly scenario: Scenario;
  readonly change: (what: Parameters<typeof saved>[1]) => Promise<readonly Finding[]>;
}

function Heading({ scenario, change }: HeadingProps) {
  const [told, tell] = useState("");
  const [refused, refuse] = useState<readonly Finding[]>([]);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(location.href).then(() => tell(say(words.copied)), () => tell(location.href));
  };
  const remove = async (): Promise<void> => refuse(await tried(async () => (await send("DELETE", `/scenarios/${scenario.link}`), go("/scenarios"))));
  const shared = scenario.shared === "link";
  return (
    <div class="ttl">
      <h1 class="title">{scenario.title}</h1>
      <span class="state">⌂ {say(words.pinned, { cycle: scenario.cycle, position: scenario.position })}</span>
      <a class="small" href="/scenarios">{say(words.all)}</a>
      <span class="grow" />
      <span class="small gold" aria-live="polite">{told}</span>
      <FindingList findings={refused} />
      <Beside link={scenario.link} />
      {shared && <button type="button" class="btn" onClick={() => void copy()}>{say(words.copy)}</button>}
      {scenario.mine && (
        <>
          <button type="button" class="btn" onClick={() => void change({ shared: shared ? "nobody" : "link" }).then(refuse)}>{say(shared ? words.unshare : words.share)}</button>
          <button type="button" class="btn" onClick={() => void change({ rebase: true }).then(refuse)}>{say(words.rebase)}</button>
          <button type="button" class="btn" onClick={() => void remove()}>{say(words.remove)}</button>
        </>
      )}
      {!scenario.mine && <span class="small sec">{scenario.by}</span>}
    </div>
  );
}

/** Chooses another scenario of one's own to stand beside this one. */
function Beside({ link }: { readonly link: string }) {
  const told = useTold(() => get<{ scenarios: Listed[] }>("/scenarios"), []);
  const others = told.value?.scenarios.filter((one) => one.link !== link) ?? [];
  if (!others.length) return null;
  return (
    <label class="small sec beside-select">
      {say(words.compareWith)}{" "}
      <select value={query.value.get("with") ?? ""} onChange={(event) => go(event.currentTarget.value ? `/scenarios/${link}?with=${event.currentTarget.value}` : `/scenarios/${link}`)}>
        <option value="">{say(words.nobody)}</option>
        {others.map((one) => <option key={one.link} value={one.link}>{one.title}</option>)}
      </select>
    </label>
  );
}

/** Where one is, and how one goes elsewhere: institution, programme, plan period. */
import { useState } from "preact/hooks";
import { useAsked } from "./asked";
import type { Codes, Cycle, Hit, ListedSubmission, Pivot, Submission, Titles } from "./api/wire";
import { whole } from "./api/whole";
import { Combobox, type Option } from "./combobox";
import { Icon } from "./icons";
import { submission } from "./panels/submission";
import { useTold } from "./panels/told";
import { Popover } from "./popover";
import { go, toSubmission } from "./route";
import { shown } from "./selection";
import { words } from "./words/frame";
import { say } from "./words/say";

export function Crumbs() {
  const of = submission.value;
  return (
    <nav class="crumb" aria-label={say(words.place)}>
      <Institution of={of} />
      <Programme of={of} />
      <Period of={of} />
    </nav>
  );
}

interface Of {
  readonly of: Submission | null;
}

function Institution({ of }: Of) {
  const code = headerOf(of, "institution");
  return (
    <Picker label={words.institution} code={code} title={of?.title}>
      {(close) => <Institutions close={close} />}
    </Picker>
  );
}

function Institutions({ close }: Closing) {
  const [text, type] = useState("");
  const all = useAsked<{ submissions: readonly ListedSubmission[]; next: number | null }>("/submissions").told;
  const search = useAsked<{ found: readonly Hit[]; more: boolean }>(text ? "/search" : null, { words: text }).told;
  const last = all?.submissions.reduce((newest, one) => (one.cycle > newest ? one.cycle : newest), "");
  const listed = all?.submissions.filter((one) => one.cycle === last).map((one) => ({ id: one.id, code: one.institution, title: one.title })) ?? [];
  const found = search?.found.filter((hit) => hit.kind === "submission") ?? [];
  const options = (text ? found : listed).map((one) => institutionOption(one));
  return list(words.institution, options, type, close, text ? search?.more : all?.next !== null);
}

function institutionOption(one: { id: number; code: string; title: Titles }): Option {
  const form = shown.value?.form;
  return { key: one.code, code: one.code, title: say(one.title), take: () => go(toSubmission(one.id, form)) };
}

function Programme({ of }: Of) {
  const code = headerOf(of, "programme");
  const title = useProgrammes(code ?? null).get(code ?? "");
  return (
    <Picker label={words.programme} code={code} title={title}>
      {(close) => <Programmes close={close} />}
    </Picker>
  );
}

function Programmes({ close }: Closing) {
  const [text, type] = useState("");
  const codes = useAsked<Pivot>("/totals", { by: "programme" }).told?.rows.map((row) => row[0] ?? "") ?? [];
  const titles = useProgrammes("");
  const options = codes
    .map((code) => ({ code, title: say(titles.get(code) ?? {}) }))
    .filter((one) => `${one.code} ${one.title}`.toLowerCase().includes(text.toLowerCase()))
    .map((one) => ({ key: one.code, ...one, take: () => go(`/institutions?programme=${one.code}`) }));
  return list(words.programme, options, type, close);
}

/** Titles of programmes by code: one that is like `like`, or all; nothing where that is null. */
export function useProgrammes(like: string | null): ReadonlyMap<string, Titles> {
  const told = useTold(like === null ? null : () => whole<Codes>("/classifications/programme", "codes", { like }), [like]).value;
  return new Map(told?.codes.map((one) => [one.code, one.title]));
}

function Period({ of }: Of) {
  return (
    <Picker label={words.cycle} code={undefined} title={of ? { ru: of.cycle.replace("-", "–") } : undefined}>
      {(close) => <Periods close={close} />}
    </Picker>
  );
}

function Periods({ close }: Closing) {
  const [text, type] = useState("");
  const cycles = useAsked<{ cycles: readonly Cycle[] }>("/cycles").told?.cycles ?? [];
  const options = cycles
    .filter((one) => one.name.includes(text))
    .map(({ name }) => ({ key: name, code: "", title: name.replace("-", "–"), take: () => go(`/institutions?cycle=${name}`) }));
  return list(words.cycle, options, type, close);
}

interface Closing {
  readonly close: () => void;
}

function list(label: Titles, options: readonly Option[], typed: (text: string) => void, leave: () => void, more = false) {
  return (
    <Combobox label={say(label)} hint={say(words.filter)} options={options} typed={typed} leave={leave} more={more} />
  );
}

interface PickerProps {
  readonly label: Titles;
  readonly code: string | undefined;
  readonly title: Titles | undefined;
  readonly children: (close: () => void) => preact.ComponentChildren;
}

function Picker({ label, code, title, children }: PickerProps) {
  const face = (
    <>
      {code && <span class="code">{code}</span>}{" "}
      <span class="name">{title ? say(title) : code ? "" : say(label)}</span>
      <Icon of="down" />
    </>
  );
  const name = [say(label), code, title && say(title)].filter(Boolean).join(" ");
  return <Popover name={name} face={face} kind="pick" popup="listbox">{children}</Popover>;
}

function headerOf(of: Submission | null, name: string): string | undefined {
  const value = of?.header.find((field) => field.name === name)?.value;
  return typeof value === "string" ? value : undefined;
}

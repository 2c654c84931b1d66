/** Files that support the submission, an expense type or a row: dropped or chosen, listed, looked at, downloaded. */
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { addressOf, send } from "../api/client";
import { whole } from "../api/whole";
import type { Attachment, Finding, Spot } from "../api/wire";
import { figure, moment as momentText } from "../figures";
import { selected, shown } from "../selection";
import { words } from "../words/panels";
import { say } from "../words/say";
import { FindingList } from "./found";
import { Preview } from "./preview";
import { besides, formOf } from "./submission";
import { tried, useTold } from "./told";

/** How many there are, for the tab. */
export const fileCount = signal(0);
type Support = "submission" | "form" | "row";

export function useFiles(): { readonly files: readonly Attachment[] | null; readonly again: () => void } {
  const number = shown.value?.submission;
  const [again, ask] = useState(0);
  const told = useTold(number ? () => whole<{ attachments: Attachment[] }>(`/submissions/${number}/attachments`, "attachments") : null, [number, again, besides.value]);
  const files = told.value?.attachments ?? null;
  useEffect(() => void (fileCount.value = files?.length ?? 0), [files]);
  return { files, again: () => ask((before) => before + 1) };
}

export function Files({ files, again }: { readonly files: readonly Attachment[] | null; readonly again: () => void }) {
  const [looked, look] = useState<number | null>(null);
  const number = shown.value?.submission;
  if (!number) return null;
  const one = files?.find((file) => file.id === looked);
  return (
    <>
      <Taking number={number} again={again} />
      {files?.length === 0 && <p class="small sec">{say(words.noFiles)}</p>}
      <ul class="notes">
        {files?.map((file) => <Line key={file.id} file={file} number={number} open={file.id === looked} look={(id) => look(id)} again={again} />)}
      </ul>
      {one && <Preview file={one} number={number} />}
    </>
  );
}

/** Where files are dropped or chosen; each is sent by itself, and what is refused says why. */
function Taking({ number, again }: { readonly number: number; readonly again: () => void }) {
  const [of, support] = useState<Support>("form");
  const [over, hover] = useState(false);
  const [going, send_] = useState("");
  const [refused, refuse] = useState<readonly Finding[]>([]);
  const take = async (files: FileList | null | undefined): Promise<void> => {
    const found: Finding[] = [];
    for (const file of [...(files ?? [])]) {
      send_(file.name);
      found.push(...(await tried(() => attach(number, file, spotOf(of)))));
    }
    send_("");
    refuse(found);
    again();
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    hover(false);
    void take(event.dataTransfer?.files);
  };
  const over_ = (event: DragEvent): void => (event.preventDefault(), hover(true));
  return (
    <div class={over ? "drop over-it" : "drop"} onDragOver={over_} onDragLeave={() => hover(false)} onDrop={drop}>
      <label class="small sec">
        {say(words.attachTo)}
        <select value={of} onChange={(event) => support(event.currentTarget.value as Support)}>
          <option value="form">{say(words.toForm, { form: say(formOf(shown.value?.form ?? "")?.title ?? {}) })}</option>
          {selected.value?.row != null && <option value="row">{say(words.toRow, { row: selected.value.row })}</option>}
          <option value="submission">{say(words.whole)}</option>
        </select>
      </label>
      <label class="pick-files">
        {going ? say(words.sending, { name: going }) : say(words.drop)}
        <input type="file" multiple class="vh" onChange={(event) => void take(event.currentTarget.files)} />
      </label>
      <FindingList findings={refused} />
    </div>
  );
}

function attach(number: number, file: File, place: Spot): Promise<unknown> {
  const query = { name: file.name, form: place.form ?? null, row: place.row ?? null };
  return send("POST", `/submissions/${number}/attachments`, file.slice(0, file.size, "application/octet-stream"), { query });
}

function spotOf(of: Support): Spot {
  const form = shown.value?.form;
  if (of === "submission" || !form) return {};
  const row = selected.value?.row;
  return of === "row" && row != null ? { form, row } : { form };
}

interface LineProps {
  readonly file: Attachment;
  readonly number: number;
  readonly open: boolean;
  readonly look: (id: number | null) => void;
  readonly again: () => void;
}

function Line({ file, number, open, look, again }: LineProps) {
  const [refused, refuse] = useState<readonly Finding[]>([]);
  const path = `/submissions/${number}/attachments/${file.id}`;
  const remove = async (): Promise<void> => {
    refuse(await tried(() => send("DELETE", path)));
    again();
  };
  return (
    <li class="note-line">
      <button type="button" class="link name" aria-expanded={open} onClick={() => look(open ? null : file.id)}>{file.name}</button>
      <p class="micro sec">{[supported(file.place), sizeOf(file.size)].join(" · ")}</p>
      <p class="micro dim">{file.by}, {momentText(file.at)}</p>
      <div class="acts">
        <a class="link" href={addressOf(path)} download={file.name}>{say(words.download)}</a>
        <button type="button" class="link" onClick={() => void remove()}>{say(words.remove)}</button>
      </div>
      <FindingList findings={refused} />
    </li>
  );
}

function supported(place: Spot): string {
  if (place.specific) return say(words.toSpecific, { specific: place.specific });
  if (!place.form) return say(words.whole);
  const form = say(formOf(place.form)?.title ?? { ru: place.form });
  return place.row === undefined ? form : `${form}, ${say(words.row, { row: place.row })}`;
}

function sizeOf(bytes: number): string {
  return bytes < 1024 * 1024 ? `${figure(Math.max(1, Math.round(bytes / 1024)))} kB` : `${figure(Math.round((bytes / 1024 / 1024) * 10), 1)} MB`;
}

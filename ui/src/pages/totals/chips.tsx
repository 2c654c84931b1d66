/** The dimensions as things to be dragged between rows, columns and filters, by the mouse or by the keyboard. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../../api/client";
import type { Pivot } from "../../api/wire";
import { useTold } from "../../panels/told";
import { say } from "../../words/say";
import { words } from "../../words/totals";
import { asked, DIMENSIONS, placed, show, view, zoneOf, type Dimension, type Filter, type View, type Zone } from "./view";

const ZONES: readonly Zone[] = ["rows", "columns", "where", "idle"];
const dragged = signal<Dimension | null>(null);
/** What a screen reader is told after a dimension was moved. */
const told = signal("");
/** The chip that keeps the focus when it has moved. */
let follow: Dimension | null = null;

export function Dimensions() {
  const of = view.value;
  useEffect(() => {
    if (follow) document.getElementById(`chip-${follow}`)?.focus();
    follow = null;
  }, [of]);
  return (
    <div class="zones" role="group" aria-label={say(words.dimensions)}>
      {ZONES.map((zone) => <ZoneOf key={zone} zone={zone} of={of} />)}
      <span class="vh" aria-live="polite">{told.value}</span>
    </div>
  );
}

function inZone(zone: Zone, of: View): readonly Dimension[] {
  if (zone === "rows") return of.rows;
  if (zone === "columns") return of.columns;
  if (zone === "where") return of.where.map((one) => one.dimension);
  return DIMENSIONS.filter((name) => zoneOf(name, of) === "idle");
}

function move(name: Dimension, zone: Zone, place: number): void {
  const next = placed(view.peek(), name, zone, place);
  if (!next.rows.length) return;
  follow = name;
  told.value = say(words.movedTo, { name: say(words[name]), zone: say(words[zone]), place: inZone(zone, next).indexOf(name) + 1 });
  show(next);
}

function ZoneOf({ zone, of }: { readonly zone: Zone; readonly of: View }) {
  const names = inZone(zone, of);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    const before = (event.target as Element).closest("[data-place]")?.getAttribute("data-place");
    if (dragged.value) move(dragged.value, zone, before ? Number(before) : names.length);
    dragged.value = null;
  };
  return (
    <div class={`zone ${zone}`} data-zone={zone} onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <span class="small sec">{say(words[zone])}</span>
      {names.map((name, i) => (zone === "where" ? <FilterChip key={name} filter={of.where[i] as Filter} of={of} /> : <Chip key={name} name={name} zone={zone} place={i} />))}
      {zone !== "idle" && dragged.value && zoneOf(dragged.value, of) !== zone && <span class="hint micro">{say(words.dropHere)}</span>}
    </div>
  );
}

/** Where the arrows take a chip: within its zone, or to the next one. */
function target(event: KeyboardEvent, name: Dimension, zone: Zone, place: number): readonly [Zone, number] | null {
  if (event.key === "Delete") return ["idle", 0];
  if (!event.altKey) return null;
  if (event.key === "ArrowLeft") return [zone, Math.max(0, place - 1)];
  if (event.key === "ArrowRight") return [zone, place + 1];
  const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const next = ZONES[(ZONES.indexOf(zone) + by + ZONES.length) % ZONES.length];
  return by && next ? [next, inZone(next, view.peek()).filter((one) => one !== name).length] : null;
}

function Chip({ name, zone, place }: { readonly name: Dimension; readonly zone: Zone; readonly place: number }) {
  const press = (event: KeyboardEvent): void => {
    const to = target(event, name, zone, place);
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    move(name, ...to);
  };
  const begin = (event: DragEvent): void => {
    event.dataTransfer?.setData("text/plain", name);
    dragged.value = name;
  };
  return (
    <button type="button" class={zone === "idle" ? "chip idle-chip" : "chip"} id={`chip-${name}`} data-place={place} draggable title={say(words.chipHelp, { name: say(words[name]) })}
      onDragStart={begin} onDragEnd={() => (dragged.value = null)} onKeyDown={press} onClick={() => zone === "idle" && move(name, "rows", view.peek().rows.length)}>
      <span class="dots" aria-hidden="true">⠿</span> {say(words[name])}
    </button>
  );
}

/** A dimension of which one code is kept. */
function FilterChip({ filter, of }: { readonly filter: Filter; readonly of: View }) {
  const { dimension, code } = filter;
  const others = of.where.filter((one) => one.dimension !== dimension);
  const known = useTold(() => get<Pivot>("/totals", { by: [dimension], where: asked(others), titles: true }), [dimension, asked(others).join()]);
  const choose = (chosen: string): void => show({ where: of.where.map((one) => (one.dimension === dimension ? { dimension, code: chosen } : one)) });
  const name = say(words[dimension]);
  const titles = known.value?.titles?.[dimension] ?? {};
  const codes = known.value?.rows.map((row) => row[0] ?? "") ?? [code];
  return (
    <span class="chip filter">
      <select id={`chip-${dimension}`} aria-label={name} value={code} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{say(words.any, { name })}</option>
        {codes.filter(Boolean).map((one) => <option key={one} value={one}>{`${one} ${say(titles[one] ?? {})}`}</option>)}
      </select>
      <button type="button" class="icon-x" aria-label={say(words.removeFilter, { name })} onClick={() => show({ where: others })}>×</button>
    </span>
  );
}


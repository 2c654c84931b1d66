/** The heads of columns, two rows of them where columns are grouped, and the totals at the foot. */
import type { Geometry } from "./geometry";
import { div, place } from "./rows";
import { blankLook, FOOT, HEAD, NAME, type Column, type Group, type Source } from "./source";

export interface Heads {
  readonly element: HTMLElement;
  /** The parts that follow the columns as they scroll. */
  readonly moving: readonly HTMLElement[];
}

export function headsOf(geometry: Geometry): Heads {
  const element = div("rowgroup", "heads");
  const upper = rowIn(element, 1, HEAD, 0);
  const lower = rowIn(element, 2, HEAD, HEAD);
  const corner = div("columnheader", "head corner");
  corner.setAttribute("aria-colindex", "1");
  corner.append("№");
  place(corner, 0, NAME);
  upper.still.append(corner);
  geometry.columns.forEach((column, i) => {
    const into = i < geometry.frozen ? "still" : "moving";
    if (!column.group) return void upper[into].append(headOf(column, i, geometry, true));
    if (startsGroup(geometry.columns, i)) upper[into].append(groupHead(column.group, i, geometry));
    lower[into].append(headOf(column, i, geometry, false));
  });
  return { element, moving: [upper.moving, lower.moving] };
}

/** The row of totals; what it says is written by `total`. */
export interface Foot extends Heads {
  readonly label: HTMLElement;
  readonly cells: readonly HTMLElement[];
}

export function footOf(source: Source, geometry: Geometry): Foot {
  const element = div("rowgroup", "foot");
  const { still, moving } = rowIn(element, source.rows + 3, FOOT, 0);
  const label = div("rowheader", "cell name total");
  label.setAttribute("aria-colindex", "1");
  place(label, 0, Math.max(NAME, geometry.frozenWidth));
  const cells = geometry.columns.map((column, i) => {
    const cell = div("gridcell", "");
    cell.setAttribute("aria-colindex", String(i + 2));
    cell.setAttribute("aria-readonly", "true");
    place(cell, geometry.left(i), column.width);
    (i < geometry.frozen ? still : moving).append(cell);
    return cell;
  });
  still.prepend(label);
  return { element, moving: [moving], label, cells };
}

/** Write the totals, or those of them that differ. */
export function total(foot: Foot, source: Source, geometry: Geometry): void {
  const look = blankLook();
  foot.element.hidden = !source.totalName;
  said(foot.label, source.totalName);
  foot.cells.forEach((cell, i) => {
    look.text = look.marks = look.told = "";
    source.total(i, look);
    cell.hidden = i < geometry.frozen && !look.text;
    const marks = `cell ${geometry.columns[i]?.align}${look.marks}`;
    if (cell.className !== marks) cell.className = marks;
    if (cell.title !== look.told) cell.title = look.told;
    said(cell, look.text);
  });
}

function said(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function rowIn(parent: HTMLElement, index: number, height: number, top: number) {
  const row = div("row", "head-row");
  row.setAttribute("aria-rowindex", String(index));
  row.style.top = `${top}px`;
  row.style.height = `${height}px`;
  const moving = div("none", "moving");
  const still = div("none", "still");
  row.append(still, moving);
  parent.append(row);
  return { moving, still };
}

function headOf(column: Column, index: number, geometry: Geometry, tall: boolean): HTMLElement {
  const head = div("columnheader", `head ${column.align}${tall ? " tall" : ""}${startsAt(geometry.columns, index)}`);
  head.setAttribute("aria-colindex", String(index + 2));
  head.dataset["column"] = String(index);
  head.append(titled(column.title, tall ? column.unit : ""));
  head.title = [column.title, column.unit, column.hint].filter(Boolean).join("\n");
  const grip = document.createElement("span");
  grip.className = "grip";
  grip.dataset["grip"] = String(index);
  head.append(grip);
  place(head, geometry.left(index), column.width);
  return head;
}

function groupHead(group: Group, index: number, geometry: Geometry): HTMLElement {
  let last = index;
  while (geometry.columns[last + 1]?.group?.id === group.id) last++;
  const head = div("columnheader", "head group");
  head.setAttribute("aria-colindex", String(index + 2));
  head.setAttribute("aria-colspan", String(last - index + 1));
  head.title = [group.title, group.unit, group.hint].filter(Boolean).join("\n");
  head.append(titled(group.title, group.unit));
  if (group.opens) head.append(opener(group));
  place(head, geometry.left(index), geometry.left(last + 1) - geometry.left(index));
  return head;
}

function opener(group: Group): HTMLElement {
  const more = document.createElement("span");
  more.className = `opener ${group.opens}`;
  more.dataset["opens"] = group.id;
  more.setAttribute("aria-hidden", "true");
  more.append(group.opens === "more" ? "+" : "−");
  return more;
}

function titled(title: string, unit: string): HTMLElement {
  const text = document.createElement("span");
  text.className = "words";
  text.append(title);
  if (!unit) return text;
  const of = document.createElement("span");
  of.className = "unit";
  of.append(` ${unit}`);
  text.append(of);
  return text;
}

function startsGroup(columns: readonly Column[], index: number): boolean {
  return columns[index - 1]?.group?.id !== columns[index]?.group?.id;
}

function startsAt(columns: readonly Column[], index: number): string {
  return index > 0 && startsGroup(columns, index) ? " g" : "";
}

/** Totals of the nation by any combination of dimensions, compared, drawn, followed live, and opened down to the cell. */
import { useEffect, useMemo, useState } from "preact/hooks";
import "../../panels/panels.css";
import "./totals.css";
import { addressOf as serviceAddress } from "../../api/client";
import { Grid, type Acts, type Board } from "../../grid/grid";
import { IDLE } from "../../grid/idle";
import { at, type Span } from "../../grid/span";
import { subscribeTotals } from "../../live";
import { unit } from "../../session";
import { money } from "../../figures";
import { language, say } from "../../words/say";
import { words } from "../../words/totals";
import { Beside } from "./beside";
import { Dimensions } from "./chips";
import { comparisonOf } from "./compared";
import { Cube, LIMIT } from "./cube";
import { deeper, higher } from "./drill";
import { namesOf, TotalsSheet } from "./sheet";
import { addressOf, asked, show, view, type View } from "./view";

const CALM = 400;

export function TotalsPage() {
  const of = view.value;
  const shape = JSON.stringify([of.rows, of.columns, of.where]);
  const cube = useMemo(() => new Cube(of), [shape]);
  useEffect(() => {
    void cube.read();
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const leave = subscribeTotals(() => {
      clearTimeout(waiting);
      waiting = setTimeout(() => void cube.read(), CALM);
    });
    return () => {
      clearTimeout(waiting);
      leave();
      cube.end();
    };
  }, [cube]);
  return (
    <main class="totals">
      <Heading cube={cube} of={of} />
      <Dimensions />
      {cube.roots.value === null ? <p class="loading" aria-busy="true">{say(words.loading)}</p> : <Table key={shape} cube={cube} of={of} />}
    </main>
  );
}

function Heading({ cube, of }: { readonly cube: Cube; readonly of: View }) {
  const by = [...of.rows, ...of.columns];
  const file = (format: string): string => serviceAddress("/totals/export", { by, where: asked(of.where), format, language: language.value });
  return (
    <div class="ttl">
      <h1 class="title">{say(words.title)}</h1>
      <Way of={of} cube={cube} />
      <span class="grow" />
      <span class="state" aria-live="polite">✓ {say(words.position, { position: cube.position.value })}</span>
      <a class="btn" href={file("xlsx")} download>Excel</a>
      <a class="btn" href={file("csv")} download>CSV</a>
    </div>
  );
}

/** The filters as a way from the republic down; each step leads back to it. */
function Way({ of, cube }: { readonly of: View; readonly cube: Cube }) {
  const steps = of.where.filter((one) => one.code);
  return (
    <nav class="crumb small" aria-label={say(words.way)}>
      {steps.length ? <a href={addressOf({ ...of, where: [] })}>{say(words.republic)}</a> : <span>{say(words.republic)}</span>}
      {steps.map((one, i) => (
        <span key={one.dimension}>
          <span class="dim" aria-hidden="true"> › </span>
          {i < steps.length - 1 ? <a href={addressOf({ ...of, where: steps.slice(0, i + 1) })}>{nameOf(cube, one)}</a> : <b>{nameOf(cube, one)}</b>}
        </span>
      ))}
    </nav>
  );
}

function nameOf(cube: Cube, one: View["where"][number]): string {
  return `${one.code} ${say(cube.titleOf(one.dimension, one.code))}`.trim();
}

function Table({ cube, of }: { readonly cube: Cube; readonly of: View }) {
  const [board, hold] = useState<Board | null>(null);
  const [span, move] = useState<Span>(at(0, 1));
  const comparison = comparisonOf(cube, of);
  const compared = JSON.stringify([comparison, of.of, of.with]);
  const sheet = useMemo(() => new TotalsSheet(cube, comparison), [cube, cube.version.value, compared, unit.value, language.value]);
  useEffect(() => {
    board?.select(at(0, 1));
    if (!document.querySelector(".totals :focus")) board?.focus();
  }, [board]);
  const node = sheet.nodes[span.active.row] ?? null;
  const column = sheet.keyOf(span.active.column);
  const press = (event: KeyboardEvent): void => {
    if (!["Enter", "Backspace"].includes(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") void enter(sheet, span, of, column);
    else void back(sheet, span, of, board);
  };
  const acts: Acts = { ...IDLE, select: move };
  return (
    <>
      <Compare cube={cube} comparison={comparison} />
      <div class="totals-work">
        <div class="totals-table" onKeyDownCapture={press} onDblClick={() => void enter(sheet, span, of, column)}>
          {cube.roots.value?.length ? null : <p class="small sec">{say(words.empty)}</p>}
          <Grid label={say(words.table)} source={sheet} acts={acts} hold={hold} />
        </div>
        <Beside cube={cube} node={node} column={column} comparison={comparison} />
      </div>
      <Status cube={cube} sheet={sheet} span={span} />
    </>
  );
}

/** Enter opens a row, and where nothing is below leads on to institutions, submissions and cells. */
async function enter(sheet: TotalsSheet, span: Span, of: View, column: string | null): Promise<void> {
  const node = sheet.nodes[span.active.row];
  if (!node) return;
  if (await sheet.cube.toggle(node)) return;
  await deeper(of, node.path, column);
}

/** Backspace closes the row above, or goes back up a drill. */
async function back(sheet: TotalsSheet, span: Span, of: View, board: Board | null): Promise<void> {
  const node = sheet.nodes[span.active.row];
  const parent = node && sheet.nodes.findIndex((one) => one.path.length === node.path.length - 1 && one.children?.includes(node));
  const closing = node?.open ? node : parent !== undefined && parent >= 0 ? sheet.nodes[parent] : null;
  if (!closing) return higher(of);
  board?.select(at(sheet.nodes.indexOf(closing), span.active.column));
  await sheet.cube.toggle(closing, false);
}

function Compare({ cube, comparison }: { readonly cube: Cube; readonly comparison: ReturnType<typeof comparisonOf> }) {
  const keys = cube.columns.value.map((codes) => codes.join("/"));
  const years = [...new Set(cube.columns.value.flatMap((codes) => codes.filter((code) => /^\d{4}$/.test(code))))];
  const limits = years.filter((year) => cube.limitOf([], year) !== null).map((year) => LIMIT + year);
  const option = (key: string) => <option key={key} value={key}>{namesOf(cube, key).join(" ") || say(words.all)}</option>;
  return (
    <div class="compare small">
      <label>{say(words.compare)} <select value={comparison?.of ?? ""} onChange={(event) => show({ of: event.currentTarget.value })}>{keys.map(option)}</select></label>
      <label>
        {say(words.with)}{" "}
        <select value={comparison?.with ?? "none"} onChange={(event) => show({ with: event.currentTarget.value })}>
          <option value="none">{say(words.nothing)}</option>
          {[...limits, ...keys.filter((key) => key !== comparison?.of)].map(option)}
        </select>
      </label>
    </div>
  );
}

function Status({ cube, sheet, span }: { readonly cube: Cube; readonly sheet: TotalsSheet; readonly span: Span }) {
  const node = sheet.nodes[span.active.row];
  const key = sheet.keyOf(span.active.column);
  const what = [...(node?.path.map((one) => one.code) ?? []), ...(key ? namesOf(cube, key) : [])].join(", ");
  const sum = key ? node?.sums.get(key) : undefined;
  const incomplete = [...cube.whole.value.values()].reduce((count, one) => count + one.incomplete, 0);
  return (
    <footer class="sb">
      <span>{say(words.selected, { what })}</span>
      {sum && <span>Σ <b>{money(sum.amount)}</b></span>}
      <span class="grow" />
      {incomplete > 0 && <span class="bad">{say(words.incomplete, { count: incomplete })}</span>}
      <span>{say(words.deeper)}</span>
    </footer>
  );
}

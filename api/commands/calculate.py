"""`esep calculate`: the budget of a whole republic out of its norms in one call: totals, findings, a digest."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from api.arguments import choice, whole
from api.installation import installed_norms, load_ruleset
from api.lines_file import unwritable, write_lines
from api.republic import SIZES, republic, with_republic
from api.terminal import FOUND, OK, Terminal, finding_as_json
from engine.evaluate import recalculate
from engine.findings import Finding, finding, has_errors
from engine.lines import Lines, lines_of, roll_up
from engine.number import decimal_text
from engine.plan import Plan, compile_plan
from engine.renorm import WORTH_COMPILING
from engine.snapshot import column_bytes, digest, line_bytes
from engine.verdicts import finding_counts, findings_of
from engine.workbook import Workbook

TOTALS = ("administrator", "specific", "year")
SHOWN = 20
TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Calculated:
    """A republic after its calculation."""

    plan: Plan
    workbook: Workbook
    lines: Lines
    counts: Mapping[str, int]
    """Findings by code."""
    shown: list[Finding]
    digest: str


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("--size", type=choice("--size", SIZES), default="demo", metavar="SIZE", help=about("size"))
    parser.add_argument("--ruleset", default="budget-request", metavar="RULESET", help=about("ruleset"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=about("out"))
    parser.add_argument("--show", type=whole("--show", 0), default=SHOWN, metavar="N", help=about("show"))
    parser.add_argument("--progress", action="store_true", help=about("progress"))


def run(asked: Namespace, terminal: Terminal) -> int:
    """Calculate, tell the totals and the findings, write the lines if asked."""
    if asked.out and (refused := unwritable(asked.out)):
        terminal.findings(refused)
        terminal.answer({"unwritten": [finding_as_json(one) for one in refused]})
        return FOUND
    plan, workbook, found = prepared(terminal, asked.size, asked.ruleset)
    if plan is None or workbook is None:
        terminal.findings(found)
        terminal.answer({"findings": {"first": [finding_as_json(one) for one in found]}})
        return FOUND
    done = calculate(terminal, plan, workbook, asked.show)
    unwritten = _written(terminal, done, asked.out) if asked.out else []
    _tell(terminal, done)
    terminal.findings(unwritten)
    if asked.out and not unwritten:
        terminal.say("calculate.written", path=asked.out, count=terminal.number(len(done.lines)))
    terminal.answer(_as_json(terminal, asked.size, done) | {"unwritten": [finding_as_json(one) for one in unwritten]})
    return FOUND if unwritten or _failed(done) else OK


def prepared(terminal: Terminal, size: str, ruleset_name: str) -> tuple[Plan | None, Workbook | None, list[Finding]]:
    """The plan of a ruleset and the workbook of a republic of that size, or the findings that forbid it."""
    with terminal.stage("norms"):
        base, found = installed_norms(training=True)
        norms = with_republic(base, size)
    with terminal.stage("rules"):
        ruleset, slips = load_ruleset(ruleset_name)
        found = [*found, *slips]
        plan, judged = compile_plan(ruleset, norms) if ruleset and not has_errors(found) else (None, [])
    if plan is not None and not {"institution", "administrator"} & set(plan.ruleset.header):
        return None, None, [finding("ruleset-of-nobody", ruleset=ruleset_name)]
    if plan is None:
        return None, None, [one for one in [*found, *judged] if one.severity == "error"]
    with terminal.stage("republic"):
        return plan, republic(size, norms, plan.ruleset), []


def calculate(terminal: Terminal, plan: Plan, workbook: Workbook, show: int) -> Calculated:
    """Calculate a whole workbook: cells, lines, findings, digest."""
    with terminal.stage("calculate"):
        workbook, _ = recalculate(plan, workbook, compiled=WORTH_COMPILING)
    assert workbook.results is not None
    with terminal.stage("lines"):
        lines = lines_of(plan.ruleset, plan.norms, workbook)
    with terminal.stage("findings"):
        counts = {code: count for code, count in finding_counts(plan, workbook).items() if count}
        shown = findings_of(plan, workbook, most=show) if show > 0 else []
    with terminal.stage("digest"):
        digested = digest(chain(column_bytes(workbook.results.columns), line_bytes(lines)))
    return Calculated(plan, workbook, lines, counts, shown, digested)


def _written(terminal: Terminal, done: Calculated, path: Path) -> list[Finding]:
    with terminal.stage("write"):
        return write_lines(done.lines, path)


def speaker(workbook: Workbook) -> str:
    """Who fills in a submission: its institution, or where the header has none, its administrator."""
    return "institution" if "institution" in workbook.header else "administrator"


def _failed(done: Calculated) -> bool:
    """Whether a finding is an error: of the engine's, or of a check that its ruleset calls one."""
    severity = {
        name: check.severity for form in done.plan.ruleset.forms.values() for name, check in form.checks.items()
    }
    return any(severity.get(code, "error") == "error" for code in done.counts)


def _tell(terminal: Terminal, done: Calculated) -> None:
    ruleset = done.plan.ruleset
    rows = sum(table.rows for table in done.workbook.tables.values())
    facts = {"ruleset": ruleset.name, "version": ruleset.version, "submissions": done.workbook.submissions}
    years = f"{ruleset.years[0]}–{ruleset.years[-1]}"
    terminal.say("calculate.title", **facts, rows=terminal.number(rows), years=years)
    terminal.say("calculate.training")
    for dimension in TOTALS[:-1] if len(done.lines) else ():
        terminal.print()
        terminal.say("calculate.by", dimension=terminal.text(f"dimension.{dimension}"))
        terminal.table(_table(terminal, done, dimension))
    if not len(done.lines):
        terminal.say("calculate.no-lines")
    terminal.print()
    if done.counts:
        terminal.say("found.counts")
        terminal.table([[code, terminal.number(count)] for code, count in sorted(done.counts.items())])
        terminal.print()
    else:
        terminal.say("found.none")
    for one in done.shown:
        terminal.print(f"{_institution(done, one)} {terminal.finding(one)}".lstrip())
    if (more := sum(done.counts.values()) - len(done.shown)) > 0:
        terminal.say("found.more", count=terminal.number(more))
    took = {name: terminal.number(f"{seconds:.2f}") for name, seconds in terminal.seconds.items()}
    stages = ", ".join(f"{terminal.text(f'stage.{name}')} {seconds}" for name, seconds in took.items())
    terminal.say("calculate.time", seconds=terminal.number(f"{sum(terminal.seconds.values()):.2f}"), stages=stages)
    terminal.say("calculate.digest", digest=done.digest)


def _institution(done: Calculated, one: Finding) -> str:
    """Whose submission a finding is about."""
    name = speaker(done.workbook)
    listed = done.plan.norms.classifications[name].codes
    return listed[int(done.workbook.header[name][one.cell.submission])] if one.cell else ""


def _table(terminal: Terminal, done: Calculated, dimension: str) -> list[list[str]]:
    """Rows of a code, its title and a figure a year; the total stands last."""
    years = [str(year) for year in done.plan.ruleset.years]
    amounts = roll_up(done.lines, [dimension, "year"]).as_dict()
    totals = roll_up(done.lines, ["year"]).as_dict()
    codes = dict.fromkeys(code for code, _ in amounts)
    listed = done.plan.norms.classifications[dimension]
    rows = [["", *years]]
    for code in codes:
        title = terminal.title(listed.titles[listed.positions[code]]) if code in listed.positions else ""
        rows.append([_cut(f"{code} {title}"), *(_whole(terminal, amounts.get((code, year), 0)) for year in years)])
    return [*rows, [terminal.text("calculate.total"), *(_whole(terminal, totals.get((year,), 0)) for year in years)]]


def _cut(text: str) -> str:
    return text if len(text) <= TITLE_LENGTH else text[: TITLE_LENGTH - 1].rstrip() + "…"


def _whole(terminal: Terminal, tiyn: int) -> str:
    return terminal.number(decimal_text(tiyn, 2).removesuffix(".00"))


def _as_json(terminal: Terminal, size: str, done: Calculated) -> dict[str, Any]:
    ruleset = done.plan.ruleset
    return {
        "ruleset": ruleset.name,
        "version": ruleset.version,
        "ruleset_digest": ruleset.digest,
        "norms_digest": done.plan.norms.digest,
        "size": size,
        "training": True,
        "digest": done.digest,
        "seconds": round(sum(terminal.seconds.values()), 3),
        "seconds_by_stage": {name: round(took, 3) for name, took in terminal.seconds.items()},
        "submissions": done.workbook.submissions,
        "rows": {form: table.rows for form, table in done.workbook.tables.items()},
        "lines": len(done.lines),
        "currency": "KZT",
        "totals": {dimension: _totals(done.lines, dimension) for dimension in TOTALS},
        "incomplete": {dimension: _incomplete(done.lines, dimension) for dimension in TOTALS},
        "findings": {"counts": dict(done.counts), "first": [_finding(done, one) for one in done.shown]},
    }


def _finding(done: Calculated, one: Finding) -> dict[str, Any]:
    return {"of": _institution(done, one), **finding_as_json(one)}


def _totals(lines: Lines, dimension: str) -> dict[str, Any]:
    """Code → year → amount; of the years themselves, year → amount."""
    if dimension == "year":
        return {year: decimal_text(amount, 2) for (year,), amount in roll_up(lines, ["year"]).as_dict().items()}
    told: dict[str, Any] = {}
    for (code, year), amount in roll_up(lines, [dimension, "year"]).as_dict().items():
        told.setdefault(code, {})[year] = decimal_text(amount, 2)
    return told


def _incomplete(lines: Lines, dimension: str) -> dict[str, int]:
    """Code → rows left out of its totals, where there are any."""
    rolled = roll_up(lines, [dimension])
    return {rolled.key(i)[0]: int(rolled.incomplete[i]) for i in range(len(rolled)) if rolled.incomplete[i]}

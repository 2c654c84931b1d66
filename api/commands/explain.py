"""`esep explain CELL`: why a figure is what it is, from its formula and norms down to what people entered."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Collection
from dataclasses import dataclass

from api.arguments import choice, whole
from api.commands.calculate import prepared, speaker
from api.republic import SIZES
from api.stories import story
from api.terminal import FOUND, OK, Terminal, finding_as_json, say
from engine.evaluate import recalculate
from engine.explain import DEPTH_MAX, explain
from engine.explain.words import sentences
from engine.findings import LANGUAGES, Cell, Finding, finding
from engine.plan import Plan
from engine.renorm import WORTH_COMPILING
from engine.text.nearest import nearest
from engine.workbook import Workbook

_CELL = re.compile(r"(?P<form>\w+)\.(?P<column>\w+)(?:\.?#(?P<row>\d+))?(?:@(?P<year>\d{4})(?:-(?P<month>\d{1,2}))?)?")
"""As findings write a cell: `pay_civil_employees.fund.#1@2026-03`."""


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("cell", nargs="?", metavar="CELL", help=about("cell"))
    parser.add_argument("--form", metavar="FORM", help=about("form"))
    parser.add_argument("--column", metavar="COLUMN", help=about("column"))
    parser.add_argument("--row", type=whole("--row", 1), metavar="N", help=about("row"))
    parser.add_argument("--year", type=whole("--year", 1), metavar="YEAR", help=about("year"))
    parser.add_argument("--month", type=whole("--month", 1), metavar="MONTH", help=about("month"))
    parser.add_argument("--depth", type=whole("--depth", 0), default=DEPTH_MAX, metavar="N", help=about("depth"))
    parser.add_argument("--institution", metavar="CODE", help=about("institution"))
    parser.add_argument("--size", type=choice("--size", SIZES), default="demo", metavar="SIZE", help=about("size"))
    parser.add_argument("--ruleset", default="budget-request", metavar="RULESET", help=about("ruleset"))


def run(asked: Namespace, terminal: Terminal) -> int:
    """Find the cell, tell its story."""
    plan, workbook, found = prepared(terminal, asked.size, asked.ruleset)
    if plan is None or workbook is None:
        return _refused(terminal, found)
    address = _address(asked)
    if isinstance(address, Finding):
        return _refused(terminal, [address])
    cell = _Choice(plan, workbook).cell(address)
    if isinstance(cell, Finding):
        return _refused(terminal, [cell])
    with terminal.stage("calculate"):
        workbook, _ = recalculate(plan, workbook, compiled=WORTH_COMPILING)
    step = explain(plan.ruleset, plan.norms, workbook, cell)
    _tell_whose(terminal, plan, workbook, cell.submission)
    for depth, sentence in sentences(step, plan.ruleset, plan.norms, terminal.language):
        if depth <= asked.depth:
            terminal.print("  " * depth + sentence)
    words = {language: sentences(step, plan.ruleset, plan.norms, language) for language in LANGUAGES}
    told = {language: ["  " * depth + text for depth, text in of_language] for language, of_language in words.items()}
    whose = {"institution": _institution(plan, workbook, cell.submission), "training": True}
    terminal.answer({**whose, "cell": story(step), "text": told})
    return OK


def _tell_whose(terminal: Terminal, plan: Plan, workbook: Workbook, submission: int) -> None:
    """Whose submission the cell is of, and that the republic is an invented one."""
    name, code = speaker(workbook), _institution(plan, workbook, submission)
    listed = plan.norms.classifications[name]
    title = terminal.title(listed.titles[listed.positions[code]])
    dimension = terminal.text(f"dimension.{name}")
    terminal.say("explain.of", dimension=dimension[:1].upper() + dimension[1:], code=code, title=title)
    terminal.say("calculate.training")


def _refused(terminal: Terminal, found: list[Finding]) -> int:
    terminal.findings(found)
    terminal.answer({"findings": [finding_as_json(one) for one in found]})
    return FOUND


@dataclass(frozen=True, slots=True)
class _Address:
    """A cell as it was asked for; what was left out is None."""

    form: str | None
    column: str | None
    row: int | None
    year: int | None
    month: int | None
    institution: str | None


def _address(asked: Namespace) -> _Address | Finding:
    written = _CELL.fullmatch(asked.cell) if asked.cell else None
    if asked.cell and written is None:
        return finding("cell-unreadable", got=asked.cell)
    parts: dict[str, str | None] = written.groupdict() if written else {}
    numbers = {name: int(parts[name] or 0) if parts.get(name) else None for name in ("row", "year", "month")}
    return _Address(
        asked.form or parts.get("form"),
        asked.column or parts.get("column"),
        numbers["row"] if asked.row is None else asked.row,
        numbers["year"] if asked.year is None else asked.year,
        numbers["month"] if asked.month is None else asked.month,
        asked.institution,
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    """Finds a cell by what people write; what is left out is the first one there is."""

    plan: Plan
    workbook: Workbook

    def cell(self, asked: _Address) -> Cell | Finding:
        forms = self.plan.ruleset.forms
        form = asked.form or next(iter(forms))
        if form not in forms:
            return _unknown("form", form, forms)
        columns = forms[form].columns
        column = asked.column or next((name for name, c in columns.items() if c.total), next(iter(columns)))
        if column not in columns:
            return _unknown("column", column, columns)
        submission = self._submission(asked.institution)
        if isinstance(submission, Finding):
            return submission
        offsets = self.workbook.tables[form].offsets
        rows = int(offsets[submission + 1] - offsets[submission])
        row, year, month = asked.row or 1, asked.year or self.workbook.years[0], asked.month
        if not 1 <= row <= rows:
            return _unknown("row", str(row), [f"1–{rows}"] if rows else [])
        if year not in self.workbook.years:
            return _unknown("year", str(year), [str(each) for each in self.workbook.years])
        if month is not None and not columns[column].per_month:
            return finding("cell-not-monthly", column=column)
        if month is not None and not 1 <= month <= 12:
            return _unknown("month", str(month), ["1–12"])
        return Cell(submission, form, column, row - 1, year, month)

    def _submission(self, institution: str | None) -> int | Finding:
        if institution is None:
            return 0
        name = speaker(self.workbook)
        listed = self.plan.norms.classifications[name]
        codes = [listed.codes[position] for position in self.workbook.header[name]]
        if institution not in codes:
            return finding("institution-unknown", got=institution, nearest=nearest(institution, codes))
        return codes.index(institution)


def _unknown(what: str, got: str, known: Collection[str]) -> Finding:
    told = ", ".join(known) or "–"
    word = {language: say(f"cell.{what}", language) for language in LANGUAGES}
    return finding("cell-unknown", what=word, got=got, nearest=nearest(got, known), known=told)


def _institution(plan: Plan, workbook: Workbook, submission: int) -> str:
    name = speaker(workbook)
    return plan.norms.classifications[name].codes[int(workbook.header[name][submission])]

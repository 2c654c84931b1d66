"""A submission as a workbook with live formulas.

Every table of it is a table of Excel's: headings in the asked language over rows. Typed cells are yellow; a text is
written as a text whatever it begins with, and never as a formula. Of computed columns each cell is a formula; a column
that no formula of a sheet can stand for has its values, a note at its heading and a line on the sheet `About`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import openpyxl
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from api.exchange.figures import Failed, Figures
from api.exchange.formulas import Rewriting, Written, used_codes
from api.exchange.layout import (
    ABOUT,
    CHECKS,
    FIRST_LINE,
    HEADER,
    NORMS,
    ROW,
    ROW_NAME,
    Layout,
    Slot,
    formulas_of,
    is_key,
)
from api.exchange.norm_sheet import NOT_FOUND, NormSheet, NotInExcelError, keys_shown, threshold
from api.exchange.sheets import Cell, lay_out, put
from api.exchange.words import titled, word
from engine.plan import Plan
from engine.ruleset import Check, Form
from engine.workbook import Workbook


@dataclass(frozen=True, slots=True)
class Told:
    """What the caller knows and a submission does not say: the language, the day, whose it is, its rows' numbers."""

    language: str
    day: date
    subject: str = ""
    numbers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def workbook_file(plan: Plan, workbook: Workbook, told: Told) -> bytes:
    """One calculated submission as the bytes of an xlsx file."""
    assert workbook.submissions == 1, "one submission makes one file"
    writing = _Writing(Layout(plan, workbook, told.numbers), Figures(plan, workbook), told, _norms(plan, workbook))
    book = openpyxl.Workbook()
    about, header = book.active, book.create_sheet(HEADER)
    assert isinstance(about, Worksheet), "a new workbook has a sheet"
    about.title = ABOUT
    for form, monthly in writing.layout.sheets:
        writing.form(book.create_sheet(writing.layout.sheets[form, monthly]), form, monthly)
    writing.checks(book.create_sheet(CHECKS))
    writing.norm_lines(book.create_sheet(NORMS))
    writing.header(header)
    writing.about(about)
    book.calculation.fullCalcOnLoad = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _norms(plan: Plan, workbook: Workbook) -> NormSheet:
    """The sheet of norms, still empty, with what is only ever asked of this submission's own header."""
    trees = [tree for form in plan.ruleset.forms.values() for tree in formulas_of(form)]
    figures = Figures(plan, workbook)
    fixed: dict[tuple[str, int], str] = {}
    for (name, i), asked in used_codes(trees).items():
        norm = plan.norms.norms.get(name)
        if norm is not None and len(asked) == 1 and "" not in asked and norm.keys[i].kind == "code":
            place = sum(key.kind == "code" for key in norm.keys[:i])
            fixed[name, place] = str(figures.field(next(iter(asked))) or "")
    return NormSheet(plan.norms, workbook.known, fixed)


@dataclass
class _Writing:
    layout: Layout
    figures: Figures
    told: Told
    norms: NormSheet
    as_values: list[tuple[str, str]] = field(default_factory=list)
    """What no formula stands for, and why."""

    def form(self, sheet: Worksheet, form: str, monthly: bool) -> None:
        """One table of a form."""
        declared = self.layout.plan.ruleset.forms[form]
        slots, rows = self.layout.slots[form, monthly], self.layout.rows(form)
        names = [ROW_NAME, *(slot.name for slot in slots)]
        headings = [self._word("row"), *(self._heading(slot) for slot in slots)]
        lay_out(sheet, names, headings, self.layout.last_line(form))
        for place in range(rows):
            put(sheet, (FIRST_LINE + place, 1), Cell(self.layout.number(form, place)))
        for i, slot in enumerate(slots, 2):
            for place, cell in enumerate(self._cells(sheet, declared, slot, i)):
                put(sheet, (FIRST_LINE + place, i), cell)

    def checks(self, sheet: Worksheet) -> None:
        """A line for each check, and for each row if it is asked of rows: whether it holds in each year."""
        years = self.layout.plan.years
        names = ["form", ROW_NAME, "check", "severity", "message", *(str(year) for year in years)]
        lines = list(self._check_lines())
        words = [self._word(name) for name in ("form", "row", "check", "severity", "message")]
        lay_out(sheet, names, [*words, *map(str, years)], FIRST_LINE + max(len(lines), 1) - 1)
        for at, line in enumerate(lines, FIRST_LINE):
            for i, cell in enumerate(line, 1):
                put(sheet, (at, i), cell)

    def norm_lines(self, sheet: Worksheet) -> None:
        """The norms that the formulas ask for, as they were in force in the plan years."""
        names = "norm key keys threshold from to value source level".split()
        headings = [self._word(name) for name in names]
        lay_out(sheet, names, headings, FIRST_LINE + max(len(self.norms.lines), 1) - 1)
        for at, one in enumerate(self.norms.lines, FIRST_LINE):
            value = one.value
            figure = Cell(Failed(NOT_FOUND)) if value.value is None else Cell(value.value)
            dates = Cell(value.start), Cell(value.end)
            line = [Cell(one.norm.name), Cell(one.key), Cell(keys_shown(one)), Cell(threshold(one)), *dates]
            for i, cell in enumerate([*line, figure, Cell(value.source), Cell(value.verified)], 1):
                put(sheet, (at, i), cell)

    def header(self, sheet: Worksheet) -> None:
        """The fields of the header."""
        names = ["field", "title", "value"]
        fields = self.layout.plan.ruleset.header
        lay_out(sheet, names, [self._word(name) for name in names], FIRST_LINE + max(len(fields), 1) - 1)
        for at, one in enumerate(fields.values(), FIRST_LINE):
            put(sheet, (at, 1), Cell(one.name))
            put(sheet, (at, 2), Cell(titled(one.title, one.name, self.told.language)))
            put(sheet, (at, 3), Cell(self.figures.field(one.name), typed=True, digits=one.digits))

    def about(self, sheet: Worksheet) -> None:
        """What this file is, of which rules and norms, and what in it is no formula."""
        for at, (name, text) in enumerate(self._facts(), 1):
            put(sheet, (at, 1), Cell(name))
            put(sheet, (at, 2), Cell(text))
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 34, 100

    def _facts(self) -> Iterator[tuple[str, str]]:
        plan, told = self.layout.plan, self.told
        ruleset = plan.ruleset
        yield self._word("ruleset"), f"{titled(ruleset.title, ruleset.name, told.language)} ({ruleset.version})"
        yield self._word("subject"), told.subject
        yield self._word("date"), told.day.isoformat()
        yield self._word("years"), ", ".join(map(str, plan.years))
        yield self._word("ruleset-digest"), ruleset.digest
        yield self._word("norms-digest"), plan.norms.digest
        yield self._word("known"), (self.layout.workbook.known or told.day).isoformat()
        for name in ("how", "rounding"):
            yield self._word(name), self._word(f"{name}-text")
        if any(form.rows.kind == "group" for form in ruleset.forms.values()):
            yield self._word("groups"), self._word("groups-text")
        yield self._word("values"), "" if self.as_values else self._word("none")
        yield from self.as_values

    def _cells(self, sheet: Worksheet, form: Form, slot: Slot, at: int) -> Iterator[Cell]:
        typed = slot.column.formula is None and not is_key(form, slot.column)
        written = None
        if slot.column.formula is not None and (slot.moment[0] or 0) >= self.layout.plan.years[0]:
            written = self._formula(sheet, form, slot, at)
        for place, value in enumerate(self.figures.of(form.name, slot)):
            if written is None:
                yield Cell(value, typed=typed, digits=slot.column.digits)
            else:
                line = str(FIRST_LINE + place)
                yield Cell(formula=written.text.replace(ROW, line), array=written.array, of=slot.column)

    def _formula(self, sheet: Worksheet, form: Form, slot: Slot, at: int) -> Written | None:
        """The formula of a column, or None and a note why there is none."""
        try:
            return self._rewriting(form.name, slot).column(slot.column)
        except NotInExcelError as reason:
            self._note(f"{form.name}[{slot.column.name}]", str(reason))
            note = Comment(self._word("value-note").format(why=reason), "Esep", width=320, height=120)
            sheet[f"{get_column_letter(at)}2"].comment = note
            return None

    def _rewriting(self, form: str, slot: Slot) -> Rewriting:
        monthly = slot.column.per_month
        sheet = self.layout.sheets[form, monthly]
        return Rewriting(self.layout, self.norms, form, slot.moment, not monthly, sheet)

    def _check_lines(self) -> Iterator[Sequence[Cell]]:
        for form in self.layout.plan.ruleset.forms.values():
            for check in form.checks.values():
                formulas = [self._check(form, check, year) for year in self.layout.plan.years]
                for place in range(self.layout.rows(form.name)) if check.by_row else (None,):
                    yield self._check_line(form, check, place, formulas)

    def _check_line(
        self, form: Form, check: Check, place: int | None, formulas: Sequence[Written | None]
    ) -> Sequence[Cell]:
        number = Cell() if place is None else Cell(self.layout.number(form.name, place))
        message = Cell(titled(check.message, check.name, self.told.language))
        line = str(FIRST_LINE + (place or 0))
        truths = [
            Cell() if one is None else Cell(formula=one.text.replace(ROW, line), array=one.array) for one in formulas
        ]
        return [Cell(form.name), number, Cell(check.name), Cell(check.severity), message, *truths]

    def _check(self, form: Form, check: Check, year: int) -> Written | None:
        try:
            return Rewriting(self.layout, self.norms, form.name, (year, None), True).truth(check.asserts)
        except NotInExcelError as reason:
            self._note(f"{form.name}: {check.name}", str(reason))
            return None

    def _note(self, what: str, why: str) -> None:
        if (what, why) not in self.as_values:
            self.as_values.append((what, why))

    def _heading(self, slot: Slot) -> str:
        return heading(slot, self.told.language)

    def _word(self, name: str) -> str:
        return word(name, self.told.language)


def heading(slot: Slot, language: str) -> str:
    """What stands over a column: its title, with the year and month."""
    year, month = slot.moment
    when = "" if year is None else f" {year}" if month is None else f" {year}-{month:02d}"
    return titled(slot.column.title, slot.column.name, language) + when

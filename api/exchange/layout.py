"""Where everything of a submission stands in its workbook.

A form has a sheet for its inputs and yearly columns, and one for its monthly columns; row i of the form, and of the
forms that share its rows, stands in the same line of each. Line 1 holds technical names (`staff@2026`) and is hidden,
line 2 the headings of the table. A column that differs by year takes three sheet columns, a monthly one twelve a year;
one that a formula asks for with PREVIOUS has the last cycle's value before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from openpyxl.utils import get_column_letter

from engine.formula import Call, Expr, walk
from engine.formula import Column as Reference
from engine.plan import Plan
from engine.ruleset import Column, Form
from engine.workbook import Workbook

FIRST_LINE = 3
"""Of a table's rows."""
ROW = "\x01"
"""Stands in a formula for the line of the row at hand, so that one formula serves all rows."""
ROW_NAME = "row"
"""The technical name of the column with the numbers of rows."""
ABOUT, HEADER, NORMS, CHECKS = "About", "Header", "Norms", "Checks"
SHEET_NAME_MAX = 31

Moment = tuple[int | None, int | None]
"""Year and month; a column that is the same in all years has neither."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One column of a sheet: which column of the form, and of which year and month."""

    column: Column
    moment: Moment

    @property
    def name(self) -> str:
        """The technical name: `price`, `staff@2026`, `salary@2026-01`."""
        year, month = self.moment
        when = "" if year is None else f"@{year}" if month is None else f"@{year}-{month:02d}"
        return self.column.name + when


@dataclass(frozen=True)
class Layout:
    """The places of one submission's cells."""

    plan: Plan
    workbook: Workbook
    numbers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """root form → the numbers of its rows; rows of other forms are counted from 0, as everywhere outside."""

    @cached_property
    def sheets(self) -> dict[tuple[str, bool], str]:
        """(form, monthly?) → the sheet's name."""
        taken = {ABOUT.lower(), HEADER.lower(), NORMS.lower(), CHECKS.lower()}
        found: dict[tuple[str, bool], str] = {}
        for form in self.plan.ruleset.forms.values():
            for monthly in (False, True):
                if not monthly or any(column.per_month for column in form.columns.values()):
                    found[form.name, monthly] = _free(form.name, "_m" if monthly else "", taken)
        return found

    @cached_property
    def slots(self) -> dict[tuple[str, bool], tuple[Slot, ...]]:
        """(form, monthly?) → the columns of its sheet, after that of the rows' numbers."""
        forms = self.plan.ruleset.forms
        return {key: tuple(self._slots(forms[key[0]], key[1])) for key in self.sheets}

    @cached_property
    def remembered(self) -> frozenset[tuple[str, str]]:
        """Columns that some formula asks for with PREVIOUS."""
        return frozenset(
            (part.form or form.name, part.column)
            for form in self.plan.ruleset.forms.values()
            for tree in formulas_of(form)
            for node in walk(tree)
            if isinstance(node, Call) and node.name == "PREVIOUS"
            for part in node.args
            if isinstance(part, Reference)
        )

    def rows(self, form: str) -> int:
        """How many rows a form has."""
        return self.workbook.tables[self.plan.roots[form]].rows

    def number(self, form: str, place: int) -> int:
        """The number of the row that stands there."""
        root = self.plan.roots[form]
        return self.numbers[root][place] if root in self.numbers else place

    def cell(self, form: str, column: str, moment: Moment, line: str = ROW) -> str:
        """The reference to a cell in the line of the row at hand."""
        sheet, letter = self._at(form, column, moment)
        return f"{quoted(sheet)}!{letter}{line}"

    def range(self, form: str, column: str, moment: Moment) -> str:
        """The reference to a column's cells; of a form without rows, the one blank line that its table has."""
        sheet, letter = self._at(form, column, moment)
        return f"{quoted(sheet)}!{letter}${FIRST_LINE}:{letter}${self.last_line(form)}"

    def months(self, form: str, column: str, year: int) -> str:
        """The reference to the twelve months of a year in the line of the row at hand."""
        sheet, first = self._at(form, column, (year, 1))
        _, last = self._at(form, column, (year, 12))
        return f"{quoted(sheet)}!{first}{ROW}:{last}{ROW}"

    def last_line(self, form: str) -> int:
        """The last line of a form's table."""
        return FIRST_LINE + max(self.rows(form), 1) - 1

    def field(self, name: str) -> str:
        """The reference to a field of the header."""
        return f"{HEADER}!$C${list(self.plan.ruleset.header).index(name) + FIRST_LINE}"

    @cached_property
    def _letters(self) -> dict[tuple[str, str, Moment], tuple[str, str]]:
        return {
            (form, slot.column.name, slot.moment): (self.sheets[form, monthly], get_column_letter(i))
            for (form, monthly), slots in self.slots.items()
            for i, slot in enumerate(slots, 2)
        }

    def _at(self, form: str, column: str, moment: Moment) -> tuple[str, str]:
        year, month = moment
        places = ((year, month), (year, None), (None, None))
        return next(self._letters[form, column, when] for when in places if (form, column, when) in self._letters)

    def _slots(self, form: Form, monthly: bool) -> Iterator[Slot]:
        years = self.plan.years
        for column in form.columns.values():
            if column.per_month != monthly:
                continue
            own = years if column.by_year or column.formula is not None else (None,)
            before = (years[0] - 1,) if (form.name, column.name) in self.remembered else ()
            for year in (*before, *own):
                for month in range(1, 13) if monthly else (None,):
                    yield Slot(column, (year, month))


def quoted(sheet: str) -> str:
    """A sheet's name as formulas write it; one that could be taken for a cell (`form1`) stands in quotes."""
    return sheet if re.fullmatch(r"[A-Za-z_]{4,}", sheet) else f"'{sheet}'"


def formulas_of(form: Form) -> Iterator[Expr]:
    """The trees of a form's columns and checks."""
    yield from (column.formula.tree for column in form.columns.values() if column.formula is not None)
    yield from (check.asserts.tree for check in form.checks.values())


def is_key(form: Form, column: Column) -> bool:
    """Whether a column says which row it is, and so is never typed."""
    listed = form.rows.kind == "fixed" and any(column.name in row for row in form.rows.fixed)
    return listed or column.name in form.rows.by


def _free(name: str, suffix: str, taken: set[str]) -> str:
    plain = re.sub(r"\W", "_", name)
    made, count = plain[: SHEET_NAME_MAX - len(suffix)] + suffix, 1
    while made.lower() in taken:
        count += 1
        tail = f"_{count}{suffix}"
        made = plain[: SHEET_NAME_MAX - len(tail)] + tail
    taken.add(made.lower())
    return made

"""Random workbooks for a ruleset, and random edits of them: blanks, zeros, ties, extremes, strange days, unknown norms.

Cells come from a small pool for each column, so that equal values, ties and shrinking are common.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.groups import grouped
from engine.limits import NUMBER_MAX
from engine.norms import Norms
from engine.number import BLANK
from engine.ruleset import Column, Form, HeaderField, Ruleset
from engine.workbook import Edit, Table, Workbook
from tests.properties.formulas import Draw

DAYS = [42_262, 43_890, 45_351, 46_023, 46_053, 46_081, 46_082, 46_204, 46_387, 46_388, 47_483, 50_000]
"""2015-09-15, 2020-02-29, 2024-02-29, the first and last days of January, February and the year 2026, later ones."""
STRANGE_DAYS = [0, 1, 59, 60, 61, 2_958_465, 2_958_466, -1]
UNREAL_DAYS = {2_958_466, -1}
"""What a table may hold and no edit may write."""
EXTREMES = [NUMBER_MAX, -NUMBER_MAX, 2**51, 2**51 + 5, 2**52 + 1, 2**49 - 3, 2**31, 94_906_267]
KNOWN = [None, None, None, date(2026, 12, 1), date(2027, 1, 1)]


@st.composite
def workbooks(draw: Draw, ruleset: Ruleset, norms: Norms, rows_max: int = 8) -> Workbook:
    """A workbook of one to five submissions."""
    filling = _Filling(draw, ruleset, norms)
    submissions = draw(st.integers(1, 5))
    header = {name: filling.cells(field, submissions) for name, field in ruleset.header.items()}
    for form in ruleset.forms.values():
        filling.fill(form, submissions, rows_max)
    return Workbook(ruleset.years, header, filling.tables, draw(st.sampled_from(KNOWN)))


@st.composite
def edits(draw: Draw, ruleset: Ruleset, norms: Norms, workbook: Workbook) -> list[Edit]:
    """One to six edits of inputs and header fields, most of them possible."""
    places: list[tuple[str | None, Column | HeaderField]] = [(None, field) for field in ruleset.header.values()]
    for form in ruleset.forms.values():
        inputs = [c for c in form.columns.values() if c.formula is None and c.name not in form.rows.by]
        places += [(form.name, c) for c in inputs * 3 if workbook.tables[form.name].rows]
    return [
        draw(_edits(ruleset, norms, workbook, draw(st.sampled_from(places)))) for _ in range(draw(st.integers(1, 6)))
    ]


@st.composite
def refused(draw: Draw, ruleset: Ruleset, norms: Norms, workbook: Workbook) -> Edit:
    """An edit that cannot be."""
    name, form = draw(st.sampled_from(sorted(ruleset.forms.items())))
    column = draw(st.sampled_from(sorted(form.columns)))
    rows = workbook.tables[name].rows
    return draw(
        st.sampled_from(
            [
                Edit(workbook.submissions, name, column, 0, 1),
                Edit(0, name, "nowhere", 0, 1),
                Edit(0, "nowhere", column, 0, 1),
                Edit(0, None, "nowhere", 0, 1),
                Edit(0, name, column, rows, 1),
                Edit(0, name, column, -1, 1),
                Edit(0, None, "rank", 0, 4),
                Edit(0, None, "open", 0, 2),
                Edit(0, None, "pot", 0, NUMBER_MAX + 1),
                *(Edit(0, name, c.name, 0, 1) for c in form.columns.values() if c.formula or c.name in form.rows.by),
                *(Edit(0, name, c.name, 0, 1, 2025) for c in form.columns.values() if c.by_year),
            ]
        )
    )


def changed_inputs(workbook: Workbook, edited: Sequence[Edit]) -> Workbook:
    """The workbook with the edits written cell by cell and nothing calculated: what a fresh start would see."""
    header = {name: cells.copy() for name, cells in workbook.header.items()}
    tables = {name: {c: cells.copy() for c, cells in table.columns.items()} for name, table in workbook.tables.items()}
    for edit in edited:
        if edit.form is None:
            header[edit.column][edit.submission] = edit.value
            continue
        row = int(workbook.tables[edit.form].offsets[edit.submission]) + edit.row
        years = ... if edit.year is None else workbook.years.index(edit.year)
        tables[edit.form][edit.column][years, row] = edit.value
    full = {name: Table(old.offsets, tables[name], old.previous) for name, old in workbook.tables.items()}
    return Workbook(workbook.years, header, full, workbook.known)


@st.composite
def _edits(
    draw: Draw, ruleset: Ruleset, norms: Norms, workbook: Workbook, place: tuple[str | None, Column | HeaderField]
) -> Edit:
    form, column = place
    filling = _Filling(draw, ruleset, norms)
    submission, row, year = draw(st.integers(0, workbook.submissions - 1)), 0, None
    if form is not None:
        offsets = workbook.tables[form].offsets
        full = [s for s in range(workbook.submissions) if offsets[s + 1] > offsets[s]]
        submission = draw(st.sampled_from(full))
        row = draw(st.integers(0, int(offsets[submission + 1] - offsets[submission]) - 1))
    if isinstance(column, Column) and column.by_year:
        year = draw(st.sampled_from([None, *workbook.years]))
    value = draw(st.sampled_from(["a", None])) if column.type.kind == "text" else draw(filling.pool(column))
    if column.type.kind == "date" and value in UNREAL_DAYS:
        value = BLANK
    return Edit(submission, form, column.name, row, value, year)


class _Filling:
    def __init__(self, draw: Draw, ruleset: Ruleset, norms: Norms) -> None:
        self.draw, self.ruleset, self.norms = draw, ruleset, norms
        self.tables: dict[str, Table] = {}

    def fill(self, form: Form, submissions: int, rows_max: int) -> None:
        """A form's rows; what its rows come from stands before it."""
        inputs = [c for c in form.columns.values() if c.formula is None]
        if form.rows.kind == "added":
            counts = [self.draw(st.sampled_from([0, 1, 2, 3, rows_max])) for _ in range(submissions)]
        elif form.rows.kind == "fixed":
            counts = [len(form.rows.fixed)] * submissions
        elif form.rows.kind == "each":
            counts = np.diff(self.tables[form.rows.forms[0]].offsets).tolist()
        else:
            keys = grouped(self.ruleset, self.norms, Workbook(self.ruleset.years, {}, self.tables), form)
            counts = np.diff(keys.offsets).tolist()
        rows = sum(counts)
        columns = {c.name: self.cells(c, rows) for c in inputs}
        if form.rows.kind == "group":
            columns.update(keys.columns)
        if form.rows.kind == "fixed":
            columns["g0"] = np.array([0, 2, 0] * submissions, dtype=np.int64)
        numbers = [c for c in form.columns.values() if c.type.kind == "number"]
        kept = [c for c in numbers if self.draw(st.booleans())]
        previous = {c.name: self._spread(self.draw(st.lists(self.pool(c), min_size=1, max_size=3)), rows) for c in kept}
        self.tables[form.name] = Table(np.cumsum([0, *counts]), columns, previous)

    def cells(self, column: Column | HeaderField, rows: int) -> NDArray[Any]:
        """(rows,) or (years, rows) of an input."""
        years = len(self.ruleset.years) if isinstance(column, Column) and column.by_year else 1
        if column.type.kind == "text":
            return np.full(rows, None, dtype=object)
        pool = self.draw(st.lists(self.pool(column), min_size=1, max_size=4))
        cells = self._spread(pool, rows * years)
        return cells.reshape(years, rows) if isinstance(column, Column) and column.by_year else cells

    def _spread(self, pool: Sequence[int], count: int) -> NDArray[np.int64]:
        """The pool in a random order over so many cells."""
        chance = np.random.default_rng(self.draw(st.integers(0, 7)))
        return np.array(pool, dtype=np.int64)[chance.integers(0, len(pool), count)]

    def pool(self, column: Column | HeaderField) -> st.SearchStrategy[int]:
        """Cells that a column may hold."""
        match column.type.kind:
            case "bool":
                return st.sampled_from([0, 1, 1, 0, BLANK])
            case "code":
                codes = self.norms.classifications[column.type.classification or ""].codes
                return st.sampled_from([*range(len(codes)), *range(len(codes)), BLANK])
            case "date":
                return st.sampled_from([*DAYS * 3, BLANK, *STRANGE_DAYS])
        one = 10 ** (column.digits or 0)
        usual = st.sampled_from(
            [0, one, one, 2 * one, 3 * one, 5, 15, -25, one // 2, -one // 2, 7 * one + 5, 12_345, BLANK]
        )
        return st.one_of(usual, usual, st.integers(-(10**6), 10**6), st.sampled_from(EXTREMES))

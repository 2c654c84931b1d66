"""Columns and checks without kernels, cell by cell in the oracle, as the same cells that kernels give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.functions.values import ExcelError, Value
from engine.norms import Norms
from engine.number import BLANK, CELL_OF_ERROR, Cells, to_cell
from engine.oracle import Oracle
from engine.ruleset import Column
from engine.workbook import Workbook

if TYPE_CHECKING:
    from engine.plan import Key, Plan


class SlowCells:
    """The oracle over one workbook, made when first needed."""

    def __init__(self, plan: Plan, workbook: Workbook) -> None:
        self.plan, self.workbook = plan, workbook
        self._oracle: Oracle | None = None

    @property
    def oracle(self) -> Oracle:
        """The oracle of this workbook."""
        if self._oracle is None:
            self._oracle = Oracle(self.plan.ruleset, self.plan.norms, self.workbook)
        return self._oracle

    def column(self, key: Key, rows: NDArray[np.int64] | None = None) -> Cells:
        """(years, rows), or (years, 12, rows) of a monthly column; a text column's texts as objects."""
        form, name = key
        declared = self.plan.column(key)
        table = self.workbook.tables[self.plan.roots[form]]
        moments: Sequence[int | None] = range(1, 13) if declared.per_month else (None,)
        years = self.plan.ruleset.years
        text = declared.type.kind == "text"
        places = list(_rows(table.offsets)) if rows is None else [table.place(int(row)) for row in rows]
        out = np.empty((len(years), len(moments), len(places)), dtype=object if text else np.int64)
        for at, (submission, row) in enumerate(places):
            for y, year in enumerate(years):
                for m, month in enumerate(moments):
                    value = self.oracle.cell(submission, form, name, row, year, month)
                    out[y, m, at] = value if text else cell_of(value, declared, self.plan.norms)
        return out if declared.per_month else out[:, 0]

    def check(self, key: Key) -> Cells:
        """(years, rows) of a row check, (years, submissions) of a form's: 1 holds, 0 not, else the error."""
        form, name = key
        declared = self.plan.ruleset.forms[form].checks[name]
        offsets = self.workbook.tables[self.plan.roots[form]].offsets
        asked = list(_rows(offsets)) if declared.by_row else [(s, None) for s in range(len(offsets) - 1)]
        out = np.empty((len(self.plan.ruleset.years), len(asked)), dtype=np.int64)
        for y, year in enumerate(self.plan.ruleset.years):
            for at, (submission, place) in enumerate(asked):
                out[y, at] = _truth(self.oracle.check(submission, form, name, place, year))
        return out


def _rows(offsets: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    for submission in range(len(offsets) - 1):
        for row in range(int(offsets[submission + 1] - offsets[submission])):
            yield submission, row


def _truth(value: Value) -> int:
    match value:
        case ExcelError(code=code):
            return CELL_OF_ERROR[code]
        case bool() | Fraction():
            return int(value != 0)
    return CELL_OF_ERROR["#VALUE!"]


def cell_of(value: Value, declared: Column, norms: Norms) -> int:
    """A value of the oracle's as a cell of a column."""
    match value:
        case None:
            return BLANK
        case ExcelError(code=code):
            return CELL_OF_ERROR[code]
        case bool():
            return int(value)
        case int() | Fraction():
            return to_cell(Fraction(value), declared.digits or 0)
    if declared.type.classification is None:
        return CELL_OF_ERROR["#VALUE!"]
    if value == "":
        return -1
    position = norms.classifications[declared.type.classification].positions.get(str(value))
    return CELL_OF_ERROR["code-unknown"] if position is None else position

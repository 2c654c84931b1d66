"""Rolling forward: the next cycle's submissions start from the last cycle's.

Rows are carried, but for those where the last ruleset's `drop` holds in the next cycle's first year; fixed rows are the
next ruleset's, and forms of groups have the rows that their sources now give. An input that differs by year keeps what
was planned for each year; a year that was not planned yet repeats the last one that was. `index` multiplies by its
factor once for each year on which a price moves: an input by year for each year beyond those planned, any other for
each year by which the cycle's start moves; the product is rounded once. A factor that is an error (`norm-missing`) is
what the cell then holds: no price is carried on as if nothing were missing. What lines of earlier years say (`before`)
is not carried. Seniority moves by itself, because it is counted from a date. PREVIOUS finds in the next cycle's first
year what the last cycle had for the year before. What is carried goes by name (`engine.carrying`). The past is read as
the last ruleset says, the norms are those of the next cycle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.carrying import Carrying, carrying
from engine.evaluation import Evaluation
from engine.formula import Column as Reference
from engine.formula import Expr, Name, children
from engine.functions.values import ExcelError
from engine.groups import with_groups
from engine.number import CELL_OF_ERROR, SPECIAL, from_cell, to_cell
from engine.oracle import Oracle
from engine.plan import Plan
from engine.ruleset import Column, Formula
from engine.workbook import Workbook

Rows = NDArray[np.int64]
Array = NDArray[Any]


def rolled_forward(last: Plan, workbook: Workbook, plan: Plan) -> Workbook:
    """The submissions of the plan's cycle as they start from those of a recalculated workbook of the last one's."""
    rolled = _rolled(last, workbook, plan)
    return with_groups(plan.ruleset, plan.norms, Workbook(plan.years, rolled.headers(), rolled.tables))


def origins(last: Plan, workbook: Workbook, plan: Plan) -> Mapping[str, Rows]:
    """By form, for each row as a submission starts, the last cycle's row that it comes from, or -1."""
    return _rolled(last, workbook, plan).places


def _rolled(last: Plan, workbook: Workbook, plan: Plan) -> Carrying:
    assert workbook.results is not None, "the year before is calculated"
    assert plan.years[0] > last.years[0], "time goes on"
    return carrying(last, workbook, plan, _Past(last, workbook, plan))


class _Past:
    """The last cycle's cells, and what the formulas of rolling forward make of them."""

    def __init__(self, last: Plan, workbook: Workbook, plan: Plan) -> None:
        self.last, self.workbook, self.first = last, workbook, plan.years[0]
        norms = plan.norms
        if norms.classifications != last.norms.classifications:
            norms = replace(norms, classifications=last.norms.classifications, digest="")
        self.oracle = Oracle(last.ruleset, norms, _prolonged(workbook, plan.years[-1]))
        self.evaluation = Evaluation(last, workbook)
        assert workbook.results is not None
        self.evaluation.stored = dict(workbook.results.columns)

    def takes(self, column: Column) -> bool:
        """What lines of earlier years say is not carried."""
        return column.before is None

    def dropped(self) -> dict[str, Rows]:
        """By form, the rows that are not carried."""
        found: dict[str, list[int]] = {}
        for form, formula in self.last.ruleset.roll_forward.drop.items():
            held = self._answers(form, formula, self.first)
            found.setdefault(self.last.roots[form], []).extend(i for i, truth in enumerate(held) if truth is True)
        return {root: np.unique(np.array(rows, dtype=np.int64)) for root, rows in found.items()}

    def input(self, form: str, column: Column, year: int) -> Array:
        """(rows,): an input in a year of the next cycle, times its factors."""
        cells = self._input(form, column, year)
        formula = self.last.ruleset.roll_forward.index.get(form, {}).get(column.name)
        if formula is None:
            return cells
        start = self.last.years[-1] if column.by_year else self.last.years[0]
        end = year if column.by_year else self.first
        factors = [self._answers(form, formula, at) for at in range(start + 1, end + 1)]
        values = zip(cells.tolist(), *factors, strict=True)
        return np.array([_times(cell, row, column.digits or 0) for cell, *row in values], dtype=np.int64)

    def before(self, form: str, column: Column, year: int) -> Array | None:
        """(rows,), or (12, rows) of a monthly column, in a year; None where that was not calculated."""
        if column.formula is None:
            return self._input(form, column, year)
        if year not in self.last.years:
            return None
        at = self.last.years.index(year)
        if not column.per_month:
            found: Array = self.evaluation.column((form, column.name))[at]
            return found
        rows = self.workbook.tables[self.last.roots[form]].rows
        monthly: Array = self.evaluation.months((form, column.name), np.arange(rows))[at]
        return monthly

    def _input(self, form: str, column: Column, year: int) -> Array:
        cells: Array = self.workbook.tables[form].columns[column.name]
        at = min(max(year - self.last.years[0], 0), len(self.last.years) - 1)
        return cells[at] if cells.ndim > 1 else cells

    def _answers(self, form: str, formula: Formula, year: int) -> Sequence[object]:
        """(rows,): what a formula gives in each row of a form in a year."""
        offsets = self.workbook.tables[self.last.roots[form]].offsets
        if offsets[-1] and not _reads(formula.tree):
            return [self.oracle.answer(formula, 0, form, 0, year)] * int(offsets[-1])
        places = [(s, row) for s, (start, end) in enumerate(pairwise(offsets.tolist())) for row in range(end - start)]
        return [self.oracle.answer(formula, submission, form, row, year) for submission, row in places]


def _prolonged(workbook: Workbook, end: int) -> Workbook:
    """The same with all years to the end, the last one's inputs repeated, and nothing calculated."""
    years = (*workbook.years, *range(workbook.years[-1] + 1, end + 1))
    more = len(years) - len(workbook.years)
    tables = {}
    for name, table in workbook.tables.items():
        longer = {c: np.concatenate([x, *[x[-1:]] * more]) if x.ndim > 1 else x for c, x in table.columns.items()}
        tables[name] = replace(table, columns=longer)
    return replace(workbook, years=years, tables=tables, results=None)


def _reads(tree: Expr) -> bool:
    """Whether a formula may differ between rows or submissions."""
    if isinstance(tree, Reference) or (isinstance(tree, Name) and tree.name.lower() != "year"):
        return True
    return any(_reads(child) for child in children(tree))


def _times(cell: int, factors: Sequence[object], digits: int) -> int:
    if cell < SPECIAL:
        return cell
    value = from_cell(cell, digits)
    for factor in factors:
        if isinstance(factor, ExcelError):
            return CELL_OF_ERROR[factor.code]
        value *= factor if isinstance(factor, Fraction) else 1
    return to_cell(value, digits)

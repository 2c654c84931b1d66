"""Everything that one evaluator makes of a workbook, so that both can be held against each other and an expectation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.evaluate import recalculate
from engine.evaluation import Evaluation
from engine.lines import Lines, lines_of
from engine.number import ERROR_OF_CELL, Cells
from engine.plan import Key, Plan
from engine.slow import SlowCells
from engine.workbook import Results, Workbook


@dataclass(frozen=True, slots=True)
class Outcome:
    """All cells that one evaluator gives: (years, rows), or (years, 12, rows) of a monthly column."""

    evaluator: str
    plan: Plan
    workbook: Workbook
    columns: Mapping[Key, Cells]
    checks: Mapping[Key, Cells]

    def cells(self, key: Key, year: int) -> Cells:
        """(rows,) or (12, rows) of an input or computed column in the year at that index."""
        given: Cells = self.columns[key] if key in self.columns else self.workbook.tables[key[0]].columns[key[1]]
        cut: Cells = given[year] if key in self.columns or self.plan.column(key).by_year else given
        return cut

    def found(self, year: int) -> set[str]:
        """What is wrong in a year: checks that do not hold, and codes of errors in yearly columns and checks."""
        yearly = [cells[year] for key, cells in self.columns.items() if not self.plan.column(key).per_month]
        asked = [(name, cells[year]) for (_, name), cells in self.checks.items()]
        looked_at = [*yearly, *(held for _, held in asked)]
        errors = {ERROR_OF_CELL.get(cell, "") for cells in looked_at for cell in cells.tolist()}
        return errors - {""} | {name for name, held in asked if (held == 0).any()}

    def lines(self) -> Lines:
        """The lines that the submission puts in the budget."""
        results = Results({key: cells for key, cells in self.columns.items() if cells.ndim == 2}, self.checks)
        return lines_of(self.plan.ruleset, self.plan.norms, replace(self.workbook, results=results))


def by_kernels(plan: Plan, workbook: Workbook) -> Outcome:
    """The outcome of `recalculate`, with the monthly columns that it does not keep. numpy runs the kernels: for a few
    rows compiling takes a hundred times longer, and that compiled code gives the same is a law of its own."""
    after, _ = recalculate(plan, workbook, compiled=False)
    assert after.results is not None, "a recalculated workbook has results"
    evaluation = Evaluation(plan, workbook, compiled=False)
    columns = dict(after.results.columns)
    for key in plan.columns:
        if plan.column(key).per_month:
            columns[key] = evaluation.months(key, np.arange(workbook.tables[plan.roots[key[0]]].rows))
    return Outcome("kernels", plan, workbook, columns, after.results.checks)


def by_oracle(plan: Plan, workbook: Workbook) -> Outcome:
    """The outcome of the oracle, every cell for itself."""
    slow = SlowCells(plan, workbook)
    columns = {key: slow.column(key) for key in plan.columns}
    return Outcome("oracle", plan, workbook, columns, {key: slow.check(key) for key in plan.checks})

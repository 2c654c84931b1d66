"""The cells of a calculated submission as Python's own values: Decimal, date, bool, text, or None for a blank.

A cell with an error is its name as `Failed`, so that nobody takes it for a text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.exchange.layout import Slot
from engine.evaluation import Evaluation
from engine.norms import Norms
from engine.number import BLANK, ERROR_OF_CELL, decimal_text, from_serial
from engine.plan import Plan
from engine.ruleset import Column, HeaderField
from engine.workbook import Workbook


@dataclass(frozen=True, slots=True)
class Failed:
    """An error in a cell."""

    code: str


Value = Decimal | date | bool | str | Failed | None


@dataclass
class Figures:
    """The cells of one calculated submission; monthly columns are computed when asked for."""

    plan: Plan
    workbook: Workbook
    _monthly: dict[tuple[str, str], NDArray[Any]] = field(default_factory=dict)

    def of(self, form: str, slot: Slot) -> Iterator[Value]:
        """One sheet column of a form, row by row."""
        cells = self._cells(form, slot.column, slot.moment)
        return (value(cell, slot.column, self.plan.norms) for cell in cells.tolist())

    def field(self, name: str) -> Value:
        """A field of the header."""
        return value(self.workbook.header[name].tolist()[0], self.plan.ruleset.header[name], self.plan.norms)

    def _cells(self, form: str, column: Column, moment: tuple[int | None, int | None]) -> NDArray[Any]:
        year, month = moment
        years = self.plan.years
        if year is not None and year < years[0]:
            return self._previous(form, column, month)
        if column.formula is None:
            cells = self._inputs(form, column)
        elif (form, column.name) in self._results() and not column.per_month:
            cells = self._results()[form, column.name]
        else:
            cells = self._months(form, column.name)
        if cells.ndim == 1:
            return cells
        of_year: NDArray[Any] = cells[years.index(year or years[0])]
        return of_year[(month or 1) - 1] if of_year.ndim > 1 else of_year

    def _inputs(self, form: str, column: Column) -> NDArray[Any]:
        table = self.workbook.tables.get(form)
        if table is not None and column.name in table.columns:
            return table.columns[column.name]
        return self._blank(form, column)

    def _previous(self, form: str, column: Column, month: int | None) -> NDArray[Any]:
        table = self.workbook.tables.get(form)
        if table is None or column.name not in table.previous:
            return self._blank(form, column)
        cells = table.previous[column.name]
        one: NDArray[Any] = cells[(month or 1) - 1] if cells.ndim > 1 else cells
        return one

    def _blank(self, form: str, column: Column) -> NDArray[Any]:
        rows = self.workbook.tables[self.plan.roots[form]].rows
        text = column.type.kind == "text"
        return np.full(rows, None if text else BLANK, object if text else np.int64)

    def _months(self, form: str, column: str) -> NDArray[Any]:
        if (form, column) not in self._monthly:
            evaluation = Evaluation(self.plan, self.workbook)
            evaluation.stored = dict(self._results())
            rows = self.workbook.tables[self.plan.roots[form]].rows
            self._monthly[form, column] = evaluation.months((form, column), np.arange(rows))
        return self._monthly[form, column]

    def _results(self) -> Any:
        assert self.workbook.results is not None, "what is exported has been calculated"
        return self.workbook.results.columns


def value(cell: int | str | None, declared: Column | HeaderField, norms: Norms) -> Value:
    """One cell."""
    if cell is None or isinstance(cell, str):
        return cell or None
    if cell == BLANK or cell in ERROR_OF_CELL:
        return Failed(ERROR_OF_CELL[cell]) if cell in ERROR_OF_CELL else None
    match declared.type.kind:
        case "code":
            codes = norms.classifications[declared.type.classification or ""].codes
            return codes[cell] if cell >= 0 else None
        case "date":
            return from_serial(cell)
        case "bool":
            return bool(cell)
    return Decimal(decimal_text(cell, declared.digits or 0))

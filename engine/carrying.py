"""What one workbook's inputs are under another plan: rows, columns and codes that both have, carried by name.

A `Source` says which rows are not carried and what an input is in a year; `Carrying` puts it into the forms of the
other plan. Fixed rows are the other ruleset's. Columns are carried where kind, unit and classification are the same; a
code that there is no more is `code-unknown`. Forms of groups are to be grouped anew afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.formula import Call, Expr, children
from engine.formula import Column as Reference
from engine.groups import blank_inputs
from engine.inputs import read_cell
from engine.norms import Norms
from engine.number import BLANK, CELL_OF_ERROR, SPECIAL, from_cell, to_cell
from engine.plan import Plan
from engine.ruleset import Column, Form, HeaderField
from engine.ruleset.dependencies import rows_order
from engine.workbook import Table, Workbook

Rows = NDArray[np.int64]
Array = NDArray[Any]


class Source(Protocol):
    """Where inputs come from."""

    def takes(self, column: Column) -> bool:
        """Whether a column of the other plan is filled from here at all."""

    def dropped(self) -> Mapping[str, Rows]:
        """By form, the rows that are not carried."""

    def input(self, form: str, column: Column, year: int) -> Array:
        """(rows,): an input in a year of the other plan."""

    def before(self, form: str, column: Column, year: int) -> Array | None:
        """(rows,), or (12, rows) of a monthly column, in the year before the other plan's first; None: not known."""


def carrying(last: Plan, workbook: Workbook, plan: Plan, source: Source) -> Carrying:
    """All forms carried to another plan."""
    found = Carrying(last, workbook, plan, source)
    for form in rows_order(plan.ruleset.forms):
        found.fill(form)
    return found


@dataclass
class Carrying:
    """Tables under the other plan, form by form."""

    last: Plan
    workbook: Workbook
    plan: Plan
    source: Source
    tables: dict[str, Table] = field(default_factory=dict)
    places: dict[str, Rows] = field(default_factory=dict)
    """By form, for each row the row before that it comes from, or -1."""
    dropped: Mapping[str, Rows] = field(init=False)

    def __post_init__(self) -> None:
        self.dropped = self.source.dropped()

    def headers(self) -> dict[str, Array]:
        """(submissions,) of each field: what stood there, else the default."""
        return {name: self._header(declared) for name, declared in self.plan.ruleset.header.items()}

    def _header(self, declared: HeaderField) -> Array:
        known = self.last.ruleset.header.get(declared.name)
        if known is not None and known.type == declared.type:
            return self._converted(self.workbook.header[declared.name], known, declared)
        text = read_cell(declared.default or "", declared.type, declared.digits, self.plan.norms)
        dtype = object if declared.type.kind == "text" else np.int64
        return np.full(self.workbook.submissions, text, dtype=dtype)

    def fill(self, form: Form) -> None:
        """A form's rows, after those of the forms that they come from."""
        offsets, places = self._rows(form)
        self.places[form.name] = places
        columns = blank_inputs(form, len(self.plan.years), places.size)
        for name, cells in columns.items():
            carried = self._carried(form, form.columns[name], places)
            columns[name] = cells if carried is None else carried
        columns |= self._fixed(form, len(offsets) - 1)
        before = {name: self._previous(form, name) for name in _read_of_before(self.plan, form)}
        previous = {name: cells for name, cells in before.items() if cells is not None}
        self.tables[form.name] = Table(offsets, columns, previous)

    def _rows(self, form: Form) -> tuple[Rows, Rows]:
        """Offsets, and the places of the rows before."""
        known, submissions = self._known(form), self.workbook.submissions
        if form.rows.kind == "each":
            source = self.places[form.rows.forms[0]]
            same = known is not None and self.last.roots[form.name] == self.plan.roots[form.name]
            return self.tables[form.rows.forms[0]].offsets, source if same else np.full(source.size, -1)
        if form.rows.kind == "fixed":
            old = [known.rows.fixed.index(row) if known and row in known.rows.fixed else -1 for row in form.rows.fixed]
            starts = self.workbook.tables[form.name].offsets[:-1] if known else np.zeros(submissions, dtype=np.int64)
            places = np.add.outer(starts, old)
            places[:, np.array(old, dtype=np.int64) < 0] = -1
            return np.arange(submissions + 1) * len(old), places.reshape(-1)
        if known is None:
            return np.zeros(submissions + 1, dtype=np.int64), np.empty(0, dtype=np.int64)
        offsets = self.workbook.tables[form.name].offsets
        kept = np.flatnonzero(~np.isin(np.arange(offsets[-1]), self.dropped.get(form.name, [])))
        return np.searchsorted(kept, offsets).astype(np.int64), kept

    def _known(self, form: Form) -> Form | None:
        """The form of that name in the ruleset before, if its rows come about in the same way."""
        known = self.last.ruleset.forms.get(form.name)
        return known if known is not None and known.rows.kind == form.rows.kind else None

    def _fixed(self, form: Form, submissions: int) -> dict[str, Array]:
        names = dict.fromkeys(name for row in form.rows.fixed for name in row)
        columns = {}
        for declared in (form.columns[name] for name in names):
            texts = [row.get(declared.name, "") for row in form.rows.fixed]
            cells = [read_cell(text, declared.type, declared.digits, self.plan.norms) for text in texts]
            once = np.array(cells, dtype=object if declared.type.kind == "text" else np.int64)
            rows = np.tile(once, submissions)
            columns[declared.name] = np.tile(rows, (len(self.plan.years), 1)) if declared.by_year else rows
        return columns

    def _carried(self, form: Form, column: Column, places: Rows) -> Array | None:
        """(rows,) or (years, rows) of an input; None where there was no such column."""
        known = self._known(form)
        old = known.columns.get(column.name) if known else None
        if old is None or not places.size or old.type != column.type or not self.source.takes(column):
            return None
        years = self.plan.years if column.by_year else self.plan.years[:1]
        rows = [self._placed(self.source.input(form.name, old, year), places) for year in years]
        converted = self._converted(np.array(rows), old, column)
        return converted if column.by_year else converted[0]

    def _previous(self, form: Form, name: str) -> Array | None:
        """(rows,), or (12, rows) of a monthly column, in the year before the first."""
        known, column = self._known(form), form.columns[name]
        old = known.columns.get(name) if known else None
        year, places = self.plan.years[0] - 1, self.places[form.name]
        if old is None or old.type != column.type or old.per_month != column.per_month:
            return None
        cells = self.source.before(form.name, old, year)
        return None if cells is None else self._converted(self._placed(cells, places), old, column)

    def _placed(self, cells: Array, places: Rows) -> Array:
        blank: Any = None if cells.dtype == object else BLANK
        if not cells.shape[-1]:
            return np.full((*cells.shape[:-1], places.size), blank, dtype=cells.dtype)
        placed: Array = np.where(places < 0, blank, cells[..., places]).astype(cells.dtype)
        return placed

    def _converted(self, cells: Array, old: Column | HeaderField, new: Column | HeaderField) -> Array:
        """The same values as the new declaration holds them."""
        if old.type.kind == "code":
            return recoded(cells, old.type.classification or "", (self.last.norms, self.plan.norms))
        if old.type.kind == "number" and old.digits != new.digits:
            flat = [_redigited(cell, old.digits or 0, new.digits or 0) for cell in cells.reshape(-1).tolist()]
            return np.array(flat, dtype=np.int64).reshape(cells.shape)
        return cells


def _redigited(cell: int, old: int, new: int) -> int:
    return cell if cell < SPECIAL else to_cell(from_cell(cell, old), new)


def recoded(cells: Array, classification: str, norms: tuple[Norms, Norms]) -> Array:
    """Positions of the same codes in the newer classification."""
    old, new = (each.classifications[classification] for each in norms)
    if old.codes == new.codes:
        return cells
    table = np.array([new.positions.get(code, CELL_OF_ERROR["code-unknown"]) for code in (*old.codes, "")])
    found: Array = np.where(cells < 0, cells, table[np.maximum(cells, -1)])
    return found


def _read_of_before(plan: Plan, form: Form) -> list[str]:
    """The columns of a form that some formula reads through PREVIOUS."""
    found: dict[str, None] = {}
    for owner in plan.ruleset.forms.values():
        formulas = [c.formula for c in owner.columns.values()] + [check.asserts for check in owner.checks.values()]
        for tree in (formula.tree for formula in formulas if formula is not None):
            for name in _previous_of(tree):
                if (name.form or owner.name) == form.name and name.column in form.columns:
                    found[name.column] = None
    return list(found)


def _previous_of(tree: Expr) -> list[Reference]:
    if isinstance(tree, Call) and tree.name == "PREVIOUS":
        return [arg for arg in tree.args if isinstance(arg, Reference)]
    return [reference for child in children(tree) for reference in _previous_of(child)]

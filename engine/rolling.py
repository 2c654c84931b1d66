"""Rolling forward: the next cycle's submissions start from the last cycle's.

Rows are carried, but for those where the last ruleset's `drop` holds in the next cycle's first year; fixed rows are the
next ruleset's, and forms of groups have the rows that their sources now give. An input that differs by year keeps what
was planned for each year; a year that was not planned yet repeats the last one that was. `index` multiplies by its
factor once for each year on which a price moves: an input by year for each year beyond those planned, any other for
each year by which the cycle's start moves; the product is rounded once. A factor that is an error (`norm-missing`) is
what the cell then holds: no price is carried on as if nothing were missing. What lines of earlier years say (`before`)
is not carried. Seniority moves by itself, because it is counted from a date. PREVIOUS finds in the next cycle's first
year what the last cycle had for the year before.

Columns are carried by name where kind, unit and classification are the same; a code that there is no more is
`code-unknown`. The past is read as the last ruleset says, the norms are those of the next cycle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation import Evaluation
from engine.formula import Call, Expr, Name, children
from engine.formula import Column as Reference
from engine.functions.values import ExcelError
from engine.groups import blank_inputs, with_groups
from engine.inputs import read_cell
from engine.norms import Norms
from engine.number import BLANK, CELL_OF_ERROR, SPECIAL, from_cell, to_cell
from engine.oracle import Oracle
from engine.plan import Plan
from engine.ruleset import Column, Form, Formula, HeaderField
from engine.ruleset.dependencies import rows_order
from engine.workbook import Table, Workbook

Rows = NDArray[np.int64]
Array = NDArray[Any]


def rolled_forward(last: Plan, workbook: Workbook, plan: Plan) -> Workbook:
    """The submissions of the plan's cycle as they start from those of a recalculated workbook of the last one's."""
    rolling = _rolled(last, workbook, plan)
    header = {name: rolling.header(declared) for name, declared in plan.ruleset.header.items()}
    return with_groups(plan.ruleset, plan.norms, Workbook(plan.years, header, rolling.tables))


def origins(last: Plan, workbook: Workbook, plan: Plan) -> Mapping[str, Rows]:
    """By form, for each row as a submission starts, the last cycle's row that it comes from, or -1."""
    return _rolled(last, workbook, plan).places


def _rolled(last: Plan, workbook: Workbook, plan: Plan) -> _Rolling:
    assert workbook.results is not None, "the year before is calculated"
    assert plan.years[0] > last.years[0], "time goes on"
    rolling = _Rolling(last, workbook, plan)
    for form in rows_order(plan.ruleset.forms):
        rolling.fill(form)
    return rolling


@dataclass
class _Rolling:
    last: Plan
    workbook: Workbook
    plan: Plan
    tables: dict[str, Table] = field(default_factory=dict)
    places: dict[str, Rows] = field(default_factory=dict)
    """By form, for each row the last cycle's row that it comes from, or -1."""
    past: _Past = field(init=False)
    dropped: Mapping[str, Rows] = field(init=False)

    def __post_init__(self) -> None:
        self.past = _Past(self.last, self.workbook, self.plan)
        self.dropped = self.past.dropped()

    def header(self, declared: HeaderField) -> Array:
        """(submissions,): what stood there, else the default."""
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
        """Offsets, and the places of the rows in the last cycle."""
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
        """The last ruleset's form of that name, if its rows come about in the same way."""
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
        """(rows,) or (years, rows) of an input; None where the last cycle had no such column."""
        known = self._known(form)
        old = known.columns.get(column.name) if known else None
        if old is None or not places.size or old.type != column.type or column.before is not None:
            return None
        years = self.plan.years if column.by_year else self.plan.years[:1]
        rows = [self._placed(self.past.indexed(form.name, old, year), places) for year in years]
        converted = self._converted(np.array(rows), old, column)
        return converted if column.by_year else converted[0]

    def _previous(self, form: Form, name: str) -> Array | None:
        """(rows,), or (12, rows) of a monthly column, in the year before the first."""
        known, column = self._known(form), form.columns[name]
        old = known.columns.get(name) if known else None
        year, places = self.plan.years[0] - 1, self.places[form.name]
        if old is None or old.type != column.type or old.per_month != column.per_month:
            return None
        cells = self.past.cells(form.name, old, year)
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
            return _recoded(cells, old.type.classification or "", (self.last.norms, self.plan.norms))
        if old.type.kind == "number" and old.digits != new.digits:
            flat = [_redigited(cell, old.digits or 0, new.digits or 0) for cell in cells.reshape(-1).tolist()]
            return np.array(flat, dtype=np.int64).reshape(cells.shape)
        return cells


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

    def dropped(self) -> dict[str, Rows]:
        """By form, the rows that are not carried."""
        found: dict[str, list[int]] = {}
        for form, formula in self.last.ruleset.roll_forward.drop.items():
            held = self._answers(form, formula, self.first)
            found.setdefault(self.last.roots[form], []).extend(i for i, truth in enumerate(held) if truth is True)
        return {root: np.unique(np.array(rows, dtype=np.int64)) for root, rows in found.items()}

    def indexed(self, form: str, column: Column, year: int) -> Array:
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

    def cells(self, form: str, column: Column, year: int) -> Array | None:
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


def _redigited(cell: int, old: int, new: int) -> int:
    return cell if cell < SPECIAL else to_cell(from_cell(cell, old), new)


def _recoded(cells: Array, classification: str, norms: tuple[Norms, Norms]) -> Array:
    """Positions of the same codes in the newer classification."""
    old, new = (each.classifications[classification] for each in norms)
    if old.codes == new.codes:
        return cells
    table = np.array([new.positions.get(code, CELL_OF_ERROR["code-unknown"]) for code in (*old.codes, "")])
    recoded: Array = np.where(cells < 0, cells, table[np.maximum(cells, -1)])
    return recoded


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

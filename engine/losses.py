"""The inputs of submissions under another edition's plan, and what of them it has no place for.

A column, row or code that is gone, digits that a column no longer has: a submission moves only where nothing is lost.
Values of the last cycle that PREVIOUS reads go along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.carrying import Carrying, Rows, carrying
from engine.findings import Cell, Finding, finding
from engine.groups import with_groups
from engine.number import BLANK, CELL_OF_ERROR, SPECIAL
from engine.plan import Key, Plan
from engine.ruleset import Column, Form
from engine.workbook import Table, Workbook

Array = NDArray[Any]
Losses = Mapping[Key, Array]
"""By form and column (or `header` and field): how many filled cells of each submission have no place."""


def refitted(last: Plan, workbook: Workbook, plan: Plan) -> tuple[Workbook, list[Finding]]:
    """The inputs under the other plan, not calculated, and what of them it has no place for."""
    after, lost = refitted_each(last, workbook, plan)
    return after, losses_of(lost)


def refitted_each(last: Plan, workbook: Workbook, plan: Plan) -> tuple[Workbook, Losses]:
    """The same, what is lost told of each submission."""
    assert plan.years == last.years, "an edition is of the same cycle"
    if takes_all(last, plan):
        return replace(workbook, results=None), {}
    found = carrying(last, workbook, plan, _Same(workbook))
    flat = Workbook(plan.years, found.headers(), found.tables, workbook.known)
    after = with_groups(plan.ruleset, plan.norms, flat)
    return after, {key: counts for key, counts in _lost(found, after) if counts.any()}


def losses_of(lost: Losses, submission: int | None = None) -> list[Finding]:
    """What is lost of one submission, or of all together."""
    counts = {key: int(cells.sum() if submission is None else cells[submission]) for key, cells in lost.items()}
    return [
        finding("edition-loses", Cell(0, *key), column=key[1], count=count) for key, count in counts.items() if count
    ]


def takes_all(last: Plan, plan: Plan) -> bool:
    """Whether inputs mean the same under both."""
    same = last.ruleset is plan.ruleset or last.ruleset.digest == plan.ruleset.digest
    return same and last.norms.classifications == plan.norms.classifications


def each_of(cells: NDArray[np.bool_], table: Table) -> Array:
    """How many of the cells, (years, rows), are each submission's."""
    sums = np.concatenate([[0], np.cumsum(cells.sum(axis=0))])
    return np.asarray(sums[table.offsets[1:]] - sums[table.offsets[:-1]])


@dataclass(frozen=True, slots=True)
class _Same:
    """Inputs as they stand."""

    workbook: Workbook

    def takes(self, column: Column) -> bool:
        return True

    def dropped(self) -> dict[str, Rows]:
        return {}

    def input(self, form: str, column: Column, year: int) -> Array:
        cells = self.workbook.tables[form].columns[column.name]
        return cells[self.workbook.years.index(year)] if cells.ndim > 1 else cells

    def before(self, form: str, column: Column, year: int) -> Array | None:
        return self.workbook.tables[form].previous.get(column.name)


def _lost(found: Carrying, after: Workbook) -> Iterator[tuple[Key, Array]]:
    """The header's fields and the columns, with how much of each is lost."""
    unknown = CELL_OF_ERROR["code-unknown"]
    for name, declared in found.last.ruleset.header.items():
        other, cells = found.plan.ruleset.header.get(name), found.workbook.header[name]
        if other is None or other.type != declared.type:
            gone = _filled(cells)
        else:
            gone = _filled(cells) & (cells != after.header[name]) & (after.header[name] == unknown)
        yield ("header", name), gone.astype(np.int64)
    for form in found.last.ruleset.forms.values():
        for name in _inputs(form):
            yield (form.name, name), _lost_of(found, after, form, name)


def _inputs(form: Form) -> Iterator[str]:
    """The columns that people fill."""
    given = {*form.rows.by, *(name for row in form.rows.fixed for name in row)}
    return (name for name, column in form.columns.items() if column.formula is None and name not in given)


def _lost_of(found: Carrying, after: Workbook, form: Form, name: str) -> Array:
    """How many filled cells of a column are not there any more, or not the same."""
    old = found.workbook.tables[form.name].columns.get(name)
    other = found.plan.ruleset.forms.get(form.name)
    nothing = np.zeros(found.workbook.submissions, np.int64)
    if old is None:
        return nothing
    filled = each_of(_filled(_by_year(found, old)), found.workbook.tables[form.name])
    if not filled.any():
        return nothing
    if other is None or name not in _inputs(other) or other.columns[name].type != form.columns[name].type:
        return filled
    if other.rows.kind != form.rows.kind:
        return filled
    now, kept = after.tables[form.name].columns[name], found.tables[form.name].columns[name]
    lost = filled - each_of(_filled(_by_year(found, now)), after.tables[form.name])
    places = found.places[form.name]
    rows = np.flatnonzero(places >= 0)
    pair = _by_year(found, old)[:, places[rows]], _by_year(found, kept)[:, rows]
    other_now = np.zeros((len(found.plan.years), places.size), np.bool_)
    other_now[:, rows] = _changed(pair, (form.columns[name], other.columns[name]))
    return np.asarray(np.maximum(lost, 0) + each_of(other_now, found.tables[form.name]))


def _changed(cells: tuple[Array, Array], columns: tuple[Column, Column]) -> NDArray[np.bool_]:
    """Where a filled cell is not the same value any more."""
    (old, new), (before, after) = cells, columns
    filled = _filled(old)
    if before.type.kind == "code":
        return np.asarray(filled & (old >= 0) & (new < 0))
    if before.type.kind != "number" or before.digits == after.digits:
        return np.asarray(filled & (old != new))
    more = 10 ** abs((after.digits or 0) - (before.digits or 0))
    fine = new == old * more if (after.digits or 0) > (before.digits or 0) else new * more == old
    return np.asarray(filled & np.where(old < SPECIAL, new != old, ~fine))


def _filled(cells: Array) -> NDArray[np.bool_]:
    if cells.dtype == object:
        return np.array([bool(cell) for cell in cells.ravel().tolist()], bool).reshape(cells.shape)
    return np.asarray(cells != BLANK)


def _by_year(found: Carrying, cells: Array) -> Array:
    return np.broadcast_to(cells, (len(found.plan.years), cells.shape[-1]))

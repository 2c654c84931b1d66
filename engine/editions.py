"""Another edition of the rules or norms under submissions in work: the same plan years, the same inputs.

`refitted` puts the inputs into the other edition's forms, by name, and tells what of them has no place there: a column,
row or code that is gone, digits that a column no longer has. A submission moves only where nothing is lost. Values of
the last cycle that PREVIOUS reads go along. `moved` calculates, and `difference` compares the two editions: forms in
which something differs are to be read anew (`Delta.reshaped`), and the computed cells that differ stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.carrying import Carrying, Rows, carrying, recoded
from engine.evaluate import recalculate
from engine.findings import Cell, Finding, finding
from engine.groups import with_groups
from engine.kernel.space import Space
from engine.lines import delta as line_delta
from engine.lines import lines_of
from engine.number import BLANK, CELL_OF_ERROR, SPECIAL
from engine.plan import Key, Plan
from engine.renorm import WORTH_COMPILING, Changed, changed_norms, reached_by, rerun
from engine.reshaping import evaluation_of
from engine.ruleset import Column, Form
from engine.slots import differing, slots_of
from engine.verdicts import findings_of
from engine.workbook import Changes, Delta, Table, Workbook

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
    if _takes_all(last, plan):
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


def moved(last: Plan, workbook: Workbook, plan: Plan) -> Workbook:
    """A recalculated workbook under the other plan, recalculated; of other norms alone, only what reads them is."""
    if workbook.results is not None and _takes_all(last, plan):
        return replace(workbook, results=rerun(plan, workbook, workbook.results, _reached(_Way.of(last, plan))))
    return recalculate(plan, refitted(last, workbook, plan)[0], compiled=WORTH_COMPILING)[0]


def difference(before: tuple[Plan, Workbook], after: tuple[Plan, Workbook]) -> tuple[Delta, Iterator[Changes]]:
    """What differs between one submission under two plans, both recalculated, and the computed cells that do, which are
    found when somebody asks for them."""
    assert before[1].submissions == after[1].submissions == 1
    plan, workbook = after
    forms = _others(before, after)
    for form, found in _changes(before, after, forms):
        if len(found):
            forms.add(form)
    lines = line_delta(*(lines_of(each.ruleset, each.norms, of) for each, of in (before, after)))
    amounts = {key: amount for key, amount in lines.as_dict().items() if amount}
    left_out = {key: rows for key, rows in lines.left_out().items() if rows}
    reshaped = tuple(name for name in plan.ruleset.forms if name in forms)
    delta = Delta((), amounts, tuple(findings_of(plan, workbook)), reshaped, left_out)
    return delta, (found for _, found in _changes(before, after, set()) if len(found))


@dataclass(frozen=True, slots=True)
class _Way:
    """From one plan to another of the same ruleset; the same two plans are the same way."""

    of_plans: tuple[int, int]
    plans: tuple[Plan, Plan] = field(compare=False)

    @classmethod
    def of(cls, last: Plan, plan: Plan) -> _Way:
        """The way between two plans."""
        return cls((id(last), id(plan)), (last, plan))


@lru_cache(maxsize=8)
def _reached(way: _Way) -> tuple[Changed, frozenset[Key]]:
    """The norms that differ, and what reads them; of many submissions that go the same way, found out once."""
    last, plan = way.plans
    changed = Changed(changed_norms(last.norms, plan.norms))
    return changed, reached_by(plan, changed)


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


def _takes_all(last: Plan, plan: Plan) -> bool:
    """Whether inputs mean the same under both."""
    same = last.ruleset is plan.ruleset or last.ruleset.digest == plan.ruleset.digest
    return same and last.norms.classifications == plan.norms.classifications


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
    filled = _each(_filled(_by_year(found, old)), found.workbook.tables[form.name])
    if not filled.any():
        return nothing
    if other is None or name not in _inputs(other) or other.columns[name].type != form.columns[name].type:
        return filled
    if other.rows.kind != form.rows.kind:
        return filled
    now, kept = after.tables[form.name].columns[name], found.tables[form.name].columns[name]
    lost = filled - _each(_filled(_by_year(found, now)), after.tables[form.name])
    places = found.places[form.name]
    rows = np.flatnonzero(places >= 0)
    pair = _by_year(found, old)[:, places[rows]], _by_year(found, kept)[:, rows]
    other_now = np.zeros((len(found.plan.years), places.size), np.bool_)
    other_now[:, rows] = _changed(pair, (form.columns[name], other.columns[name]))
    return np.asarray(np.maximum(lost, 0) + _each(other_now, found.tables[form.name]))


def _each(cells: NDArray[np.bool_], table: Table) -> Array:
    """How many of the cells, (years, rows), are each submission's."""
    sums = np.concatenate([[0], np.cumsum(cells.sum(axis=0))])
    return np.asarray(sums[table.offsets[1:]] - sums[table.offsets[:-1]])


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


def _others(before: tuple[Plan, Workbook], after: tuple[Plan, Workbook]) -> set[str]:
    """The forms that are declared otherwise, or whose rows are others."""
    (last, old), (plan, new) = before, after
    forms = last.ruleset.forms
    return {
        name
        for name, form in plan.ruleset.forms.items()
        if name not in forms or forms[name] != form or not _same_rows(old, new, (last.roots[name], plan.roots[name]))
    }


def _same_rows(old: Workbook, new: Workbook, roots: tuple[str, str]) -> bool:
    tables = old.tables[roots[0]], new.tables[roots[1]]
    return roots[0] == roots[1] and np.array_equal(tables[0].offsets, tables[1].offsets)


def _changes(
    before: tuple[Plan, Workbook], after: tuple[Plan, Workbook], known: Set[str]
) -> Iterator[tuple[str, Changes]]:
    """The cells of computed columns that both have, over the same rows, form by form but for those that are `known` by
    then; of norms alone, only columns that read them are looked at, and what is kept before what is computed again."""
    (last, old), (plan, new) = before, after
    sides = _Side(last, old), _Side(plan, new)
    reached = _reached(_Way.of(last, plan))[1] if _takes_all(last, plan) else plan.columns.keys()
    for key in sorted(reached & plan.columns.keys(), key=lambda key: not plan.stored(key)):
        if key[0] in known or key not in last.columns or not _alike(last, plan, key):
            continue
        if not _same_rows(old, new, (last.roots[key[0]], plan.roots[key[0]])):
            continue
        offsets = new.tables[plan.roots[key[0]]].offsets
        rows, slots = np.arange(offsets[-1]), slots_of(plan.years, [(key, plan.columns[key].monthly)])
        was, now = (side.cells(key) for side in sides)
        if plan.column(key).type.kind == "code":
            was = recoded(was, plan.column(key).type.classification or "", (last.norms, plan.norms))
        yield key[0], differing(slots, offsets, rows, (was.reshape(len(slots), -1), now.reshape(len(slots), -1)))


class _Side:
    """The computed cells of a submission; what its columns have in common is computed once."""

    def __init__(self, plan: Plan, workbook: Workbook) -> None:
        self.plan, self.evaluation = plan, evaluation_of(plan, workbook)
        self.spaces: dict[str, Space] = {}

    def cells(self, key: Key) -> Array:
        """(years, rows) or (years, 12, rows)."""
        if self.plan.stored(key):
            return self.evaluation.column(key)
        root = self.plan.roots[key[0]]
        if root not in self.spaces:
            self.spaces[root] = Space(self.evaluation, root, np.arange(self.evaluation.table(root).rows))
        return self.evaluation.months_in(self.spaces[root], key)


def _alike(last: Plan, plan: Plan, key: Key) -> bool:
    """Whether a column's cells can be compared."""
    old, new = last.column(key), plan.column(key)
    monthly = last.columns[key].monthly == plan.columns[key].monthly
    return monthly and (old.type, old.digits) == (new.type, new.digits)

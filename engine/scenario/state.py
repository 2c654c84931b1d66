"""A budget as it stands: a plan, its recalculated workbook and its lines; and the way from one such state to another.

`moved_to` calculates again only what depends on what differs. Where rows or classifications differ, that is everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluate import calculated
from engine.groups import with_groups
from engine.lines import Lines, lines_of
from engine.norms import Norms
from engine.plan import Key, Plan, planned
from engine.renorm import WORTH_COMPILING, Changed, changed_norms, reached_by, rerun
from engine.ruleset import Ruleset
from engine.ruleset.likeness import declared_alike
from engine.workbook import Results, Table, Workbook


@dataclass(frozen=True, slots=True)
class State:
    """What one calculation rests on and what it gave; made by `state_of`."""

    plan: Plan
    workbook: Workbook
    lines: Lines

    @property
    def ruleset(self) -> Ruleset:
        """The ruleset of the plan."""
        return self.plan.ruleset

    @property
    def norms(self) -> Norms:
        """The norms of the plan."""
        return self.plan.norms


def state_of(plan: Plan, workbook: Workbook) -> State:
    """The state of a workbook under a plan; one that is not calculated yet is calculated."""
    if workbook.results is None:
        workbook = with_groups(plan.ruleset, plan.norms, workbook)
        workbook = replace(workbook, results=calculated(plan, workbook, WORTH_COMPILING))
    return State(plan, workbook, lines_of(plan.ruleset, plan.norms, workbook))


def moved_to(state: State, plan: Plan, workbook: Workbook, checks: bool = False) -> State:
    """The state of other inputs, norms or rules that come after a state and share most of it; without `checks` figures
    and lines only, where nobody asks the checks. The workbook's own results count for nothing."""
    workbook = with_groups(plan.ruleset, plan.norms, replace(workbook, results=None))
    changed = _changed(state, plan, workbook) if _same_rows(state, plan, workbook) else None
    if changed is None:
        return state_of(plan, workbook)
    assert state.workbook.results is not None
    ran = reached_by(plan, changed)
    before = _results(state.workbook.results, plan)
    results = rerun(plan, workbook, before, (changed, ran if checks else ran & plan.columns.keys()))
    return state_of(plan, replace(workbook, results=results))


def plan_under(plan: Plan, ruleset: Ruleset, norms: Norms) -> Plan:
    """The plan of a ruleset that is known to be free of errors; the same plan where nothing is another."""
    if ruleset is plan.ruleset and norms is plan.norms:
        return plan
    return planned(ruleset, norms, plan)


SPEAKERS = ("institution", "administrator")
"""The header fields that say whose a submission is, the first that there is."""


def header_codes(plan: Plan, workbook: Workbook, name: str) -> list[str]:
    """The codes of a header field, one a submission; blanks are empty."""
    listed = plan.norms.classifications[plan.ruleset.header[name].type.classification or ""].codes
    return [listed[cell] if cell >= 0 else "" for cell in workbook.header[name].tolist()]


def speakers(plan: Plan, workbook: Workbook) -> list[str]:
    """Who fills in each submission; where the header does not say, its number."""
    for name in SPEAKERS:
        if name in plan.ruleset.header:
            return header_codes(plan, workbook, name)
    return [str(i + 1) for i in range(workbook.submissions)]


def same(cells: NDArray[Any], others: NDArray[Any]) -> bool:
    """Whether two columns of cells are equal, in shape too."""
    return cells is others or (cells.dtype == others.dtype and np.array_equal(cells, others))


def _same_rows(state: State, plan: Plan, workbook: Workbook) -> bool:
    old = state.workbook
    if state.norms.classifications != plan.norms.classifications:
        return False
    if old.header.keys() != workbook.header.keys() or old.tables.keys() != workbook.tables.keys():
        return False
    if state.plan.roots != plan.roots or old.years != workbook.years:
        return False
    tables = ((table, workbook.tables[name]) for name, table in old.tables.items())
    return all(a is b or same(a.offsets, b.offsets) for a, b in tables)


def _changed(state: State, plan: Plan, workbook: Workbook) -> Changed | None:
    """What differs over the same rows; None where columns are declared otherwise, and all must run."""
    old = state.workbook
    columns = {(name, c) for name, table in old.tables.items() for c in _differing(table, workbook.tables[name])}
    if state.ruleset is not plan.ruleset:
        if not declared_alike(state.ruleset, plan.ruleset):
            return None
        columns |= set(_redefined(state.plan, plan))
    header = {name for name, cells in old.header.items() if not same(cells, workbook.header[name])}
    named = frozenset(plan.norms.norms) if old.known != workbook.known else changed_norms(state.norms, plan.norms)
    return Changed(named, frozenset(columns), frozenset(header))


def _differing(old: Table, new: Table) -> Iterator[str]:
    for before, after in ((old.columns, new.columns), (old.previous, new.previous)):
        for name in before.keys() | after.keys():
            if name not in before or name not in after or not same(before[name], after[name]):
                yield name


def _redefined(old: Plan, new: Plan) -> Iterator[Key]:
    """Computed columns and checks that are not the same operation any more."""
    for before, after in ((old.columns, new.columns), (old.checks, new.checks)):
        yield from (key for key, definition in after.items() if before.get(key) != definition)


def _results(before: Results, plan: Plan) -> Results:
    """What of the results the plan still has."""
    columns = {key: cells for key, cells in before.columns.items() if key in plan.columns and plan.stored(key)}
    checks = {key: cells for key, cells in before.checks.items() if key in plan.checks}
    return Results(columns, checks, before.totals, grouped=before.grouped)

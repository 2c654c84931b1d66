"""Rows that come, go and move in one submission: which rows a form has afterwards, by their places before.

Rows belong to their root: forms derived from it with `each` follow, forms of groups are grouped anew. A new row is
blank. The delta names the forms whose rows are others now (`reshaped`): those are read anew, all else is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from engine.editing import Touched
from engine.evaluate import calculated
from engine.groups import carried, with_groups
from engine.plan import Plan
from engine.reshaping import Reshape, reshaped_delta
from engine.workbook import Delta, Table, Workbook

NEW = -1
"""The place before of a row that was nowhere."""


def rearranged(plan: Plan, workbook: Workbook, form: str, places: Sequence[int]) -> tuple[Workbook, Delta]:
    """A recalculated workbook of one submission whose `form` has the rows that stood at `places`, in that order."""
    assert workbook.submissions == 1, "rows move inside a submission"
    assert plan.ruleset.forms[form].rows.kind == "added", "only rows that users add can come, go and move"
    at = np.array(places, dtype=np.int64)
    tables = dict(workbook.tables)
    for name in _sharing(plan, form):
        fresh = Table(np.array([0, at.size]))
        tables[name] = carried(plan.ruleset.forms[name], workbook.years, tables.get(name), (fresh, at))
    now = with_groups(plan.ruleset, plan.norms, replace(workbook, tables=tables, results=None))
    after = replace(now, results=calculated(plan, now))
    forms = tuple(_others(plan, workbook, now, form))
    reshaped = Reshape(now, np.array([0]), forms)
    return after, reshaped_delta(plan, workbook, after, reshaped, Touched({}, {}, ()))


def _sharing(plan: Plan, form: str) -> Iterator[str]:
    """A root and the forms whose rows are its rows."""
    return (name for name in plan.ruleset.forms if plan.roots[name] == form)


def _others(plan: Plan, before: Workbook, now: Workbook, form: str) -> Iterator[str]:
    """The forms whose rows are others now: those that share the root's, and groups that came out differently."""
    for name in plan.ruleset.forms:
        root = plan.roots[name]
        if root == form or before.tables[root] is not now.tables[root]:
            yield name

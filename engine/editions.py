"""Another edition of the rules or norms under submissions in work: the same plan years, the same inputs.

`refitted` puts the inputs into the other edition's forms, by name, and tells what of them is lost (`engine.losses`).
`moved` calculates, and `difference` compares the two editions: forms in which something differs are to be read anew
(`Delta.reshaped`), and the computed cells that differ stand beside it. `moves` does both for many at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.carrying import recoded
from engine.evaluate import recalculate
from engine.findings import Finding
from engine.joining import joined
from engine.kernel.space import Space
from engine.lines import delta as line_delta
from engine.lines import lines_apart, lines_of
from engine.losses import losses_of, refitted, refitted_each, takes_all
from engine.plan import Key, Plan
from engine.renorm import WORTH_COMPILING, Changed, changed_norms, reached_by, rerun
from engine.reshaping import alone, evaluation_of
from engine.scenario.state import moved_to, state_of
from engine.slots import differing, slots_of
from engine.verdicts import findings_of
from engine.workbook import Changes, Delta, Results, Workbook

Array = NDArray[Any]


def moved(last: Plan, workbook: Workbook, plan: Plan) -> Workbook:
    """A recalculated workbook under the other plan, recalculated; of other norms alone, only what reads them is."""
    if workbook.results is not None and takes_all(last, plan):
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
class Move:
    """A submission (`before`, recalculated) under another plan: what it would be, what differs, and what it loses."""

    plan: Plan
    before: Workbook
    after: Workbook
    delta: Delta
    lost: tuple[Finding, ...]


def moves(last: Plan, workbooks: Sequence[Workbook], plan: Plan) -> list[Move]:
    """What `moved` and `difference` give of each of some recalculated submissions, found out of all at once, which
    costs little more than of one; nothing where other rows come about, or they have not begun alike."""
    if len({_alike_begun(workbook) for workbook in workbooks}) != 1:  # none at all, or some that differ
        return []
    whole = _together(workbooks)
    inputs, lost = refitted_each(last, whole, plan)
    after = moved_to(state_of(last, whole), plan, inputs, checks=True).workbook
    both = (last, whole), (plan, after)
    if any(not _same_rows(whole, after, roots) for roots in _shared(last, plan)):
        return []
    forms = _forms(*both, len(workbooks))
    lines = line_delta(*(lines_apart(each.ruleset, each.norms, of) for each, of in both))
    found = []
    for i, before in enumerate(workbooks):
        one = alone(plan, after, i)
        reshaped = tuple(name for name in plan.ruleset.forms if forms[name][i])
        told = Delta((), _of(lines.as_dict(), i), tuple(findings_of(plan, one)), reshaped, _of(lines.left_out(), i))
        found.append(Move(plan, before, one, told, tuple(losses_of(lost, i))))
    return found


def _alike_begun(workbook: Workbook) -> tuple[object, ...]:
    """What submissions have to have in common to stand in one workbook and come out of it as they were."""
    return workbook.known, *((name, *sorted(table.previous)) for name, table in sorted(workbook.tables.items()))


def _together(workbooks: Sequence[Workbook]) -> Workbook:
    """All of them with their results."""
    results = [workbook.results for workbook in workbooks if workbook.results is not None]
    assert len(results) == len(workbooks), "who moves has been calculated"
    columns = {key: np.concatenate([one.columns[key] for one in results], axis=-1) for key in results[0].columns}
    checks = {key: np.concatenate([one.checks[key] for one in results], axis=-1) for key in results[0].checks}
    return replace(joined(workbooks), results=Results(columns, checks))


def _shared(last: Plan, plan: Plan) -> set[tuple[str, str]]:
    """The roots, before and after, of forms that both have."""
    return {(root, plan.roots[name]) for name, root in last.roots.items() if plan.roots.get(name) == root}


def _forms(before: tuple[Plan, Workbook], after: tuple[Plan, Workbook], count: int) -> dict[str, Array]:
    """By form, in which of the submissions something of it differs."""
    differ = {name: np.zeros(count, np.bool_) for name in after[0].ruleset.forms}
    known = _others(before, after)
    for name in known:
        differ[name][:] = True
    for form, found in _changes(before, after, known):
        differ[form][found.cells.submissions] = True
        if differ[form].all():
            known.add(form)
    return differ


def _of(lines: Mapping[tuple[str, ...], int], submission: int) -> dict[tuple[str, ...], int]:
    """The lines of one of them that are not 0."""
    return {key[1:]: amount for key, amount in lines.items() if amount and key[0] == str(submission)}


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
    reached = _reached(_Way.of(last, plan))[1] if takes_all(last, plan) else plan.columns.keys()
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

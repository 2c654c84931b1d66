"""Other norms, inputs or formulas over the same rows: only what depends on what changed is computed again."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

from engine.evaluation import Evaluation
from engine.kernel.typed import Op
from engine.kernel.uses import Uses, uses_of
from engine.norms import Norms
from engine.plan import Group, Key, Plan, planned
from engine.workbook import Results, Workbook

WORTH_COMPILING = 200_000
"""Cells of a group, rows by months: with fewer, numpy is done before a compiler would be."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What differs from the calculation before: norms, columns (inputs, or formulas and checks themselves), header."""

    norms: frozenset[str] = frozenset()
    columns: frozenset[Key] = frozenset()
    header: frozenset[str] = frozenset()


def renormed(plan: Plan, workbook: Workbook, norms: Norms) -> tuple[Plan, Workbook, frozenset[Key]]:
    """The plan and the recalculated workbook under other norms, and the columns and checks that ran."""
    assert workbook.results is not None, "norms change under a recalculated workbook"
    new = planned(plan.ruleset, norms, plan)
    changed = Changed(changed_norms(plan.norms, norms))
    ran = reached_by(new, changed)
    return new, replace(workbook, results=rerun(new, workbook, workbook.results, (changed, ran))), ran


def rerun(plan: Plan, workbook: Workbook, before: Results, what: tuple[Changed, frozenset[Key]]) -> Results:
    """Results over the same rows as before, after what changed: only these columns and checks are computed again."""
    changed, ran = what
    evaluation = Evaluation(plan, workbook, WORTH_COMPILING)
    evaluation.stored = {key: cells for key, cells in before.columns.items() if key not in ran}
    moved = changed.columns | ran
    evaluation.known_totals = {op: total for op, total in before.totals.items() if _holds(op, changed, moved)}
    evaluation.grouped = {at: total for at, total in before.grouped.items() if _holds(at[0], changed, moved)}
    for group in plan.groups:
        cut = _cut(group, ran)
        if cut.columns or cut.checks:
            evaluation.run(cut)
    checks = {
        **before.checks,
        **evaluation.held,
        **{key: evaluation.slow.check(key) for key in plan.slow_checks if key in ran},
    }
    return Results(evaluation.stored, checks, evaluation.known_totals, grouped=evaluation.grouped)


def changed_norms(before: Norms, after: Norms) -> frozenset[str]:
    """The names of the norms that differ; where a classification does, all of them."""
    if before.classifications != after.classifications:
        return frozenset(after.norms)
    names = before.norms.keys() | after.norms.keys()
    return frozenset(name for name in names if before.norms.get(name) != after.norms.get(name))


def dependents(plan: Plan, names: frozenset[str]) -> frozenset[Key]:
    """The columns and checks that read one of these norms, themselves or through others."""
    return reached_by(plan, Changed(names))


def reached_by(plan: Plan, changed: Changed) -> frozenset[Key]:
    """The computed columns and checks that read what changed, themselves or through others, or are what changed."""
    reached: set[Key] = set(changed.columns)
    computed = (*plan.columns.values(), *plan.checks.values())
    size = -1
    while size < len(reached):
        # once more, for PREVIOUS may read a column that stands further down
        size = len(reached)
        reached |= {each.key for each in computed if each.op is None or _reads(each.uses, changed, reached)}
    return frozenset(each.key for each in computed if each.key in reached)


def _holds(total: Op, changed: Changed, moved: frozenset[Key]) -> bool:
    """Whether a total is what it was: it reads nothing that has another value now."""
    return not _reads(uses_of(total, total.space), changed, moved)


def _reads(uses: Uses, changed: Changed, reached: Set[Key]) -> bool:
    return not (
        uses.norms.isdisjoint(changed.norms)
        and uses.header.isdisjoint(changed.header)
        and uses.columns.isdisjoint(reached)
    )


def _cut(group: Group, ran: frozenset[Key]) -> Group:
    columns, checks = (tuple(key for key in keys if key in ran) for keys in (group.columns, group.checks))
    return replace(group, columns=columns, checks=checks)

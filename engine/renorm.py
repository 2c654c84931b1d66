"""Other norms under the same inputs: only what depends on a norm that changed is computed again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.evaluation import Evaluation
from engine.kernel.typed import Op
from engine.norms import Norms
from engine.plan import Group, Key, Plan, planned, walk
from engine.workbook import Results, Workbook


def renormed(plan: Plan, workbook: Workbook, norms: Norms) -> tuple[Plan, Workbook, frozenset[Key]]:
    """The plan and the recalculated workbook under other norms, and the columns and checks that ran."""
    assert workbook.results is not None, "norms change under a recalculated workbook"
    new = planned(plan.ruleset, norms)
    ran = dependents(new, changed_norms(plan.norms, norms))
    before, evaluation = workbook.results, Evaluation(new, workbook)
    evaluation.stored = {key: cells for key, cells in before.columns.items() if key not in ran}
    for group in new.groups:
        cut = _cut(group, ran)
        if cut.columns or cut.checks:
            evaluation.run(cut)
    checks = {**before.checks, **evaluation.held, **{key: evaluation.slow.check(key) for key in new.slow_checks}}
    return new, replace(workbook, results=Results(evaluation.stored, checks, evaluation.known_totals)), ran


def changed_norms(before: Norms, after: Norms) -> frozenset[str]:
    """The names of the norms that differ; where a classification does, all of them."""
    if before.classifications != after.classifications:
        return frozenset(after.norms)
    names = before.norms.keys() | after.norms.keys()
    return frozenset(name for name in names if before.norms.get(name) != after.norms.get(name))


def dependents(plan: Plan, names: frozenset[str]) -> frozenset[Key]:
    """The columns and checks that read one of these norms, themselves or through others."""
    reached: set[Key] = set()
    for definition in (*plan.columns.values(), *plan.checks.values()):
        if definition.op is None or _reads(walk(definition.op), names, reached):
            reached.add(definition.key)
    return frozenset(reached)


def _reads(ops: Iterable[Op], names: frozenset[str], reached: set[Key]) -> bool:
    for op in ops:
        if op.kind in ("norm", "in_force") and op.detail[0] in names:
            return True
        if op.kind in ("read", "previous") and (str(op.detail[0]), str(op.detail[1])) in reached:
            return True
    return False


def _cut(group: Group, ran: frozenset[Key]) -> Group:
    columns, checks = (tuple(key for key in keys if key in ran) for keys in (group.columns, group.checks))
    return replace(group, columns=columns, checks=checks)

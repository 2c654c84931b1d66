"""`recalculate`: a plan, a workbook and edits give a new workbook and what changed.

After edits only what reads them runs: a row's own formulas for that row alone, and for all rows of a submission what
reads one of its totals or its header. The delta keeps the cells that truly differ. Nothing is changed in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.editing import edited
from engine.evaluation import Evaluation, Spare
from engine.groups import with_groups
from engine.plan import Plan
from engine.reshaping import Reshape, both, picked, reshape, reshaped_delta, spliced
from engine.verdicts import told
from engine.wave import Wave
from engine.workbook import Delta, Edit, Results, Workbook


def recalculate(
    plan: Plan, workbook: Workbook, edits: Sequence[Edit] = (), compiled: int = 1, *, afresh: bool = False
) -> tuple[Workbook, Delta]:
    """The workbook with the edits and all that follows from them; edits that cannot be are findings of the delta. So is
    what the checks say that they did not say before; `afresh`, all that they say of what ran."""
    if workbook.results is None:
        workbook = with_groups(plan.ruleset, plan.norms, workbook)
        workbook = replace(workbook, results=calculated(plan, workbook, compiled))
    if not edits:
        return workbook, Delta((), {}, ())
    after, touched, refused = edited(plan, workbook, edits)
    reshaped = reshape(plan, workbook, after, touched)
    if reshaped is not None:
        return _regrouped(plan, workbook, edits, reshaped, compiled)
    wave = Wave(plan, workbook, after, compiled, afresh=afresh)
    results = wave.follow(touched)
    after = Workbook(after.years, after.header, after.tables, after.known, results)
    found = told(wave.new, after, wave.told)
    amounts, incomplete = wave.lines(after)
    return after, Delta(tuple(wave.cells), amounts, (*refused, *found), incomplete=incomplete)


def _regrouped(
    plan: Plan, workbook: Workbook, edits: Sequence[Edit], reshaped: Reshape, compiled: int
) -> tuple[Workbook, Delta]:
    """The same where forms of groups have other rows: edits of other submissions first, then those afresh."""
    here = set(reshaped.submissions.tolist())
    before, first = recalculate(plan, workbook, [edit for edit in edits if edit.submission not in here], compiled)
    _, touched, refused = edited(plan, before, [edit for edit in edits if edit.submission in here])
    part = calculated(plan, picked(reshaped.workbook, reshaped.submissions), compiled)
    after = spliced(plan, before, reshaped, part)
    second = reshaped_delta(plan, before, after, reshaped, touched)
    return after, both(first, replace(second, findings=(*refused, *second.findings)))


def calculated(plan: Plan, workbook: Workbook, compiled: int = 1, spare: Spare | None = None) -> Results:
    """Everything that is kept, computed from the inputs; forms of groups have their rows (`groups.with_groups`)."""
    evaluation = Evaluation(plan, workbook, compiled, spare)
    for group in plan.groups:
        if any(key not in evaluation.stored for key in plan.kept(group)) or group.checks:
            evaluation.run(group)
    slow = {key: evaluation.slow.check(key) for key in plan.slow_checks}
    return Results(evaluation.stored, {**evaluation.held, **slow}, evaluation.known_totals, grouped=evaluation.grouped)

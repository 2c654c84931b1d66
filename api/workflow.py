"""The way of a submission: what the ruleset's workflow table lets somebody do with it now, and why not.

A step is a row of that table: a state, an action, the next state, the role that acts, and what must be so before: a
check that holds, blocking remarks that are closed, a deadline that has not passed; and that this person is not one who
has prepared the same submission (`not-by`, four eyes), which the journal tells, whatever roles they have. Until
signatures are made, a step that is to be signed is done unsigned, and says so; in production it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, case, func, select

from api.access import User, acts_as, table
from api.desk import Desk, calendar_of, subject_of
from api.store.actions import INVERSE
from api.store.held import EDITION, Held
from api.store.schema import journal, remark
from engine.evaluation import Evaluation
from engine.findings import Finding, finding
from engine.ruleset import EDIT, Transition
from engine.verdicts import Told, told

FAILURES_TOLD = 20
"""Of one check."""
PREPARING = ("create", "before", EDITION, *INVERSE)
"""Actions of the journal that are `edit` to the workflow; remarks and attachments are not."""
SIGNATURES: Mapping[str, Mapping[str, str]] = {
    "head": {"kk": "бірінші басшы", "ru": "первый руководитель", "en": "head"},
    "signatory": {"kk": "қол қою құқығы бар тұлға", "ru": "лицо с правом подписи", "en": "authorised signatory"},
    "employee": {"kk": "қызметкер", "ru": "сотрудник", "en": "employee"},
}
"""By what right somebody signs."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the workflow table, and why this user may not take it now; nothing in `why` means that they may."""

    row: Transition
    until: date | None
    why: tuple[Finding, ...]


def steps_of(desk: Desk, connection: Connection, user: User, row: Row[Any], held: Held) -> list[Step]:
    """What can be done with a submission (a row of `subjects`) in its state, by this user or others."""
    calendar = calendar_of(row)
    rows = [transition for transition in held.plan.ruleset.workflow if transition.state == row.state]
    done = deeds_of(connection, user, row.id) if any(transition.not_by for transition in rows) else frozenset()
    found = []
    for transition in rows:
        until = calendar.get(transition.deadline or "")
        why = [*_refused(desk, user, row, (transition, until)), *_four_eyes(transition, done)]
        found.append(Step(transition, until, (*why, *_conditions(connection, held, transition))))
    return found


def deeds_of(connection: Connection, user: User, number: int) -> frozenset[str]:
    """What a user has ever done with a submission, as its journal tells: actions of the workflow, and `edit`."""
    step = journal.c.action == "step"
    payload = case((step, journal.c.payload))
    mine = (journal.c.submission == number) & (journal.c.account == user.account)
    mine &= step | journal.c.action.in_(PREPARING)
    found = connection.scalars(select(payload).where(mine).distinct())
    return frozenset(EDIT if told is None else json.loads(told)["action"] for told in found)


def chosen(steps: list[Step], action: str, state: str) -> Step | Finding:
    """The step of that action, one that may be taken, else the one that fails the least; or that there is none."""
    named = [step for step in steps if step.row.action == action]
    if not named:
        known = ", ".join(dict.fromkeys(step.row.action for step in steps)) or "–"
        return finding("step-unknown", None, state=state, got=action, known=known)
    return min(named, key=lambda step: (any(f.code == "step-refused" for f in step.why), len(step.why)))


def written(row: Transition, note: str) -> dict[str, Any]:
    """What a line of the journal says of a step that was taken."""
    told = {"action": row.action, "from": row.state, "to": row.to, "role": row.role, "note": note}
    return told | {"signature": None if row.signed is None else {"right": row.signed, "signed": False}}


def _refused(desk: Desk, user: User, row: Row[Any], step: tuple[Transition, date | None]) -> Iterator[Finding]:
    """Why it is not this user's to take, or not any more, or not here."""
    transition, until = step
    action = transition.action
    if not acts_as(user, transition.role, subject_of(row)):
        yield finding("step-refused", None, action=action, role=table().roles[transition.role])
    if until is not None and date.today() > until:
        yield finding("step-too-late", None, action=action, until=until.isoformat())
    if transition.signed is not None and desk.settings.production:
        yield finding("step-signature-needed", None, action=action, right=SIGNATURES[transition.signed])


def _four_eyes(transition: Transition, done: frozenset[str]) -> Iterator[Finding]:
    """Whoever prepared a submission does not approve it."""
    for deed in transition.not_by:
        if deed in done:
            told = table().actions[EDIT] if deed == EDIT else deed
            yield finding("step-four-eyes", None, action=transition.action, done=told)


def _conditions(connection: Connection, held: Held, transition: Transition) -> Iterator[Finding]:
    if transition.condition is not None:
        yield from _failing(held, transition.action, transition.condition)
    if transition.remarks_closed:
        mine = (remark.c.submission == held.submission) & remark.c.blocking & remark.c.closed_at.is_(None)
        count = connection.scalar(select(func.count()).select_from(remark).where(mine)) or 0
        if count:
            yield finding("step-remarks-open", None, action=transition.action, count=count)


def _failing(held: Held, action: str, check: str) -> Iterator[Finding]:
    """Where a check does not hold, or could not be asked."""
    results = held.workbook.results
    assert results is not None, "an opened submission is calculated"
    for key, cells in results.checks.items():
        if key[1] == check and (places := np.argwhere(cells != 1)).size:
            yield finding("step-condition-fails", None, action=action, check=check, count=len(places))
            evaluation = Evaluation(held.plan, held.workbook)
            evaluation.stored = dict(results.columns)
            yield from told(evaluation, held.workbook, Told(failures=[(key, np.argwhere(cells == 0))]), FAILURES_TOLD)

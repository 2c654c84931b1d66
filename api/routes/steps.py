"""The steps of a submission's way: which there are now, and taking one."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import Connection, Row, update

from api import wire
from api.access import table
from api.desk import Desk, Served, Signed
from api.once import Key
from api.store import Deed, journal
from api.store.editions import Edition, edition_of
from api.store.held import Held, Payload
from api.store.schema import submission
from api.workflow import SIGNATURES, Step, chosen, steps_of, written
from engine.findings import Finding

router = APIRouter(prefix="/submissions/{number}/steps", tags=["workflow"])


class Taken(BaseModel):
    """Which step, on which revision, and why, if there is something to say."""

    action: str = Field(max_length=200, examples=["sign"])
    revision: int | None = Field(None, ge=0, le=2**53)
    note: str = Field("", max_length=10_000)


@router.get("")
def steps(desk: Served, user: Signed, number: int) -> dict[str, Any]:
    """What can be done with a submission in its state: each step with its role, condition and deadline, whether one may
    take it now, and if not, why not."""
    with desk.reading() as connection:
        row = desk.allow(connection, user, "see", number)
        held = desk.store.open(connection, number)
        assert held is not None, "a submission that may be seen exists"
        found = steps_of(desk, connection, user, row, held)
    return {"state": row.state, "revision": held.revision, "steps": [_told(held, step) for step in found]}


@router.post("")
def take(desk: Served, user: Signed, number: int, body: Taken, key: Key = None) -> dict[str, Any]:
    """Take a step. One that is to be signed is done unsigned until signatures are made, and says so; in production it
    is refused. One that approves what others look up publishes it: submissions that begin later read it as norms."""
    with desk.transaction() as connection:
        row = desk.allow(connection, user, "see", number, lock=True)
        held = desk.store.open(connection, number)
        assert held is not None, "a submission that may be seen exists"
        step = chosen(steps_of(desk, connection, user, row, held), body.action, row.state)
        refused = (step,) if isinstance(step, Finding) else step.why
        payload = {"from": row.state} if isinstance(step, Finding) else written(step.row, body.note)
        edition = None if isinstance(step, Finding) else _edition(desk, connection, step, (row, held))
        if isinstance(edition, Finding):
            refused, edition = (edition,), None
        payload |= {"published": edition.told} if edition else {}

        def wish(_: Held) -> tuple[str, Payload, tuple[Finding, ...]]:
            return "step", payload, refused

        more = {"state": payload}
        answer, _ = desk.done(connection, row, Deed(user.account, body.revision, key), wish, more)
        if answer.after is not answer.before:
            connection.execute(update(submission).where(submission.c.id == number).values(state=payload["to"]))
            if edition is not None:
                edition.keep(connection, user.account)
    desk.store.committed(answer)
    with desk.reading() as connection:
        desk.totals.catch_up(connection)
        state = desk.row(connection, number).state
        line = journal.at(connection, answer.position)
    return {"revision": line.revision, "position": line.position, **_done(journal.payload_of(line), state)}


def _edition(desk: Desk, connection: Connection, step: Step, of: tuple[Row[Any], Held]) -> Edition | Finding | None:
    """The norms that a step makes, if it is one that publishes and may be taken; nothing of what is for official use is
    for everybody to look up."""
    row, held = of
    if step.why or not step.row.publishes or row.official_use:
        return None
    return edition_of(desk.store.texts, connection, held, date.today())


def _done(payload: Payload, state: str) -> wire.Wire:
    """What a line of the journal says of a step, the same however often it is asked for; a key that somebody has used
    for something else finds the submission in the state that it is in."""
    signature = payload.get("signature")
    told: wire.Wire = {"state": payload.get("to", state), "published": payload.get("published")}
    return told | {"signature": _signature(signature["right"] if signature else None)}


def _signature(right: str | None) -> wire.Wire | None:
    """By what right a step is to be signed; nobody signs yet."""
    return None if right is None else {"right": right, "title": dict(SIGNATURES[right]), "signed": False}


def _told(held: Held, step: Step) -> wire.Wire:
    row = step.row
    told: wire.Wire = {
        "action": row.action,
        "to": row.to,
        "role": row.role,
        "role_title": dict(table().roles[row.role]),
    }
    told |= {"condition": row.condition, "remarks_closed": row.remarks_closed, "not_by": row.not_by}
    told |= {"signature": _signature(row.signed)}
    until = {"milestone": row.deadline, "date": step.until.isoformat() if step.until else None}
    told |= {"deadline": until if row.deadline else None}
    return told | {"may": not step.why, "why": wire.findings(held, step.why)}

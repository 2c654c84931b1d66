"""Scenarios: what somebody keeps of them, who may look, and comparing them with the republic as it stood."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection, Row, delete, insert, select, update

from api.access import User, refusal
from api.bases import base_of
from api.desk import Desk, Served, Signed
from api.once import AskedOnce
from api.problems import Problem
from api.runs import NOT_YET, Kind, begin, told
from api.scenarios import Question, judge, question_of, read_body, refuse_dimensions
from api.store import journal
from api.store.schema import account, cycle, scenario
from engine.findings import finding

router = APIRouter(prefix="/scenarios", tags=["scenarios"])
COMPARISONS = Kind("scenarios", question_of, "compared", "scenario-unknown")
BODY_MAX = 200_000
EACH_MAX = 200
"""Scenarios that somebody keeps."""


class Draft(BaseModel):
    """A scenario: its title, its overrides as YAML, and who else may look at it."""

    title: str = Field(min_length=1, max_length=200, examples=["Pay up by a tenth"])
    body: str = Field(max_length=BODY_MAX, examples=["scenario: pay-up\nnorms: {pay.base: +10 %}\n"])
    shared: Literal["nobody", "link"] = "nobody"
    cycle: str | None = Field(None, max_length=20, description="without one, the newest", examples=["2026-2028"])


class Change(Draft):
    """The same, changed at a revision; `rebase` puts it over the republic as it is now."""

    revision: int = Field(ge=1, le=2**53)
    rebase: bool = False


class Comparing(BaseModel):
    """Which scenarios, by their links, side by side along which dimensions; all over the base of the first."""

    scenarios: list[str] = Field(min_length=1, max_length=4)
    by: list[str] = Field(min_length=1, max_length=4, examples=[["administrator", "year"]])


@router.get("")
def mine(desk: Served, user: Signed) -> dict[str, Any]:
    """One's own scenarios, the one changed last first."""
    _allow(user)
    with desk.reading() as connection:
        wanted = _scenarios().where(scenario.c.account == user.account).order_by(scenario.c.changed_at.desc())
        return {"scenarios": [_listed(row, user) for row in connection.execute(wanted)]}


@router.post("", status_code=201)
def make(desk: Served, user: Signed, body: Draft, once: AskedOnce) -> dict[str, Any]:
    """Keep a scenario: it is pinned to the republic as it is now. Files of the ruleset that its `rules` write otherwise
    are read and judged at once, and never run as anything but formulas."""
    _allow(user)
    _judge(desk, body)
    link = secrets.token_urlsafe(16)
    with desk.transaction() as connection:
        if (told := once.answer(connection)) is not None:
            return told
        own = select(scenario.c.id).where(scenario.c.account == user.account)
        if len(connection.execute(own).all()) >= EACH_MAX:
            raise Problem([finding("too-many-scenarios", None, limit=EACH_MAX)])
        row = body.model_dump() | {"cycle": _cycle(desk, connection, body.cycle)}
        row |= {"link": link, "account": user.account, "revision": 1, "changed_at": datetime.now(UTC)}
        connection.execute(insert(scenario).values(row | {"position": journal.last_position(connection)}))
        return once.keep(connection, _told(_found(connection, user, link), user))


@router.get("/{link}")
def one(desk: Served, user: Signed, link: str) -> dict[str, Any]:
    """A scenario of one's own, or one that was shared."""
    _allow(user)
    with desk.reading() as connection:
        return _told(_found(connection, user, link), user)


@router.put("/{link}")
def change(desk: Served, user: Signed, link: str, body: Change) -> dict[str, Any]:
    """Change one's own scenario; its base stays the same unless it is put over the present."""
    _allow(user)
    _judge(desk, body)
    with desk.transaction() as connection:
        row = _found(connection, user, link, own=True)
        if row.revision != body.revision:
            raise Problem([finding("revision-stale", None, got=body.revision, expected=row.revision)])
        values = {"title": body.title, "body": body.body, "shared": body.shared, "revision": row.revision + 1}
        values |= {"changed_at": datetime.now(UTC)}
        if body.rebase:
            values |= {"position": journal.last_position(connection), "cycle": _cycle(desk, connection, body.cycle)}
        connection.execute(update(scenario).where(scenario.c.id == row.id).values(values))
        return _told(_found(connection, user, link), user)


@router.delete("/{link}", status_code=204)
def remove(desk: Served, user: Signed, link: str) -> Response:
    """Forget one's own scenario."""
    _allow(user)
    with desk.transaction() as connection:
        row = _found(connection, user, link, own=True)
        connection.execute(delete(scenario).where(scenario.c.id == row.id))
    return Response(status_code=204)


@router.post("/compare", responses=NOT_YET)
def compare(desk: Served, user: Signed, body: Comparing, response: Response) -> dict[str, Any]:
    """Compare scenarios with their base: sums side by side, why they moved, which limits break. What takes longer than
    a second is answered with 202 and the digest under which to ask again."""
    _allow(user)
    refuse_dimensions(body.by)
    with desk.reading() as connection:
        rows = [_found(connection, user, link) for link in body.scenarios]
        base = base_of(desk, connection, user, rows[0].cycle, rows[0].position)
    question = Question(base, tuple((row.link, row.body) for row in rows), tuple(body.by))
    begin(desk, user, question)
    return told(desk, user, (COMPARISONS, question.digest), response, again=True)


@router.get("/compared/{digest}", responses=NOT_YET)
def compared(desk: Served, user: Signed, digest: str, response: Response) -> dict[str, Any]:
    """What a comparison has come to: 202 while it is being made."""
    _allow(user)
    return told(desk, user, (COMPARISONS, digest), response, again=False)


def _allow(user: User) -> None:
    refused = refusal(user, "scenario", None)
    if refused is not None:
        raise Problem([refused])


def _judge(desk: Desk, body: Draft) -> None:
    """Refuse what is no scenario."""
    read = read_body(body.body)
    with desk.reading() as connection:
        judge(desk, connection, read, _cycle(desk, connection, body.cycle))


def _cycle(desk: Desk, connection: Connection, wanted: str | None) -> str:
    known = list(connection.scalars(select(cycle.c.name).order_by(cycle.c.name)))
    name = wanted or desk.totals.last_cycle()
    if name not in known:
        raise Problem([finding("cycle-unknown", None, got=name, known=", ".join(known))])
    return name


def _scenarios() -> Any:
    return select(scenario, account.c.name.label("by")).join(account, account.c.id == scenario.c.account)


def _found(connection: Connection, user: User, link: str, own: bool = False) -> Row[Any]:
    """A scenario that is the user's own, or that they may look at."""
    row = connection.execute(_scenarios().where(scenario.c.link == link)).first()
    if row is None or (row.account != user.account and (own or row.shared != "link")):
        raise Problem([finding("scenario-unknown", None, got=link[:64])])
    found: Row[Any] = row
    return found


def _listed(row: Row[Any], user: User) -> dict[str, Any]:
    told = {"link": row.link, "title": row.title, "by": row.by, "mine": row.account == user.account}
    told |= {"shared": row.shared, "cycle": row.cycle, "position": row.position, "revision": row.revision}
    return told | {"changed_at": row.changed_at.isoformat()}


def _told(row: Row[Any], user: User) -> dict[str, Any]:
    return _listed(row, user) | {"body": row.body}

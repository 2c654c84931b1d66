"""Newer editions of rules and norms: which there are for a submission, and moving one or many to them."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import Connection, select

from api import wire
from api.access import User, refusal
from api.desk import Desk, Served, Signed
from api.editions import NEWEST, Wanted, editions_of, findings_moved, look_ahead, movable, moved, told
from api.once import AskedOnce
from api.problems import Problem
from api.store import Answer
from api.store.schema import cycle as cycle_table
from engine.findings import finding
from engine.lines import DIMENSIONS

router = APIRouter(tags=["editions"])
MANY_MAX = 20
"""Submissions of one call, which keeps a worker busy for a fraction of a second each."""
Edition = Annotated[str, Field(max_length=64, description="a digest, `newest` or `same`")]


class Moving(BaseModel):
    """To which editions, on which revision, and why; dry, only what would change."""

    ruleset: Edition = NEWEST
    norms: Edition = NEWEST
    revision: int | None = Field(None, ge=0, le=2**53)
    note: str = Field("", max_length=10_000)
    dry: bool = Field(True, description="only tell what would change and what would be refused")


class MovingMany(BaseModel):
    """Which ruleset's submissions, after which number, how many at a time; dry, only what would change."""

    ruleset: str = Field("budget-request", max_length=200, description="its name")
    after: int = Field(0, ge=0, le=2**53)
    count: int = Field(10, ge=1, le=MANY_MAX)
    note: str = Field("", max_length=10_000)
    dry: bool = True


@router.get("/submissions/{number}/editions")
def editions(desk: Served, user: Signed, number: int) -> dict[str, Any]:
    """Under which ruleset and norms a submission stands, which were published since, and whether one may move it."""
    with desk.reading() as connection:
        row = desk.allow(connection, user, "see", number)
        return editions_of(desk, connection, row) | {"may": _may(desk, connection, user, number)}


@router.post("/submissions/{number}/editions")
def move(desk: Served, user: Signed, number: int, body: Moving, once: AskedOnce) -> dict[str, Any]:
    """Move a submission to newer editions; dry, only tell the cells, findings, totals and limits that would change.
    Refused where the other edition has no place for something that people wrote. A move is not undone."""
    wanted = Wanted(body.ruleset, body.norms, body.revision, body.note)
    if body.dry:
        with desk.reading() as connection:
            return {"dry": True, **told(desk, moved(desk, connection, (user, number), wanted, dry=True))}
    with desk.transaction() as connection:
        if (known := once.answer(connection)) is not None:
            return known
        answer = moved(desk, connection, (user, number), wanted, dry=False)
        kept = once.keep(connection, {"dry": False, **told(desk, answer)})
    desk.store.committed(answer)
    return kept


@router.post("/cycles/{cycle}/editions")
def move_many(desk: Served, user: Signed, cycle: str, body: MovingMany) -> dict[str, Any]:
    """Move a cycle's submissions in work to the newest editions, some at a time and each for itself: what one refuses
    keeps none of the others; `next` continues. Those that are there already are left out."""
    if (refused := refusal(user, "edition", None)) is not None:
        raise Problem([refused])
    with desk.reading() as connection:
        if connection.scalar(select(cycle_table.c.name).where(cycle_table.c.name == cycle)) is None:
            known = connection.scalars(select(cycle_table.c.name).order_by(cycle_table.c.name))
            raise Problem([finding("cycle-unknown", None, got=cycle, known=", ".join(known))])
        rows = movable(desk, connection, user, (cycle, body.ruleset, body.after))
        chosen = list(islice(rows, body.count))
        ahead = look_ahead(desk, connection, chosen)
    try:
        found = [_one(desk, user, (row.id, row.code), body) for row in chosen]
    finally:
        for held in ahead:
            held.ahead.clear()
    more = chosen[-1].id if len(chosen) == body.count else None
    return {"dry": body.dry, "submissions": found, "next": more}


def _one(desk: Desk, user: User, of: tuple[int, str], body: MovingMany) -> wire.Wire:
    """What became of one of many."""
    number, code = of
    wanted = Wanted(NEWEST, NEWEST, None, body.note)
    try:
        with desk.reading() if body.dry else desk.transaction() as connection:
            answer = moved(desk, connection, (user, number), wanted, dry=body.dry)
    except Problem as problem:
        refused = wire.findings(problem.held, problem.found)
        return {"id": number, "institution": code, "refused": refused, "moved": {}, "findings": 0, "resolved": 0}
    if not body.dry:
        desk.store.committed(answer)
    counts = dict(zip(("findings", "resolved"), map(len, findings_moved(answer)), strict=True))
    return {"id": number, "institution": code, "refused": [], "moved": _by_year(answer), **counts}


def _by_year(answer: Answer) -> dict[str, str]:
    """By how much a submission asks for more in each year, in tiyn."""
    sums: dict[str, int] = {}
    for key, amount, _ in answer.entry.moved if answer.entry else ():
        year = str(key[DIMENSIONS.index("year")])
        sums[year] = sums.get(year, 0) + int(amount)
    return {year: str(amount) for year, amount in sorted(sums.items())}


def _may(desk: Desk, connection: Connection, user: User, number: int) -> bool:
    try:
        desk.allow(connection, user, "edition", number)
    except Problem:
        return False
    return True

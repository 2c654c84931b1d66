"""Remarks and comments pinned to cells, rows or the whole of a submission, answered, and closed one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import insert, select, update

from api.desk import Served, Signed
from api.listing import Part, part_of
from api.once import AskedOnce
from api.plain import Plain
from api.problems import Problem
from api.store import Answer, Deed
from api.store.held import HEADER, Held, Payload
from api.store.schema import account, remark
from engine.findings import Cell, Finding, finding
from engine.text.nearest import nearest

router = APIRouter(prefix="/submissions/{number}/remarks", tags=["remarks"], route_class=Plain)


class Spot(BaseModel):
    """Where a remark is pinned: a form, a row of it by number, a column, a year; nothing is the whole submission."""

    form: str | None = Field(None, max_length=200)
    row: int | None = Field(None, ge=0, le=2**53)
    column: str | None = Field(None, max_length=200)
    year: int | None = Field(None, ge=0, le=9999)


class NewRemark(BaseModel):
    """What is remarked; one that is `blocking` must be closed before the submission goes on."""

    place: Spot = Spot()
    body: str = Field(min_length=1, max_length=10_000)
    blocking: bool = False
    answers: int | None = Field(None, ge=1, le=2**53, description="the remark that this one answers")


@router.get("")
def listed(desk: Served, user: Signed, number: int, part: Annotated[Part, Query()]) -> dict[str, Any]:
    """The remarks of a submission, the first first; `next` continues the list."""
    with desk.reading() as connection:
        desk.allow(connection, user, "see", number)
        wanted = select(remark, account.c.name).join(account, account.c.id == remark.c.account)
        wanted = wanted.where(remark.c.submission == number, remark.c.id > part.after)
        rows = list(connection.execute(wanted.order_by(remark.c.id).limit(part.count)))
    return part_of("remarks", [_told(row) for row in rows], part.count)


@router.post("", status_code=201)
def write(desk: Served, user: Signed, number: int, body: NewRemark, once: AskedOnce) -> dict[str, Any]:
    """Write a remark; its line in the journal is what happened, and viewers are told."""
    row = {
        "submission": number,
        "place": body.place.model_dump(exclude_none=True),
        "account": user.account,
        "at": datetime.now(UTC),
        "body": body.body,
        "blocking": body.blocking,
        "answers": body.answers,
    }

    def wish(held: Held) -> tuple[str, Payload, list[Finding]]:
        wrong = _nowhere(held, body.place)
        payload = {"place": row["place"], "body": body.body, "blocking": body.blocking, "answers": body.answers}
        return "remark", payload, [wrong] if wrong else []

    with desk.transaction() as connection:
        whose = desk.allow(connection, user, "remark", number, lock=True)
        if (told := once.answer(connection)) is not None:
            return told
        if body.answers is not None:
            _there(connection.execute(select(remark.c.id).where(_of(number, body.answers))).first(), body.answers)
        answer, _ = desk.done(connection, whose, Deed(user.account, None), wish)
        made = connection.execute(insert(remark).values(row).returning(remark.c.id)).scalar_one()
        told = once.keep(connection, _done(made, answer))
    desk.store.committed(answer)
    return told


@router.post("/{remark_id}/close")
def close(desk: Served, user: Signed, number: int, remark_id: int, once: AskedOnce) -> dict[str, Any]:
    """Close a remark: whoever closes it says that it has been dealt with."""

    def wish(_: Held) -> tuple[str, Payload, list[Finding]]:
        return "close", {"remark": remark_id}, []

    with desk.transaction() as connection:
        whose = desk.allow(connection, user, "close", number, lock=True)
        if (told := once.answer(connection)) is not None:
            return told
        closing = connection.execute(select(remark).where(_of(number, remark_id))).first()
        if _there(closing, remark_id).closed_at is not None:
            raise Problem([finding("remark-closed", None, got=remark_id)])
        answer, _ = desk.done(connection, whose, Deed(user.account, None), wish)
        closed = {"closed_by": user.account, "closed_at": datetime.now(UTC)}
        connection.execute(update(remark).where(_of(number, remark_id)).values(closed))
        told = once.keep(connection, _done(remark_id, answer))
    desk.store.committed(answer)
    return told


def _done(remark_id: int, answer: Answer) -> dict[str, Any]:
    return {"id": remark_id, "revision": answer.after.revision, "position": answer.position}


def _of(number: int, remark_id: int) -> Any:
    return (remark.c.submission == number) & (remark.c.id == remark_id)


def _there(row: Any, remark_id: int) -> Any:
    if row is None:
        raise Problem([finding("remark-unknown", None, got=remark_id)])
    return row


def _nowhere(held: Held, place: Spot) -> Finding | None:
    """Why a remark cannot be pinned there, if it cannot."""
    if place.form is None:
        return None
    ruleset = held.plan.ruleset
    if place.form != HEADER and place.form not in ruleset.forms:
        return finding("form-unknown", None, got=place.form, nearest=nearest(place.form, ruleset.forms))
    columns = set(ruleset.header if place.form == HEADER else ruleset.forms[place.form].columns)
    if place.column is not None and place.column not in columns:
        return finding("column-unknown", Cell(0, place.form), got=place.column, expected=nearest(place.column, columns))
    if place.row is not None and held.place(place.form, place.row) is None:
        return finding("row-gone", Cell(0, place.form), row=place.row)
    return None


def _told(row: Any) -> dict[str, Any]:
    told = {"id": row.id, "place": row.place, "by": row.name, "at": row.at.isoformat(), "body": row.body}
    closed = row.closed_at.isoformat() if row.closed_at else None
    return told | {"blocking": row.blocking, "answers": row.answers, "closed_at": closed}

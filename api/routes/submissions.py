"""Submissions: which there are, what a form holds, and every change of them."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import select

from api import reading, wire
from api.access import User
from api.ceilings import limits_left
from api.desk import Desk, Served, Signed, may_edit, subjects, visible
from api.once import Key
from api.plain import Plain
from api.problems import Problem
from api.sources import included
from api.store import Deed, Wish, actions, journal
from api.store.held import Held, Payload
from api.store.schema import account, organisation, submission
from api.store.schema import journal as journal_table
from api.tags import follows_from
from engine.findings import Finding, finding
from engine.limits import EDITS_MAX
from engine.text.nearest import nearest
from engine.verdicts import findings_of

router = APIRouter(prefix="/submissions", tags=["submissions"], route_class=Plain)
ROWS_MAX = 10_000
"""Of one call."""
PAGE_MAX = 1_000
FEW = 20
"""Cells whose change takes no time that others would miss."""


class CellEdit(BaseModel):
    """One input's new text; `form` is `header` for a field of the header, `year` for an input that differs by year."""

    form: str = Field(max_length=200, examples=["pay_civil_employees"])
    row: int = Field(ge=0, le=2**53, examples=[1])
    column: str = Field(max_length=200, examples=["staff"])
    year: int | None = Field(None, ge=0, le=9999, examples=[2026])
    value: str = Field(max_length=32_767, examples=["0.5"])


class Edits(BaseModel):
    """Cells to be changed together: all of them, or none."""

    revision: int | None = Field(None, ge=0, le=2**53, description="refuse if the submission is not at this revision")
    cells: list[CellEdit] = Field(min_length=1, max_length=EDITS_MAX)
    dry: bool = Field(False, description="only tell what would change and what would be refused")


class NewRows(BaseModel):
    """Rows to be added before a place: new ones with the texts of their inputs, or copies of others by number."""

    revision: int | None = Field(None, ge=0, le=2**53)
    form: str = Field(max_length=200, examples=["business_trips"])
    place: int | None = Field(None, ge=0, le=2**53)
    rows: list[dict[str, str | list[str]]] = Field(default=[], max_length=ROWS_MAX)
    copies: list[int] = Field(default=[], max_length=ROWS_MAX)


class SomeRows(BaseModel):
    """Rows by their numbers; to be moved before a place, or removed."""

    revision: int | None = Field(None, ge=0, le=2**53)
    form: str = Field(max_length=200, examples=["business_trips"])
    rows: list[int] = Field(min_length=1, max_length=ROWS_MAX)
    place: int | None = Field(None, ge=0, le=2**53)


class Part(BaseModel):
    """Which rows of a form, which of its monthly columns, and at which revision."""

    first: int = Field(0, ge=0, le=2**53)
    count: int = Field(1_000, ge=1, le=ROWS_MAX)
    months: list[str] = Field(default=[], max_length=50)
    revision: int | None = Field(None, ge=1, le=2**53)


class Figure(BaseModel):
    """One cell; `row` is its number, `month` is for a monthly column."""

    form: str = Field(max_length=200)
    column: str = Field(max_length=200)
    row: int = Field(ge=0, le=2**53)
    year: int = Field(ge=0, le=9999)
    month: int | None = Field(None, ge=1, le=12)


class About(BaseModel):
    """What of a history is asked for: before a revision, so many lines, of a form, a row of it, a cell."""

    before: int = Field(2**53, ge=0, le=2**53)
    count: int = Field(100, ge=1, le=PAGE_MAX)
    form: str | None = Field(None, max_length=200)
    row: int | None = Field(None, ge=0, le=2**53)
    column: str | None = Field(None, max_length=200)


class Some(BaseModel):
    """Which submissions: in a state, of an institution by its code, after a number, so many."""

    state: str | None = Field(None, max_length=200)
    institution: str | None = Field(None, max_length=200)
    after: int = Field(0, ge=0, le=2**53)
    count: int = Field(100, ge=1, le=PAGE_MAX)


@router.get("")
def listed(desk: Served, user: Signed, some: Annotated[Some, Query()]) -> dict[str, Any]:
    """The submissions that one may see, in the order of their numbers; `next` continues the list."""
    wanted = subjects().where(submission.c.id > some.after)
    if some.state is not None:
        wanted = wanted.where(submission.c.state == some.state)
    if some.institution is not None:
        wanted = wanted.where(organisation.c.code == some.institution, organisation.c.kind == "institution")
    with desk.reading() as connection:
        rows = list(islice(visible(connection, user, wanted), some.count))
        titles = {
            digest: desk.store.texts.ruleset_of(connection, digest).title for digest in {row.ruleset for row in rows}
        }
    found = [_listed(row) | {"ruleset_title": dict(titles[row.ruleset])} for row in rows]
    return {"submissions": found, "next": found[-1]["id"] if len(found) == some.count else None}


@router.get("/{number}")
def one(desk: Served, user: Signed, number: int) -> dict[str, Any]:
    """A submission: its header, its forms with their columns, its state and revision, its limits; may one edit it.
    Nothing up to `position` is missing from it."""
    with desk.reading() as connection:
        position = desk.totals.catch_up(connection)
        row = desk.allow(connection, user, "see", number)
        held = desk.store.caught_up(connection, row)
    told = {"id": number, "state": row.state, "cycle": row.cycle, "revision": held.revision, "position": position}
    told |= {"institution": row.code, "title": row.titles, "may_edit": may_edit(user, row)}
    return told | reading.submission_of(held) | {"limits": limits_left(desk.totals, held)}


@router.get("/{number}/forms/{form}")
def form_of(desk: Served, user: Signed, number: int, form: str, part: Annotated[Part, Query()]) -> dict[str, Any]:
    """Some rows of a form: inputs and computed columns, monthly ones where asked; at an earlier revision if asked."""
    with desk.reading() as connection:
        held = desk.opened(connection, user, number)
        if part.revision is not None and part.revision != held.revision:
            earlier = desk.store.at(connection, number, part.revision)
            if earlier is None:
                raise Problem([finding("revision-stale", None, got=part.revision, expected=held.revision)])
            held = earlier
    _known(held, form)
    follows_from(held.head)
    return reading.form_of(held, form, (part.first, part.count), part.months)


@router.get("/{number}/forms/{form}/help")
def help_of(desk: Served, user: Signed, number: int, form: str) -> dict[str, Any]:
    """What a form and its columns mean: help, formulas in each language, the norms they read with their acts."""
    with desk.reading() as connection:
        held = desk.opened(connection, user, number)
    _known(held, form)
    follows_from(held.plan.ruleset.digest, held.plan.norms.digest, form)
    return reading.help_of(held, form)


@router.get("/{number}/findings")
def findings(desk: Served, user: Signed, number: int) -> dict[str, Any]:
    """All that the checks say of a submission."""
    with desk.reading() as connection:
        held = desk.opened(connection, user, number)
    follows_from(held.head)
    return {"revision": held.revision, "findings": wire.findings(held, findings_of(held.plan, held.workbook))}


@router.get("/{number}/explain")
def explained(desk: Served, user: Signed, number: int, cell: Annotated[Figure, Query()]) -> dict[str, Any]:
    """Why a figure is what it is, down to the norms with their acts and to the inputs, in three languages; and up: the
    cells and totals that it goes into."""
    with desk.reading() as connection:
        held = desk.opened(connection, user, number)
        desk.totals.catch_up(connection)
    told = reading.explained(held, _known(held, cell.form), cell.column, cell.row, (cell.year, cell.month))
    at = held.place(cell.form, cell.row), cell.year
    return told | {"included": included(held, desk.totals, (cell.form, cell.column), at)}


@router.patch("/{number}/cells")
def edit(desk: Served, user: Signed, number: int, body: Edits, key: Key = None) -> dict[str, Any]:
    """Change cells, or if `dry` only see what would change and what would be refused, and why."""
    deed, wish = Deed(user.account, body.revision, key), _wish_of(body)
    return desk.tried(user, number, deed, wish) if body.dry else desk.act(user, number, deed, wish)


async def edit_at_once(desk: Desk, user: User, number: int, body: Edits, key: Key = None) -> dict[str, Any] | None:
    """The same of few cells, on the loop's own thread; None where it cannot be done there."""
    if body.dry or len(body.cells) > FEW:
        return None
    return await desk.act_at_once(user, number, Deed(user.account, body.revision, key), _wish_of(body))


def _wish_of(body: Edits) -> Wish:
    wanted = [(cell.form, cell.row, cell.column, cell.year, cell.value) for cell in body.cells]

    def wish(held: Held) -> tuple[str, Payload, list[Finding]]:
        return "cells", *actions.cells(held, wanted)

    return wish


@router.post("/{number}/rows")
def add_rows(desk: Served, user: Signed, number: int, body: NewRows, key: Key = None) -> dict[str, Any]:
    """Add rows, new or copied."""

    def wish(held: Held) -> tuple[str, Payload, list[Finding]]:
        if body.copies:
            return "add", *actions.copy_rows(held, body.form, body.copies, body.place)
        return "add", *actions.add_rows(held, body.form, body.place, body.rows or [{}])

    return desk.act(user, number, Deed(user.account, body.revision, key), wish)


@router.post("/{number}/rows/move")
def move_rows(desk: Served, user: Signed, number: int, body: SomeRows, key: Key = None) -> dict[str, Any]:
    """Move rows to a place, or to the end."""

    def wish(held: Held) -> tuple[str, Payload, list[Finding]]:
        return "move", *actions.move_rows(held, body.form, body.rows, 2**53 if body.place is None else body.place)

    return desk.act(user, number, Deed(user.account, body.revision, key), wish)


@router.post("/{number}/rows/remove")
def remove_rows(desk: Served, user: Signed, number: int, body: SomeRows, key: Key = None) -> dict[str, Any]:
    """Remove rows; undo brings them back."""

    def wish(held: Held) -> tuple[str, Payload, list[Finding]]:
        return "remove", *actions.remove_rows(held, body.form, body.rows)

    return desk.act(user, number, Deed(user.account, body.revision, key), wish)


@router.post("/{number}/undo")
def undo(desk: Served, user: Signed, number: int, key: Key = None) -> dict[str, Any]:
    """Take back one's own last action, unless others have since changed the same."""
    return desk.undo(user, number, Deed(user.account, None, key), again=False)


@router.post("/{number}/redo")
def redo(desk: Served, user: Signed, number: int, key: Key = None) -> dict[str, Any]:
    """Do again what one has taken back."""
    return desk.undo(user, number, Deed(user.account, None, key), again=True)


@router.get("/{number}/history")
def history(desk: Served, user: Signed, number: int, about: Annotated[About, Query()]) -> dict[str, Any]:
    """What happened to a submission, or to one cell or row of it, the last first: who, when, before, after."""
    wanted = select(journal_table, account.c.name).join(account, account.c.id == journal_table.c.account)
    mine = (journal_table.c.submission == number) & (journal_table.c.revision < about.before)
    found: list[dict[str, Any]] = []
    with desk.reading() as connection:
        desk.allow(connection, user, "see", number)
        for line in connection.execute(wanted.where(mine).order_by(journal_table.c.revision.desc())):
            payload = reading.concerning(line.action, journal.payload_of(line), (about.form, about.row, about.column))
            if payload is not None:
                told = {"revision": line.revision, "at": line.at, "by": line.name, "action": line.action}
                found.append(told | {"payload": payload, "digest": line.digest, "position": line.position})
                if len(found) == about.count:
                    break
    return {"history": found, "next": found[-1]["revision"] if len(found) == about.count else None}


def _known(held: Held, form: str) -> str:
    forms = held.plan.ruleset.forms
    if form not in forms:
        raise Problem([finding("form-unknown", None, got=form, nearest=nearest(form, forms))], held)
    return form


def _listed(row: Any) -> dict[str, Any]:
    told = {"id": row.id, "institution": row.code, "title": row.titles, "state": row.state, "cycle": row.cycle}
    return told | {"revision": row.revision}

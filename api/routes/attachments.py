"""Files attached to a submission, an expense type or a row: taken by content, kept by digest, given as downloads."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from api.access import User
from api.attachments import SIZE_MAX, disposition, media_type, safe_name
from api.desk import Desk, Served, Signed
from api.listing import Part, part_of
from api.once import AskedOnce, Once
from api.problems import Problem
from api.store import Deed
from api.store.held import Held, Payload
from api.store.schema import account, attachment, blob
from engine.findings import Finding, finding

router = APIRouter(prefix="/submissions/{number}/attachments", tags=["attachments"])

ALONE = "sandbox; default-src 'none'"
PREVIEWED = {
    "application/pdf": "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'",
    "image/png": ALONE,
    "image/jpeg": ALONE,
    "text/plain; charset=utf-8": ALONE,
}
"""What may be shown in the page, and under which policy: browsers refuse to show a PDF in a sandbox, and show it in a
viewer of their own, apart from the page."""


class About(BaseModel):
    """The file's name, and what it supports: a form, a row of it, an economic specific; nothing is the whole."""

    name: str = Field(min_length=1, max_length=1_000, examples=["offers.pdf"])
    form: str | None = Field(None, max_length=200)
    row: int | None = Field(None, ge=0, le=2**53)
    specific: str | None = Field(None, max_length=20)


def _how(about: Annotated[About, Query()], once: AskedOnce) -> tuple[About, Once]:
    return about, once


How = Annotated[tuple[About, Once], Depends(_how)]
"""What a file is about, and whether it was attached already with the caller's key."""


@router.get("")
def listed(desk: Served, user: Signed, number: int, part: Annotated[Part, Query()]) -> dict[str, Any]:
    """The files of a submission that are not removed; `next` continues the list."""
    with desk.reading() as connection:
        desk.allow(connection, user, "see", number)
        wanted = select(attachment, account.c.name.label("by")).join(account, account.c.id == attachment.c.account)
        wanted = wanted.where(attachment.c.submission == number, attachment.c.removed_at.is_(None))
        wanted = wanted.where(attachment.c.id > part.after)
        rows = list(connection.execute(wanted.order_by(attachment.c.id).limit(part.count)))
    return part_of("attachments", [_told(row) for row in rows], part.count)


@router.post("", status_code=201, openapi_extra={"requestBody": {"content": {"application/octet-stream": {}}}})
async def attach(desk: Served, user: Signed, number: int, how: How, request: Request) -> dict[str, Any]:
    """Attach a file: its bytes are the body."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > SIZE_MAX:
            raise Problem([finding("attachment-too-large", None, size=len(data), limit=SIZE_MAX)])
    return await run_in_threadpool(_attach, (desk, user), number, how, bytes(data))


@router.get("/{attachment_id}")
def download(
    desk: Served, user: Signed, number: int, attachment_id: int, *, preview: Annotated[bool, Query()] = False
) -> Response:
    """A file, as a download; or, of a kind that a browser shows without running anything, to look at in the page."""
    with desk.reading() as connection:
        desk.allow(connection, user, "see", number)
        wanted = select(attachment, blob.c.data).join(blob, blob.c.digest == attachment.c.digest)
        row = connection.execute(wanted.where(_of(number, attachment_id))).first()
    if row is None:
        raise Problem([finding("attachment-unknown", None, got=attachment_id)])
    shown = preview and row.media_type in PREVIEWED
    headers = {
        "Content-Disposition": "inline" if shown else disposition(row.name),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": PREVIEWED[row.media_type] if shown else ALONE,
        "ETag": f'"{row.digest}"',
    }
    return Response(row.data, media_type=row.media_type, headers=headers)


@router.delete("/{attachment_id}")
def remove(desk: Served, user: Signed, number: int, attachment_id: int) -> dict[str, Any]:
    """Take a file off the list; the journal and its bytes stay."""

    def wish(_: Held) -> tuple[str, Payload, list[Finding]]:
        return "detach", {"attachment": attachment_id}, []

    with desk.transaction() as connection:
        whose = desk.allow(connection, user, "edit", number, lock=True)
        gone = update(attachment).where(_of(number, attachment_id)).values(removed_at=datetime.now(UTC))
        if connection.execute(gone).rowcount == 0:
            raise Problem([finding("attachment-unknown", None, got=attachment_id)])
        answer, _ = desk.done(connection, whose, Deed(user.account, None), wish)
    desk.store.committed(answer)
    return {"id": attachment_id, "revision": answer.after.revision, "position": answer.position}


def _attach(asked: tuple[Desk, User], number: int, how: tuple[About, Once], data: bytes) -> dict[str, Any]:
    (desk, user), (about, once) = asked, how
    with desk.reading() as connection:
        desk.allow(connection, user, "edit", number)
    found = media_type(data)
    if isinstance(found, Finding):
        raise Problem([found])
    digest = hashlib.sha256(data).hexdigest()
    place = about.model_dump(exclude_none=True, exclude={"name"})
    row = {
        "submission": number,
        "place": place,
        "name": safe_name(about.name),
        "media_type": found,
        "size": len(data),
        "digest": digest,
        "account": user.account,
        "at": datetime.now(UTC),
    }

    def wish(_: Held) -> tuple[str, Payload, list[Finding]]:
        return "attach", {name: row[name] for name in ("place", "name", "media_type", "size", "digest")}, []

    with desk.transaction() as connection:
        whose = desk.allow(connection, user, "edit", number, lock=True)
        if (told := once.answer(connection)) is not None:
            return told
        connection.execute(upsert(blob).values(digest=digest, data=data).on_conflict_do_nothing())
        answer, _ = desk.done(connection, whose, Deed(user.account, None), wish)
        made = connection.execute(insert(attachment).values(row).returning(attachment.c.id)).scalar_one()
        told = {"id": made, "digest": digest, "media_type": found, "revision": answer.after.revision}
        once.keep(connection, told)
    desk.store.committed(answer)
    return told


def _of(number: int, attachment_id: int) -> Any:
    mine = (attachment.c.submission == number) & (attachment.c.id == attachment_id)
    return mine & attachment.c.removed_at.is_(None)


def _told(row: Any) -> dict[str, Any]:
    told = {"id": row.id, "name": row.name, "place": row.place, "media_type": row.media_type, "size": row.size}
    return told | {"digest": row.digest, "by": row.by, "at": row.at.isoformat()}

"""The record of what was published: one line for each text, who, when, why and over which, chained by digest.

Whatever puts a text into the database writes its line in the same transaction: what the database began with, what an
approval makes of a submission, codes of new organisations, what a methodologist publishes. A text changed by hand no
longer answers to its digest; a line changed or removed breaks the chain; a text without a line, or one whose line calls
it otherwise or dates it another time, is named by `esep verify` too: which edition is the newest is proved with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, Row, select, text

from api.store import journal
from api.store.chain import broken, write
from api.store.schema import publication, text_version
from engine.findings import Finding, finding

ONE_PUBLISHES = 20_260_105
"""The advisory lock under which an edition follows another."""
BEGUN, UPGRADED, APPROVED, ORGANISATIONS, PUBLISHED = "begun", "upgraded", "approved", "organisations", "published"
"""Why a text was published: the database began with it; it was there before there was this record; a submission was
approved; an organisation came that had no code; a methodologist wanted it."""


@dataclass(frozen=True, slots=True)
class Why:
    """What a line says besides the text: the cause, whoever did it (None: nobody), the digest of the edition before,
    the reason given, and the submission and revision that was approved."""

    cause: str = BEGUN
    account: int | None = None
    over: str | None = None
    reason: str = ""
    approved: tuple[int, int] | None = None


def alone(connection: Connection) -> None:
    """Until the transaction ends, nobody else publishes."""
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ONE_PUBLISHES})


def record(connection: Connection, published: Row[Any], why: Why) -> int:
    """Write the line of a text (a row of `text_version`) and give its number; whoever calls publishes alone."""
    told = _label(published) | {"over": why.over, "cause": why.cause, "reason": why.reason, "approved": why.approved}
    return int(write(connection, publication, why.account, told).number)


def record_all(connection: Connection) -> None:
    """Lines for texts that were there before this record was."""
    for row in connection.execute(labels().order_by(text_version.c.published_at, text_version.c.digest)).all():
        record(connection, row, Why(UPGRADED))


def labels(digest: str | None = None) -> Any:
    """What there is to tell of texts, or of one, but not the texts."""
    of = text_version.c
    read = select(of.digest, of.kind, of.name, of.version, of.published_at)
    return read if digest is None else read.where(of.digest == digest)


def lines(connection: Connection) -> list[Row[Any]]:
    """The whole record, the first line first."""
    return list(connection.execute(select(publication).order_by(publication.c.number)))


def differing(connection: Connection) -> Iterator[Finding]:
    """Where the record is not whole, or does not tell of the texts that there are, and of nothing else."""
    found = lines(connection)
    wrong = broken(found)
    yield from (finding("publication-broken", None, number=number) for number in wrong)
    kept = {row.digest: _label(row) for row in connection.execute(labels())}
    told = {line.number: journal.payload_of(line) for line in found if line.number not in wrong}
    for number, payload in told.items():
        label = kept.get(payload["digest"], {})
        if any(label.get(name) != payload[name] for name in ("kind", "name", "version", "published_at")):
            yield finding("publication-text-differs", None, number=number, digest=payload["digest"])
    known = {journal.payload_of(line)["digest"] for line in found}
    yield from (finding("text-unrecorded", None, digest=digest) for digest in sorted(kept.keys() - known))


def _label(row: Row[Any]) -> dict[str, str]:
    published_at = row.published_at.astimezone(UTC).isoformat(timespec="microseconds")
    told = {"digest": row.digest, "kind": row.kind, "name": row.name, "version": row.version}
    return told | {"published_at": published_at}

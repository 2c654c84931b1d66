"""Records of numbered lines beside the journal, chained by digest: changes of organisations, calendars that were set,
and what was published."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select

from api.store import journal


def write(
    connection: Connection, record: Table, account: int | None, payload: Mapping[str, Any], **more: Any
) -> Row[Any]:
    """Add the next line to a record and give it; whoever writes to that record does so alone. No account: nobody."""
    of = record.c
    last = connection.execute(select(of.number, of.digest).order_by(of.number.desc()).limit(1)).first()
    number, previous = (last.number + 1, last.digest) if last else (1, journal.START)
    at, said = datetime.now(UTC).isoformat(timespec="microseconds"), journal.canonical(payload)
    row = {"number": number, "account": account, "at": at, "payload": said, "previous": previous}
    row["digest"] = digest_of(previous, (number, account, at), said)
    return connection.execute(insert(record).values(row | more).returning(record)).one()


def told(line: Row[Any]) -> dict[str, Any]:
    """What a line says, and its place in the record."""
    return {"number": line.number, "at": line.at, "digest": line.digest, **journal.payload_of(line)}


def broken(lines: Sequence[Row[Any]]) -> list[int]:
    """The numbers of the lines that do not follow the one before, or whose own digest is not right."""
    number, previous, wrong = 0, journal.START, list[int]()
    for line in lines:
        digest = digest_of(line.previous, (line.number, line.account, line.at), line.payload)
        if (line.number, line.previous, line.digest) != (number + 1, previous, digest):
            wrong.append(line.number)
        number, previous = line.number, line.digest
    return wrong


def digest_of(previous: str, who: tuple[int, int | None, str], payload: str) -> str:
    """A line's digest; `who` is its number, the account (None: nobody) and the moment."""
    return hashlib.sha256("\n".join([previous, *map(str, who), payload]).encode()).hexdigest()

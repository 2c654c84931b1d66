"""The journal: the only history. Lines are added one after another and chained by digest, nothing else happens to them.

A line is written together with all that it means to a submission, by one statement that is a transaction of its own
where nothing else has to be certain with it (`esep_write`, in the migrations). Positions count all lines without a gap,
in the order in which they were committed: whoever has read up to one has read all before it. Each line carries the
digest of the line before it in its submission. A checkpoint chains the digests of all lines since the one before, so
that a line cut off at a submission's end is missed too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, Connection, Row, Text, bindparam, func, insert, select, text

from api.store.schema import checkpoint, journal
from api.store.statement import Errands, Statement

CHANNEL = "esep_journal"
"""Where PostgreSQL tells other processes of each new position; a trigger of the journal does."""
ONE_AT_A_TIME = 20_260_102
"""The advisory lock under which lines get their positions."""
ONE_CHECKPOINT = 20_260_104
"""The advisory lock under which a checkpoint is made."""
START = "0" * 64
"""What stands before a first line."""

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to become a line of the journal."""

    submission: int
    revision: int
    previous: str
    account: int
    action: str
    payload: Payload
    moved: list[list[Any]]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Along:
    """What goes with a line: what others who look are told, as it is stored, and its size before that; how the
    submission stood when it was looked at (`esep_standing`), if it may stand otherwise by now; up to which position the
    writer has read."""

    delta: bytes | None = None
    size: int | None = None
    standing: str | None = None
    known: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """How a line moved the budget."""

    position: int
    submission: int
    action: str
    moved: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Written:
    """Where a line stands now, and the lines before it that its writer has not read, where these are few."""

    position: int
    digest: str
    since: Sequence[Move] = ()


class Overtaken(Exception):
    """Somebody else has changed the submission since it was read, or what decides who may. Never leaves the service."""


_WRITE = Statement(
    text(
        "select place, since::text from esep_write(row(null, :submission, :revision, :previous, :digest, :account, :at,"
        " :action, :payload, :moved, :key)::journal, :delta, :size, :standing, :known)"
    ).columns(place=BigInteger, since=Text)
)
ALONE = Along()


def write(connection: Connection, entry: Entry, along: Along = ALONE) -> Written:
    """Write an action down: its line, the budget lines that it moves, the submission's new head. It is the last thing
    that a transaction does, for until it ends other lines wait."""
    digest, row = _row(entry, along)
    return _written(digest, _WRITE.row(connection, row))


async def write_on(errands: Errands, entry: Entry, along: Along = ALONE) -> Written:
    """The same on the loop's own thread, and as a transaction of its own."""
    digest, row = _row(entry, along)
    return _written(digest, await errands.row(_WRITE, row))


def _row(entry: Entry, along: Along) -> tuple[str, dict[str, Any]]:
    """A line's digest, and what is told to the database."""
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    payload = canonical(entry.payload)
    digest = digest_of(entry.previous, entry.submission, entry.revision, (entry.account, at, entry.action), payload)
    row = {
        "submission": entry.submission,
        "revision": entry.revision,
        "previous": entry.previous,
        "digest": digest,
        "account": entry.account,
        "at": at,
        "action": entry.action,
        "payload": payload,
        "moved": orjson.dumps(entry.moved).decode(),
        "key": entry.key,
    }
    beside = {"delta": along.delta, "size": along.size, "standing": along.standing, "known": along.known}
    return digest, row | beside


def _written(digest: str, told: Any) -> Written:
    if told.place is None:
        raise Overtaken
    since = () if told.since is None else [Move(*one) for one in orjson.loads(told.since)]
    return Written(int(told.place), digest, since)


def canonical(payload: Payload) -> str:
    """The one text of a payload: keys in order, no spaces, amounts and codes as texts."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)


def payload_of(row: Row[Any]) -> Payload:
    """What a line says."""
    payload: Payload = orjson.loads(row.payload)
    return payload


def digest_of(previous: str, submission: int, revision: int, who: tuple[int, str, str], payload: str) -> str:
    """A line's digest; `who` is the account, the moment and the action."""
    account, at, action = who
    told = "\n".join([previous, str(submission), str(revision), str(account), at, action, payload])
    return hashlib.sha256(told.encode()).hexdigest()


def at(connection: Connection, position: int) -> Row[Any]:
    """The line at a position."""
    return connection.execute(select(journal).where(journal.c.position == position)).one()


def after(connection: Connection, position: int, most: int = 10_000) -> list[Row[Any]]:
    """The lines that follow a position, in order."""
    found = select(journal).where(journal.c.position > position).order_by(journal.c.position).limit(most)
    return list(connection.execute(found))


_MOVES = Statement(
    select(journal.c.position, journal.c.submission, journal.c.action, journal.c.moved)
    .where(journal.c.position > bindparam("position"))
    .order_by(journal.c.position)
    .limit(bindparam("most"))
)


def moves(connection: Connection, position: int, most: int) -> Sequence[Any]:
    """How the next lines that follow a position, in order, moved the budget."""
    return _MOVES.rows(connection, {"position": position, "most": most})


def of_submission(connection: Connection, submission: int, revision: int = 0) -> list[Row[Any]]:
    """A submission's lines after a revision, in order."""
    mine = (journal.c.submission == submission) & (journal.c.revision > revision)
    return list(connection.execute(select(journal).where(mine).order_by(journal.c.revision)))


def born_under(connection: Connection, submission: int) -> tuple[str, str]:
    """The digests of the ruleset and norms that a submission began under."""
    mine = (journal.c.submission == submission) & (journal.c.revision == 1)
    told = json.loads(connection.scalars(select(journal.c.payload).where(mine)).one())
    return told["ruleset"], told["norms"]


def steps(connection: Connection) -> list[Row[Any]]:
    """The lines that led submissions from one state to another, in order."""
    return list(connection.execute(select(journal).where(journal.c.action == "step").order_by(journal.c.position)))


_KEYED = {"account": bindparam("account", type_=BigInteger), "key": bindparam("key", type_=Text)}
DONE = select(journal.c.position).where(*(journal.c[name] == asked for name, asked in _KEYED.items()))
"""Where the line stands that an account has already asked for with a key."""


def position_of(connection: Connection, account: int, key: str | None) -> int | None:
    """Where that line stands, if it is there."""
    return None if key is None else connection.scalar(DONE, {"account": account, "key": key})


def last_position(connection: Connection) -> int:
    """How far the journal goes."""
    return connection.scalar(select(func.max(journal.c.position))) or 0


def checkpoint_due(connection: Connection, many: int, minutes: int) -> bool:
    """Whether so many lines have come since the last checkpoint, or any at all and it is so old; False as well where
    somebody is about to make one. Who is told True is that somebody until the transaction ends."""
    if not connection.scalar(text("select pg_try_advisory_xact_lock(:key)"), {"key": ONE_CHECKPOINT}):
        return False
    last = connection.execute(select(checkpoint).order_by(checkpoint.c.number.desc()).limit(1)).first()
    new = last_position(connection) - (last.position if last else 0)
    if new == 0 or last is None or new >= many:
        return new > 0
    return datetime.now(UTC) - datetime.fromisoformat(last.at) >= timedelta(minutes=minutes)


def make_checkpoint(connection: Connection) -> int | None:
    """Chain all lines since the last checkpoint into a new one, and give its number; None where there are none. Nobody
    who adds lines waits for it."""
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ONE_CHECKPOINT})
    last = connection.execute(select(checkpoint).order_by(checkpoint.c.number.desc()).limit(1)).first()
    since = last.position if last else 0
    wanted = select(journal.c.digest).where(journal.c.position > since).order_by(journal.c.position)
    digests = list(connection.scalars(wanted))
    if not digests:
        return None
    number, previous = (last.number + 1, last.digest) if last else (1, START)
    row = checkpoint_row(number, since + len(digests), previous, digests)
    connection.execute(insert(checkpoint).values(row | {"at": datetime.now(UTC).isoformat(timespec="microseconds")}))
    return number


def checkpoint_row(number: int, position: int, previous: str, digests: list[str]) -> dict[str, Any]:
    """What a checkpoint at a position says of the digests since the one before."""
    heads = hashlib.sha256("\n".join(digests).encode()).hexdigest()
    digest = hashlib.sha256("\n".join([previous, str(number), str(position), heads]).encode()).hexdigest()
    return {"number": number, "position": position, "heads": heads, "previous": previous, "digest": digest}


def lines(connection: Connection, since: int = 0, upto: int | None = None) -> Iterator[Row[Any]]:
    """All lines after a position, in order, a block at a time."""
    while block := after(connection, since):
        for row in block:
            if upto is not None and row.position > upto:
                return
            yield row
        since = block[-1].position

"""Organisations that are renamed, merged or split, without losing what was: validity is half open, [from, to).

Whatever is changed ends on a day, and what follows begins on it, under the same or another code. One of those who
follow is the heir: the submissions of cycles that are still open become the heir's, and whoever had a role there has it
with the heir too. Cells, budget lines and limits keep the code under which they were written; totals can be told by the
organisations of any day. Each change is a line of a journal of its own, chained by digest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from api.store import chain
from api.store.schema import cycle, membership, organisation, organisation_change, submission, succession
from engine.findings import Finding, finding

ONE_CHANGES = 20_260_107
"""The advisory lock under which organisations change."""
Titles = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which organisations end on a day, who begins (code → titles), who of these is the heir, and why."""

    kind: str
    on: date
    ending: Sequence[int]
    beginning: Mapping[str, Titles]
    heir: str
    reason: str


class RefusedError(Exception):
    """A reorganisation that cannot be; `told` says why."""

    def __init__(self, told: Finding) -> None:
        super().__init__(str(told))
        self.told = told


def reorganise(connection: Connection, account: int, wanted: Wanted, key: str | None = None) -> dict[str, Any]:
    """Do it in the caller's transaction, and tell what came of it; asked twice with one key it is done once."""
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ONE_CHANGES})
    if (done := _done(connection, account, key)) is not None:
        return chain.told(done)
    ending = _ending(connection, wanted)
    begun = _begun(connection, wanted, ending)
    links = {row.id: begun[wanted.heir] for row in ending} | _children(connection, wanted, ending, begun)
    moved = _moved(connection, links, wanted.on)
    payload = {
        "kind": wanted.kind,
        "on": wanted.on.isoformat(),
        "ended": [{"id": row.id, "code": row.code} for row in ending],
        "begun": [{"id": number, "code": code} for code, number in begun.items()],
        "heir": begun[wanted.heir],
        "reason": wanted.reason,
        **moved,
    }
    line = chain.write(connection, organisation_change, account, payload, key=key)
    pairs = {*links.items()} | {(row.id, number) for row in ending for number in begun.values()}
    connection.execute(
        insert(succession),
        [{"predecessor": old, "successor": new, "change": line.number} for old, new in sorted(pairs)],
    )
    return chain.told(line)


def heirs(connection: Connection, kind: str, on: date) -> dict[str, tuple[str, str | None]]:
    """Code of that kind → whose it is on a day: that organisation's code, and its parent's code."""
    above = organisation.alias()
    wanted = select(organisation, above.c.code.label("above")).outerjoin(above, above.c.id == organisation.c.parent)
    rows = {row.id: row for row in connection.execute(wanted.where(organisation.c.kind == kind))}
    found: dict[str, tuple[str, str | None]] = {}
    for row in sorted(rows.values(), key=lambda row: row.starts):
        if row.starts > on and row.code in found:
            continue
        heir = row
        while heir.ends is not None and heir.ends <= on and heir.successor in rows:
            heir = rows[heir.successor]
        found[row.code] = heir.code, heir.above
    return found


def _done(connection: Connection, account: int, key: str | None) -> Row[Any] | None:
    of = organisation_change.c
    asked = select(organisation_change).where(of.account == account, of.key == key)
    return None if key is None else connection.execute(asked).first()


def _ending(connection: Connection, wanted: Wanted) -> list[Row[Any]]:
    asked = select(organisation).where(organisation.c.id.in_(wanted.ending)).order_by(organisation.c.id)
    rows = list(connection.execute(asked.with_for_update()))
    unknown = {*wanted.ending} - {row.id for row in rows}
    if unknown:
        raise RefusedError(finding("organisation-not-there", None, got=min(unknown)))
    late = [row for row in rows if row.ends is not None or row.starts >= wanted.on]
    if late:
        raise RefusedError(finding("organisation-not-then", None, got=late[0].code, on=wanted.on.isoformat()))
    counts = {"rename": (1, 1), "merge": (2, 1), "split": (1, 2)}[wanted.kind]
    shape = (min(len(rows), 2), min(len(wanted.beginning), 2))
    if shape != counts or wanted.heir not in wanted.beginning or len({row.kind for row in rows}) != 1:
        raise RefusedError(finding("reorganisation-unclear", None, kind=wanted.kind))
    return rows


def _begun(connection: Connection, wanted: Wanted, ending: Sequence[Row[Any]]) -> dict[str, int]:
    """Those who begin, above them whoever was above the first who ends; a code is one organisation's at a time."""
    kind, parent = ending[0].kind, ending[0].parent
    of = organisation.c
    gone = update(organisation).where(of.id.in_([row.id for row in ending])).values(ends=wanted.on)
    connection.execute(gone)
    live = select(of.code).where(
        of.kind == kind, of.code.in_(wanted.beginning), of.ends.is_(None) | (of.ends > wanted.on)
    )
    if (taken := connection.scalar(live.limit(1))) is not None:
        raise RefusedError(finding("organisation-twice", None, got=taken))
    begun = {
        code: _new(connection, kind, code, parent, (titles, wanted.on)) for code, titles in wanted.beginning.items()
    }
    heir = update(organisation).where(of.id.in_([row.id for row in ending])).values(successor=begun[wanted.heir])
    connection.execute(heir)
    return begun


def _children(
    connection: Connection, wanted: Wanted, ending: Sequence[Row[Any]], begun: Mapping[str, int]
) -> dict[int, int]:
    """Whoever stands below what ends goes on below the heir, under its own code."""
    of, links = organisation.c, dict[int, int]()
    below = select(organisation).where(of.parent.in_([row.id for row in ending]), of.ends.is_(None))
    for row in connection.execute(below.order_by(of.id)).all():
        new = _new(connection, row.kind, row.code, begun[wanted.heir], (row.titles, wanted.on))
        connection.execute(update(organisation).where(of.id == row.id).values(ends=wanted.on, successor=new))
        links[row.id] = new
    return links


def _new(connection: Connection, kind: str, code: str, parent: int | None, what: tuple[Titles, date]) -> int:
    row = {"kind": kind, "code": code, "parent": parent, "titles": dict(what[0]), "starts": what[1]}
    return int(connection.execute(insert(organisation).values(row).returning(organisation.c.id)).scalar_one())


def _moved(connection: Connection, links: Mapping[int, int], on: date) -> dict[str, Any]:
    """Submissions of open cycles become the heirs', and whoever had a role has it there too."""
    open_cycles = [
        row.name
        for row in connection.execute(select(cycle))
        if not row.calendar or max(row.calendar.values()) >= on.isoformat()
    ]
    numbers: list[int] = []
    roles = 0
    for old, new in sorted(links.items()):
        theirs = (submission.c.organisation == old) & submission.c.cycle.in_(open_cycles)
        moving = update(submission).where(theirs).values(organisation=new).returning(submission.c.id)
        numbers += connection.scalars(moving)
        held = select(membership.c.account, text(str(new)), membership.c.role).where(membership.c.organisation == old)
        copied = upsert(membership).from_select(["account", "organisation", "role"], held).on_conflict_do_nothing()
        roles += connection.execute(copied).rowcount
    return {"submissions": sorted(numbers), "roles": roles}

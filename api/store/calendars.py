"""Plan periods with their calendars, and the record of who set them: a line for each time, chained by digest.

A calendar says until when who may do what, so `esep verify` proves that each is as its last line here says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, select, text
from sqlalchemy.dialects.postgresql import insert

from api.store import chain, journal
from api.store.schema import cycle, cycle_change
from engine.findings import Finding, finding

ONE_ARRANGES = 20_260_108
"""The advisory lock under which calendars are set."""


def alone(connection: Connection) -> None:
    """Until the transaction ends, nobody else sets calendars."""
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ONE_ARRANGES})


def arrange(
    connection: Connection, name: str, calendar: Mapping[str, str], account: int | None = None, reason: str = ""
) -> Row[Any]:
    """Open a plan period with a calendar (milestone → day), or give it another, and write the line; whoever calls does
    so alone. No account: nobody, the database began so."""
    given = insert(cycle).values(name=name, calendar=dict(calendar))
    there = given.on_conflict_do_update(index_elements=[cycle.c.name], set_={"calendar": given.excluded.calendar})
    connection.execute(there)
    return record(connection, name, calendar, account, reason)


def record(
    connection: Connection, name: str, calendar: Mapping[str, str], account: int | None = None, reason: str = ""
) -> Row[Any]:
    """Write only the line, of a plan period that has that calendar already."""
    told = {"cycle": name, "calendar": dict(calendar), "reason": reason}
    return chain.write(connection, cycle_change, account, told)


def lines(connection: Connection) -> list[Row[Any]]:
    """The whole record, the first line first."""
    return list(connection.execute(select(cycle_change).order_by(cycle_change.c.number)))


def differing(connection: Connection) -> Iterator[Finding]:
    """Where the record is not whole, or calendars are not as it says."""
    found = lines(connection)
    yield from (finding("cycle-change-broken", None, number=number) for number in chain.broken(found))
    told = {payload["cycle"]: payload["calendar"] for payload in map(journal.payload_of, found)}
    kept = {row.name: row.calendar for row in connection.execute(select(cycle))}
    for name in sorted(told.keys() | kept.keys()):
        if told.get(name) != kept.get(name):
            yield finding("cycle-calendar-differs", None, cycle=name)

"""An upgrade of a database with its data: the schema by Alembic, then what follows from the journal is made anew.

A new version may keep more in the budget lines than the one before, such as the rows that errors leave out; they follow
from the submissions, so then they are written again. Whoever opens the database meanwhile waits.
"""

from __future__ import annotations

import sqlalchemy
from sqlalchemy import Connection, Engine, create_engine, delete, insert, select, text
from sqlalchemy.engine import URL

from api.store import Store, amounts_of
from api.store.database import Database, migrate, version_of, versions
from api.store.loading import load_all
from api.store.schema import line, submission
from engine.lines import DIMENSIONS

ONE_UPGRADES = 20_260_106
"""The advisory lock under which a database is upgraded."""
LINES_SINCE = "0010"
"""The version since which budget lines hold what they hold."""


def upgrade(owner: URL, *, anyway: bool = False) -> str | None:
    """Bring a database to this version, and say which it was; lines that held less then are made anew, or `anyway`."""
    engine = create_engine(owner, poolclass=sqlalchemy.NullPool)
    with engine.connect() as waiting:
        waiting.execute(text("select pg_advisory_lock(:key)"), {"key": ONE_UPGRADES})
        before = version_of(waiting)
        waiting.commit()
        migrate(owner)
        if before is not None and (anyway or _held_less(before)):
            _make_anew(engine, owner)
    return before


def _held_less(version: str) -> bool:
    """Whether budget lines of that version are to be made anew."""
    known = versions()
    return known.index(version) > known.index(LINES_SINCE)


def _make_anew(engine: Engine, owner: URL) -> None:
    store = Store(Database(engine, owner))
    with engine.begin() as connection:
        load_all(store, connection, calculated=True)
        for number in connection.scalars(select(submission.c.id).order_by(submission.c.id)).all():
            _write_lines(store, connection, number)


def _write_lines(store: Store, connection: Connection, number: int) -> None:
    held = store.open(connection, number)
    assert held is not None, "nobody removes a submission"
    rows = [
        {"submission": number, **dict(zip(DIMENSIONS, key, strict=True)), "amount": amount, "incomplete": left_out}
        for key, (amount, left_out) in amounts_of(held).items()
    ]
    connection.execute(delete(line).where(line.c.submission == number))
    if rows:
        connection.execute(insert(line), rows)

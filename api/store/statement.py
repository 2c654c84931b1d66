"""Statements that are made with every edit, or nearly every read: each is put into words once, and handed to the driver
as it is.

SQLAlchemy looks at a statement and at its rows anew each time, psycopg at each new cursor; together that takes the
processor longer than what the database has to do. What goes wrong is told as SQLAlchemy would tell it. `Errands` asks
without a thread that waits for the answer.
"""

from __future__ import annotations

import asyncio
from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import psycopg
from sqlalchemy import Connection, Select, TextualSelect, exc
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect

AT_ONCE = 3
"""Errands that a loop has out at once."""
_CURSOR = "esep_cursor"
_SPOKEN: Any = psycopg_dialect
_DIALECT = _SPOKEN.dialect()


class Statement:
    """A statement with named parameters."""

    def __init__(self, asked: Select[Any] | TextualSelect) -> None:
        self.asked = asked

    def row(self, connection: Connection, given: Mapping[str, Any]) -> Any:
        """The first row, its columns by name, or None."""
        found = self._asked_of(connection, given).fetchone()
        return None if found is None else self.named(*found)

    def rows(self, connection: Connection, given: Mapping[str, Any]) -> Sequence[Any]:
        """All rows."""
        return [self.named(*found) for found in self._asked_of(connection, given).fetchall()]

    def _asked_of(self, connection: Connection, given: Mapping[str, Any]) -> psycopg.Cursor[Any]:
        driven: Any = connection.connection.driver_connection
        cursor = connection.info.get(_CURSOR)
        if cursor is None or cursor.connection is not driven:
            cursor = connection.info[_CURSOR] = driven.cursor()
        try:
            told: psycopg.Cursor[Any] = cursor.execute(self.text, given)
        except psycopg.Error as wrong:
            broken: Any = wrong
            if connection.dialect.is_disconnect(broken, driven, cursor):
                connection.invalidate(wrong)
                connection.engine.dispose()  # so are the others, most likely: whoever comes next gets a new one
            raise self.told(wrong) from wrong
        return told

    def told(self, wrong: psycopg.Error) -> exc.DBAPIError | exc.StatementError:
        """What went wrong, in SQLAlchemy's terms."""
        return exc.DBAPIError.instance(self.text, None, wrong, psycopg.Error, dialect=_DIALECT)

    @cached_property
    def text(self) -> str:
        """As the driver takes it."""
        return str(self.asked.compile(dialect=_DIALECT))

    @cached_property
    def named(self) -> Any:
        """Makes a row of its values."""
        return namedtuple("Row", self.asked.selected_columns.keys())


@dataclass
class Errands:
    """Connections of one loop, which goes on with other things until it is answered; the one that came back last goes
    out first. Each statement stands for itself."""

    address: str
    options: Mapping[str, Any]
    waiting: int = 0
    """For a connection, or for the answer."""
    _idle: list[psycopg.AsyncCursor[Any]] = field(default_factory=list)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def row(self, statement: Statement, given: Mapping[str, Any]) -> Any:
        """The first row, its columns by name, or None."""
        self.waiting += 1
        try:
            async with self._room:
                found = await self._asked(statement.text, given)
        except psycopg.Error as wrong:
            raise statement.told(wrong) from wrong
        finally:
            self.waiting -= 1
        return None if found is None else statement.named(*found)

    async def end(self) -> None:
        """Hang up."""
        while self._idle:
            await self._idle.pop().connection.close()

    async def _asked(self, text: Any, given: Mapping[str, Any]) -> Any:
        cursor, done = self._idle.pop() if self._idle else await self._new(), False
        try:
            await cursor.execute(text, given)
            found, done = await cursor.fetchone(), True
        except psycopg.Error:
            done = not cursor.connection.closed
            if not done:
                await self.end()  # so are the others, most likely: whoever comes next gets a new one
            raise
        finally:  # whoever was called off left an answer behind
            self._idle.append(cursor) if done else await cursor.connection.close()
        return found

    async def _new(self) -> psycopg.AsyncCursor[Any]:
        connection = await psycopg.AsyncConnection.connect(self.address, autocommit=True, **self.options)
        return connection.cursor()

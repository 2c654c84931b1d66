"""Statements that are made with every edit, or nearly every read: each is put into words once, and handed to the driver
as it is.

SQLAlchemy looks at a statement and at its rows anew each time, psycopg at each new cursor; together that takes the
processor longer than what the database has to do. What goes wrong is told as SQLAlchemy would tell it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import psycopg
from sqlalchemy import Connection, Select, TextualSelect, exc
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect

_CURSOR = "esep_cursor"


class Statement:
    """A statement with named parameters."""

    def __init__(self, asked: Select[Any] | TextualSelect) -> None:
        self.asked = asked

    def row(self, connection: Connection, given: Mapping[str, Any]) -> Any:
        """The first row, its columns by name, or None."""
        found = self._asked_of(connection, given).fetchone()
        return None if found is None else self._named(*found)

    def rows(self, connection: Connection, given: Mapping[str, Any]) -> Sequence[Any]:
        """All rows."""
        return [self._named(*found) for found in self._asked_of(connection, given).fetchall()]

    def _asked_of(self, connection: Connection, given: Mapping[str, Any]) -> psycopg.Cursor[Any]:
        driven: Any = connection.connection.driver_connection
        cursor = connection.info.get(_CURSOR)
        if cursor is None or cursor.connection is not driven:
            cursor = connection.info[_CURSOR] = driven.cursor()
        try:
            told: psycopg.Cursor[Any] = cursor.execute(self._text, given)
        except psycopg.Error as wrong:
            broken: Any = wrong
            if connection.dialect.is_disconnect(broken, driven, cursor):
                connection.invalidate(wrong)
                connection.engine.dispose()  # so are the others, most likely: whoever comes next gets a new one
            made = exc.DBAPIError.instance(self._text, None, wrong, psycopg.Error, dialect=connection.dialect)
            raise made from wrong
        return told

    @cached_property
    def _text(self) -> str:
        spoken: Any = psycopg_dialect
        return str(self.asked.compile(dialect=spoken.dialect()))

    @cached_property
    def _named(self) -> Any:
        return namedtuple("Row", self.asked.selected_columns.keys())

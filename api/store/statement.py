"""Statements that are made with every edit: each is put into words once, and handed to the driver as it is.

SQLAlchemy looks at a statement and at its rows anew each time, psycopg at each new cursor; together that takes the
processor longer than what the database has to do. What goes wrong is told as SQLAlchemy would tell it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import psycopg
from sqlalchemy import Connection, Select, TextClause, exc
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect

_CURSOR = "esep_cursor"


class Statement:
    """A statement with named parameters, of which at most one row is wanted."""

    def __init__(self, asked: Select[Any] | TextClause) -> None:
        self.asked = asked

    def row(self, connection: Connection, given: Mapping[str, Any]) -> Any:
        """The first row, its columns by name, or None."""
        driven: Any = connection.connection.driver_connection
        cursor = connection.info.get(_CURSOR)
        if cursor is None or cursor.connection is not driven:
            cursor = connection.info[_CURSOR] = driven.cursor()
        try:
            found = cursor.execute(self._text, given).fetchone()
        except psycopg.Error as wrong:
            told: Any = wrong
            if connection.dialect.is_disconnect(told, driven, cursor):
                connection.invalidate(wrong)
            made = exc.DBAPIError.instance(self._text, None, wrong, psycopg.Error, dialect=connection.dialect)
            raise made from wrong
        return None if found is None else self._named(*found)

    @cached_property
    def _text(self) -> str:
        spoken: Any = psycopg_dialect
        return str(self.asked.compile(dialect=spoken.dialect()))

    @cached_property
    def _named(self) -> Any:
        names = self.asked.selected_columns.keys() if isinstance(self.asked, Select) else ["value"]
        return namedtuple("Row", names)

"""A statement that goes to the driver is answered, and fails, as SQLAlchemy's own."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from sqlalchemy import BigInteger, bindparam, literal_column, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from api.store.database import Database, connected
from api.store.statement import Statement

from .conftest import owner_of

ECHO = Statement(select(literal_column("1").label("one"), bindparam("given").label("given")))


def test_rows_have_their_columns_by_name(database: Database) -> None:
    many = Statement(text("select generate_series(1, :most) as value").columns(value=BigInteger))
    with database.reading.connect() as connection:
        assert ECHO.row(connection, {"given": "x"})._asdict() == {"one": 1, "given": "x"}
        assert [row.value for row in many.rows(connection, {"most": 3})] == [1, 2, 3]
        assert many.row(connection, {"most": 0}) is None
        with pytest.raises(ProgrammingError):
            Statement(select(literal_column("nothing"))).row(connection, {})


def test_of_connections_that_broke_together_only_the_first_is_noticed(database: Database) -> None:
    service = connected(database.url.render_as_string(hide_password=False))
    with ExitStack() as stack:
        for connection in [stack.enter_context(service.reading.connect()) for _ in range(3)]:
            ECHO.row(connection, {"given": ""})
    others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    with owner_of(database).connect() as owner:
        assert len(owner.execute(text(f"select pg_terminate_backend(pid) {others}")).all()) >= 3
    with service.reading.connect() as connection, pytest.raises(OperationalError):
        ECHO.row(connection, {"given": ""})
    for _ in range(3):
        with service.reading.connect() as connection:
            assert ECHO.row(connection, {"given": "again"}).given == "again"
    service.engine.dispose()

"""A statement that goes to the driver is answered, and fails, as SQLAlchemy's own."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import BigInteger, Text, bindparam, literal_column, select, text
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError

from api.store.database import LOST, Database, connected
from api.store.statement import AT_ONCE, Errands, Statement

from .conftest import owner_of

NUMBERS = {"value": BigInteger, "pid": BigInteger}
QUOTIENT = Statement(text("select 12 / :by as value, pg_backend_pid() as pid").columns(**NUMBERS))
ASLEEP = Statement(text("select pg_sleep(:seconds)::text as slept").columns(slept=Text))
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


def sent(database: Database, errand: Any) -> Any:
    """What comes of an errand, made on a loop of its own."""

    async def made() -> Any:
        errands = Errands(database.address, LOST)
        try:
            return await errand(errands)
        finally:
            await errands.end()

    return asyncio.run(made())


def test_an_errand_that_is_refused_leaves_its_connection_to_the_next(database: Database) -> None:
    async def errand(errands: Errands) -> list[Any]:
        found = [await errands.row(QUOTIENT, {"by": 3})]
        with pytest.raises(DataError):
            await errands.row(QUOTIENT, {"by": 0})
        with pytest.raises(ProgrammingError):
            await errands.row(Statement(select(literal_column("nothing"))), {})
        return [*found, await errands.row(QUOTIENT, {"by": 4})]

    first, last = sent(database, errand)
    assert (first.value, last.value) == (4, 3)
    assert first.pid == last.pid


def test_of_errands_some_go_at_once_and_others_wait(database: Database) -> None:
    async def errand(errands: Errands) -> list[Any]:
        return await asyncio.gather(*(errands.row(QUOTIENT, {"by": by}) for by in range(1, 13)))

    found = sent(database, errand)
    assert [row.value for row in found] == [12 // by for by in range(1, 13)]
    assert len({row.pid for row in found}) <= AT_ONCE


def test_who_is_called_off_takes_no_answer_of_another(database: Database) -> None:
    async def errand(errands: Errands) -> Any:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(errands.row(ASLEEP, {"seconds": 60}), 0.2)
        assert errands.waiting == 0
        return await errands.row(QUOTIENT, {"by": 2})

    assert sent(database, errand).value == 6


def test_a_connection_that_broke_is_told_of_once(database: Database) -> None:
    async def errand(errands: Errands) -> Any:
        first = await errands.row(QUOTIENT, {"by": 1})
        with owner_of(database).connect() as owner:
            owner.execute(text("select pg_terminate_backend(:pid)"), {"pid": first.pid})
        with pytest.raises(OperationalError):
            await errands.row(QUOTIENT, {"by": 1})
        return await errands.row(QUOTIENT, {"by": 6})

    assert sent(database, errand).value == 2

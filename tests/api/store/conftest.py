"""A village's submission in a database for the tests of the store, and how a database is copied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import Connection, Engine, create_engine, insert, text

from api.store import Birth, Store
from api.store.calendars import arrange
from api.store.database import Database
from api.store.schema import account, organisation
from api.store.texts import Texts, norms_files, publish, ruleset_files
from engine.inputs import workbook_of
from engine.plan import Plan
from engine.workbook import Workbook
from tests.api.store.servers import Served, by_hand

HERE = Path(__file__).parent


@contextmanager
def copy_of(template: Served, name: str) -> Iterator[Database]:
    """A database of that name with the schema; gone after the block."""
    maker = create_engine(template.maker, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    with maker.connect() as connection:
        connection.execute(text(f"create database {name} template {template.template}"))
    url = template.url.set(database=name)
    engine = create_engine(url)
    yield Database(engine, url)
    engine.dispose()
    with maker.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))


def owner_of(database: Database) -> Engine:
    """A connection as the one who may do anything, by hand."""
    return by_hand(database.url)


@dataclass
class Village:
    """A store with one submission, and what is needed to act on it."""

    store: Store
    database: Database
    number: int
    people: tuple[int, int]
    plan: Plan
    texts: Texts = field(default_factory=Texts)


ROWS = [
    {"name": "Paper A4", "kind": "paper", "quantity": ["10", "20", "30"], "price": "2.05"},
    {"name": "Petrol", "kind": "fuel", "quantity": ["100", "100", "100"], "price": "205.5"},
    {"name": "Wheat", "kind": "seed", "quantity": ["7", "0", "7"], "price": "1000"},
]


@pytest.fixture
def village(database: Database) -> Village:
    """A school's request of three rows."""
    store = Store(database)
    with database.engine.begin() as connection:
        arrange(connection, "2026-2028", {})
        people = [
            connection.execute(
                insert(account).values(login=name, name=name, password="-").returning(account.c.id)
            ).scalar_one()
            for name in ("aliya", "bolat")
        ]
        number = _create(store, connection, people[0])
        row = store.open(connection, number)
    assert row is not None
    return Village(store, database, number, (people[0], people[1]), row.plan, store.texts)


def _create(store: Store, connection: Connection, person: int) -> int:
    ruleset = publish(connection, "ruleset", ("village", "2026.1"), ruleset_files(HERE / "village" / "ruleset"))
    norms = publish(connection, "norms", ("village", "1"), norms_files([HERE / "village" / "norms"]))
    school = insert(organisation).values(code="2250001", kind="institution", titles={}, starts=date(2026, 1, 1))
    owner = connection.execute(school.returning(organisation.c.id)).scalar_one()
    plan = store.texts.plan(connection, ruleset, norms)
    birth = Birth("2026-2028", ruleset, norms, owner, person)
    return store.create(connection, birth, filled(plan, ROWS))


def filled(
    plan: Plan, rows: list[dict[str, str | list[str]]], institution: str = "2250001", administrator: str = "225"
) -> Workbook:
    """A request of the first school, or of another institution."""
    header = {"institution": institution, "administrator": administrator, "reason": "new school year"}
    workbook, found = workbook_of(plan.ruleset, plan.norms, plan.years, header, {"purchases": rows})
    assert not found
    return workbook

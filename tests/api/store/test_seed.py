"""A republic in the database: begun at once as one by one, whole or not at all, with somebody in each role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, select, text

import api.demo
from api.access import OFFICIAL_USE, table
from api.demo import RULESET, is_empty, seed
from api.installation import load_ruleset
from api.republic.people import AHEAD, calendar_of, password
from api.sessions import sign_in
from api.store import Birth, Store
from api.store import schema as tables
from api.store.database import Database
from api.store.loading import load_all
from api.store.verifying import verify
from engine.workbook import Workbook, only

from .conftest import owner_of

TODAY = date(2026, 11, 22)
IDLE = AHEAD


@pytest.fixture(scope="module")
def demo(template: Database) -> Iterator[Database]:
    """The demo republic."""
    with owner_of(template).connect() as connection:
        connection.execute(text("create database demo template postgres"))
    url = template.url.set(database="demo")
    engine = create_engine(url)
    database = Database(engine, url)
    with engine.begin() as connection:
        assert is_empty(connection)
        seed(Store(database), connection, "demo", TODAY)
    yield database
    engine.dispose()


def test_the_whole_demo_is_proved_by_its_journal(demo: Database) -> None:
    with demo.engine.connect() as connection:
        proof = verify(Store(demo), connection)
        assert not is_empty(connection)
    assert (proof.findings, proof.lines, proof.submissions) == ((), 60, 60)


def test_all_at_once_is_one_by_one(demo: Database, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def one_by_one(store: Store, connection: Connection, births: Sequence[Birth], workbook: Workbook) -> list[int]:
        return [store.create(connection, birth, only(workbook, number)) for number, birth in enumerate(births)]

    monkeypatch.setattr(api.demo, "create_all", one_by_one)
    with database.engine.begin() as connection:
        seed(Store(database), connection, "demo", TODAY)
        alone = told(connection)
    with demo.engine.connect() as connection:
        together = told(connection)
    assert [len(rows) for rows in together.values()][:2] == [60, 60]
    assert alone == together


def told(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All that beginning writes, but for the moments, and the digests of journal lines, which are over the moments."""
    moments = {"submission.head", "journal.at", "journal.digest", "snapshot.head"}
    return {
        of.name: [
            {name: value for name, value in row.items() if f"{of.name}.{name}" not in moments}
            for row in connection.execute(select(of).order_by(*of.primary_key.columns)).mappings()
        ]
        for of in (tables.submission, tables.journal, tables.line, tables.snapshot)
    }


def test_who_stops_in_the_middle_has_made_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> list[int]:
        raise KeyboardInterrupt

    monkeypatch.setattr(api.demo, "create_all", stopped)
    with pytest.raises(KeyboardInterrupt), database.engine.begin() as connection:
        seed(Store(database), connection, "demo", TODAY)
    with database.engine.begin() as connection:
        assert [of.name for of in tables.metadata.sorted_tables if connection.execute(select(of)).first()] == []


def test_loaded_at_once_is_opened_one_by_one(demo: Database) -> None:
    loaded, other = Store(demo), Store(demo)
    with demo.engine.connect() as connection:
        assert load_all(loaded, connection) == len(loaded.memory.asleep) == 60
        for number in list(loaded.memory.asleep)[::7]:
            woken, opened = loaded.open(connection, number), other.open(connection, number)
            assert woken is not None
            assert opened is not None
            assert (woken.revision, woken.head, woken.rows) == (opened.revision, opened.head, opened.rows)
            assert seen(woken.workbook) == seen(opened.workbook)
    assert len(loaded.memory.asleep) == 60 - len(loaded.memory.held) == 51


def seen(workbook: Workbook) -> dict[tuple[str, str], list[Any]]:
    assert workbook.results is not None
    inputs = {(form, name): cells for form, table in workbook.tables.items() for name, cells in table.columns.items()}
    return {key: cells.tolist() for key, cells in {**inputs, **workbook.results.columns}.items()}


def test_each_role_is_somebodys_and_each_organisation_has_its_people(demo: Database) -> None:
    of, member = tables.organisation, tables.membership
    with demo.engine.connect() as connection:
        rows = connection.execute(select(member.c.role, of.c.kind, of.c.code).join(of)).all()
        organisations = connection.execute(select(of.c.kind, of.c.code)).all()
        secret = connection.scalars(select(of.c.code).join(tables.submission).where(tables.submission.c.official_use))
        assert set(secret) == {code for role, kind, code in rows if role == OFFICIAL_USE}
    held = {(role, kind) for role, kind, _ in rows if role != OFFICIAL_USE}
    assert held == set(table().levels.items())
    assert {(kind, code) for _, kind, code in rows} == {(kind, code) for kind, code in organisations}


def test_who_is_shown_may_sign_in(demo: Database) -> None:
    with demo.engine.begin() as connection:
        for login in ("curator", "analyst-102", "executor-1020001"):
            assert isinstance(sign_in(connection, login, password(), IDLE), str)


def test_the_calendar_has_each_deadline_of_the_process_in_its_order() -> None:
    ruleset, _ = load_ruleset(RULESET)
    assert ruleset is not None
    calendar = calendar_of(2026, TODAY)
    deadlines = [row.deadline for row in ruleset.workflow if row.deadline]
    assert list(dict.fromkeys(deadlines)) == list(calendar)
    assert list(calendar.values()) == sorted(calendar.values())
    assert date.fromisoformat(calendar["institution-requests"]) == TODAY + AHEAD

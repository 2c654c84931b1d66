"""The service on a real database: a centre, two administrators, three institutions, and somebody in each role.

Everybody's password is `demo`, its hash of the cheapest kind, since they sign in so often. The school's request
(submission 1) is the village of the store's tests; its texts never change, so they are read once for all tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from sqlalchemy import Connection, insert

from api.access import table
from api.app import PREFIX, create
from api.desk import Desk
from api.settings import Settings
from api.store import Birth
from api.store.calendars import arrange
from api.store.database import Database
from api.store.rehearsal import Known
from api.store.schema import account, membership, organisation
from api.store.texts import Texts, norms_files, publish, ruleset_files
from tests.api.store.conftest import HERE, ROWS, filled

CALENDAR = {"institution-requests": "2099-05-01", "requests": "2099-05-15"}
PASSWORD = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("demo")
READ = Texts()
INSTITUTIONS = {"2250001": "225", "2250002": "225", "2260001": "226"}


@dataclass(frozen=True)
class Service:
    """A running service, and a way to be somebody."""

    client: TestClient
    desk: Desk
    as_somebody: Callable[[str], TestClient]
    submissions: dict[str, int]


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    """The service, with nobody signed in."""
    with serving(database) as service:
        yield service


@contextmanager
def serving(database: Database) -> Iterator[Service]:
    """The service on a database without data."""
    settings = Settings(database=database.url.render_as_string(hide_password=False))
    app = create(settings, Known(Texts(READ.rulesets, READ.norms)))
    with TestClient(app, base_url=f"http://test{PREFIX}/") as client:
        desk: Desk = app.state.desk
        with desk.transaction() as connection:
            submissions = _fill(desk, connection)
        with desk.database.engine.connect() as connection:
            desk.totals.catch_up(connection)

        def as_somebody(login: str) -> TestClient:
            other = TestClient(app, base_url=f"http://test{PREFIX}/")
            other.portal = client.portal  # one event loop for all, not one for each request
            answer = other.post("session", json={"login": login, "password": "demo"})
            assert answer.status_code == 200, answer.text
            return other

        yield Service(client, desk, as_somebody, submissions)


def _fill(desk: Desk, connection: Connection) -> dict[str, int]:
    arrange(connection, "2026-2028", CALENDAR)
    ids = _organisations(connection)
    _people(connection, ids)
    ruleset = publish(connection, "ruleset", ("village", "2026.1"), ruleset_files(HERE / "village" / "ruleset"))
    norms = publish(connection, "norms", ("village", "1"), norms_files([HERE / "village" / "norms"]))
    plan = desk.store.texts.plan(connection, ruleset, norms)
    numbers = {}
    for code, administrator in INSTITUTIONS.items():
        birth = Birth("2026-2028", ruleset, norms, ids[code], 1)
        workbook = filled(plan, ROWS, code, administrator)
        numbers[code] = desk.store.create(connection, birth, workbook)
    return numbers


def _organisations(connection: Connection) -> dict[str, int]:
    ids: dict[str, int] = {}
    above = {"centre": (None, "centre"), "225": ("centre", "administrator"), "226": ("centre", "administrator")}
    above |= {code: (administrator, "institution") for code, administrator in INSTITUTIONS.items()}
    for code, (parent, kind) in above.items():
        row = {"code": code, "kind": kind, "parent": ids.get(parent or ""), "titles": {}, "starts": date(2020, 1, 1)}
        made = connection.execute(insert(organisation).values(row).returning(organisation.c.id))
        ids[code] = int(made.scalar_one())
    return ids


def _people(connection: Connection, ids: dict[str, int]) -> None:
    """Somebody in each role, called after it; of the lower roles also somebody elsewhere, `executor-2260001`."""
    homes = {"institution": ["2250001", "2250002", "2260001"], "administrator": ["225", "226"], "centre": ["centre"]}
    for role, level in table().levels.items():
        for i, home in enumerate(homes[level]):
            login = role if i == 0 else f"{role}-{home}"
            row = {"login": login, "name": login, "password": PASSWORD}
            made = connection.execute(insert(account).values(row).returning(account.c.id)).scalar_one()
            connection.execute(insert(membership).values(account=made, organisation=ids[home], role=role))

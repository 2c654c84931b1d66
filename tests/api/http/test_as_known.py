"""An edit of a submission that stands as it was last seen to asks the database once; what does not is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import current_thread
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text, update

from api import sessions
from api.app import PREFIX, create
from api.settings import Settings
from api.store import TAIL_MAX, journal
from api.store.rehearsal import Known
from api.store.schema import cycle, organisation, snapshot, submission
from api.store.schema import journal as lines
from api.store.statement import Errands, Statement
from api.store.texts import Texts
from tests.api.http.conftest import READ, Service

PRICE = {"form": "purchases", "row": 1, "column": "price"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Statement]:
    """The statements that requests ask from now on."""
    found: list[Statement] = []
    ask, send = Statement._asked_of, Errands.row

    def noted(self: Statement, *given: Any) -> Any:
        if (
            current_thread().name != "journal" and self is not sessions._HOLDER
        ):  # whoever listens forgets everybody once
            found.append(self)
        return ask(self, *given)

    def noted_too(self: Errands, statement: Statement, given: Any) -> Any:
        found.append(statement)
        return send(self, statement, given)

    monkeypatch.setattr(Statement, "_asked_of", noted)
    monkeypatch.setattr(Errands, "row", noted_too)
    return found


@contextmanager
def another(service: Service, login: str) -> Iterator[TestClient]:
    """Somebody who has signed in at another process of the same service."""
    settings = Settings(database=service.desk.database.url.render_as_string(hide_password=False))
    app = create(settings, Known(Texts(READ.rulesets, READ.norms)))
    with TestClient(app, base_url=f"http://test{PREFIX}/") as client:
        client.post("session", json={"login": login, "password": "demo"})
        yield client


def priced(client: TestClient, number: int, value: str, **how: Any) -> Any:
    key = how.pop("key", None)
    body = {"cells": [PRICE | {"value": value}], **how}
    return client.patch(f"submissions/{number}/cells", json=body, headers={"Idempotency-Key": key} if key else {})


def test_the_second_edit_asks_once(service: Service, asked: list[Statement]) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    assert priced(client, number, "10").status_code == 200
    asked.clear()
    assert priced(client, number, "11").json()["revision"] == 3
    assert asked == [journal._WRITE]


def test_what_others_wrote_meanwhile_is_told_with_it(service: Service, asked: list[Statement]) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    with another(service, "executor-2260001") as doctor:
        for price in ("10", "20"):
            assert priced(client, number, price).status_code == 200
            assert priced(doctor, service.submissions["2260001"], price).status_code == 200
        asked.clear()
        told = priced(doctor, service.submissions["2260001"], "30").json()
        assert asked == [journal._WRITE]
        reread = doctor.get(f"submissions/{service.submissions['2260001']}").json()
    whole = service.as_somebody("curator").get("totals", params={"by": ["year"]}).json()
    assert told["position"] == reread["position"] == whole["position"]
    asked.clear()
    after = priced(client, number, "21").json()
    assert journal._MOVES not in asked
    assert after["position"] == told["position"] + 1


@pytest.mark.parametrize("what", ["stage", "secret", "calendar", "owner"])
def test_what_stands_otherwise_by_now_is_seen(service: Service, what: str) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    assert priced(client, number, "10").status_code == 200
    others = select(organisation.c.id).where(organisation.c.code == "2260001").scalar_subquery()
    changes: dict[str, Any] = {
        "stage": update(submission).values(state="planned"),
        "secret": update(submission).values(official_use=True),
        "calendar": update(cycle).values(calendar={"institution-requests": "2001-01-01"}),
        "owner": update(submission).values(organisation=others),
    }
    with service.desk.transaction() as connection:
        connection.execute(changes[what])
    assert priced(client, number, "11").status_code in {403, 404}
    assert service.desk.store.memory.revision(number) == 2


def test_asked_twice_with_one_key_it_is_done_once(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    assert priced(client, number, "10").status_code == 200
    first = priced(client, number, "11", key="k", revision=2).json()
    for how in ({"revision": 2}, {}):
        again = priced(client, number, "11", key="k", **how).json()
        assert (again["position"], again["revision"]) == (first["position"], 3)
    with service.desk.reading() as connection:
        assert len(connection.execute(select(lines).where(lines.c.key == "k")).all()) == 1


def test_edits_at_once_follow_one_another(service: Service, asked: list[Statement]) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    assert priced(client, number, "10").status_code == 200
    asked.clear()
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda at: priced(client, number, str(at), key=f"k{at}"), range(20, 60)))
    assert {one.status_code for one in told} == {200}
    assert sorted(one.json()["revision"] for one in told) == list(range(3, 43))
    assert len({one.json()["position"] for one in told}) == 40
    assert asked == [journal._WRITE] * 40  # none was overtaken by another


def test_now_and_then_an_edit_leaves_a_snapshot(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    for at in range(TAIL_MAX):
        assert priced(client, number, str(at + 10)).status_code == 200
    with service.desk.reading() as connection:
        kept = connection.scalars(select(snapshot.c.revision).where(snapshot.c.submission == number)).all()
    assert sorted(kept) == [1, TAIL_MAX]


def test_an_edit_whose_connection_breaks_is_told_so_and_may_be_asked_again(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    for price in ("10", "11"):
        assert priced(client, number, price).status_code == 200
    with service.desk.transaction() as connection:
        others = "datname = current_database() and usename = current_user and pid <> pg_backend_pid()"
        connection.execute(text(f"select pg_terminate_backend(pid) from pg_stat_activity where {others}"))
    told = [priced(client, number, "12", key="k") for _ in range(4)]
    assert {one.status_code for one in told[:-1]} <= {200, 503}
    assert (told[-1].status_code, told[-1].json()["revision"]) == (200, 4)


def test_where_too_many_wait_for_the_database_others_are_told_so(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    assert priced(client, number, "10").status_code == 200
    service.desk.errands.waiting = 501
    assert priced(client, number, "11").status_code == 503
    service.desk.errands.waiting = 0
    assert priced(client, number, "11").json()["revision"] == 3


def test_what_another_process_was_faster_with_is_not_lost(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    with another(service, "executor") as elsewhere:
        for at, who in enumerate((client, elsewhere, client, elsewhere, elsewhere, client)):
            assert priced(who, number, str(at + 1)).json()["revision"] == at + 2
        assert priced(elsewhere, number, "9", revision=6).status_code == 409
        assert priced(elsewhere, number, "9", revision=7).json()["revision"] == 8

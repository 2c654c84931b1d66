"""Plan periods: who opens the next and sets its calendar, what that ends and begins, and how it is proved."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.store.verifying import verify
from tests.api.http.conftest import CALENDAR, Service
from tests.api.http.test_service import PRICE, patched, problem
from tests.api.store.servers import by_hand

HERE = "cycles/2026-2028"
LATER = {"institution-requests": "2027-05-01", "requests": "2027-05-15"}
PASSED = {"institution-requests": "2025-05-01", "requests": "2025-05-15"}


def put(client: TestClient, calendar: Any, where: str = HERE, reason: str = "Order 12") -> Any:
    return client.put(where, json={"calendar": calendar, "reason": reason})


def told(service: Service) -> list[tuple[str, dict[str, Any]]]:
    with service.desk.database.engine.connect() as connection:
        return [(one.code, dict(one.args)) for one in verify(service.desk.store, connection).findings]


def test_a_calendar_ends_and_begins_again_what_it_is_for(service: Service) -> None:
    head, executor = service.as_somebody("central-head"), service.as_somebody("executor")
    number = service.submissions["2250001"]
    assert patched(executor, number, PRICE).status_code == 200
    assert put(head, PASSED).json()["calendar"] == PASSED
    assert executor.get(f"submissions/{number}").json()["may_edit"] is False
    assert problem(patched(executor, number, PRICE | {"value": "7"})) == (403, "access-too-late")
    assert put(head, LATER, reason="Order 13").status_code == 200
    assert patched(executor, number, PRICE | {"value": "8"}).status_code == 200
    assert told(service) == []


def test_who_set_which_calendar_and_why_is_kept(service: Service) -> None:
    head = service.as_somebody("central-head")
    set_now = put(head, LATER).json()
    again = put(head, LATER, reason="once more").json()
    assert (set_now["change"]["number"], again["change"]) == (2, None)
    kept = service.as_somebody("auditor").get("cycles/changes").json()
    assert (kept["whole"], kept["next"]) == (True, None)
    assert [(one["cycle"], one["calendar"], one["reason"]) for one in kept["changes"]] == [
        ("2026-2028", CALENDAR, ""),
        ("2026-2028", LATER, "Order 12"),
    ]
    part = head.get("cycles/changes", params={"count": 1}).json()
    assert ([one["number"] for one in part["changes"]], part["next"]) == ([1], 1)


def test_the_next_period_is_opened_and_no_other(service: Service) -> None:
    head = service.as_somebody("central-head")
    for name in ("2028-2030", "2027-2028", "2025-2027", "next", "2027-2029x"):
        refused = put(head, LATER, f"cycles/{name}")
        assert problem(refused) == (422, "cycle-not-next")
        assert "2027-2029" in refused.json()["findings"][0]["text"]["en"]
    assert put(head, LATER, "cycles/2027-2029").json()["change"]["cycle"] == "2027-2029"
    listed = head.get("cycles").json()["cycles"]
    assert [(one["name"], one["calendar"]) for one in listed] == [("2026-2028", CALENDAR), ("2027-2029", LATER)]
    assert told(service) == []


@pytest.mark.parametrize(
    ("calendar", "code", "said"),
    [
        ({"institution-reqests": "2026-05-01"}, "milestone-unknown", "“institution-requests”?"),
        ({"requests": "2062-05-15"}, "milestone-day-outside", "from 2024 to 2028"),
        ({"requests": "2023-12-31"}, "milestone-day-outside", "from 2024 to 2028"),
        ({"requests": "15 May"}, "request-unreadable", ""),
    ],
)
def test_a_calendar_that_cannot_be_is_told_and_nothing_is_set(
    service: Service, calendar: dict[str, str], code: str, said: str
) -> None:
    refused = put(service.as_somebody("central-head"), calendar)
    assert problem(refused) == (422, code)
    assert said in refused.json()["findings"][0]["text"]["en"]
    assert service.as_somebody("curator").get("cycles").json()["cycles"][0]["calendar"] == CALENDAR


def test_a_calendar_changed_by_hand_is_found(service: Service) -> None:
    put(service.as_somebody("central-head"), LATER)
    with service.desk.transaction() as connection:
        connection.execute(text("update cycle set calendar = '{}'"))
    assert told(service) == [("cycle-calendar-differs", {"cycle": "2026-2028"})]
    with by_hand(service.desk.database.url).connect() as connection:
        connection.execute(text("set session_replication_role = replica"))
        connection.execute(text("update cycle_change set payload = replace(payload, '12', '13') where number = 2"))
    assert ("cycle-change-broken", {"number": "2"}) in told(service)

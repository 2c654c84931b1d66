"""Totals: what they leave out, what they hide, and what of them each role sees at which stage."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from api.store.schema import submission
from api.store.totals import Totals
from tests.api.http.conftest import Service
from tests.api.http.test_service import PRICE, patched

ONE = 2255 + 2260500 + 770000
"""A submission in 2026, in tiyn."""
PETROL = 2260500


def rows(service: Service, login: str, *by: str, **more: Any) -> list[list[Any]]:
    told = service.as_somebody(login).get("totals", params={"by": list(by), "where": ["year:2026"], **more}).json()
    found: list[list[Any]] = told["rows"]
    return found


def flag(service: Service, code: str, **values: Any) -> None:
    with service.desk.transaction() as connection:
        connection.execute(update(submission).where(submission.c.id == service.submissions[code]).values(values))
    totals = service.desk.totals
    totals.__dict__.update(Totals().__dict__)
    with service.desk.database.engine.connect() as connection:
        totals.catch_up(connection)
    service.desk.remembered.clear()


def test_every_total_says_how_many_rows_it_leaves_out(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    told = patched(client, number, {**PRICE, "value": ""}).json()
    above = {(one["level"], one["specific"], one["year"]): (one["amount"], one["incomplete"]) for one in told["totals"]}
    assert above["institution", "149", 2026] == (str(ONE - PETROL), 1)
    assert above["republic", None, 2026] == (str(3 * ONE - PETROL), 1)
    assert rows(service, "curator", "institution") == [
        ["2250001", str(ONE - PETROL), "1"],
        ["2250002", str(ONE), "0"],
        ["2260001", str(ONE), "0"],
    ]
    patched(client, number, {**PRICE, "value": "205.5"})
    assert rows(service, "curator", "specific") == [["149", str(3 * ONE), "0"]]


def test_a_row_that_only_fails_is_a_line_that_only_counts(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    cells = [{**PRICE, "row": row, "value": ""} for row in (1, 2, 3)]
    patched(client, number, *cells)
    assert rows(service, "executor", "year") == [["2026", "0", "3"]]
    added = client.post(f"submissions/{number}/rows", json={"form": "purchases"}).json()
    assert {one["incomplete"] for one in added["totals"] if one["year"] == 2026} == {4}
    client.post(f"submissions/{number}/rows/remove", json={"form": "purchases", "rows": [4]})
    assert rows(service, "executor", "year") == [["2026", "0", "3"]]


def test_what_is_for_official_use_is_an_aggregate(service: Service) -> None:
    flag(service, "2250001", official_use=True)
    assert rows(service, "curator", "institution", "specific") == [
        ["2250002", "149", str(ONE), "0"],
        ["2260001", "149", str(ONE), "0"],
        ["official-use", "official-use", str(ONE), "0"],
    ]
    assert rows(service, "curator", "administrator") == [["225", str(2 * ONE), "0"], ["226", str(ONE), "0"]]
    assert rows(service, "curator", "year", where=["specific:149"])[0] == ["2026", str(2 * ONE), "0"]
    assert rows(service, "curator", "year", where=["institution:2250001"]) == []
    client, number = service.as_somebody("executor-2250002"), service.submissions["2250002"]
    above = patched(client, number, PRICE).json()["totals"]
    sums = {one["specific"]: int(one["amount"]) for one in above if (one["level"], one["year"]) == ("republic", 2026)}
    assert sums[None] - sums["149"] == ONE


def test_what_is_left_out_of_the_hidden_is_counted_in_its_aggregate(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    patched(client, number, {**PRICE, "value": ""})
    flag(service, "2250001", official_use=True)
    told = {row[0]: row[1:] for row in rows(service, "curator", "institution")}
    assert told["official-use"] == [str(ONE - PETROL), "1"]
    assert told["2250002"] == [str(ONE), "0"]


def test_the_commission_and_the_treasury_see_what_has_come_to_them(service: Service) -> None:
    assert rows(service, "commission", "institution") == rows(service, "treasury", "institution") == []
    flag(service, "2250002", state="commission-material")
    flag(service, "2260001", state="approved")
    assert rows(service, "commission", "institution") == [["2250002", str(ONE), "0"], ["2260001", str(ONE), "0"]]
    assert rows(service, "treasury", "institution") == [["2260001", str(ONE), "0"]]
    assert len(rows(service, "curator", "institution")) == 3
    listed = service.as_somebody("treasury").get("submissions").json()["submissions"]
    assert [one["id"] for one in listed] == [service.submissions["2260001"]]


def test_a_total_is_of_one_cycle(service: Service) -> None:
    assert rows(service, "curator", "year", cycle="2025-2027") == []
    told = service.as_somebody("curator").get("totals", params={"by": ["year"]}).json()
    assert (told["cycle"], told["columns"]) == ("2026-2028", ["year", "amount", "incomplete"])

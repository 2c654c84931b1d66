"""The service through HTTP: signing in, reading, changing, undoing, totals, and what it says to bad input."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api import swift, turns
from tests.api.http.conftest import Service

PRICE = {"form": "purchases", "row": 2, "column": "price", "value": "300.25"}


def patched(client: TestClient, number: int, *cells: dict[str, Any], **more: Any) -> Any:
    return client.patch(f"submissions/{number}/cells", json={"cells": list(cells), **more})


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body["findings"][0]["text"]) == {"kk", "ru", "en"}
    return answer.status_code, body["type"]


def test_nobody_reads_without_signing_in(service: Service) -> None:
    for path in ("submissions", "submissions/1", "totals?by=year", "session", "events"):
        assert problem(service.client.get(path)) == (401, "signed-out")


def test_signing_in_and_out(service: Service) -> None:
    client = service.as_somebody("executor")
    assert client.get("session").json()["roles"][0]["role"] == "executor"
    assert client.delete("session").status_code == 204
    assert problem(client.get("session")) == (401, "signed-out")


@pytest.mark.parametrize(
    "change", ["update account set active = false", "delete from membership", "delete from session"]
)
def test_who_is_shut_out_by_another_process_is_out_at_once(service: Service, change: str) -> None:
    client = service.as_somebody("executor")
    assert patched(client, service.submissions["2250001"], PRICE).status_code == 200
    with service.desk.transaction() as connection:
        connection.execute(text(change))
    until = time.monotonic() + 10
    while (answer := patched(client, service.submissions["2250001"], PRICE)).status_code == 200:
        assert time.monotonic() < until, "still known"
        time.sleep(0.05)
    assert problem(answer) in {(401, "signed-out"), (404, "submission-unknown")}


def test_the_short_way_of_an_edit_and_the_long_way_are_one(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    address, wrong = f"submissions/{number}/cells", {**PRICE, "value": "many"}
    asked = [
        {"cells": [PRICE]},
        {"cells": [PRICE], "revision": 9},
        {"cells": [wrong]},
        {"cells": []},
        {"cells": [{}]},
        7,
    ]
    for body in asked:
        told = {"dry": True, **body} if isinstance(body, dict) else body
        short = client.patch(address, json=told)
        long = client.patch(
            address, content=json.dumps(told), headers={"Content-Type": "application/json; charset=utf-8"}
        )
        assert (short.status_code, short.json()) == (long.status_code, long.json())
    key = {"Idempotency-Key": "k" * 201}
    assert problem(client.patch(address, json=asked[0], headers=key)) == (422, "request-unreadable")
    assert problem(service.client.patch(address, json=asked[0])) == (401, "signed-out")
    assert problem(client.patch("submissions/99/cells", json=asked[0])) == (404, "submission-unknown")


@pytest.mark.parametrize("who", ["executor", "curator", "methodologist", None])
def test_the_short_ways_of_reading_and_the_long_ones_are_one(
    service: Service, monkeypatch: pytest.MonkeyPatch, who: str | None
) -> None:
    client, number = service.as_somebody(who) if who else service.client, service.submissions["2250001"]
    form = f"submissions/{number}/forms/purchases"
    of_one = ("", "/findings", "/forms/purchases", "/forms/nothing", "/forms/Purchases")
    asked = [f"submissions/{number}{part}" for part in of_one]
    asked += ["submissions/99", "submissions/99/findings", "submissions/nine", "submissions/99999999999999999999"]
    asked += [
        f"{form}?{part}" for part in ("first=1&count=1", "count=0", "count=", "revision=9", "months=a&months=b", "x=1")
    ]
    asked += ["totals?by=year", "totals?by=year&by=specific&where=year:2026&titles=true", "totals", "totals?by=nothing"]
    asked += ["totals?by=year&organisations=2026-13-01", "totals?by=year&cycle=2020-2022", "totals?by=%00"]
    short = [client.get(address) for address in asked]
    monkeypatch.setattr(swift, "WAYS", ())
    for told, again in zip(short, (client.get(address) for address in asked), strict=True):
        assert (told.status_code, told.content, _kept(told)) == (again.status_code, again.content, _kept(again))


def _kept(answer: Any) -> list[str | None]:
    return [answer.headers.get(name) for name in ("etag", "cache-control", "content-type")]


@pytest.mark.parametrize("bound", ["WAITING_MAX", "WAITED_MAX"])
def test_where_too_many_ask_some_are_told_to_come_again(
    service: Service, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    assert patched(client, number, PRICE).status_code == 200  # the next one is answered on the loop's thread
    monkeypatch.setattr(turns, bound, -1)
    for answer in (patched(client, number, PRICE), client.get("totals?by=year")):
        assert problem(answer) == (503, "service-busy")
        assert answer.headers["retry-after"] == "1"
    assert client.get("session").status_code == 200


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(service: Service) -> None:
    wrong = [service.client.post("session", json={"login": "head", "password": "x"}) for _ in range(5)]
    assert {problem(answer) for answer in wrong} == {(401, "sign-in-wrong")}
    locked = service.client.post("session", json={"login": "head", "password": "demo"})
    assert problem(locked) == (429, "sign-in-locked")
    assert problem(service.client.post("session", json={"login": "nobody", "password": "x"})) == (401, "sign-in-wrong")


def test_an_edit_answers_with_all_that_moved(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    answer = patched(client, number, PRICE, revision=1)
    assert answer.status_code == 200
    told = answer.json()
    changes = {(one["form"], one["column"]): one["changes"] for one in told["cells"]}
    assert changes["purchases", "price"] == [[2, year, None, 20550, 30025] for year in (2026, 2027, 2028)]
    assert changes["purchases", "amount"][0] == [2, 2026, None, 2260500, 3302750]
    assert told["revision"] == 2
    institution = {(t["level"], t["specific"], t["year"]): t["amount"] for t in told["totals"]}
    assert institution["institution", "149", 2026] == str(22 * 1_02 + 51 + 3302750 + 770000 - 22 * 1_02 - 51 + 2255)
    assert institution["republic", None, 2026] == str(2255 + 3302750 + 770000 + 2 * (2255 + 2260500 + 770000))


def test_a_form_is_read_with_its_inputs_results_and_totals(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    form = client.get(f"submissions/{number}/forms/purchases").json()
    assert form["rows"] == [1, 2, 3]
    assert form["columns"]["name"] == ["Paper A4", "Petrol", "Wheat"]
    assert form["columns"]["kind"] == ["paper", "fuel", "seed"]
    assert form["columns"]["amount"]["2027"] == [5125, 2568750, 0]
    assert form["totals"]["amount"]["2027"] == {"sum": "2573875", "incomplete": 0}
    part = client.get(f"submissions/{number}/forms/purchases", params={"first": 1, "count": 1}).json()
    assert (part["rows"], part["total_rows"], part["columns"]["price"]) == ([2], 3, [20550])
    groups = client.get(f"submissions/{number}/forms/by_kind").json()
    assert groups["columns"]["kind"] == ["paper", "fuel", "seed"]


def test_a_form_of_an_earlier_moment(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    patched(client, number, PRICE)
    earlier = client.get(f"submissions/{number}/forms/purchases", params={"revision": 1}).json()
    assert earlier["columns"]["price"] == [205, 20550, 100000]
    assert problem(client.get(f"submissions/{number}/forms/purchases", params={"revision": 9})) == (
        409,
        "revision-stale",
    )


def test_a_blank_is_a_finding_and_its_row_leaves_the_total(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    told = patched(client, number, {**PRICE, "value": ""}).json()
    assert told["findings"][0]["code"] == "input-missing"
    assert told["findings"][0]["cell"]["row"] == 2
    form = client.get(f"submissions/{number}/forms/purchases").json()
    assert form["columns"]["amount"]["2026"][1] == {"error": "input-missing"}
    assert form["totals"]["amount"]["2026"]["incomplete"] == 1


def test_a_dry_run_tells_and_keeps_nothing(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    told = patched(client, number, PRICE, dry=True).json()
    assert (told["revision"], told["position"]) == (1, None)
    assert told["cells"]
    told = patched(client, number, PRICE, {**PRICE, "value": "dear"}, dry=True).json()
    assert [one["code"] for one in told["findings"]] == ["input-unreadable"]
    assert client.get(f"submissions/{number}").json()["revision"] == 1


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ({**PRICE, "value": "dear"}, (422, "input-unreadable")),
        ({**PRICE, "row": 77}, (422, "row-gone")),
        ({**PRICE, "column": "amount", "year": 2026}, (422, "edit-refused-computed")),
        ({**PRICE, "form": "../etc"}, (422, "input-name-unknown")),
    ],
)
def test_what_cannot_be_is_a_problem_with_its_cell(
    service: Service, cell: dict[str, Any], expected: tuple[int, str]
) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    assert problem(patched(client, number, cell)) == expected


def test_a_stale_revision_is_a_conflict(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    patched(client, number, PRICE)
    assert problem(patched(client, number, {**PRICE, "value": "1"}, revision=1)) == (409, "revision-stale")


def test_the_same_key_twice_is_one_edit(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    asked = {"json": {"cells": [PRICE]}, "headers": {"Idempotency-Key": "one"}}
    first, second = (client.patch(f"submissions/{number}/cells", **asked) for _ in range(2))
    assert first.json()["revision"] == second.json()["revision"] == 2


def test_rows_are_added_moved_removed_and_all_of_it_undone(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    path = f"submissions/{number}/rows"
    new = {"form": "purchases", "place": 0, "rows": [{"name": "Chalk", "kind": "paper", "price": "1"}]}
    assert client.post(path, json=new).json()["reshaped"]
    client.post(f"{path}/move", json={"form": "purchases", "rows": [3], "place": 0})
    client.post(path, json={"form": "purchases", "copies": [2]})
    client.post(f"{path}/remove", json={"form": "purchases", "rows": [1]})
    rows = client.get(f"submissions/{number}/forms/purchases").json()["rows"]
    assert rows == [3, 4, 2, 5]
    for _ in range(4):
        assert client.post(f"submissions/{number}/undo").status_code == 200
    assert client.get(f"submissions/{number}/forms/purchases").json()["rows"] == [1, 2, 3]
    assert problem(client.post(f"submissions/{number}/undo")) == (409, "nothing-to-undo")
    assert client.post(f"submissions/{number}/redo").status_code == 200


def test_the_history_of_a_cell(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    patched(client, number, PRICE)
    patched(client, number, {**PRICE, "row": 1, "value": "3"})
    told = client.get(
        f"submissions/{number}/history", params={"form": "purchases", "row": 2, "column": "price"}
    ).json()["history"]
    assert [one["payload"]["cells"] for one in told] == [[["purchases", 2, "price", None, "205.50", "300.25"]]]
    assert told[0]["by"] == "executor"


def test_a_figure_is_explained_in_three_languages(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    asked = {"form": "purchases", "column": "amount", "row": 2, "year": 2026}
    told = client.get(f"submissions/{number}/explain", params=asked).json()
    assert told["cell"]["value"] == "22605.00"
    assert set(told["text"]) == {"kk", "ru", "en"}
    assert problem(client.get(f"submissions/{number}/explain", params={**asked, "row": 9})) == (422, "row-gone")


def test_totals_by_any_dimensions_as_far_as_one_sees(service: Service) -> None:
    asked = {"by": ["administrator", "year"], "where": ["year:2026", "specific:149"]}
    one = 2255 + 2260500 + 770000
    seen = {
        login: service.as_somebody(login).get("totals", params=asked).json()["rows"]
        for login in ("curator", "analyst", "executor-2260001")
    }
    assert seen == {
        "curator": [["225", "2026", str(2 * one), "0"], ["226", "2026", str(one), "0"]],
        "analyst": [["225", "2026", str(2 * one), "0"]],
        "executor-2260001": [["226", "2026", str(one), "0"]],
    }
    assert problem(service.as_somebody("curator").get("totals", params={"by": ["anything"]})) == (
        422,
        "dimension-unknown",
    )


def test_lists_show_what_is_ones_own(service: Service) -> None:
    seen = {
        login: [one["institution"] for one in service.as_somebody(login).get("submissions").json()["submissions"]]
        for login in ("executor", "analyst", "curator", "commission")
    }
    assert seen == {
        "executor": ["2250001"],
        "analyst": ["2250001", "2250002"],
        "curator": ["2250001", "2250002", "2260001"],
        "commission": [],
    }
    curator = service.as_somebody("curator")
    first = curator.get("submissions", params={"count": 2}).json()
    rest = curator.get("submissions", params={"count": 2, "after": first["next"]}).json()
    assert [one["institution"] for one in rest["submissions"]] == ["2260001"]


def test_what_is_not_ones_own_does_not_exist(service: Service) -> None:
    client, other = service.as_somebody("executor"), service.submissions["2260001"]
    for path in ("", "/forms/purchases", "/findings", "/history"):
        assert problem(client.get(f"submissions/{other}{path}")) == (404, "submission-unknown")
    assert problem(patched(client, other, PRICE)) == (404, "submission-unknown")


def test_a_role_that_may_only_look_is_told_so(service: Service) -> None:
    assert problem(patched(service.as_somebody("curator"), service.submissions["2250001"], PRICE)) == (
        403,
        "access-refused",
    )

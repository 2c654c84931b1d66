"""The life of a submission: begun from the last cycle's, told what was before, led through its workflow, and proved."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from api.settings import Settings
from api.store.calendars import arrange
from api.store.database import Database
from api.store.schema import account, cycle, membership, outbox, past_line, submission
from api.store.texts import expanded, publish, ruleset_files
from api.store.verifying import Proof, verify
from tests.api.http.conftest import CALENDAR, Service
from tests.api.http.test_service import PRICE, patched, problem
from tests.api.store.conftest import HERE, owner_of

NEXT = {"institution": "2250001", "cycle": "2027-2029", "ruleset": "village"}
ONE = 2255 + 2260500 + 770000


def next_cycle(service: Service) -> None:
    """The ruleset of 2027-2029, and two lines of the report of 2025."""
    files = {
        name: content.replace("2026-2028", "2027-2029").replace("2026.1", "2027.1")
        for name, content in ruleset_files(HERE / "village" / "ruleset").items()
    }
    of = {
        "administrator": "225",
        "programme": "",
        "subprogramme": "",
        "specific": "149",
        "budget": "",
        "side": "expense",
    }
    of |= {"institution": "2250001", "year": "2025", "stage": "executed", "source": "invented"}
    with service.desk.transaction() as connection:
        arrange(connection, "2027-2029", CALENDAR)
        publish(connection, "ruleset", ("village", "2027.1"), files)
        rows = [of | {"kind": kind, "amount": amount} for kind, amount in (("base", 1_000_049), ("new", 2))]
        connection.execute(insert(past_line), rows)


def proof(service: Service) -> Proof:
    with service.desk.database.engine.connect() as connection:
        return verify(service.desk.store, connection)


def by_hand(database: Database, statement: str) -> None:
    with owner_of(database).connect() as connection:
        connection.execute(text(statement))


def test_a_submission_starts_from_the_last_cycles(service: Service) -> None:
    next_cycle(service)
    client = service.as_somebody("executor")
    patched(client, service.submissions["2250001"], PRICE)
    made, again = (client.post("submissions", json=NEXT, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert (made.status_code, again.status_code, again.json()) == (201, 201, made.json())
    told = made.json()
    assert (told["origin"], told["revision"], told["state"]) == (service.submissions["2250001"], 2, "draft")
    path = f"submissions/{told['id']}"
    form = client.get(f"{path}/forms/purchases").json()
    assert form["columns"]["name"] == ["Paper A4", "Petrol"]
    assert form["columns"]["price"] == [226, 33028]
    assert form["columns"]["quantity"] == {"2027": [20, 100], "2028": [30, 100], "2029": [30, 100]}
    before = client.get(f"{path}/before").json()
    assert before["specifics"] == [{"specific": "149", "year": 2025, "stage": "executed", "amount": "1000051"}]
    assert [row["row"] for row in before["rows"]] == [1, 2]
    assert [(one["row"], one["years"]["2028"]) for one in before["last_cycle"]] == [(1, "7688"), (2, "3753125")]
    assert before["differing"] == []
    assert client.get(f"{path}/forms/beside").json()["columns"]["executed"] == [10001]
    edit = {"form": "beside", "row": 0, "column": "executed", "value": "5"}
    assert problem(patched(client, told["id"], edit)) == (422, "edit-refused-before")
    assert problem(client.post(f"{path}/undo")) == (409, "nothing-to-undo")
    assert client.get(f"{path}/forms/beside", params={"revision": 1}).json()["columns"]["executed"] == [None]
    assert [one["action"] for one in client.get(f"{path}/history").json()["history"]] == ["before", "create"]
    assert problem(client.post("submissions", json=NEXT)) == (404, "origin-missing")
    totals = service.as_somebody("curator").get("totals", params={"by": ["institution"]}).json()
    assert (totals["cycle"], [row[0] for row in totals["rows"]]) == ("2027-2029", ["2250001"])
    assert proof(service) == Proof(6, 4, 0, ())


def test_a_report_that_comes_later_is_taken_over_when_asked(service: Service) -> None:
    next_cycle(service)
    client = service.as_somebody("executor")
    number = client.post("submissions", json=NEXT).json()["id"]
    with service.desk.transaction() as connection:
        connection.execute(update(past_line).values(amount=past_line.c.amount * 2))
    assert [cell[4:] for cell in client.get(f"submissions/{number}/before").json()["differing"]] == [["10001", "20001"]]
    told = client.post(f"submissions/{number}/before").json()
    assert (told["revision"], next(change[3:] for change in told["cells"][0]["changes"])) == (3, [10001, 20001])
    assert client.post(f"submissions/{number}/before").json()["revision"] == 3
    assert proof(service).findings == ()


def test_what_is_not_begun_is_offered_to_who_may_begin_it(service: Service) -> None:
    client, analyst = service.as_somebody("executor"), service.as_somebody("analyst")
    assert (client.get("start").json()["unbegun"], client.get("start").json()["beginnings"]) == (0, [])
    next_cycle(service)
    told = client.get("start").json()
    (offered,) = told["beginnings"]
    (origin,) = offered.pop("origins")
    assert (told["unbegun"], told["calendar"][0]["date"]) == (1, min(CALENDAR.values()))
    assert {name: offered[name] for name in NEXT} == NEXT
    assert (origin["id"], origin["cycle"]) == (service.submissions["2250001"], "2026-2028")
    codes = [one["institution"] for one in analyst.get("start").json()["beginnings"]]
    assert codes == ["2250001", "2250002"]
    assert [service.as_somebody(login).get("start").json()["unbegun"] for login in ("head", "curator")] == [0, 0]
    assert client.post("submissions", json={**NEXT, "origin": origin["id"]}).status_code == 201
    assert (client.get("start").json()["unbegun"], analyst.get("start").json()["unbegun"]) == (0, 1)
    with service.desk.transaction() as connection:
        arrange(connection, "2028-2030", CALENDAR)  # opened, and no ruleset published for it yet
    (offered,) = analyst.get("start").json()["beginnings"]
    assert (offered["institution"], offered["cycle"]) == ("2250002", "2027-2029")
    with service.desk.transaction() as connection:
        connection.execute(update(cycle).values(calendar={"institution-requests": "2020-01-01"}))
    assert analyst.get("start").json()["unbegun"] == 0


def test_who_may_begin_what(service: Service) -> None:
    next_cycle(service)
    statuses = {
        login: problem(service.as_somebody(login).post("submissions", json=NEXT))
        for login in ("executor-2250002", "head", "analyst-226", "curator", "auditor")
    }
    assert set(statuses.values()) == {(403, "access-refused")}
    client = service.as_somebody("analyst")
    for wrong, expected in [
        ({"cycle": "2031-2033"}, (404, "cycle-unknown")),
        ({"ruleset": "town"}, (404, "cycle-unknown")),
        ({"institution": "9"}, (404, "organisation-unknown")),
        ({"origin": 3}, (404, "origin-missing")),
    ]:
        assert problem(client.post("submissions", json={**NEXT, **wrong})) == expected
    empty = client.post("submissions", json={**NEXT, "start": "empty"})
    assert client.get(f"submissions/{empty.json()['id']}/forms/purchases").json()["rows"] == []
    assert problem(client.post("submissions", json=NEXT)) == (409, "submission-exists")
    with service.desk.transaction() as connection:
        connection.execute(update(cycle).values(calendar={"institution-requests": "2020-01-01"}))
    late = {**NEXT, "institution": "2250002"}
    assert problem(service.as_somebody("executor-2250002").post("submissions", json=late)) == (403, "access-too-late")


def test_what_was_not_rolled_forward_so_is_found(service: Service) -> None:
    next_cycle(service)
    client = service.as_somebody("executor")
    number = client.post("submissions", json=NEXT).json()["id"]
    by_hand(service.desk.database, f"update submission set origin = 2 where id = {number}")
    assert [one.code for one in proof(service).findings] == ["roll-forward-differs"]
    by_hand(service.desk.database, f"update submission set state = 'planned' where id = {number}")
    assert [one.code for one in proof(service).findings] == ["state-differs"]


def actions(answer: Any) -> dict[str, list[str]]:
    """Action → why one may not."""
    return {step["action"]: [one["code"] for one in step["why"]] for step in answer.json()["steps"]}


def test_a_submission_goes_its_way(service: Service) -> None:
    number = service.submissions["2250001"]
    path = f"submissions/{number}/steps"
    executor, head, analyst = (service.as_somebody(login) for login in ("executor", "head", "analyst"))
    assert actions(executor.get(path)) == {"sign": ["step-refused", "step-four-eyes"]}
    patched(executor, number, {**PRICE, "value": "20000"})
    assert actions(head.get(path))["sign"] == ["step-condition-fails", "affordable", "affordable", "affordable"]
    assert problem(head.post(path, json={"action": "sign"})) == (422, "step-condition-fails")
    patched(executor, number, PRICE)
    remark = analyst.post(f"submissions/{number}/remarks", json={"body": "Why?", "blocking": True}).json()["id"]
    assert problem(head.post(path, json={"action": "sign"})) == (422, "step-remarks-open")
    head.post(f"submissions/{number}/remarks/{remark}/close")
    assert actions(head.get(path)) == {"sign": []}
    assert problem(head.post(path, json={"action": "sign", "revision": 1})) == (409, "revision-stale")
    keyed = {"json": {"action": "sign"}, "headers": {"Idempotency-Key": "s"}}
    signed, again = (head.post(path, **keyed).json() for _ in range(2))
    assert (signed["state"], signed["signature"]["right"], signed["signature"]["signed"]) == (
        "institution-signed", "head", False,
    )  # fmt: skip
    assert (again["state"], again["revision"]) == (signed["state"], signed["revision"])
    with service.desk.reading() as connection:
        kept = connection.execute(select(outbox).where(outbox.c.position == signed["position"])).one()
    assert json.loads(expanded(kept.body, kept.size))["state"]["to"] == "institution-signed"
    assert problem(patched(executor, number, {**PRICE, "value": "1"})) == (403, "access-refused")
    assert problem(head.post(path, json={"action": "sign"})) == (409, "step-unknown")
    assert problem(head.post(path, json={"action": "take"})) == (403, "step-refused")
    analyst.post(path, json={"action": "take"})
    assert actions(analyst.get(path)) == {"return": [], "plan": ["step-refused", "step-four-eyes"]}
    assert service.as_somebody("treasury").get("submissions").json()["submissions"] == []
    analyst.post(path, json={"action": "return", "note": "cheaper"})
    assert patched(executor, number, {**PRICE, "value": "1"}).status_code == 200
    history = executor.get(f"submissions/{number}/history").json()["history"]
    steps = [one["payload"] for one in history if one["action"] == "step"]
    assert [(one["from"], one["to"]) for one in steps[::-1]] == [
        ("draft", "institution-signed"),
        ("institution-signed", "administrator-review"),
        ("administrator-review", "draft"),
    ]
    assert steps[0]["note"] == "cheaper"
    earlier = executor.get(f"submissions/{number}/forms/purchases", params={"revision": 3}).json()
    assert earlier["columns"]["price"][1] == 30025
    assert proof(service).findings == ()


def test_who_prepared_a_submission_does_not_approve_it(service: Service) -> None:
    """Whatever roles somebody has: here the executor is the head too, and the analyst the treasury."""
    with service.desk.transaction() as connection:
        people = {one.login: one.id for one in connection.execute(select(account.c.login, account.c.id))}
        homes = {one.account: one.organisation for one in connection.execute(select(membership))}
        for login, role in (("executor", "head"), ("analyst", "treasury")):
            row = {"account": people[login], "organisation": homes[people[role]], "role": role}
            connection.execute(insert(membership).values(row))
    path = f"submissions/{service.submissions['2250001']}/steps"
    executor, head, analyst = (service.as_somebody(login) for login in ("executor", "head", "analyst"))
    assert actions(executor.get(path)) == {"sign": ["step-four-eyes"]}
    refused = executor.post(path, json={"action": "sign"})
    assert problem(refused) == (403, "step-four-eyes")
    texts = refused.json()["findings"][0]["text"]
    assert {language: "sign" in texts[language] for language in ("kk", "ru", "en")} == dict.fromkeys(texts, True)
    assert "change cells and rows" in texts["en"]
    assert head.post(path, json={"action": "sign", "note": "\0"}).status_code == 200
    assert analyst.post(path, json={"action": "take"}).status_code == 200
    assert actions(analyst.get(path)) == {"return": [], "plan": ["step-four-eyes"]}
    assert actions(head.get(path)) == {"return": ["step-refused"], "plan": ["step-refused"]}
    analyst.post(path, json={"action": "return"})
    assert actions(executor.get(path)) == {"sign": ["step-four-eyes"]}
    assert proof(service).findings == ()


def test_what_is_to_be_signed_waits_in_production_and_ends_with_its_day(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"submissions/{service.submissions['2250001']}/steps"
    head = service.as_somebody("head")
    with service.desk.transaction() as connection:
        connection.execute(update(cycle).values(calendar={"institution-requests": "2020-05-01"}))
    (step,) = head.get(path).json()["steps"]
    assert (step["deadline"]["date"], step["why"][0]["code"]) == (date(2020, 5, 1).isoformat(), "step-too-late")
    object.__setattr__(service.desk, "settings", Settings(production=True))
    assert actions(head.get(path))["sign"] == ["step-too-late", "step-signature-needed"]
    assert head.post(path, json={"action": "sign"}).status_code == 403
    with service.desk.reading() as connection:
        assert set(connection.scalars(select(submission.c.state))) == {"draft"}

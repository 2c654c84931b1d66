"""Whoever comes after the norms begins all the same, and an approved staff schedule becomes the limit of requests."""

from __future__ import annotations

from typing import Any

from api.installation import NORMS, RULESETS
from api.store.texts import norms_files, publish, ruleset_files
from tests.api.http.conftest import Service
from tests.api.http.test_editions import asked
from tests.api.http.test_life import proof
from tests.api.http.test_organisations import ORGANISATIONS, taken
from tests.api.http.test_service import problem

STAFF = "login,name,role,organisation,password\nmuseum,Музей,executor,2270001,demo\n"
PAPER = {"name": "Paper", "kind": "paper", "quantity": "10", "price": "2"}


def test_an_organisation_that_came_by_a_table_begins(service: Service) -> None:
    keeper = service.as_somebody("system-administrator")
    assert taken(keeper, "organisations", ORGANISATIONS.rsplit("institution", 1)[0]).status_code == 200
    assert taken(keeper, "staff", STAFF).status_code == 200
    client, digest = service.as_somebody("museum"), keeper.get("norms").json()["digest"]
    wanted = {"institution": "2270001", "cycle": "2026-2028", "ruleset": "village", "start": "empty"}
    begun = client.post("submissions", json=wanted)
    assert begun.status_code == 201, begun.text
    path = f"submissions/{begun.json()['id']}"
    assert client.post(f"{path}/rows", json={"form": "purchases", "rows": [PAPER]}).status_code == 200
    listed = {one["code"]: one for one in client.get("classifications/institution").json()["codes"]}
    assert (listed["2270001"]["title"]["ru"], listed["2270001"]["verified"]) == ("Музей", "unverified")
    rows = service.as_somebody("curator").get("totals", params={"by": ["administrator", "institution", "year"]})
    assert ["227", "2270001", "2026", "2200", "0"] in rows.json()["rows"]
    again = service.as_somebody("executor").post("submissions", json={**wanted, "institution": "2250001"})
    assert problem(again) == (409, "submission-exists")
    assert keeper.get("norms").json()["digest"] not in (digest, "")
    moved = asked(service.as_somebody("executor"), service.submissions["2250001"], dry=False).json()
    assert (moved["changed"], moved["findings"]) == ([], [])
    assert client.get(f"{path}/editions").json()["norms"]["digest"] == moved["to"]["norms"]
    assert proof(service).findings == ()


def test_an_approved_staff_schedule_is_the_limit_of_requests(service: Service) -> None:
    with service.desk.transaction() as connection:
        for name in ("staff-schedule", "budget-request"):
            publish(connection, "ruleset", (name, "2026.1"), ruleset_files(RULESETS / name))
        publish(connection, "norms", ("norms", "2026"), norms_files([NORMS]))
    analyst, executor = service.as_somebody("analyst"), service.as_somebody("executor")
    request = {"institution": "2250001", "cycle": "2026-2028", "ruleset": "budget-request", "start": "empty"}
    early = executor.post("submissions", json=request).json()["id"]
    assert _too_many(executor, early) == []
    wanted = {"institution": "225", "cycle": "2026-2028", "ruleset": "staff-schedule", "start": "empty"}
    for login in ("executor", "analyst-226", "curator"):
        assert problem(service.as_somebody(login).post("submissions", json=wanted)) == (403, "access-refused")
    number = analyst.post("submissions", json=wanted).json()["id"]
    assert analyst.get(f"submissions/{number}").json()["header"][0]["value"] == "225"
    post = {"institution": "2250001", "position": "Teacher", "sector": "education", "category": "B2-1"}
    post |= {"posts": "2", "vacant": "false", "service_from": "2015-09-01"}
    for form, row in (("schedule", {"institution": "2250001", "limit": "2"}), ("positions", post)):
        assert analyst.post(f"submissions/{number}/rows", json={"form": form, "rows": [row]}).status_code == 200
    told: Any = {}
    for login, action in (("administrator-head", "sign"), ("curator", "examine"), ("central-head", "approve")):
        step = service.as_somebody(login).post(f"submissions/{number}/steps", json={"action": action})
        assert step.status_code == 200, step.text
        told = step.json()
    assert (told["state"], told["published"]["values"]) == ("approved", 3)
    assert _too_many(executor, early) == [], "who began before stays under the norms of that day"
    tried = asked(executor, early).json()
    assert {one["code"] for one in tried["findings"]} == {"staff-limit"}
    assert {one["code"] for one in tried["resolved"]} == {"staff-limit-known"}
    assert asked(executor, early, dry=False).status_code == 200
    assert {(one["args"]["actual"], one["args"]["limit"]) for one in _too_many(executor, early)} == {("3", "2")}
    assert proof(service).findings == ()


def _too_many(client: Any, number: int) -> list[Any]:
    """What is said of three teachers where the schedule has two posts."""
    form = f"submissions/{number}/forms/pay_civil_employees"
    if not client.get(form).json()["rows"]:
        teacher = {"position": "Teacher", "sector": "education", "category": "B2-1", "hired": "2015-09-01"}
        rows = [{**teacher, "persons": "3", "staff": "3"}]
        made = client.post(f"submissions/{number}/rows", json={"form": "pay_civil_employees", "rows": rows})
        assert made.status_code == 200, made.text
    found = client.get(f"submissions/{number}/findings").json()["findings"]
    return [one for one in found if one["code"] == "staff-limit"]

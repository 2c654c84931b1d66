"""Every route × role × organisation × stage, against the table `api/access.yaml` that people read.

What a route needs stands here a second time, so that a route added without being asked about fails this test.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import yaml
from sqlalchemy import insert, select, update

import api.access
from api.app import PREFIX, create
from api.settings import Settings
from api.store.schema import account, cycle, membership, organisation, submission
from tests.api.http.conftest import INSTITUTIONS, Service

Call = Callable[[Any, int], Any]
TABLE = yaml.safe_load((Path(api.access.__file__).parent / "access.yaml").read_text(encoding="utf-8"))
STAGES = ("draft", "institution-signed", "administrator-review", "commission-decided", "planned")
GONE = {"form": "purchases", "rows": [99]}

FOR_ALL = {
    *("GET /norms", "GET /norms/{name}", "GET /classifications", "GET /classifications/{name}"),
    *("GET /cycles", "GET /cycles/changes", "GET /organisations", "GET /organisations/changes"),
    *("GET /publications", "GET /editions/{digest}", "GET /editions/{digest}/text"),
    "GET /editions/{digest}/differences",
}
"""Reference data: whoever has signed in may read it."""
OPEN = {
    "POST /session": "anybody may try",
    **dict.fromkeys(("GET /health", "GET /ready", "GET /metrics"), "says nothing of anybody"),
}
"""Routes that ask for no role."""
ONES_OWN = {
    *("GET /session", "DELETE /session", "GET /events", "GET /submissions", "GET /totals", "GET /start", "GET /search"),
    *("GET /layout", "PUT /layout", "GET /totals/export", "GET /totals/limits", "POST /submissions"),
    *(
        "GET /scenarios",
        "POST /scenarios",
        "GET /scenarios/{link}",
        "PUT /scenarios/{link}",
        "DELETE /scenarios/{link}",
    ),
    *("POST /scenarios/compare", "GET /scenarios/compared/{digest}"),
}
"""Routes that show whoever asks what is theirs; what that is, other tests say."""
ROUTES: dict[str, tuple[str, Call]] = {
    "GET /submissions/{number}": ("see", lambda c, n: c.get(f"submissions/{n}")),
    "GET /submissions/{number}/forms/{form}": ("see", lambda c, n: c.get(f"submissions/{n}/forms/purchases")),
    "GET /submissions/{number}/forms/{form}/help": ("see", lambda c, n: c.get(f"submissions/{n}/forms/purchases/help")),
    "GET /submissions/{number}/findings": ("see", lambda c, n: c.get(f"submissions/{n}/findings")),
    "GET /submissions/{number}/history": ("see", lambda c, n: c.get(f"submissions/{n}/history")),
    "GET /submissions/{number}/explain": (
        "see",
        lambda c, n: c.get(
            f"submissions/{n}/explain", params={"form": "purchases", "column": "amount", "row": 1, "year": 2026}
        ),
    ),
    "GET /submissions/{number}/lines": ("see", lambda c, n: c.get(f"submissions/{n}/lines", params={"by": "year"})),
    "GET /submissions/{number}/lines/cells": ("see", lambda c, n: c.get(f"submissions/{n}/lines/cells")),
    "PATCH /submissions/{number}/cells": (
        "edit",
        lambda c, n: c.patch(
            f"submissions/{n}/cells",
            json={"cells": [{"form": "purchases", "row": 99, "column": "price", "value": "1"}]},
        ),
    ),
    "POST /submissions/{number}/rows": (
        "edit",
        lambda c, n: c.post(f"submissions/{n}/rows", json={"form": "purchases", "copies": [99]}),
    ),
    "POST /submissions/{number}/rows/move": ("edit", lambda c, n: c.post(f"submissions/{n}/rows/move", json=GONE)),
    "POST /submissions/{number}/rows/remove": ("edit", lambda c, n: c.post(f"submissions/{n}/rows/remove", json=GONE)),
    "GET /submissions/{number}/remarks": ("see", lambda c, n: c.get(f"submissions/{n}/remarks")),
    "POST /submissions/{number}/remarks": (
        "remark",
        lambda c, n: c.post(f"submissions/{n}/remarks", json={"place": {"form": "nowhere"}, "body": "?"}),
    ),
    "POST /submissions/{number}/remarks/{remark_id}/close": (
        "close",
        lambda c, n: c.post(f"submissions/{n}/remarks/99/close"),
    ),
    "GET /submissions/{number}/attachments": ("see", lambda c, n: c.get(f"submissions/{n}/attachments")),
    "POST /submissions/{number}/attachments": (
        "edit",
        lambda c, n: c.post(f"submissions/{n}/attachments", params={"name": "x"}, content=b""),
    ),
    "GET /submissions/{number}/attachments/{attachment_id}": (
        "see",
        lambda c, n: c.get(f"submissions/{n}/attachments/99"),
    ),
    "DELETE /submissions/{number}/attachments/{attachment_id}": (
        "edit",
        lambda c, n: c.delete(f"submissions/{n}/attachments/99"),
    ),
    "GET /submissions/{number}/export": (
        "see",
        lambda c, n: c.get(f"submissions/{n}/export", params={"format": "csv", "form": "nowhere"}),
    ),
    "POST /submissions/{number}/import": ("edit", lambda c, n: c.post(f"submissions/{n}/import", content=b"?")),
    "GET /submissions/{number}/steps": ("see", lambda c, n: c.get(f"submissions/{n}/steps")),
    "POST /submissions/{number}/steps": ("see", lambda c, n: c.post(f"submissions/{n}/steps", json={"action": "fly"})),
    "GET /submissions/{number}/editions": ("see", lambda c, n: c.get(f"submissions/{n}/editions")),
    "POST /submissions/{number}/editions": ("edition", lambda c, n: c.post(f"submissions/{n}/editions", json={})),
    "GET /submissions/{number}/before": ("see", lambda c, n: c.get(f"submissions/{n}/before")),
    "POST /submissions/{number}/before": ("edit", lambda c, n: c.post(f"submissions/{n}/before")),
    "POST /submissions/{number}/undo": ("edit", lambda c, n: c.post(f"submissions/{n}/undo")),
    "POST /submissions/{number}/redo": ("edit", lambda c, n: c.post(f"submissions/{n}/redo")),
}
"""Route → the action it asks about, and a call that changes nothing where it is allowed."""
NO_CHANGE = {"kind": "rename", "on": "2026-01-01", "beginning": {"x": {}}, "heir": "x", "reason": "?"}
NOTHING = {"over": "0", "files": {}}
OF_ALL: dict[str, tuple[str, Call]] = {
    "POST /organisations/changes": (
        "organisations",
        lambda c, n: c.post(
            "organisations/changes",
            json={
                "kind": "rename",
                "on": "2026-01-01",
                "ending": [n],
                "beginning": {"x": {}},
                "heir": "x",
                "reason": "?",
            },
        ),
    ),
    "PUT /cycles/{name}": (
        "calendar",
        lambda c, n: c.put("cycles/1-2", json={"calendar": {}, "reason": "?"}),
    ),
    "POST /cycles/{cycle}/editions": ("edition", lambda c, n: c.post("cycles/2000-2002/editions", json={})),
    "POST /publications/try": ("publish", lambda c, n: c.post("publications/try", json=NOTHING)),
    "GET /publications/tried/{digest}": ("publish", lambda c, n: c.get("publications/tried/0")),
    "POST /publications": ("publish", lambda c, n: c.post("publications", json=NOTHING | {"reason": "?"})),
    "POST /imports/{kind}": ("organisations", lambda c, n: c.post("imports/staff", content=b"login")),
}
"""The same of what is nobody's own."""


def allowed(role: str, home: str, action: str, institution: str, stage: str) -> bool:
    """What a person would say who reads the table."""
    reach = {"own": home == institution, "below": home in (institution, INSTITUTIONS[institution]), "all": True}
    return any(
        rule["role"] in ("all", role)
        and action in rule["may"]
        and reach[rule["whose"]]
        and (rule["stages"] == "all" or stage in rule["stages"])
        for rule in TABLE["rules"]
    )


def people() -> list[tuple[str, str, str]]:
    """(login, role, home) of everybody."""
    homes = {"institution": list(INSTITUTIONS), "administrator": ["225", "226"], "centre": ["centre"]}
    return [
        (role if i == 0 else f"{role}-{home}", role, home)
        for role, told in TABLE["roles"].items()
        for i, home in enumerate(homes[told["level"]])
    ]


def at_stage(service: Service, stage: str) -> None:
    with service.desk.transaction() as connection:
        connection.execute(update(submission).values(state=stage))


def test_every_route_asks_the_table(service: Service) -> None:
    """Each role asks at each stage: its own, a sibling, a stranger. Others in the same role ask at the first stage."""
    wrong: list[tuple[str, ...]] = []
    for login, role, home in people():
        cookies = service.as_somebody(login).cookies
        for stage in STAGES if login == role else STAGES[:1]:
            at_stage(service, stage)
            told = service.client.portal.call(asked_of_all, service, cookies)
            for institution, route, said in told:
                sees = allowed(role, home, "see", institution, stage)
                may = sees and allowed(role, home, ROUTES[route][0], institution, stage)
                expected = "allowed" if may else "refused" if sees else "unknown"
                if said != expected:
                    wrong.append((route, login, institution, stage, said, expected))
    assert wrong == []


async def asked_of_all(service: Service, cookies: httpx2.Cookies) -> list[tuple[str, str, str]]:
    """What each route says of each institution's submission to whoever has these cookies; asked within the service's
    own loop, since to hand thousands of requests over to it takes longer than to answer them."""
    within = httpx2.ASGITransport(service.client.app)
    async with httpx2.AsyncClient(transport=within, base_url=service.client.base_url, cookies=cookies) as client:
        return [
            (institution, route, verdict(await call(client, number)))
            for institution, number in service.submissions.items()
            for route, (_, call) in ROUTES.items()
        ]


def test_routes_of_all_ask_the_table(service: Service) -> None:
    for login, role, _ in people():
        for route, (action, call) in OF_ALL.items():
            may = any(role == rule["role"] and action in rule["may"] for rule in TABLE["rules"])
            told = verdict(call(service.as_somebody(login), 1))
            assert told == ("allowed" if may else "refused"), (route, login)


def verdict(answer: Any) -> str:
    """What an answer says of the right to ask: a call that was let in may still find nothing to do."""
    code = answer.json().get("type") if answer.status_code >= 400 else ""
    return {"access-refused": "refused", "submission-unknown": "unknown"}.get(code, "allowed")


def test_no_route_is_forgotten() -> None:
    known = {*ROUTES, *OF_ALL, *ONES_OWN, *FOR_ALL, *OPEN}
    there = {
        f"{method.upper()} {path.removeprefix(PREFIX)}"
        for path, methods in create(Settings()).openapi()["paths"].items()
        for method in methods
    }
    assert there == known


def test_after_the_deadline_the_executor_edits_no_more(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    with service.desk.transaction() as connection:
        connection.execute(update(cycle).values(calendar={"institution-requests": "2020-05-01"}))
    call = ROUTES["PATCH /submissions/{number}/cells"][1]
    assert (call(client, number).status_code, call(client, number).json()["type"]) == (403, "access-too-late")


def test_what_is_for_official_use_is_seen_by_the_named_only(service: Service) -> None:
    number = service.submissions["2250001"]
    with service.desk.transaction() as connection:
        connection.execute(update(submission).where(submission.c.id == number).values(official_use=True))
        curator = connection.scalar(select(account.c.id).where(account.c.login == "curator"))
        centre = connection.scalar(select(organisation.c.id).where(organisation.c.code == "centre"))
        row = {"account": curator, "organisation": centre, "role": "official-use"}
        connection.execute(insert(membership).values(row))
    statuses = {
        login: service.as_somebody(login).get(f"submissions/{number}").status_code
        for login in ("curator", "central-head", "executor", "analyst")
    }
    assert statuses == {"curator": 200, "central-head": 404, "executor": 404, "analyst": 404}
    rows = service.as_somebody("central-head").get("totals", params={"by": ["administrator", "year"]}).json()["rows"]
    assert rows[0][2] == str(2 * (2255 + 2260500 + 770000))

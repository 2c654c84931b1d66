"""Methodologists publish through the service: told first what it does to every budget, then proved like all else."""

from __future__ import annotations

import time
from typing import Any

from api.store.publications import APPROVED, BEGUN, PUBLISHED
from api.store.verifying import verify
from tests.api.http.conftest import Service
from tests.api.http.test_editions import DEARER, PLAIN
from tests.api.http.test_life import proof
from tests.api.http.test_publishing import approved, council
from tests.api.http.test_service import patched, problem
from tests.api.store.conftest import owner_of

WHY = "the ministry's order"


def newest(client: Any, kind: str, name: str = "village") -> str:
    """The digest of the last edition."""
    lines = client.get("publications").json()["publications"]
    digest: str = [one["digest"] for one in lines if (one["kind"], one["name"]) == (kind, name)][-1]
    return digest


def draft(client: Any, kind: str, name: str, *changes: tuple[str, str]) -> dict[str, Any]:
    """A file of the newest edition with something written otherwise."""
    over = newest(client, kind)
    text = client.get(f"editions/{over}/text", params={"name": name}).json()["text"]
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return {"over": over, "files": {name: text}}


def dearer(client: Any, markup: str = "1.2") -> dict[str, Any]:
    """Norms in which the markup of 2026 is another."""
    return draft(client, "norms", "0/prices.yaml", ("value: 1.1,", f"value: {markup},"))


def rules(client: Any, *changes: tuple[str, str], version: str = "2026.2") -> dict[str, Any]:
    """Another version of the village's rules in which purchases are declared otherwise."""
    made = draft(client, "ruleset", "forms/purchases.yaml", *changes)
    head = draft(client, "ruleset", "ruleset.yaml", ("version: 2026.1", f"version: {version}"))
    return made | {"files": made["files"] | head["files"]}


def tried(client: Any, body: dict[str, Any]) -> Any:
    """What a trial comes to, however long it takes."""
    told = client.post("publications/try", json=body)
    while told.status_code == 202:
        time.sleep(0.05)
        told = client.get(f"publications/tried/{told.json()['digest']}")
    return told


def published(client: Any, body: dict[str, Any], **more: Any) -> Any:
    return client.post("publications", json=body | {"reason": WHY}, **more)


def test_norms_are_tried_published_and_what_was_told_comes_true(service: Service) -> None:
    client, number = service.as_somebody("methodologist"), service.submissions["2250001"]
    assert service.as_somebody("head").post(f"submissions/{number}/steps", json={"action": "sign"}).status_code == 200
    body = dearer(client)
    answer = tried(client, body)
    assert answer.status_code == 200, answer.text
    told = answer.json()["tried"]
    was, now = PLAIN * 11 // 10, DEARER
    assert [(one["path"], one["line"]) for one in told["differences"]] == [(["markup", "values"], 5)]
    assert ("1.1" in told["differences"][0]["before"], "1.2" in told["differences"][0]["after"]) == (True, True)
    assert (told["kind"], told["version"], told["count"], told["findings"]) == ("norms", "1+p3", 1, [])
    counts = {name: told[name] for name in ("submissions", "changed", "movable", "behind", "left_out")}
    assert counts == {"submissions": 3, "changed": 3, "movable": 2, "behind": 0, "left_out": 0}
    assert told["rows"] == [
        ["225", "149", "2026", str(2 * was), str(2 * now)],
        ["226", "149", "2026", str(was), str(now)],
    ]
    year = {"year": 2026, "before": str(3 * was), "after": str(3 * now), "movable": str(2 * (now - was))}
    assert told["years"][0] == year
    assert {int(one["after"]) - int(one["before"]) for one in told["movers"]} == {now - was}
    assert (told["refused"], told["checks"]) == ({"submissions": 0, "reasons": [], "first": []}, [])
    assert client.get("publications/tried/" + answer.json()["digest"]).json()["tried"] == told
    assert newest(client, "norms") == body["over"], "a trial publishes nothing"
    keyed = {"headers": {"Idempotency-Key": "norms"}}
    done, again = (published(client, body, **keyed) for _ in range(2))
    assert (done.status_code, again.json()) == (201, done.json())
    line = done.json()
    assert (line["cause"], line["by"], line["reason"]) == (PUBLISHED, "methodologist", WHY)
    assert (line["over"], line["version"]) == (body["over"], "1+p3")
    assert problem(published(client, body)) == (409, "publication-same")
    late = published(client, {"over": body["over"], "files": {"0/more.md": "#"}})
    assert problem(late) == (409, "publication-overtaken")
    assert line["digest"] in late.json()["findings"][0]["text"]["en"]
    since = client.get(f"editions/{line['digest']}/differences").json()
    assert (since["since"], since["differences"]) == (body["over"], told["differences"])
    village = {"ruleset": "village", "dry": False}
    moved = client.post("cycles/2026-2028/editions", json=village).json()["submissions"]
    assert [one["moved"] for one in moved] == [{"2026": str(now - was)}] * 2
    rows = client.get("totals", params={"by": ["administrator", "specific", "year"]}).json()["rows"]
    sums = {tuple(row[:3]): int(row[3]) for row in rows}
    assert (sums["225", "149", "2026"], sums["226", "149", "2026"]) == (was + now, now)
    assert proof(service).findings == ()
    lines = client.get("publications").json()
    assert ([one["cause"] for one in lines["publications"]], lines["whole"]) == ([BEGUN, BEGUN, PUBLISHED], True)
    part = client.get("publications", params={"after": 1, "count": 1}).json()
    assert ([one["number"] for one in part["publications"]], part["next"]) == ([2], 2)


def test_rules_that_lose_and_rules_that_judge_otherwise(service: Service) -> None:
    client = service.as_somebody("methodologist")
    executor, number = service.as_somebody("executor"), service.submissions["2250001"]
    patched(executor, number, {"form": "purchases", "row": 1, "column": "name", "value": ""})
    less = rules(client, ("  name: {type: text", "  named: {type: text"))
    told = tried(client, less).json()["tried"]
    assert told["changed"] == 0
    (reason,) = told["refused"]["reasons"]
    assert reason == {"code": "edition-loses", "form": "purchases", "column": "name", "submissions": 3, "cells": 24}
    first = told["refused"]["first"][0]
    assert (first["id"], first["findings"][0]["args"]["count"]) == (number, "6")
    paths = {tuple(one["path"]): (one["before"] is None, one["after"] is None) for one in told["differences"]}
    assert paths == {
        ("columns", "name"): (False, True),
        ("columns", "named"): (True, False),
        ("version",): (False, False),
    }
    dear = rules(client, ("<= 1000000'", "<= 25000'"), ('* NORM("markup")', '* NORM("markup") * 2'))
    told = tried(client, dear).json()["tried"]
    (check,) = told["checks"]
    assert (check["check"], check["before"], check["after"]) == ("affordable", 0, 9)
    assert (told["years"][0]["after"], told["refused"]["submissions"]) == (str(2 * int(told["years"][0]["before"])), 0)
    assert published(client, dear).json()["version"] == "2026.2"
    dry = client.post("cycles/2026-2028/editions", json={"ruleset": "village"}).json()["submissions"]
    assert sum(int(one["moved"]["2026"]) for one in dry) == int(told["years"][0]["movable"])
    behind = tried(client, dearer(client)).json()["tried"]
    assert (behind["behind"], behind["changed"]) == (3, 3)
    sketch = draft(client, "ruleset", "ruleset.yaml", (" draft,", " sketch,"), ("version: 2026.2", "version: 2026.3"))
    told = tried(client, sketch).json()["tried"]
    assert [one["code"] for one in told["refused"]["reasons"]] == ["edition-state-unknown"]


WRONG: dict[str, tuple[dict[str, Any], tuple[int, str], str]] = {
    "no yaml": ({"files": {"0/prices.yaml": "markup: ["}}, (422, "yaml-broken"), "0/prices.yaml"),
    "no unit": ({"files": {"0/more.yaml": "x: {title: {ru: x}, type: KZX}\n"}}, (422, "norm-unit-unknown"), "0/more"),
    "a norm that rules ask for is gone": ({"removed": ["0/prices.yaml"]}, (422, "norm-unknown"), "rules/forms/"),
    "no layer": ({"files": {"9/more.yaml": "x: 1"}}, (422, "publication-file-unclear"), ""),
    "not its folder": ({"files": {"0/../more.yaml": "x: 1"}}, (422, "publication-file-unclear"), ""),
    "a folder of a file": ({"files": {"0/prices.yaml/more.yaml": "x: 1"}}, (422, "publication-file-unclear"), ""),
    "what approvals made": ({"files": {"published/x.yaml": "x: 1"}}, (422, "publication-file-unclear"), ""),
    "not there": ({"removed": ["0/nothing.yaml"]}, (422, "publication-file-missing"), ""),
    "what others need": ({"removed": ["0/units.yaml"]}, (422, "norm-unit-unknown"), "0/limits.yaml"),
    "nothing": ({}, (409, "publication-same"), ""),
    "nowhere": ({"over": "0" * 64}, (404, "edition-unknown"), ""),
    "too much": ({"files": {"0/more.md": "x" * (4 * 2**20 + 1)}}, (413, "request-too-large"), ""),
    "no cycle": ({"cycle": "2030-2032"}, (404, "cycle-unknown"), ""),
}


def test_what_is_wrong_with_texts_is_told_at_its_place_and_never_published(service: Service) -> None:
    client = service.as_somebody("methodologist")
    before = client.get("publications").json()
    over = {"over": newest(client, "norms"), "files": {}}
    for name, (body, expected, file) in WRONG.items():
        answers = [tried(client, over | body)] + ([] if "cycle" in body else [published(client, over | body)])
        for answer in answers:
            assert problem(answer) == expected, name
            assert answer.json()["findings"][0].get("place", {"file": ""})["file"].startswith(file), name
    assert problem(client.post("publications", json=dearer(client))) == (422, "request-unreadable"), "no reason"
    village = {"over": newest(client, "ruleset")}
    taken = {"files": {"forms/notes.yaml": "#\n"}}
    assert problem(tried(client, village | taken)) == (422, "file-empty")
    text = draft(client, "ruleset", "forms/notes.yaml", ("Notes", "Remarks"))
    assert problem(tried(client, text)) == (422, "publication-version-taken")
    assert problem(client.get("publications/tried/0")) == (404, "trial-unknown")
    assert problem(client.get("editions/0")) == (404, "edition-unknown")
    unknown = client.get(f"editions/{over['over']}/text", params={"name": "0/price.yaml"})
    assert problem(unknown) == (404, "edition-file-unknown")
    assert client.get("publications").json() == before
    assert problem(published(service.as_somebody("curator"), dearer(client))) == (403, "access-refused")


def test_approvals_and_methodologists_follow_one_another(service: Service) -> None:
    client = service.as_somebody("methodologist")
    number = council(service)
    stale = dearer(client)
    assert approved(service, number).json()["published"]["values"] == 3
    assert problem(published(client, stale)) == (409, "publication-overtaken")
    done = published(client, dearer(client)).json()
    line = client.get("publications").json()["publications"][-2]
    assert (line["cause"], line["by"], line["digest"]) == (APPROVED, "analyst", done["over"])
    assert line["approved"] == {"submission": number, "revision": 3}
    names = {one["name"] for one in client.get(f"editions/{done['digest']}").json()["files"]}
    assert {name for name in names if name.startswith("published/")}, "what was approved is not lost"
    assert proof(service).findings == ()


BY_HAND = {
    "update text_version set files = (select files from text_version where kind = 'ruleset'),"
    " size = (select size from text_version where kind = 'ruleset') where digest = '{digest}'": ["text-changed"],
    "update text_version set published_at = now() where digest = '{over}'": ["publication-text-differs"],
    "update text_version set version = '7' where digest = '{digest}'": ["publication-text-differs"],
    "delete from text_version where digest = '{digest}'": ["publication-text-differs"],
    "update publication set payload = replace(payload, 'order', 'wish') where number = 3": ["publication-broken"],
    "update publication set account = null where number = 3": ["publication-broken"],
    "delete from publication where number = 2": ["publication-broken", "text-unrecorded"],
    "delete from publication where number = 3": ["text-unrecorded"],
}


def test_a_text_or_a_line_changed_by_hand_is_named(service: Service) -> None:
    """Each in a transaction that is rolled back."""
    client = service.as_somebody("methodologist")
    line = published(client, dearer(client)).json()
    owner = owner_of(service.desk.database).execution_options(isolation_level="READ COMMITTED")
    found = dict[str, list[str]]()
    with owner.connect() as connection:
        for statement in BY_HAND:
            connection.exec_driver_sql("set local session_replication_role = replica")
            connection.exec_driver_sql(statement.format(**line))
            told = verify(service.desk.store, connection).findings
            found[statement] = [one.code for one in told]
            named = {value for one in told for value in one.args.values()}
            assert named & {line["digest"], line["over"], "2", "3"}, statement
            connection.rollback()
    assert found == BY_HAND
    assert proof(service).findings == ()

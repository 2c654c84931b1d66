"""Scenarios through the service: kept, shared by link, and compared over a base that stays what it was."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from sqlalchemy import insert, select, update

import api.runs
from api.access import table
from api.runs import runs_of
from api.store.schema import account, comparison, membership, organisation, submission
from api.store.texts import publish, ruleset_files
from tests.api.http.conftest import Service
from tests.api.http.test_service import PRICE, patched, problem
from tests.api.store.conftest import HERE

UP = {"title": "Markup", "body": "scenario: up\nnorms: {markup: +10 %}\n"}
CELL = 'cells: [{submission: "2250001", form: purchases, row: 2, column: price, value: "411"}]'
ONE = 2255 + 2260500 + 770000
ONE_UP = 2481 + 2486550 + 847000
"""Each row a tenth more, rounded by itself."""


def kept(client: TestClient, **more: Any) -> str:
    made = client.post("scenarios", json=UP | more)
    assert made.status_code == 201, made.text
    link: str = made.json()["link"]
    return link


def compared(client: TestClient, *links: str, by: tuple[str, ...] = ("administrator",)) -> Any:
    """A comparison, however long it takes."""
    told = client.post("scenarios/compare", json={"scenarios": links, "by": by})
    while told.status_code == 202:
        time.sleep(0.05)
        told = client.get(f"scenarios/compared/{told.json()['digest']}")
    assert told.status_code == 200, told.text
    return told.json()["compared"]


def test_a_scenario_is_compared_with_the_republic_as_it_was(service: Service) -> None:
    client, executor = service.as_somebody("scenario-analyst"), service.as_somebody("executor")
    up = kept(client)
    dear = kept(client, title="Petrol", body=f"scenario: dear\n{CELL}\n")
    told = compared(client, up, dear, by=("administrator", "year"))
    first = [row for row in told["rows"] if row[1] == "2026"]
    petrol = 2260500
    assert first == [
        ["225", "2026", str(2 * ONE), str(2 * ONE_UP), str(2 * ONE + petrol)],
        ["226", "2026", str(ONE), str(ONE_UP), str(ONE)],
    ]
    assert (told["submissions"], told["left_out"]) == (3, 0)
    causes = {one["link"]: [(cause["cause"], cause["what"]) for cause in one["causes"]] for one in told["scenarios"]}
    assert causes == {up: [("norm", "norm markup")], dear: [("price", "column purchases.price")]}
    raised, (priced,) = told["scenarios"][0]["causes"][0], told["scenarios"][1]["causes"]
    assert (raised["part"], raised["title"]["en"], raised["form"]) == ("norm", "Markup", None)
    assert (priced["part"], priced["title"]["en"], priced["form"]["title"]["en"]) == ("column", "Price", "Purchases")
    for side, column in ((0, 3), (1, 4)):
        moved = sum(int(amount) for one in told["scenarios"][side]["causes"] for amount in one["amounts"].values())
        assert moved == sum(int(row[column]) - int(row[2]) for row in told["rows"])
    patched(executor, service.submissions["2250001"], {**PRICE, "value": "1"})
    assert compared(client, up, dear, by=("administrator", "year"))["rows"] == told["rows"]
    row = client.get(f"scenarios/{up}").json()
    moved = client.put(f"scenarios/{up}", json=UP | {"revision": row["revision"], "rebase": True}).json()
    assert (moved["revision"], moved["position"]) == (2, 4)
    after = compared(client, up, by=("institution",))
    assert after["position"] == 4
    assert problem(client.put(f"scenarios/{up}", json=UP | {"revision": 1})) == (409, "revision-stale")


def test_an_answer_is_not_made_twice_and_one_runs_at_a_time(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    client = service.as_somebody("scenario-analyst")
    link = kept(client)
    monkeypatch.setattr(api.runs, "PATIENCE", 0.0)
    first = client.post("scenarios/compare", json={"scenarios": [link], "by": ["year"]})
    assert first.status_code == 202
    assert first.json()["compared"] is None
    told = compared(client, link, by=("year",))
    assert told["rows"][0][0] == "2026"
    (run,) = runs_of(service.desk).runs.values()
    assert compared(client, link, by=("year",)) == told
    assert list(runs_of(service.desk).runs.values()) == [run]
    service.desk.remembered.clear()
    assert client.get(f"scenarios/compared/{first.json()['digest']}").json()["compared"] == told
    with service.desk.transaction() as connection:
        connection.execute(update(comparison).values(answer=None))
    assert compared(client, link, by=("year",)) == told
    other = service.as_somebody("curator")
    assert problem(other.get(f"scenarios/compared/{first.json()['digest']}")) == (404, "scenario-unknown")


def test_what_is_ones_own_is_seen_by_others_when_it_is_shared(service: Service) -> None:
    mine, other = service.as_somebody("scenario-analyst"), service.as_somebody("analyst")
    link = kept(mine)
    assert problem(other.get(f"scenarios/{link}")) == (404, "scenario-unknown")
    assert problem(other.post("scenarios/compare", json={"scenarios": [link], "by": ["year"]}))[0] == 404
    mine.put(f"scenarios/{link}", json=UP | {"revision": 1, "shared": "link"})
    seen = other.get(f"scenarios/{link}").json()
    assert (seen["mine"], seen["by"], seen["body"]) == (False, "scenario-analyst", UP["body"])
    assert [row[0] for row in compared(other, link)["rows"]] == ["225"]
    assert problem(other.put(f"scenarios/{link}", json=UP | {"revision": 2})) == (404, "scenario-unknown")
    assert problem(other.delete(f"scenarios/{link}")) == (404, "scenario-unknown")
    assert other.get("scenarios").json() == {"scenarios": []}
    assert [one["link"] for one in mine.get("scenarios").json()["scenarios"]] == [link]
    assert mine.delete(f"scenarios/{link}").status_code == 204
    assert problem(mine.get(f"scenarios/{link}")) == (404, "scenario-unknown")


def test_who_may_make_scenarios(service: Service) -> None:
    allowed = {rule.role for rule in table().rules if rule.action == "scenario"}
    for role in table().roles:
        client = service.as_somebody(role)
        status = client.get("scenarios").status_code
        assert status == (200 if role in allowed else 403), role


def test_what_is_for_official_use_is_left_out_of_a_base(service: Service) -> None:
    client = service.as_somebody("scenario-analyst")
    with service.desk.transaction() as connection:
        mine = submission.c.id == service.submissions["2250001"]
        connection.execute(update(submission).where(mine).values(official_use=True))
        curator = connection.scalar(select(account.c.id).where(account.c.login == "curator"))
        centre = connection.scalar(select(organisation.c.id).where(organisation.c.code == "centre"))
        row = {"account": curator, "organisation": centre, "role": "official-use"}
        connection.execute(insert(membership).values(row))
    service.desk.remembered.clear()
    link = kept(client, shared="link")
    told = compared(client, link, by=("institution",))
    assert ([row[0] for row in told["rows"]], told["left_out"]) == (["2250002", "2260001"], 1)
    named = compared(service.as_somebody("curator"), link, by=("institution",))
    assert (len(named["rows"]), named["left_out"]) == (3, 0)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("scenario: x", "scenario-empty"),
        ("norms: [", "yaml-broken"),
        ("norms: {markup: dearer}", "norm-number-unclear"),
        ("cells: people.csv", "file-missing"),
    ],
)
def test_a_text_that_is_no_scenario_is_told_so(service: Service, body: str, code: str) -> None:
    client = service.as_somebody("scenario-analyst")
    answer = client.post("scenarios", json={"title": "x", "body": body})
    assert problem(answer) == (422, code)


def test_what_a_base_does_not_have_is_told_when_it_is_compared(service: Service) -> None:
    client = service.as_somebody("scenario-analyst")
    for body, code in (("norms: {mark: +1 %}", "norm-unknown"), ("ruleset: 2031.1", "ruleset-unpublished")):
        link = kept(client, body=body)
        told = client.post("scenarios/compare", json={"scenarios": [link], "by": ["year"]})
        assert problem(told) == (422, code)
    assert problem(client.post("scenarios/compare", json={"scenarios": ["x"], "by": ["year"]})) == (
        404,
        "scenario-unknown",
    )
    assert problem(client.post("scenarios/compare", json={"scenarios": ["x"], "by": ["taste"]})) == (
        422,
        "dimension-unknown",
    )
    assert problem(client.post("scenarios", json=UP | {"cycle": "1999-2001"})) == (404, "cycle-unknown")


def rules(path: str, *changes: tuple[str, str]) -> str:
    """A scenario that writes a file of the village's ruleset otherwise."""
    text = (HERE / "village" / "ruleset" / path).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return yaml.safe_dump({"scenario": "rules", "rules": {path: text}}, allow_unicode=True)


BOTH = 4961 + 4973100 + 1694000
"""Each row doubled and a tenth more, rounded once."""
FORMULA = "[@quantity] * [@price] * NORM("


def test_a_file_of_the_ruleset_written_otherwise_is_compared_like_any_other(service: Service) -> None:
    client = service.as_somebody("scenario-analyst")
    doubled = kept(client, body=rules("forms/purchases.yaml", (FORMULA, "2 * " + FORMULA)))
    told = compared(client, doubled, kept(client), by=("year",))
    first = next(row for row in told["rows"] if row[0] == "2026")
    assert first == ["2026", str(3 * ONE), str(6 * ONE), str(3 * ONE_UP)]
    causes = [(one["cause"], one["what"], one["amounts"]["2026"]) for one in told["scenarios"][0]["causes"]]
    assert causes == [("rule", "formula purchases.amount", str(3 * ONE))]
    both = rules("forms/purchases.yaml", (FORMULA, "2 * " + FORMULA)) + "norms: {markup: +10 %}\n"
    twice = compared(client, kept(client, body=both), by=("year",))
    assert next(row for row in twice["rows"] if row[0] == "2026")[2] == str(3 * BOTH)
    with service.desk.transaction() as connection:  # of the same version, and published later
        publish(connection, "ruleset", ("council", "2026.1"), ruleset_files(HERE / "village" / "council"))
    for word in ("2026.1", "village 2026.1"):
        pinned = kept(client, body=both + f"ruleset: '{word}'\n")
        assert compared(client, pinned, by=("year",))["rows"] == twice["rows"]


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (rules("forms/purchases.yaml", (FORMULA, "[@amount] + " + FORMULA)), "cycle", "rules/forms/purchases.yaml"),
        (rules("forms/purchases.yaml", ("[@price]", "[@prise]")), "column-not-in-form", "rules/forms/purchases.yaml"),
        (rules("ruleset.yaml", ("forms:", "froms:")), "key-unknown", "rules/ruleset.yaml"),
        ('rules: {forms/purchases.yaml: "form: &a [*a]"}', "yaml-alias", "rules/forms/purchases.yaml"),
        ("rules: {../../ruleset.yaml: x}", "scenario-rules-unclear", ""),
        ("rules: {forms/../../up.yaml: x}", "scenario-rules-unclear", ""),
        ("rules: {forms/purchases.yaml: {form: purchases}}", "word-expected", ""),
        ('rules: {ruleset.yaml: ""}', "file-empty", "rules/ruleset.yaml"),
    ],
)
def test_rules_that_are_no_ruleset_are_refused_where_they_stand(
    service: Service, body: str, code: str, place: str
) -> None:
    client = service.as_somebody("scenario-analyst")
    answer = client.post("scenarios", json={"title": "x", "body": body})
    assert answer.status_code == 422, answer.text
    found = [one for one in answer.json()["findings"] if one["code"] == code]
    assert found, [one["code"] for one in answer.json()["findings"]]
    assert client.get("scenarios").json() == {"scenarios": []}
    link = kept(client)
    assert client.put(f"scenarios/{link}", json=UP | {"body": body, "revision": 1}).status_code == 422
    at = found[0]["place"]
    assert at["file"] == (place or "scenario.yaml")
    assert (at["line"] > 0, at["column"] > 0) == (True, True)


def test_rules_are_limited_in_size(service: Service) -> None:
    body = rules("forms/purchases.yaml", ("form: purchases", "# " + "x" * 200_000 + "\nform: purchases"))
    answer = service.as_somebody("scenario-analyst").post("scenarios", json={"title": "x", "body": body})
    assert problem(answer) == (422, "request-unreadable")

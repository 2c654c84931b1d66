"""What an approval publishes: norms that those who begin later look up, proved by the journal, known from that day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some

from api.routes import steps
from api.store import editions
from api.store.texts import publish, ruleset_files
from tests.api.http.conftest import Service
from tests.api.http.test_life import NEXT, next_cycle, proof
from tests.api.http.test_service import patched, problem
from tests.api.store.conftest import HERE

TODAY = str(date.today())


def council(service: Service, **cells: str) -> int:
    """What the administrator grants to the school, begun by its executor."""
    with service.desk.transaction() as connection:
        publish(connection, "ruleset", ("council", "2026.1"), ruleset_files(HERE / "village" / "council"))
    client = service.as_somebody("executor")
    wanted = {"institution": "2250001", "cycle": "2026-2028", "ruleset": "council", "start": "empty"}
    number = int(client.post("submissions", json=wanted).json()["id"])
    row = {"institution": "2250001", "amount": "50000.25"} | cells
    made = client.post(f"submissions/{number}/rows", json={"form": "grants", "revision": 1, "rows": [row]})
    assert made.status_code == 200, made.text
    return number


def approved(service: Service, number: int, **how: Any) -> Any:
    return service.as_somebody("analyst").post(f"submissions/{number}/steps", json={"action": "approve"}, **how)


def test_an_approval_makes_norms_for_those_who_begin_later(service: Service) -> None:
    next_cycle(service)
    number = council(service)
    reader = service.as_somebody("curator")
    before = reader.get("norms").json()["digest"], reader.get("norms/limit.base").headers["etag"]
    keyed = {"headers": {"Idempotency-Key": "approve"}}
    told = approved(service, number, **keyed).json()
    assert (told["state"], approved(service, number, **keyed).json()) == ("approved", told)
    assert (told["published"]["known"], told["published"]["values"]) == (TODAY, 3)
    assert reader.get("norms/limit.base").headers["etag"] != before[1]
    values = reader.get("norms/limit.base", params={"known": TODAY}).json()["values"]
    mine = [one for one in values if one["keys"]["institution"] == "2250001"]
    assert [(one["value"], one["from"], one["known"]) for one in mine] == [
        ("50000.25", f"{year}-01-01", TODAY) for year in (2026, 2027, 2028)
    ]
    assert {(one["source"], one["note"]) for one in mine} == {("council 2026.1", f"submission {number}, revision 3")}
    assert len(values) == 4
    executor = service.as_somebody("executor")
    later = executor.post("submissions", json=NEXT).json()["id"]
    limits = {one["year"]: one["limit"] for one in _limits(executor, later)}
    assert limits == {2027: "5000025", 2028: "5000025", 2029: "5000025"}
    pinned = _limits(executor, service.submissions["2250001"])
    assert {one["limit"] for one in pinned} == {"3000000"}, "who began before stays under the norms of that day"
    history = reader.get(f"submissions/{number}/history").json()["history"]
    assert history[0]["payload"]["published"] == told["published"]
    assert proof(service).findings == ()


def test_the_same_is_not_published_twice_a_day_and_a_blank_not_at_all(service: Service) -> None:
    number, analyst = council(service), service.as_somebody("analyst")
    assert approved(service, number).json()["published"]["values"] == 3
    analyst.post(f"submissions/{number}/steps", json={"action": "reopen"})
    digest = analyst.get("norms").json()["digest"]
    again = approved(service, number)
    assert problem(again) == (422, "norm-published-today")
    assert "limit.base" in again.json()["findings"][0]["text"]["ru"]
    assert analyst.get("norms").json()["digest"] == digest
    client = service.as_somebody("executor")
    cell = {"form": "grants", "row": 1, "column": "institution", "value": ""}
    assert patched(client, number, cell).status_code == 200
    assert approved(service, number).json()["published"] is None
    assert proof(service).findings == ()


def test_a_later_approval_follows_an_earlier_one(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    class Yesterday(date):
        @classmethod
        def today(cls) -> date:
            return date.today() - timedelta(days=1)

    number, analyst = council(service), service.as_somebody("analyst")
    monkeypatch.setattr(steps, "date", Yesterday)
    first = approved(service, number).json()["published"]
    monkeypatch.undo()
    analyst.post(f"submissions/{number}/steps", json={"action": "reopen"})
    cell = {"form": "grants", "row": 1, "column": "amount", "value": "60000"}
    assert patched(service.as_somebody("executor"), number, cell).status_code == 200
    second = approved(service, number).json()["published"]
    assert (second["over"], second["known"], first["known"]) == (first["norms"], TODAY, str(Yesterday.today()))

    def counts(known: str) -> list[str]:
        asked = {"on": "2027-05-01", "known": known}
        values = analyst.get("norms/limit.base", params=asked).json()["values"]
        return [one["value"] for one in values if one["keys"]["institution"] == "2250001"]

    assert (counts(TODAY), counts(first["known"]), counts("2020-01-01")) == (["60000"], ["50000.25"], [])
    assert proof(service).findings == ()


def test_norms_that_do_not_follow_from_their_submission_are_found(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = council(service)
    honest = editions._text
    monkeypatch.setattr(editions, "_text", lambda *given: honest(*given).replace("50000.25", "90000"))
    assert approved(service, number).status_code == 200
    monkeypatch.undo()
    (found,) = proof(service).findings
    assert (found.code, found.args["submission"], found.args["revision"]) == ("published-differs", str(number), "3")


def test_what_is_for_official_use_is_published_to_nobody(service: Service) -> None:
    number = council(service)
    with service.desk.transaction() as connection:
        connection.exec_driver_sql(f"update submission set official_use = true where id = {number}")
        connection.exec_driver_sql(
            "insert into membership (account, organisation, role) select account, organisation, 'official-use'"
            " from membership where role = 'analyst'"
        )
    told = approved(service, number).json()
    assert (told["state"], told["published"]) == ("approved", None)


@settings(max_examples=300, deadline=None)
@given(some.from_regex(editions._ALIKE, fullmatch=True))
def test_both_writers_of_yaml_write_the_same_text(word: str) -> None:
    """The swift one writes what is published, and an edition's digest is over what it wrote."""
    told = {"limit.base": [{"institution": word, "value": "1"}]}
    texts = [
        yaml.dump(told, Dumper=dumper, allow_unicode=True, sort_keys=False)
        for dumper in (editions._SWIFT, yaml.SafeDumper)
    ]
    assert texts[0] == texts[1]


def _limits(client: Any, number: int) -> list[Any]:
    limits = client.get(f"submissions/{number}").json()["limits"]
    return [one for one in limits if one["level"] == "institution"]

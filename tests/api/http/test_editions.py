"""Submissions already begun move to newer editions of norms and rules: told first, done as a line that is replayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import select

from api.store import Store, inputs_of
from api.store.held import under
from api.store.loading import load_all
from api.store.schema import snapshot, submission
from api.store.texts import norms_files, publish, ruleset_files
from engine.editions import moves
from engine.losses import refitted
from tests.api.http.conftest import Service
from tests.api.http.test_life import by_hand, proof
from tests.api.http.test_service import PRICE, patched, problem
from tests.api.store.conftest import HERE

DEAR = {"0/prices.yaml": ("value: 1.1,", "value: 1.2,")}
"""The markup of 2026 alone."""
PLAIN = 2050 + 2055000 + 700000
"""What a school buys in 2026, in tiyn, without markup."""
DEARER = PLAIN * 12 // 10


def newer(service: Service, kind: str, version: str, changes: Mapping[str, tuple[str, str]]) -> str:
    """Another edition of the village's norms or ruleset: files with something written otherwise."""
    folder = HERE / "village" / kind
    files = dict(norms_files([folder]) if kind == "norms" else ruleset_files(folder))
    for name, (before, after) in changes.items():
        assert before in files[name]
        files[name] = files[name].replace(before, after)
    if kind == "ruleset":
        files["ruleset.yaml"] = files["ruleset.yaml"].replace("version: 2026.1", f"version: {version}")
    with service.desk.transaction() as connection:
        return publish(connection, kind, ("village", version), files)


def asked(client: Any, number: int, **body: Any) -> Any:
    return client.post(f"submissions/{number}/editions", json=body)


def amounts(client: Any, number: int, **query: Any) -> Any:
    return client.get(f"submissions/{number}/forms/purchases", params=query).json()["columns"]["amount"]


def test_other_norms_are_tried_then_taken_and_proved(service: Service) -> None:
    number, client = service.submissions["2250001"], service.as_somebody("executor")
    assert problem(asked(client, number)) == (409, "edition-same")
    digest = newer(service, "norms", "2", DEAR)
    told = client.get(f"submissions/{number}/editions").json()
    assert ([one["digest"] for one in told["newer"]["norms"]], told["newer"]["ruleset"]) == ([digest], [])
    assert (told["may"], told["norms"]["version"]) == (True, "1")
    before = amounts(client, number)
    tried = asked(client, number).json()
    (column,) = [one for one in tried["changed"] if one["form"] == "purchases"]
    assert (column["column"], column["count"]) == ("amount", 3)
    assert column["changes"][0] == [1, 2026, None, 2255, 2460]
    assert (tried["dry"], tried["position"], tried["to"]["norms"]) == (True, None, digest)
    assert amounts(client, number) == before
    assert client.get(f"submissions/{number}").json()["revision"] == 1
    assert proof(service).lines == 3
    sums = service.as_somebody("curator").get("totals", params={"by": ["institution", "year"]}).json()["rows"]
    done = asked(client, number, dry=False, note="as the ministry asks").json()
    same = ("changed", "totals", "limits", "findings", "resolved", "reshaped", "from", "to")
    assert {name: done[name] for name in same} == {name: tried[name] for name in same}
    assert (done["revision"], amounts(client, number)["2026"][0]) == (2, 2460)
    assert amounts(client, number, revision=1) == before
    after = service.as_somebody("curator").get("totals", params={"by": ["institution", "year"]}).json()["rows"]
    assert [row for row in after if row not in sums] == [["2250001", "2026", str(DEARER), "0"]]
    republic = [one for one in done["totals"] if (one["level"], one["year"]) == ("republic", 2026)]
    assert {one["amount"] for one in republic} == {str(sum(int(row[2]) for row in after if row[1] == "2026"))}
    limit = next(one for one in done["limits"] if (one["level"], one["year"]) == ("institution", 2026))
    assert limit["asked"] == after[0][2]
    line = client.get(f"submissions/{number}/history").json()["history"][0]
    assert (line["action"], line["payload"]["to"][1]) == ("edition", digest)
    assert line["payload"]["note"] == "as the ministry asks"
    assert problem(asked(client, number)) == (409, "edition-same")
    assert proof(service).findings == ()
    by_hand(service.desk.database, f"update submission set norms = '{told['norms']['digest']}' where id = {number}")
    assert [one.code for one in proof(service).findings] == ["edition-differs"]


def test_what_was_done_before_a_move_is_not_undone_after_it(service: Service) -> None:
    number, client = service.submissions["2250001"], service.as_somebody("executor")
    patched(client, number, PRICE)
    newer(service, "norms", "2", DEAR)
    keyed = {"json": {"dry": False, "revision": 2}, "headers": {"Idempotency-Key": "move"}}
    done, again = (client.post(f"submissions/{number}/editions", **keyed) for _ in range(2))
    assert (done.status_code, again.json(), done.json()["revision"]) == (200, done.json(), 3)
    assert problem(client.post(f"submissions/{number}/undo")) == (409, "undo-past-edition")
    assert problem(service.as_somebody("analyst").post(f"submissions/{number}/undo")) == (403, "access-refused")
    patched(client, number, {**PRICE, "value": "7"})
    assert client.post(f"submissions/{number}/undo").json()["revision"] == 5
    assert problem(client.post(f"submissions/{number}/undo")) == (409, "undo-past-edition")
    assert client.post(f"submissions/{number}/redo").status_code == 200
    assert problem(asked(client, number, dry=False, revision=1)) == (409, "revision-stale")
    assert proof(service).findings == ()


def test_other_processes_follow_a_move(service: Service) -> None:
    """One that holds the submission, one that opens it, one that loads all; each by what is stored."""
    number, client = service.submissions["2250001"], service.as_somebody("executor")
    database = service.desk.database
    holding, opening, loading = Store(database), Store(database), Store(database)
    with database.engine.connect() as connection:
        assert holding.open(connection, number) is not None
    newer(service, "norms", "2", DEAR)
    finer = {"forms/purchases.yaml": ("digits: 2, title: {kk: Бағасы", "digits: 3, title: {kk: Бағасы")}
    newer(service, "ruleset", "2026.2", finer)
    patched(client, number, {**PRICE, "value": "300.25"})
    asked(client, number, dry=False)
    patched(client, number, {**PRICE, "value": "300.255"})
    with database.engine.connect() as connection:
        load_all(loading, connection)
        found = [store.open(connection, number) for store in (holding, opening, loading)]
        moved = [opening.at(connection, number, revision) for revision in (1, 2, 3, 4)]
        kept = list(connection.scalars(select(snapshot.c.revision).where(snapshot.c.submission == number)))
    prices = [held.workbook.tables["purchases"].columns["price"].tolist() for held in (*found, *moved) if held]
    assert prices[:3] == [[2050, 300255, 1000000]] * 3
    assert prices[3:] == [[205, 20550, 100000], [205, 30025, 100000], [2050, 300250, 1000000], prices[0]]
    assert sorted(kept) == [1, 3]
    assert proof(service).findings == ()


def test_rules_with_more_and_rules_with_less(service: Service) -> None:
    number, client = service.submissions["2250001"], service.as_somebody("executor")
    patched(client, number, {"form": "by_kind", "row": 1, "column": "remark", "value": "mine"})
    less = {
        "forms/by-kind.yaml": ("remark:", "reason:"),
        "forms/purchases.yaml": ("  name: {type: text", "  named: {type: text"),
    }
    worse = newer(service, "ruleset", "2026.2", less)
    refused = asked(client, number, ruleset=worse)
    assert problem(refused) == (422, "edition-loses")
    lost = [(one["cell"]["form"], one["cell"]["column"], one["args"]["count"]) for one in refused.json()["findings"]]
    assert lost == [("purchases", "name", "9"), ("by_kind", "remark", "3")]
    assert problem(asked(client, number, ruleset=worse, dry=False)) == (422, "edition-loses")
    more = {
        "forms/purchases.yaml": (
            "  amount:\n",
            "  place: {type: text, optional: true, title: {kk: Орны, ru: Место, en: Place}}\n  amount:\n",
        )
    }
    better = newer(service, "ruleset", "2026.3", more)
    assert problem(asked(client, number, ruleset=worse[:-1] + "x")) == (404, "edition-unknown")
    done = asked(client, number, ruleset=better, norms="same", dry=False).json()
    assert (done["to"]["ruleset"], done["reshaped"][0], done["changed"]) == (better, "purchases", [])
    assert client.get(f"submissions/{number}/forms/by_kind").json()["columns"]["remark"] == [None, "mine", None]
    assert "place" in client.get(f"submissions/{number}/forms/purchases").json()["columns"]
    edit = {"form": "purchases", "row": 1, "column": "place", "value": "hall"}
    assert patched(client, number, edit).status_code == 200
    assert problem(asked(client, number, ruleset=worse)) == (404, "edition-unknown"), "an older one"
    assert proof(service).findings == ()


def test_texts_that_do_not_fit_are_refused_and_codes_may_stand_elsewhere(service: Service) -> None:
    number, client = service.submissions["2250001"], service.as_somebody("executor")
    patched(client, number, {"form": "by_kind", "row": 2, "column": "remark", "value": "of seed"})
    newer(service, "norms", "0", {"0/prices.yaml": ("markup:", "mark-up:")})
    refused = asked(client, number)
    assert (refused.status_code, refused.json()["findings"][0]["severity"]) == (422, "error")
    sketch = newer(service, "ruleset", "2026.2", {"ruleset.yaml": (" draft,", " sketch,")})
    assert problem(asked(client, number, ruleset=sketch, norms="same")) == (422, "edition-state-unknown")
    listed = "0/classifications/goods.csv"
    gone = newer(service, "norms", "2", {listed: ("fuel,,Отын,Топливо,Fuel,unverified\n", "")})
    refused = asked(client, number, ruleset="same", norms=gone)
    assert problem(refused) == (422, "edition-loses")
    (told,) = refused.json()["findings"]
    assert (told["cell"]["column"], told["args"]["count"]) == ("kind", "3")
    moved = newer(service, "norms", "3", {listed: ("\npaper", "\nwater,,Су,Вода,Water,unverified\npaper")})
    before = client.get(f"submissions/{number}/forms/purchases").json()["columns"]
    done = asked(client, number, ruleset="same", norms=moved, dry=False)
    assert done.status_code == 200, done.text
    assert client.get(f"submissions/{number}/forms/purchases").json()["columns"] == before
    assert client.get(f"submissions/{number}/forms/by_kind").json()["columns"]["remark"] == [None, None, "of seed"]
    assert done.json()["changed"] == []
    assert proof(service).findings == ()


def test_a_methodologist_moves_many(service: Service) -> None:
    newer(service, "norms", "2", DEAR)
    methodologist, executor = service.as_somebody("methodologist"), service.as_somebody("executor")
    village = {"ruleset": "village", "count": 2}
    tried = methodologist.post("cycles/2026-2028/editions", json=village).json()
    numbers = list(service.submissions.values())
    assert ([one["id"] for one in tried["submissions"]], tried["next"]) == (numbers[:2], numbers[1])
    assert {one["moved"]["2026"] for one in tried["submissions"]} == {str(PLAIN // 10)}
    head = service.as_somebody("head")
    assert head.post(f"submissions/{numbers[0]}/steps", json={"action": "sign"}).status_code == 200
    done = methodologist.post("cycles/2026-2028/editions", json={**village, "count": 20, "dry": False}).json()
    assert ([one["id"] for one in done["submissions"]], done["next"]) == (numbers[1:], None), "what is signed stays"
    assert [one["refused"] for one in done["submissions"]] == [[], []]
    again = methodologist.post("cycles/2026-2028/editions", json={**village, "dry": False}).json()
    assert again["submissions"] == []
    assert problem(executor.post("cycles/2030-2032/editions", json={})) == (404, "cycle-unknown")
    assert problem(asked(methodologist, numbers[0])) == (403, "access-refused")
    assert proof(service).findings == ()


def test_many_at_once_are_what_each_is_alone(service: Service) -> None:
    """Other norms; rules of the same shape that count otherwise; rules with another column, which one has to lose."""
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    patched(client, number, {"form": "by_kind", "row": 1, "column": "remark", "value": "mine"})
    patched(client, number, {"form": "purchases", "row": 3, "column": "price", "value": ""})
    twice = {"forms/purchases.yaml": ('* NORM("markup")', '* NORM("markup") * 2')}
    digests = [
        (None, newer(service, "norms", "2", DEAR)),
        (newer(service, "ruleset", "2026.2", twice), None),
        (newer(service, "ruleset", "2026.3", {"forms/by-kind.yaml": ("remark:", "reason:")}), None),
    ]
    store = service.desk.store
    with service.desk.reading() as connection:
        helds = [held for n in service.submissions.values() if (held := store.open(connection, n)) is not None]
        own = connection.execute(select(submission.c.ruleset, submission.c.norms)).first()
        assert own is not None
        for ruleset, norms in digests:
            plan = store.texts.plan(connection, ruleset or own.ruleset, norms or own.norms)
            found = moves(helds[0].plan, [held.workbook for held in helds], plan)
            assert [move.before for move in found] == [held.workbook for held in helds]
            for held, move in zip(helds, found, strict=True):
                alone, delta = under(held, plan)
                assert move.delta == delta
                assert move.lost == tuple(refitted(held.plan, held.workbook, plan)[1])
                assert inputs_of(replace(alone, workbook=move.after)) == inputs_of(alone)
                results, expected = move.after.results, alone.workbook.results
                assert results is not None
                assert expected is not None
                assert results.columns.keys() == expected.columns.keys()
                assert all(np.array_equal(cells, expected.columns[key]) for key, cells in results.columns.items())
                assert all(np.array_equal(cells, expected.checks[key]) for key, cells in results.checks.items())


def test_a_scenario_over_what_was_before_a_move(service: Service) -> None:
    analyst = service.as_somebody("analyst")
    body = "scenario: dearer\nnorms: {markup: +10 %}\n"
    link = analyst.post("scenarios", json={"title": "Dearer", "body": body}).json()["link"]
    newer(service, "norms", "2", DEAR)
    for number in (service.submissions["2250001"], service.submissions["2250002"]):
        client = service.as_somebody("executor" if number == 1 else "executor-2250002")
        assert asked(client, number, dry=False).status_code == 200
    answer = analyst.post("scenarios/compare", json={"scenarios": [link], "by": ["year"]})
    while answer.status_code == 202:
        answer = analyst.get(f"scenarios/compared/{answer.json()['digest']}")
    assert answer.json()["compared"]["rows"][0][1] == str(2 * (2255 + 2260500 + 770000))

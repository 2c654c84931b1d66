"""What other programs rely on: lists that are read a part at a time, tags of what is read,
keys under which a thing is done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.store import journal
from api.store.schema import scenario
from api.store.totals import Totals
from api.zipped import WORTH
from tests.api.http.conftest import Service

LISTS = {
    "submissions/{number}/remarks": ("remarks", "id"),
    "submissions/{number}/attachments": ("attachments", "id"),
    "norms": ("norms", "name"),
    "cycles": ("cycles", "name"),
    "organisations": ("organisations", "id"),
}


@pytest.fixture
def here(service: Service) -> str:
    """A submission with two remarks and two files."""
    executor = service.as_somebody("executor")
    where = f"submissions/{service.submissions['2250001']}"
    for told in ("one", "two"):
        assert executor.post(f"{where}/remarks", json={"body": told}).status_code == 201
        assert executor.post(f"{where}/attachments", params={"name": told}, content=b"text").status_code == 201
    return where


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_read_a_part_at_a_time(service: Service, here: str, path: str) -> None:
    executor, (of, key) = service.as_somebody("executor"), LISTS[path]
    path = path.replace("submissions/{number}", here)
    whole = executor.get(path).json()
    assert whole[of]
    assert whole["next"] is None
    read, asked = list[dict[str, Any]](), {"count": 1}
    while True:
        part = executor.get(path, params=asked).json()
        read += part[of]
        if part["next"] is None:
            break
        assert part["next"] == read[-1][key]
        asked["after"] = part["next"]
    assert read == whole[of]
    assert executor.get(path, params={"count": 1_001}).status_code == 422


READ = {
    "submissions": {},
    "start": {},
    "norms": {},
    "norms/markup": {},
    "classifications/goods": {},
    "organisations": {},
    "totals": {"by": "year"},
    "totals/export": {"by": "year", "format": "csv"},
    "{here}": {},
    "{here}/forms/purchases": {},
    "{here}/findings": {},
    "{here}/history": {},
    "{here}/lines": {"by": "year"},
    "{here}/remarks": {},
    "{here}/export": {},
}
MOVED = {path for path in READ if "{here}" in path} | {"submissions", "totals", "totals/export"}
"""What is not the same after an edit of that submission."""


def test_what_has_not_changed_is_not_sent_again(service: Service, here: str) -> None:
    executor = service.as_somebody("executor")
    tags = {path: _read(executor, path, here).headers["etag"] for path in READ}
    for path, tag in tags.items():
        again = _read(executor, path, here, f'"other", {tag}')
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path
        assert "content-length" not in again.headers
        assert again.headers["cache-control"] == "private, no-cache"
    cell = {"form": "purchases", "row": 2, "column": "price", "value": "300.25"}
    assert executor.patch(f"{here}/cells", json={"cells": [cell]}).status_code == 200
    moved = {path for path, tag in tags.items() if _read(executor, path, here, tag).status_code == 200}
    assert moved >= MOVED - {"{here}/remarks"}
    assert not moved & {"norms", "norms/markup", "classifications/goods", "organisations", "{here}/remarks"}


def test_what_is_read_is_compressed_and_what_is_changed_is_not(service: Service, here: str) -> None:
    executor = service.as_somebody("executor")
    read = executor.get(here, headers={"Accept-Encoding": "gzip"})
    plain = executor.get(here, headers={"Accept-Encoding": "identity"})
    assert (read.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert (read.json(), read.headers["etag"]) == (plain.json(), plain.headers["etag"])
    cells = [{"form": "purchases", "row": row, "column": "price", "value": "7.00"} for row in (1, 2)]
    changed = executor.patch(f"{here}/cells", json={"cells": cells}, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in changed.headers
    assert len(changed.content) > WORTH


def test_totals_that_stand_are_not_added_up_again(service: Service, here: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For whoever has them: until a line of the journal comes, or they see something else."""
    executor, curator = service.as_somebody("executor"), service.as_somebody("curator")
    paths = ("totals", "totals/export", "totals/limits")
    tags = {path: executor.get(path, params=READ.get(path)).headers["etag"] for path in paths}
    summed = list[str]()
    honest = Totals.pivot
    monkeypatch.setattr(Totals, "pivot", lambda *given: summed.append("") or honest(*given))

    def statuses(client: TestClient) -> list[int]:
        return [
            client.get(path, params=READ.get(path), headers={"If-None-Match": tag}).status_code
            for path, tag in tags.items()
        ]

    assert (statuses(executor), summed) == ([304, 304, 304], [])
    assert statuses(curator) == [200, 200, 200], "who sees more is told more"
    assert len(summed) == 3
    one = {"kind": "institution", "code": "2260002", "parent": "226", "title_ru": "Музей", "from": "2026-01-01"}
    keeper = service.as_somebody("system-administrator")
    assert keeper.post("imports/organisations", params={"dry": False}, json=[one]).status_code == 200
    assert statuses(executor) == [200, 200, 200], "titles may be others"
    tags |= {path: executor.get(path, params=READ.get(path)).headers["etag"] for path in paths}
    assert statuses(executor) == [304, 304, 304]
    assert executor.post(f"{here}/rows", json={"form": "purchases"}).status_code == 200
    assert statuses(executor) == [200, 200, 200]


def test_a_tag_lets_nobody_in(service: Service, here: str) -> None:
    stranger = service.as_somebody("executor-2260001")
    assert _read(stranger, "{here}/forms/purchases", here, "*").status_code == 404
    file = service.as_somebody("executor").get(f"{here}/attachments/1")
    again = service.as_somebody("executor").get(
        f"{here}/attachments/1", headers={"If-None-Match": file.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert "etag" not in service.client.get("/health").headers


def _read(client: TestClient, path: str, here: str, held: str = "") -> Any:
    headers = {"If-None-Match": held} if held else {}
    return client.get(path.replace("{here}", here), params=READ[path], headers=headers)


WRITES = {
    "{here}/remarks": {"json": {"body": "three"}},
    "{here}/remarks/1/close": {},
    "{here}/attachments": {"params": {"name": "three"}, "content": b"more"},
    "{here}/rows": {"json": {"form": "purchases"}},
    "{here}/before": {},
    "scenarios": {"json": {"title": "up", "body": "scenario: up\nnorms: {markup: +10 %}\n"}},
}


@pytest.mark.parametrize("path", WRITES)
def test_what_is_asked_twice_with_one_key_is_done_once(service: Service, here: str, path: str) -> None:
    login = "curator" if path == "scenarios" or path.endswith("close") else "executor"
    client, asked = service.as_somebody(login), {**WRITES[path], "headers": {"Idempotency-Key": "once"}}
    first = client.post(path.replace("{here}", here), **asked)
    assert first.status_code < 300, first.text
    was = _journal(service)
    again = client.post(path.replace("{here}", here), **asked)
    assert (again.status_code, _journal(service)) == (first.status_code, was)
    kept = ("id", "link", "revision", "digest")
    assert {name: again.json().get(name) for name in kept} == {name: first.json().get(name) for name in kept}
    if path not in ("{here}/rows", "{here}/before"):
        assert again.json() == first.json()


def test_two_who_ask_at_once_with_one_key_are_one(service: Service, here: str) -> None:
    executor, asked = service.as_somebody("executor"), {"json": {"body": "!"}, "headers": {"Idempotency-Key": "both"}}
    with ThreadPoolExecutor(4) as pool:
        told = [one.json() for one in pool.map(lambda _: executor.post(f"{here}/remarks", **asked), range(4))]
    assert all(one == told[0] for one in told)
    refused = executor.post(f"{here}/remarks", json={"body": "?", "answers": 99}, headers={"Idempotency-Key": "new"})
    assert refused.status_code == 404
    assert executor.post(f"{here}/remarks", **asked | {"headers": {"Idempotency-Key": "new"}}).status_code == 201


def _journal(service: Service) -> int:
    with service.desk.reading() as connection:
        return journal.last_position(connection) + len(connection.execute(select(scenario.c.id)).all())

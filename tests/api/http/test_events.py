"""What viewers are told as others edit: by any process, in order, and after a lost connection from where they were."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi.testclient import TestClient

from api.app import PREFIX, create
from api.settings import Settings
from tests.api.http.conftest import Service

Event = dict[str, Any]


@contextmanager
def another_process(service: Service) -> Iterator[str]:
    """A second server on the same database: it shares nothing with the first but that."""
    settings = Settings(database=service.desk.database.url.render_as_string(hide_password=False))
    config = uvicorn.Config(create(settings), port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}{PREFIX}/"
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


@pytest.fixture
def viewer(service: Service) -> Iterator[httpx2.Client]:
    """The head of the school, signed in at the other process."""
    with another_process(service) as url, httpx2.Client(base_url=url, timeout=20) as client:
        client.post("session", json={"login": "head", "password": "demo"})
        yield client


@contextmanager
def following(viewer: httpx2.Client, number: int, last: int | None = None) -> Iterator[Iterator[Event]]:
    """The events of a submission, from now or from after a position."""
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    with viewer.stream("GET", "events", params={"submission": number}, headers=headers) as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines()
        assert next(lines).startswith("retry:")
        yield _events(lines)


def _events(lines: Iterator[str]) -> Iterator[Event]:
    kind = ""
    for line in lines:
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        if line.startswith("data: ") and kind == "delta":
            yield json.loads(line.removeprefix("data: "))


def edit(client: TestClient, number: int, price: str) -> Any:
    cells = [{"form": "purchases", "row": 2, "column": "price", "value": price}]
    return client.patch(f"submissions/{number}/cells", json={"cells": cells}).json()


def test_another_process_tells_of_an_edit_as_it_lands(service: Service, viewer: httpx2.Client) -> None:
    editor, number = service.as_somebody("executor"), service.submissions["2250001"]
    with following(viewer, number) as events:
        answer = edit(editor, number, "300.25")
        event = next(events)
    assert event["cells"] == answer["cells"]
    assert (event["position"], event["revision"]) == (answer["position"], answer["revision"])
    seen = {(t["level"], t["year"], t["specific"]): t["amount"] for t in event["totals"]}
    mine = {(t["level"], t["year"], t["specific"]): t["amount"] for t in answer["totals"]}
    assert seen == mine


def test_a_lost_connection_misses_nothing(service: Service, viewer: httpx2.Client) -> None:
    editor, number = service.as_somebody("executor"), service.submissions["2250001"]
    with following(viewer, number) as events:
        edit(editor, number, "1")
        last = next(events)["position"]
    edited = [edit(editor, number, price)["position"] for price in ("2", "3", "4")]
    with following(viewer, number, last) as events:
        assert [next(events)["position"] for _ in range(3)] == edited


def test_it_says_when_nothing_is_outstanding(service: Service, viewer: httpx2.Client) -> None:
    """A page whose line was lost goes on from what it has had, by the address, and learns when it is current again."""
    editor, number = service.as_somebody("executor"), service.submissions["2250001"]
    had = edit(editor, number, "1")["position"]
    edited = edit(editor, number, "2")["position"]
    with viewer.stream("GET", "events", params={"submission": number, "after": had}) as answer:
        told = [line for line in islice(answer.iter_lines(), 10) if line.startswith(("id: ", "event: "))]
    assert told[1:] == [f"id: {edited}", "event: delta", f"id: {edited}", "event: current"]


def test_what_others_do_elsewhere_is_not_told(service: Service, viewer: httpx2.Client) -> None:
    assert viewer.get("events", params={"submission": service.submissions["2260001"]}).status_code == 404
    doctor = service.as_somebody("executor-2260001")
    editor, number = service.as_somebody("executor"), service.submissions["2250001"]
    with following(viewer, number) as events:
        edit(doctor, service.submissions["2260001"], "5")
        position = edit(editor, number, "6")["position"]
        assert next(events)["position"] == position


def test_totals_of_one_process_follow_what_another_wrote(service: Service, viewer: httpx2.Client) -> None:
    editor, number = service.as_somebody("executor"), service.submissions["2250001"]
    edit(editor, number, "1000")
    rows = viewer.get("totals", params={"by": ["year"], "where": ["year:2026"]}).json()["rows"]
    assert rows == [["2026", str(2255 + 11000000 + 770000), "0"]]
    edit(editor, number, "1")
    one = viewer.get(f"submissions/{number}").json()
    assert one["revision"] == 3


def test_whoever_looks_at_totals_is_told_that_they_moved(service: Service, viewer: httpx2.Client) -> None:
    elsewhere = service.submissions["2260001"]
    with viewer.stream("GET", "events", params={"totals": True}) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("retry:")
        while next(lines) != "event: current":
            pass
        edit(service.as_somebody("executor-2260001"), elsewhere, "3")
        while not (line := next(lines)).startswith("event:"):
            pass
        assert line == "event: moved"
        assert int(next(lines).removeprefix("data: ")) > 0


def test_only_those_are_woken_whom_it_concerns(service: Service) -> None:
    mine, other = service.submissions["2250001"], service.submissions["2250002"]
    live, client = service.desk.live, service.as_somebody("executor")

    async def woken() -> list[bool]:
        with (
            live.watched(frozenset([mine]), totals=False) as of_mine,
            live.watched(frozenset([other]), totals=False) as of_other,
            live.watched(frozenset(), totals=True) as of_totals,
        ):
            cell = {"form": "purchases", "row": 2, "column": "price", "value": "9.25"}
            answer = await asyncio.to_thread(client.patch, f"submissions/{mine}/cells", json={"cells": [cell]})
            assert answer.status_code == 200
            await asyncio.wait_for(of_mine.wait(), 10)
            await asyncio.wait_for(of_totals.wait(), 10)
            return [event.is_set() for event in (of_mine, of_other, of_totals)]

    time.sleep(1)  # what was written before this has been told
    assert asyncio.run(woken()) == [True, False, True]

"""The service for those who run it: whether it lives, its figures and log, limits of rates, sizes and time, a database
that goes away and comes back, and checkpoints that are made by themselves."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shlex
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from api import connections
from api.app import create
from api.bodies import Bodies
from api.chores import Chores
from api.observing import Lines
from api.rates import Rates
from api.settings import Settings, from_environment
from api.store import journal
from api.store.database import Database
from api.store.schema import checkpoint
from tests.api.http.conftest import Service
from tests.api.http.test_events import edit, following, viewer
from tests.api.http.test_service import PRICE, patched, problem
from tests.api.store.conftest import owner_of

__all__ = ["viewer"]


def test_a_process_lives_and_is_ready(service: Service) -> None:
    at_root = str(service.client.base_url).split("/api")[0]
    assert service.client.get(f"{at_root}/health").json()["alive"] is True
    assert service.client.get(f"{at_root}/ready").json()["ready"] is True


def test_figures_count_requests_by_template_and_hide_from_strangers(service: Service) -> None:
    number = service.submissions["2250001"]
    patched(service.as_somebody("executor"), number, PRICE)
    told = TestClient(service.client.app, client=("127.0.0.1", 1)).get("/metrics").text
    assert 'esep_requests_total{method="PATCH",route="/submissions/{number}/cells",status="200"}' in told
    assert 'esep_request_seconds_bucket{le="0.02",method="PATCH",route="/submissions/{number}/cells"}' in told
    for name in (
        "esep_journal_position",
        "esep_listeners",
        "esep_edits_total",
        'esep_database_connections{state="used"}',
    ):
        assert name in told
    assert f"/submissions/{number}" not in told
    assert service.client.get("http://test/metrics").status_code == 404


def test_the_log_names_no_person_and_no_value(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "esep.request")
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    patched(client, number, PRICE | {"value": "31415.92"})
    client.get("search", params={"words": "бензин"})
    lines = [Lines().format(record) for record in caplog.records if record.name == "esep.request"]
    told = [json.loads(line) for line in lines]
    assert {"route", "method", "status", "ms", "request", "account", "at", "level"} <= set(told[-1])
    assert [one["route"] for one in told[-2:]] == ["/submissions/{number}/cells", "/search"]
    assert isinstance(told[-1]["account"], int)
    assert not [word for word in ("executor", "31415", "бензин", "127.0.0.1", "testclient") if word in "".join(lines)]


def test_a_request_keeps_the_number_that_a_proxy_gave_it(service: Service) -> None:
    answer = service.client.get("session", headers={"X-Request-ID": "proxy-17"})
    assert answer.headers["x-request-id"] == "proxy-17"
    forged = service.client.get("session", headers={"X-Request-ID": 'x" level="error'})
    assert len(forged.headers["x-request-id"]) == 32


def limited(service: Service, **rates: str) -> TestClient:
    """The service with other limits of rates."""
    application: Any = service.client.app
    rates_now: Rates = application.state.rates
    rates_now.settings = replace(rates_now.settings, **rates)
    return service.client


def test_signing_in_is_limited_by_login_and_by_address(service: Service) -> None:
    client = limited(service, rate_login="2/minute", rate_address="4/minute")
    body = {"login": "nobody", "password": "x"}
    assert [client.post("session", json=body).status_code for _ in range(3)] == [401, 401, 429]
    refused = client.post("session", json=body | {"login": "somebody"})
    assert problem(refused) == (401, "sign-in-wrong")
    refused = client.post("session", json=body | {"login": "another"})
    assert problem(refused) == (429, "too-many-requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 60


def test_a_session_may_ask_so_often(service: Service) -> None:
    client, other = service.as_somebody("executor"), service.as_somebody("head")
    limited(service, rate_reads="3/minute", rate_writes="1/minute")
    assert [client.get("session").status_code for _ in range(4)] == [200, 200, 200, 429]
    number = service.submissions["2250001"]
    assert patched(client, number, PRICE).status_code == 200
    assert problem(patched(client, number, PRICE)) == (429, "too-many-requests")
    assert other.get("session").status_code == 200


def test_settings_come_from_the_environment() -> None:
    found = from_environment({"ESEP_RATE_WRITES": "5/second", "ESEP_CHECKPOINT_LINES": "7", "ESEP_PRODUCTION": "1"})
    assert (found.rate_writes, found.checkpoint_lines, found.production, found.database) == ("5/second", 7, True, None)


def test_bodies_are_limited_however_they_come(service: Service) -> None:
    client, path = service.as_somebody("executor"), f"submissions/{service.submissions['2250001']}/cells"
    large = b" " * (33 * 2**20)
    assert problem(client.patch(path, content=large)) == (413, "request-too-large")
    parts = (b" " * 2**20 for _ in range(33))
    assert problem(client.patch(path, content=parts)) == (413, "request-too-large")


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    sent: list[Any] = []

    async def never(*_: Any) -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "PATCH", "path": "/", "headers": [(b"content-length", b"10")]}
    asyncio.run(Bodies(never, silence=0.05)(scope, never, send))
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["type"] == "request-too-slow"


def test_a_head_that_does_not_come_is_not_waited_for(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    with listening(service) as port, socket.create_connection(("127.0.0.1", port)) as slow:
        slow.settimeout(10)
        slow.sendall(b"GET /health HTTP/1.1\r\nX-Slow: ")
        with suppress(ConnectionResetError):
            assert slow.recv(100) == b""


@contextmanager
def listening(service: Service) -> Iterator[int]:
    """A server of the same database that speaks to clients as the workers of `esep serve` do."""
    settings = Settings(database=service.desk.database.url.render_as_string(hide_password=False))
    server = uvicorn.Server(uvicorn.Config(create(settings), port=0, http=connections.Connections, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


def test_checkpoints_are_made_by_themselves_and_by_one(service: Service) -> None:
    desk = service.desk
    desk = replace(desk, settings=replace(desk.settings, checkpoint_lines=2))
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    assert made(desk) == [3]
    assert made(desk) == [3]
    edit(client, number, "1")
    assert made(desk) == [3]
    edit(client, number, "2")
    assert made(desk) == [3, 5]
    edit(client, number, "3")
    assert made(replace(desk, settings=replace(desk.settings, checkpoint_minutes=0))) == [3, 5, 6]
    with desk.transaction() as held, desk.transaction() as other:
        edit(client, number, "4")
        assert journal.checkpoint_due(held, 1, 0)
        assert not journal.checkpoint_due(other, 1, 0)


def made(desk: Any) -> list[int]:
    """The positions of all checkpoints after a look at whether there is one to make."""
    Chores(desk)._keep_journal()
    with desk.reading() as connection:
        return list(connection.scalars(select(checkpoint.c.position).order_by(checkpoint.c.number)))


class Cluster:
    """The server of the tests' databases, which others use as well: whoever stops it starts it again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.keeper = folder, folder.owner()
        program, *self.options = shlex.split((folder / "postmaster.opts").read_text())
        self.control = Path(program).with_name("pg_ctl")

    def stop(self) -> None:
        self._run("-m", "immediate", "stop")

    def start(self) -> None:
        if not (self.folder / "postmaster.pid").exists():
            self._run("-l", str(self.folder / "log"), "-o", shlex.join(self.options), "start")

    def _run(self, *words: str) -> None:
        user = {"user": self.keeper} if os.geteuid() == 0 else {}
        command = [self.control, "-w", "-D", self.folder, *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder.parent, **user)


def test_a_database_that_goes_and_comes_back(service: Service, viewer: httpx2.Client, postgres: Cluster) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    with following(viewer, number) as events:
        before = edit(client, number, "1")
        assert next(events)["position"] == before["position"]
        postgres.stop()
        away = [patched(client, number, PRICE, revision=before["revision"]) for _ in range(3)]
        assert {problem(one) for one in away} == {(503, "database-away")}
        assert away[0].headers["retry-after"] == "1"
        assert problem(viewer.get("totals", params={"by": "year"})) == (503, "database-away")
        postgres.start()
        after = again(client, number, before["revision"])
        assert after["revision"] == before["revision"] + 1
        assert next(events)["position"] == after["position"]
    found = client.get(f"submissions/{number}/history").json()["history"]
    assert [one["revision"] for one in found] == [3, 2, 1]


def again(client: TestClient, number: int, revision: int) -> Any:
    """The same edit until the database answers."""
    for _ in range(100):
        answer = patched(client, number, PRICE, revision=revision)
        if answer.status_code != 503:
            return answer.json()
        time.sleep(0.1)
    raise TimeoutError


@pytest.fixture
def postgres(database: Database) -> Iterator[Cluster]:
    """The server of the tests' databases."""
    with owner_of(database).connect() as connection:
        cluster = Cluster(Path(str(connection.scalar(text("show data_directory")))))
    yield cluster
    cluster.start()

"""`esep serve` as it is run: under a short load and under fire no edit is lost, none is made twice, and it goes on; its
workers hand connections over, for a submission is one process's business, whoever was called.

What is asked here briefly, `esep bench service` and `esep bench crash` ask at the nation's size.
"""

from __future__ import annotations

import json
import re
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path

import pytest

from benchmarks import crash, load
from benchmarks._calls import request
from benchmarks._republic_served import Person, Served, database_of, editors, near, prepared, served, until_ready

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
NUMBER = re.compile(r"\d+-\d-\d")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A demo republic's database; no folder of pytest's, which only its owner may enter."""
    with tempfile.TemporaryDirectory(prefix="esep-") as place:
        yield Path(place, "data")


@pytest.fixture(scope="module")
def called(folder: Path) -> Iterator[tuple[Served, list[Person]]]:
    """A service of two workers, and executors of submissions of both."""
    with prepared("demo", None, folder) as settings:
        with database_of(settings) as database:
            people = editors(database, near(database, 200, 8))
        with served(settings, 2) as service:
            until_ready(service)
            yield service, people


def test_edits_that_wait_for_nobody_are_made_once(folder: Path) -> None:
    told = load.run({"size": "demo", "folder": folder, "editors": 3, "seconds": 3, "rate": 5})
    assert (told["lost"], told["doubled"], told["verified"], told["errors"]) == (0, 0, True, {})
    assert told["acknowledged"] >= told["count"] > 3
    assert told["loaded"]["submissions"] >= 60


def test_whoever_is_killed_is_replaced_and_nothing_is_lost(folder: Path) -> None:
    told = crash.run({"size": "demo", "folder": folder, "editors": 3, "kills": 2, "rate": 4})
    assert (told["kills"], told["lost"], told["doubled"], told["verified"]) == (2, 0, 0, True)
    assert told["acknowledged"] > 20


def test_a_submission_is_one_workers_on_any_connection(called: tuple[Served, list[Person]]) -> None:
    service, people = called
    with ExitStack() as stack:
        address = "127.0.0.1", service.port
        lines = [stack.enter_context(socket.create_connection(address)) for _ in range(4)]
        for turn, (at, line) in product(range(3), enumerate(lines)):
            for person in people:
                told = _asked(line, person, "", f"{person.submission}-{turn}-{at}")
                assert told["id"] == person.submission
    where = _processes(service, len(people) * len(lines) * 3)
    mine = [{process for number, process in where.items() if number.startswith(f"{p.submission}-")} for p in people]
    assert [len(processes) for processes in mine] == [1] * len(people)
    assert len(set.union(*mine)) == 2


def test_a_body_goes_over_with_its_connection(called: tuple[Served, list[Person]]) -> None:
    service, people = called
    with socket.create_connection(("127.0.0.1", service.port)) as line:
        for person in [*people, *people]:
            field = {"form": "header", "row": 0, "column": "institution", "value": person.code}
            told = _asked(line, person, "/cells", "", {"cells": [field], "dry": True})
            assert told["findings"] == []


def test_what_looks_like_a_request_inside_a_body_is_none(called: tuple[Served, list[Person]]) -> None:
    service, people = called
    one, other = people[0], next(p for p in people if (p.submission or 0) % 2 != (people[0].submission or 0) % 2)
    body = request("GET", f"submissions/{other.submission}", other.token)
    asked = request("PATCH", f"submissions/{one.submission}/cells", one.token, body)
    with socket.create_connection(("127.0.0.1", service.port)) as line:
        line.sendall(asked[: -len(body)])
        line.sendall(body)
        assert _answer(line)[0] == 422
        assert _asked(line, one, "", "")["id"] == one.submission


def _asked(line: socket.socket, person: Person, path: str, number: str, body: object = None) -> dict[str, object]:
    sent = json.dumps(body).encode() if body else b""
    data = request("PATCH" if body else "GET", f"submissions/{person.submission}{path}", person.token, sent)
    line.sendall(data.replace(b"Host: esep\r\n", f"Host: esep\r\nX-Request-Id: {number}\r\n".encode()))
    status, told = _answer(line)
    assert status == 200, told
    return dict(json.loads(told))


def _answer(line: socket.socket) -> tuple[int, bytes]:
    held = b""
    while b"\r\n\r\n" not in held:
        held += line.recv(65_536)
    head, _, body = held.partition(b"\r\n\r\n")
    length = LENGTH.search(head)
    assert length is not None
    while len(body) < int(length[1]):
        body += line.recv(65_536)
    return int(head[9:12]), body


def _processes(service: Served, asked: int) -> dict[str, int]:
    """The number of each request that was asked with one, and the process that answered it.

    A line is written after its answer, and a reader may see half of it: only ended lines are read, until all are there.
    """
    until = time.monotonic() + 30
    while True:
        whole = service.log.read_text("utf-8").rpartition("\n")[0]
        told = [one for one in map(json.loads, whole.splitlines()) if NUMBER.fullmatch(str(one.get("request")))]
        where = {one["request"]: one["process"] for one in told}
        if len(where) == asked:
            return where
        assert time.monotonic() < until, f"{len(where)} of {asked} requests are in the log"
        time.sleep(0.05)

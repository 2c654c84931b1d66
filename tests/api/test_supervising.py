"""A worker that is to stop answers what it has been asked, however long that takes, and lets listeners go."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from api import supervising
from api.handing import Peers, boxes

LONG = 1.5
"""Seconds, and several times the last words of this test."""


def _app(asked: threading.Semaphore) -> FastAPI:
    app = FastAPI()

    @app.get("/long")
    def long() -> str:
        asked.release()
        time.sleep(LONG)
        return "done"

    @app.get("/events")
    async def events() -> StreamingResponse:
        return StreamingResponse(_endless(asked))

    return app


async def _endless(asked: threading.Semaphore) -> AsyncIterator[str]:
    yield "first"
    asked.release()
    while True:
        await asyncio.sleep(60)
        yield "more"


def _got(port: int, path: str) -> tuple[int, bytes | None]:
    """Status and body; no body where the connection was cut."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as line:
        line.request("GET", path)
        with line.getresponse() as answer:
            try:
                return answer.status, answer.read()
            except (http.client.IncompleteRead, ConnectionError):
                return answer.status, None


def test_what_is_under_way_is_answered_and_listeners_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "LAST_WORDS", 0.2)
    asked, beats = threading.Semaphore(0), list[float]()

    async def beat() -> None:
        beats.append(time.monotonic())

    (box,) = boxes(1)
    server = supervising.server_of(_app(asked), Peers(0, [box]), beat)
    with box[0], box[1], socket.create_server(("127.0.0.1", 0)) as bound, ThreadPoolExecutor(3) as pool:
        serving = pool.submit(server.run, [bound])
        port = bound.getsockname()[1]
        answers = [pool.submit(_got, port, path) for path in ("/long", "/events")]
        for _ in answers:
            asked.acquire(timeout=20)
        stopped = time.monotonic()
        server.should_exit = True
        serving.result(20)
        ended = time.monotonic() - stopped
    assert [answer.result() for answer in answers] == [(200, b'"done"'), (200, None)]
    assert ended < LONG + 1, "no longer than what was asked"
    assert [moment for moment in beats if moment > stopped], "whoever finishes its work is not taken for hung"

"""Requests that arrive when they arrive: an open loop over persistent HTTP/1.1 connections, lean enough to share the
machine with the service that it measures.

Arrivals are drawn beforehand and wait for no answer; a request's time runs from the moment for which it was meant,
whatever the caller or the service was busy with then.
"""

from __future__ import annotations

import asyncio
import gc
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 30.0
"""Seconds after which a request counts as unanswered."""
PAUSE, REST = 0.1, 0.5
"""Seconds before a request is asked again whose connection broke, or that could not be answered then."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_PLACE = re.compile(rb'"revision": ?(\d+), ?"position": ?(\d+)')


@dataclass(slots=True)
class Asked:
    """A request and what became of it; moments are seconds of `time.perf_counter`."""

    data: bytes
    meant: float = 0.0
    status: int = 0
    answered: float = 0.0
    place: tuple[int, int] | None = None
    """The revision and the position in the journal that an edit's answer told."""
    tries: int = 0
    body: bytes = b""
    """Of an answer that is no success."""

    @property
    def milliseconds(self) -> float:
        """From the intended arrival to the whole answer."""
        return 1_000 * (self.answered - self.meant)


class _Line(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self.buffer = bytearray()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        ends = self.buffer.find(b"\r\n\r\n")
        if ends < 0 or self.waiting is None or self.waiting.done():
            return
        length = _LENGTH.search(self.buffer, 0, ends + 2)
        whole = ends + 4 + (int(length[1]) if length else 0)
        if len(self.buffer) >= whole:
            answer = int(self.buffer[9:12]), bytes(self.buffer[ends + 4 : whole])
            del self.buffer[:whole]
            self.waiting.set_result(answer)

    async def ask(self, data: bytes) -> tuple[int, bytes]:
        """The status and body of the answer."""
        if self.transport is None:
            raise ConnectionResetError
        self.waiting = asyncio.get_running_loop().create_future()
        self.transport.write(data)
        return await asyncio.wait_for(self.waiting, PATIENCE)


@dataclass
class Lines:
    """The connections to one service; each caller's are its own, one more is made while all of them are busy."""

    port: int
    idle: dict[int, list[_Line]] = field(default_factory=dict)

    async def ask(self, caller: int, asked: Asked, until: float = 0.0) -> Asked:
        """Ask; until that moment ask again, under the same key, whoever does not answer or cannot now."""
        while True:
            asked.tries += 1
            try:
                status, body = await self._once(caller, asked.data)
            except (OSError, TimeoutError):
                status, body = 0, b""
            asked.status, asked.answered = status, time.perf_counter()
            if 200 <= status < 300 or (asked.answered > until) or (400 <= status < 500 and status != 429):
                break
            await asyncio.sleep(REST if status else PAUSE)
        found = _PLACE.search(body, 0, 200)
        asked.place = (int(found[1]), int(found[2])) if found else None
        asked.body = body if not 200 <= status < 300 else b""
        return asked

    async def _once(self, caller: int, data: bytes) -> tuple[int, bytes]:
        """The answer. A connection kept from before that breaks is no answer: as browsers do, ask on a new one."""
        free = self.idle.setdefault(caller, [])
        while free:
            with suppress(ConnectionResetError):
                return await self._on(free.pop(), free, data)
        return await self._on(await self._new(), free, data)

    async def _on(self, line: _Line, free: list[_Line], data: bytes) -> tuple[int, bytes]:
        try:
            answer = await line.ask(data)
        except TimeoutError:
            if line.transport is not None:
                line.transport.abort()
            raise
        free.append(line)
        return answer

    async def _new(self) -> _Line:
        loop = asyncio.get_running_loop()
        _, line = await asyncio.wait_for(loop.create_connection(_Line, "127.0.0.1", self.port), PATIENCE)
        return line

    def close(self) -> None:
        """Hang up."""
        for line in (line for free in self.idle.values() for line in free if line.transport is not None):
            line.transport.abort()


Draw = Callable[[random.Random], tuple[int, Asked]]
"""Makes the next request and says whose it is; called at the moment of its arrival."""


def arrivals(drawn: random.Random, rate: float, seconds: float) -> Iterator[float]:
    """The moments of independent arrivals, in seconds from the start."""
    moment = drawn.expovariate(rate)
    while moment < seconds:
        yield moment
        moment += drawn.expovariate(rate)


async def open_loop(
    lines: Lines, draw: Draw, moments: Sequence[float], drawn: random.Random, grace: float
) -> list[Asked]:
    """Send a request at each moment; for so many seconds more than its patience each is asked again if need be. What
    the caller holds is not looked through for litter meanwhile: nothing would be sent for as long."""
    gc.collect()
    gc.freeze()
    start, tasks = time.perf_counter(), []
    for moment in moments:
        if (early := start + moment - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        caller, asked = draw(drawn)
        asked.meant = start + moment
        until = asked.meant + grace if grace else 0.0
        tasks.append(asyncio.create_task(lines.ask(caller, asked, until)))
    return list(await asyncio.gather(*tasks))


def request(method: str, path: str, token: str, body: bytes = b"", key: str = "") -> bytes:
    """The bytes of a request of somebody who has signed in."""
    more = f"Idempotency-Key: {key}\r\n" if key else ""
    kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    head = f"{method} /api/v1/{path} HTTP/1.1\r\nHost: esep\r\nCookie: esep_session={token}\r\n{more}{kind}\r\n"
    return head.encode() + body

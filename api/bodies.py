"""The bodies of requests, taken whole before anybody works on them: not too large, whether or not the client said how
large, and not too slow.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.problems import Problem
from engine.findings import finding

SIZE_MAX = 32 * 2**20
"""Bytes of any body; a route may take less."""
SILENCE_MAX = 15.0
"""Seconds without a byte."""
LASTING, SLOWEST = 30.0, 16 * 2**10
"""A body may take so many seconds, and one more for each so many bytes."""


@dataclass(frozen=True)
class Bodies:
    """The application behind whoever takes the bodies."""

    app: ASGIApp
    size_max: int = SIZE_MAX
    silence: float = SILENCE_MAX
    lasting: float = LASTING

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the body of a request that has one, or refuse it."""
        if scope["type"] != "http" or not (length := _announced(scope)):
            await self.app(scope, receive, send)
            return
        taken = await self._taken(receive) if length <= self.size_max else _too_large(self.size_max)
        if isinstance(taken, Problem):
            answer = problems.answer(Request(scope), taken)
            answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
        elif taken is not None:
            await self.app(scope, taken_already(taken, receive), send)

    async def _taken(self, receive: Receive) -> bytes | Problem | None:
        """The body, or why it is refused; None if the client has gone."""
        parts, size, began = list[bytes](), 0, time.monotonic()
        while True:
            left = began + self.lasting + size / SLOWEST - time.monotonic()
            try:
                async with asyncio.timeout(max(0.0, min(left, self.silence))):
                    message = await receive()
            except TimeoutError:
                return Problem([finding("request-too-slow", None)])
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self.size_max:
                return _too_large(self.size_max)
            if not message.get("more_body", False):
                return b"".join(parts)


def taken_already(body: bytes, receive: Receive) -> Receive:
    """The body once, then whatever comes."""
    told: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return told.pop() if told else await receive()

    return next_message


def _announced(scope: Scope) -> int:
    """How many bytes are to come, as the client says; 1 if there are some and it does not say how many."""
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return 1
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() else 1


def _too_large(limit: int) -> Problem:
    return Problem([finding("request-too-large", None, limit=limit)])

"""Tags of what is read (RFC 9110): whoever asks again with `If-None-Match` for what has not changed is told 304.

Where an answer follows from a state that is cheap to know, such as a submission's revision, a route says so
(`follows_from`) and does not make the answer twice; else the tag is the digest of the body. Tags are weak, for the
bytes may go out compressed. Bodies that are sent piece by piece, as events are, pass untouched. A browser may keep what
it was given, and has to ask each time.
"""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version

from fastapi import Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MADE_BY = version("esep")
"""An answer may look otherwise in another version."""
KEPT = "private, no-cache"
BARE = ("content-length", "content-type", "content-disposition")
"""Headers of a body, which an answer without one does not have."""


@dataclass
class _Asked:
    """What a reader has already, and the tag of the answer if its route has told it."""

    held: frozenset[str]
    tag: str | None = None


_ASKED: ContextVar[_Asked | None] = ContextVar("asked", default=None)


class UnchangedError(Exception):
    """The reader has the answer already."""


@dataclass(frozen=True)
class Tagged:
    """The application behind whoever tags its answers under a prefix."""

    app: ASGIApp
    prefix: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass; what it reads goes out with its tag, or not at all if the reader has it."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(self.prefix):
            await self.app(scope, receive, send)
            return
        asked = _Asked(_held(Request(scope).headers.get("if-none-match", "")))
        token = _ASKED.set(asked)
        began = list[Message]()

        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_whole(message):
                began.append(message)
                return
            if began:
                start = began.pop()
                message = message if message.get("more_body") else _with_tag(asked, start, message)
                await send(start)
            await send(message)

        try:
            await self.app(scope, receive, tagged)
        finally:
            _ASKED.reset(token)


def follows_from(*state: object) -> None:
    """Say that the answer at this address follows from that state alone; a reader who has it is not answered again."""
    asked = _ASKED.get()
    if asked is not None:
        digest = hashlib.sha256("\n".join(map(str, (MADE_BY, *state))).encode()).hexdigest()
        asked.tag = f'W/"{digest[:32]}"'
        if _same(asked.tag, asked.held):
            raise UnchangedError


def unchanged(request: Request, _: Exception) -> Response:
    """The answer of those who have it."""
    return Response(status_code=HTTPStatus.NOT_MODIFIED)


def _held(header: str) -> frozenset[str]:
    return frozenset(one.strip().removeprefix("W/") for one in header.split(",") if one.strip())


def _same(tag: str, held: frozenset[str]) -> bool:
    return "*" in held or tag.removeprefix("W/") in held


def _is_whole(start: Message) -> bool:
    """Whether an answer is one that has a tag, and comes in one piece as far as its head can tell."""
    if start["status"] == HTTPStatus.NOT_MODIFIED:
        return True
    return start["status"] == HTTPStatus.OK and any(name == b"content-length" for name, _ in start["headers"])


def _with_tag(asked: _Asked, start: Message, body: Message) -> Message:
    """The body as it is to go out after its head, which has the tag now."""
    headers = MutableHeaders(raw=start["headers"])
    given = headers.get("etag") or asked.tag
    tag = given or f'W/"{hashlib.sha256(body.get("body", b"")).hexdigest()[:32]}"'
    headers["ETag"] = tag
    headers.setdefault("Cache-Control", KEPT)
    if not _same(tag, asked.held):
        return body
    start["status"] = HTTPStatus.NOT_MODIFIED
    for name in BARE:
        del headers[name]
    return {"type": "http.response.body", "body": b""}

"""Each request as it passes: its number, how often its session may ask, what the metrics and the log say of it.

A line of the log is JSON and says nothing of persons but the number of an account: no login, no name, no address, no
value, not even a path, only the route's template. A failure is told by its kind and the places in our code.
"""

from __future__ import annotations

import logging
import re
import time
import traceback
import uuid
from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import Request
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import metrics, problems
from api.rates import Rates
from api.sessions import COOKIE

LOG = logging.getLogger("esep.request")
UNASKED = {"/health", "/ready", "/metrics"}
"""What machines ask often: logged only at the level of debugging."""
READS = {"GET", "HEAD", "OPTIONS"}
_NUMBER = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Observed:
    """The application behind whoever looks on."""

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self.app, self.rates = app, rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, and note what became of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, number = time.perf_counter(), _number_of(scope)
        told: dict[str, Any] = {"status": 500}
        scope.setdefault("state", {})["request_number"] = number

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                told["status"] = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", number.encode())]
            await send(message)

        try:
            await self._passed(scope, receive, noted)
        except Exception as error:
            told["failure"] = _failure(error)
            raise
        finally:
            self._note(scope, told, time.perf_counter() - began)

    async def _passed(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = scope["state"]["token"] = _token_of(scope)
        refused = self.rates.asking(token, scope["method"] not in READS) if token else None
        if refused is None:
            await self.app(scope, receive, send)
        else:
            await problems.answer(Request(scope), refused)(scope, receive, send)

    def _note(self, scope: Scope, told: dict[str, Any], seconds: float) -> None:
        route, method = _template_of(scope), scope["method"] if len(scope["method"]) <= 10 else "?"
        metrics.REQUESTS.labels(method, route, told["status"]).inc()
        if not route.endswith("/events"):  # these last as long as somebody listens
            metrics.SECONDS.labels(method, route).observe(seconds)
        if method not in READS and told["status"] < 300 and "/submissions/" in route:
            metrics.EDITS.inc()
        level = logging.DEBUG if route in UNASKED else logging.ERROR if told["status"] >= 500 else logging.INFO
        if LOG.isEnabledFor(level):
            facts = {"request": scope["state"]["request_number"], "method": method, "route": route, **told}
            facts |= {"ms": round(1_000 * seconds, 1), "account": scope["state"].get("account")}
            LOG.log(level, "request", extra={"facts": facts})


class Lines(logging.Formatter):
    """A record as one line of JSON; of an exception, its kind and the places."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "process": record.process}
        facts = getattr(record, "facts", None)
        told |= facts if facts is not None else {"logger": record.name, "told": record.msg}
        if record.exc_info and record.exc_info[1] is not None:
            told["failure"] = _failure(record.exc_info[1])
        return orjson.dumps(told, default=str).decode()


def configure(level: str) -> None:
    """Write the log to stderr from that level on; what libraries say, from warnings on and without their values."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("esep").setLevel(level.upper())


def _failure(error: BaseException) -> dict[str, Any]:
    """The kind of a failure and its places: its words may hold what somebody has entered."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return {
        "kind": type(error).__name__,
        "places": [f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in frames],
    }


def _number_of(scope: Scope) -> str:
    """The number that a proxy has given the request, or a new one."""
    given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
    return given if _NUMBER.fullmatch(given) else uuid.uuid4().hex


def _template_of(scope: Scope) -> str:
    """The route's template; what is no route of ours is one thing, whatever was asked for."""
    path = getattr(scope.get("route"), "path", None)
    return str(path) if path is not None else "(none)"


def _token_of(scope: Scope) -> str | None:
    """The token of the session in which somebody asks, if there is one."""
    held = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
    return cookie_parser(held.decode("latin-1")).get(COOKIE)

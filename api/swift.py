"""A shorter way in for what is asked for most: a change of cells, which people wait for with every key they press, and
what their pages read of a submission and of totals.

It leads to the same functions as the routes, which describe them; but nothing is looked up for it anew, and one thread
does all of it. Whatever is not plain at first sight takes the long way, which finds the words for what is wrong.

A change is calculated on the loop's own thread, and while it is written the loop goes on with others; reads have two
threads.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response
from pydantic import BaseModel, ValidationError
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from api.answers import PREFIX
from api.bodies import taken_already
from api.desk import Desk, let_in
from api.once import KEY, KEY_MAX
from api.plain import plain, written
from api.routes import submissions, totals
from api.turns import refuse_a_crowd, refuse_who_waited

LANES = 2
"""So many threads answer in a process: while one asks the database, another calculates. More would take turns with each
other, and all be late."""
_PARTS = {"number": r"\d{1,15}", "form": r"[a-z0-9_]{1,200}"}


@dataclass(frozen=True)
class Way:
    """To the function of a route: its method, its template, and the model of its body or query."""

    method: str
    path: str
    function: Callable[..., Any]
    model: type[BaseModel] | None = None
    at_once: Callable[..., Awaitable[Any]] | None = None
    """The same on the loop's own thread; None means that a thread has to do it, and that nothing has been done."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What its addresses look like."""
        return re.compile(PREFIX + re.sub(r"\{(\w+)\}", lambda part: f"(?P<{part[1]}>{_PARTS[part[1]]})", self.path))

    @cached_property
    def answer(self) -> Callable[..., Response]:
        """The function with its answer as it goes out."""
        return written(self.function, {})

    @cached_property
    def several(self) -> frozenset[str]:
        """What a query may tell more than once."""
        told = self.model.model_fields if self.model is not None else {}
        return frozenset(name for name, field in told.items() if field.annotation == list[str])

    def read(self, request: Request, parts: dict[str, str], body: bytes) -> list[Any] | None:
        """What the function is given after desk and user, the parts of the address first; None where something is not
        as it should be."""
        given = [int(told) if name == "number" else told for name, told in parts.items()]
        try:
            if self.method == "GET":
                return given if self.model is None else [*given, self.model.model_validate(self._query(request))]
            assert self.model is not None, "who changes something says what"
            key = request.headers.get(KEY)
            if request.headers.get("content-type") != "application/json" or len(key or "") > KEY_MAX:
                return None
            return [*given, self.model.model_validate_json(body), key]
        except ValidationError:
            return None

    def _query(self, request: Request) -> dict[str, Any]:
        told = request.query_params
        return {name: told.getlist(name) if name in self.several else told[name] for name in told}


WAYS = (
    Way("PATCH", "/submissions/{number}/cells", submissions.edit, submissions.Edits, submissions.edit_at_once),
    Way("GET", "/submissions/{number}", submissions.one),
    Way("GET", "/submissions/{number}/forms/{form}", submissions.form_of, submissions.Part),
    Way("GET", "/submissions/{number}/findings", submissions.findings),
    Way("GET", "/totals", totals.pivot, totals.Asked),
)


class Swift(BaseRoute):
    """The ways in, to be tried before all routes."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether there is one for a request, which has not been sent the long way."""
        if scope["type"] == "http" and _LONG not in scope:
            for way in WAYS:
                if scope["method"] == way.method and (found := way.pattern.fullmatch(scope["path"])):
                    return Match.FULL, {"route": way, _PARTED: found.groupdict()}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it in, or send it the long way."""
        way, request, came = scope["route"], Request(scope, receive), time.monotonic()
        lanes: CapacityLimiter = request.app.state.lanes
        refuse_a_crowd(lanes.statistics().tasks_waiting)
        body = b"" if way.method == "GET" else await request.body()
        asked = way.read(request, scope[_PARTED], body)
        if asked is None:
            await request.app.router({**scope, _LONG: True}, taken_already(body, receive), send)
        else:
            response = await _at_once(request, asked, lanes)
            if response is None:
                response = await to_thread.run_sync(_answered, request, asked, came, limiter=lanes)
            await response(scope, receive, send)


_LONG, _PARTED = "esep.long_way", "esep.parts"


async def _at_once(request: Request, asked: list[Any], lanes: CapacityLimiter) -> Response | None:
    way: Way = request.scope["route"]
    if (at_once := way.at_once) is None:
        return None
    desk: Desk = request.app.state.desk
    user = desk.doorkeeper.know(request.state.token)
    if user is None:
        user = await to_thread.run_sync(let_in, desk, request.state.token, limiter=lanes)
    request.state.account = user.account
    answer = await at_once(desk, user, *asked)
    return None if answer is None else plain(answer)


def _answered(request: Request, asked: list[Any], came: float) -> Response:
    refuse_who_waited(came)
    desk: Desk = request.app.state.desk
    user = let_in(desk, request.state.token)
    request.state.account = user.account
    way: Way = request.scope["route"]
    return way.answer(desk, user, *asked)

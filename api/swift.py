"""A shorter way in for the request that people wait for with every key they press: a change of cells.

It leads to the same function as its route, which describes it; but nothing is looked up for it anew, and one thread
does all of it. Whatever is not plain at first sight takes the long way, which finds the words for what is wrong.
"""

from __future__ import annotations

import re

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from api.answers import PREFIX
from api.bodies import taken_already
from api.desk import Desk, let_in
from api.observing import token_of
from api.once import KEY, KEY_MAX
from api.plain import written
from api.routes.submissions import Edits, edit

_PATH = re.compile(rf"{PREFIX}/submissions/(\d{{1,15}})/cells")
_ANSWER = written(edit, {})


class Swift(BaseRoute):
    """The way in, to be tried before all routes; `path` is the template of the one that it leads to."""

    path = "/submissions/{number}/cells"

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is to change cells, and has not been sent the long way."""
        fits = scope["type"] == "http" and scope["method"] == "PATCH" and _LONG not in scope
        return (Match.FULL, {"route": self}) if fits and _PATH.fullmatch(scope["path"]) else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it in, or send it the long way."""
        request = Request(scope, receive)
        body = await request.body()
        asked = _read(request, body)
        if asked is None:
            await request.app.router({**scope, _LONG: True}, taken_already(body, receive), send)
        else:
            response = await run_in_threadpool(_changed, request, *asked)
            await response(scope, receive, send)


_LONG = "esep.long_way"


def _read(request: Request, body: bytes) -> tuple[int, Edits, str | None] | None:
    """The submission's number, the cells and the key; None where something is not as it should be."""
    about, key = _PATH.fullmatch(request.scope["path"]), request.headers.get(KEY)
    if about is None or request.headers.get("content-type") != "application/json" or len(key or "") > KEY_MAX:
        return None
    try:
        return int(about[1]), Edits.model_validate_json(body), key
    except ValidationError:
        return None


def _changed(request: Request, number: int, wanted: Edits, key: str | None) -> Response:
    desk: Desk = request.app.state.desk
    user = let_in(desk, token_of(request.scope))
    request.state.account = user.account
    return _ANSWER(desk, user, number, wanted, key)

"""The service's description, and random requests made from it (schemathesis): no answer breaks it, none is a failure.

Requests go to a service in this process, signed in as one role after another; they are the same every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy, nothing
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from api.answers import ANSWERS, PREFIX
from api.app import create
from api.exchange.reading import XLSX
from api.sessions import COOKIE, start
from api.settings import Settings
from api.store.schema import account
from tests.api.http.conftest import Service, serving
from tests.api.store.conftest import Served, copy_of

EXAMPLES = 24
SLOWLY = {"POST /session": 6}
"""A password takes its time."""
ROLES = ("executor", "analyst", "curator", "system-administrator", "auditor", "methodologist")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDLESS = "/events"
OTHERWISE = {
    "DELETE /session",
    "DELETE /scenarios/{link}",
    "GET /submissions/{number}/attachments/{attachment_id}",
    "GET /submissions/{number}/export",
}
OTHERWISE |= {"GET /totals/export", "GET /metrics", f"GET {ENDLESS}"}
"""What answers no JSON: nothing, a file, or events without end."""
TOLD = create(Settings()).openapi()
NAMES = [
    f"{method.upper()} {path.removeprefix(PREFIX)}"
    for path, methods in TOLD["paths"].items()
    for method in methods
    if not path.endswith(ENDLESS)
]


@schemathesis.serializer(XLSX)
def workbook(_: Any, value: Any) -> bytes:
    """Bytes, which schemathesis makes, that are to be a workbook."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


@pytest.fixture(scope="module")
def hostile(template: Served) -> Iterator[Service]:
    """A service to be asked anything."""
    with copy_of(template, "hostile") as database, serving(database) as service:
        yield service


def test_every_answer_is_described() -> None:
    assert {*NAMES, f"GET {ENDLESS}"} == {*ANSWERS, *OTHERWISE}


@pytest.mark.parametrize("name", NAMES)
def test_no_request_breaks_the_description(hostile: Service, name: str) -> None:
    method, path = name.split(" ")
    schema = schemathesis.openapi.from_dict(TOLD)
    operation = schema[path if path in TOLD["paths"] else PREFIX + path][method]
    signed = cycle(ROLES)

    @settings(
        max_examples=SLOWLY.get(name, EXAMPLES),
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE) | _wrong(operation))
    def asked(case: Any) -> None:
        case.path_parameters = _near(case.path_parameters, hostile)
        answer = case.call(app=_running(hostile), cookies=_signed_in(hostile, next(signed)))
        case.validate_response(answer, checks=CHECKS)

    asked()


def _wrong(operation: Any) -> SearchStrategy[Any]:
    """Requests that are not as described, where anything can be wrong with them."""
    asks = operation.body or operation.query or operation.headers or operation.path_parameters
    return operation.as_strategy(generation_mode=GenerationMode.NEGATIVE) if asks else nothing()


def _near(asked: dict[str, Any], hostile: Service) -> dict[str, Any]:
    """What is asked, half of it of a submission, a form or a norm that is there."""
    there = {
        "number": list(hostile.submissions.values()),
        "form": ["purchases", "by_kind"],
        "name": ["markup", "goods"],
    }
    return {
        name: there[name][len(str(value)) % len(there[name])] if name in there and len(str(value)) % 2 else value
        for name, value in asked.items()
    }


def _running(hostile: Service) -> Any:
    """The service that runs already, so that it is not begun again."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] != "lifespan"
        await hostile.client.app(scope, receive, send)

    return app


def _signed_in(hostile: Service, login: str) -> dict[str, str]:
    """A new session: one of the requests signs out."""
    with hostile.desk.transaction() as connection:
        number = connection.execute(select(account.c.id).where(account.c.login == login)).scalar_one()
        return {COOKIE: start(connection, number, timedelta(hours=1))}

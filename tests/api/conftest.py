"""A real PostgreSQL for the tests of the database, by socket (`servers`).

Each test gets a database of its own, copied from a template in which the schema stands.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from api.store.database import Database
from tests.api.store.conftest import copy_of
from tests.api.store.servers import Served, server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[str], Served]]:
    """The server of a kind; it runs from the first test that asks for it until the last of all tests."""
    with ExitStack() as stack:
        yield cache(lambda kind: stack.enter_context(server(kind)))


@pytest.fixture(scope="session")
def template(servers: Callable[[str], Served], request: pytest.FixtureRequest) -> Served:
    """A server with a schema: of the kind that `tests/conftest.py` chose for the test, else the embedded one."""
    return servers(getattr(request, "param", "embedded"))


@pytest.fixture
def database(template: Served) -> Iterator[Database]:
    """A fresh database beside the others."""
    with copy_of(template, f"test_{next(_numbers)}") as database:
        yield database

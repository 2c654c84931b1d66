"""Where a command finds its database, and how it serves: one process by default, more when asked."""

from __future__ import annotations

import os
import socket
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from api.arguments import SlipError, whole
from api.settings import Settings, from_environment
from api.store.database import Database, opened
from engine.findings import Finding, finding

HOST, PORT = "127.0.0.1", 8000
PORT_MAX = 65_535
LAST_WORDS = 3
"""Seconds that those who still listen are given when the service stops."""


class UnreachableError(Exception):
    """A database that cannot be opened; `told` says why."""

    def __init__(self, told: Finding) -> None:
        super().__init__(str(told))
        self.told = told


def configure_database(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """The words that say which database."""
    parser.add_argument("--database", type=_address, metavar="URL", help=about("database"))
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help=about("data-folder"))


def configure_service(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """The words that say where to serve."""
    parser.add_argument("--port", type=whole("--port", 1), default=PORT, metavar="PORT", help=about("port"))
    parser.add_argument("--workers", type=whole("--workers", 1), default=1, metavar="N", help=about("workers"))


def settings_of(asked: Namespace) -> Settings:
    """The environment's settings, with what the command says in their place; a folder means the embedded server."""
    settings = from_environment()
    if asked.folder is not None:
        settings = replace(settings, database=None, folder=asked.folder)
    return settings if asked.database is None else replace(settings, database=asked.database)


@contextmanager
def reached(settings: Settings) -> Iterator[Database]:
    """The database of the settings, its connections closed afterwards."""
    try:
        with opened(settings.database, settings.folder.resolve()) as database:
            try:
                yield database
            finally:
                database.engine.dispose()
    except OperationalError as error:
        problem = str(error.orig).strip().splitlines()[0]
        raise UnreachableError(finding("database-unreachable", None, problem=problem)) from None


def taken(port: int) -> Finding | None:
    """Why nothing can be served there."""
    if port > PORT_MAX:
        return finding("port-unusable", None, port=port, problem=f"> {PORT_MAX}")
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            return finding("port-unusable", None, port=port, problem=error.strerror or error)
    return None


def serve(settings: Settings, port: int, workers: int) -> None:
    """Serve until told to stop; workers are processes of their own and get the settings by the environment."""
    os.environ |= {"ESEP_FOLDER": str(settings.folder.resolve()), "DATABASE_URL": settings.database or ""}
    uvicorn.run(
        "api.app:create", factory=True, host=HOST, port=port, workers=workers, log_level="warning", access_log=False,
        timeout_graceful_shutdown=LAST_WORDS,
    )  # fmt: skip


def _address(written: str) -> str:
    try:
        backend = make_url(written).get_backend_name()
    except ArgumentError:
        backend = ""
    if backend != "postgresql":
        raise SlipError(finding("option-value-no-database", option="--database", got=written))
    return written

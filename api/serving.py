"""Where a command finds its database, and how it serves: one process by default, more when asked."""

from __future__ import annotations

import os
import socket
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from api.arguments import SlipError, whole
from api.settings import Settings, from_environment
from api.store.database import Database, opened, owned
from engine.findings import Finding, finding

HOST, PORT = "127.0.0.1", 8000
PORT_MAX = 65_535
METRICS = "PROMETHEUS_MULTIPROC_DIR"
"""Where processes leave their figures for whoever adds them up (`api.metrics`)."""


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
        raise UnreachableError(_unreachable(error)) from None


@contextmanager
def owning(settings: Settings, *, there: bool = False) -> Iterator[URL]:
    """The database of the settings as its owner reaches it, its schema as it is; `there` if none is to be made."""
    if there and settings.database is None and not (settings.folder / "PG_VERSION").is_file():
        raise UnreachableError(finding("database-missing", None, folder=settings.folder))
    try:
        with owned(settings.database, settings.folder.resolve()) as owner:
            yield owner
    except OperationalError as error:
        raise UnreachableError(_unreachable(error)) from None


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
    """Serve until told to stop; workers are processes of their own, and who dies is replaced."""
    with tempfile.TemporaryDirectory(prefix="esep-metrics-") as figures:
        os.environ.setdefault(METRICS, figures)  # before anything that counts is imported
        try:
            import_module("api.supervising").supervise(settings, HOST, port, workers)
        except OperationalError as error:
            raise UnreachableError(_unreachable(error)) from None


def _unreachable(error: OperationalError) -> Finding:
    return finding("database-unreachable", None, problem=str(error.orig).strip().splitlines()[0])


def _address(written: str) -> str:
    try:
        backend = make_url(written).get_backend_name()
    except ArgumentError:
        backend = ""
    if backend != "postgresql":
        raise SlipError(finding("option-value-no-database", option="--database", got=written))
    return written

"""The two kinds of PostgreSQL that the tests run on: the embedded server, and the system's own as a plain role.

A `Served` knows the address by which the service signs in and that of whoever may do anything. The system's server is a
cluster of our own, made by the system's programs in a folder that only its owner enters, reached by its socket; there
the service's role may make databases and nothing else, as an office would hand it out. Neither server syncs: a test
that ends with the machine has failed anyway.
"""

from __future__ import annotations

import os
import pwd
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url

from api.store.database import opened

PROGRAMS = Path("/usr/lib/postgresql")
PLAIN = "office"


@dataclass(frozen=True)
class Served:
    """A running server with one database in which the schema stands: the others are its copies."""

    url: URL
    maker: URL
    """Who makes databases: on the system's server the plain role itself."""

    @property
    def template(self) -> str:
        assert self.url.database is not None
        return self.url.database


@contextmanager
def server(kind: str) -> Iterator[Served]:
    """A server of that kind for as long as the block lasts."""
    with _system() if kind == "system" else _embedded() as served:
        yield served


def by_hand(url: URL) -> Engine:
    """A connection as the one who may do anything."""
    return create_engine(url.set(username="postgres"), isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)


def programs() -> Path | None:
    """Where the system's newest server is installed."""
    found = [path.parent for path in PROGRAMS.glob("*/bin/postgres")]
    return max(found, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0), default=None)


@contextmanager
def _embedded() -> Iterator[Served]:
    """Its folder is no pytest's: those only their owner may enter, and as root the server runs as another."""
    with tempfile.TemporaryDirectory(prefix="esep-") as folder, opened(None, Path(folder, "data")) as database:
        database.engine.dispose()
        with by_hand(database.url).connect() as connection:
            connection.execute(text("alter system set fsync = off"))
            connection.execute(text("select pg_reload_conf()"))
        yield Served(database.url, database.url.set(username="postgres"))


@contextmanager
def _system() -> Iterator[Served]:
    where, keeper = programs(), "postgres" if os.geteuid() == 0 else None
    assert where is not None, "there is no PostgreSQL of the system: apt-get install postgresql"
    with tempfile.TemporaryDirectory(prefix="esep-") as folder:
        if keeper is not None:
            os.chown(folder, pwd.getpwnam(keeper).pw_uid, -1)
        data = f"{folder}/data"

        def run(program: str, *words: str) -> None:
            subprocess.run([where / program, "-D", data, *words], user=keeper, cwd=folder, check=True, stdout=-3)

        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        run("pg_ctl", "-w", "-l", f"{folder}/log", "-o", f"-F -h '' -k {folder}", "start")
        try:
            yield _office(make_url(f"postgresql+psycopg://postgres@/postgres?host={folder}"))
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")


def _office(owner: URL) -> Served:
    """A database of the plain role's, its schema made by that role."""
    with by_hand(owner).connect() as connection:
        connection.execute(text(f"create role {PLAIN} login createdb nosuperuser nocreaterole"))
        connection.execute(text(f"create database {PLAIN} owner {PLAIN}"))
    url = owner.set(username=PLAIN, database=PLAIN)
    with opened(url.render_as_string(hide_password=False), Path()) as database:
        database.engine.dispose()
    return Served(url, url.set(database="postgres"))

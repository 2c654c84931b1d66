"""A republic in a real PostgreSQL, served as `esep serve` serves it, and those who have signed in to it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Connection, Row, select

from api import sessions
from api.installation import ROOT
from api.serving import reached
from api.settings import Settings
from api.store.database import Database
from api.store.schema import account, membership, organisation, snapshot, submission

_OPEN = submission.c.state == "draft"
PATIENCE = 300.0
"""Seconds that a service is given to be ready; whoever shares the machine may need most of it."""
SETTLED = 12
"""Answers in a row, each of whichever worker the system chose, that mean all of them."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has signed in; `submission` is the one of the institution, if there is one."""

    account: int
    role: str
    token: str
    code: str
    submission: int | None


@dataclass
class Served:
    """A running service: its supervisor, its port, its database's folder where that is embedded, what it logs."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path | None
    log: Path
    spent: dict[str, float] = field(default_factory=dict)

    def workers(self) -> list[psutil.Process]:
        """The processes that answer."""
        with suppress(psutil.Error):
            return [one for one in psutil.Process(self.process.pid).children() if "python" in one.name()]
        return []

    def postgres(self) -> list[psutil.Process]:
        """The embedded server's processes, its first one first."""
        found: list[psutil.Process] = []
        with suppress(psutil.Error, OSError, ValueError):
            if self.folder is not None:
                first = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
                found = [first, *first.children()]
        return found

    def processor_seconds(self) -> dict[str, float]:
        """What each part has used of the processors until now."""
        parts = {"service": [psutil.Process(self.process.pid), *self.workers()], "postgres": self.postgres()}
        return {name: sum(map(_seconds, processes)) for name, processes in parts.items()} | {
            "load": time.process_time()
        }


@contextmanager
def prepared(size: str, database: str | None, folder: Path | None) -> Iterator[Settings]:
    """A database with a republic of that size: the one at an address or in a folder, else one that goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="esep-bench-") as place:
        Path(place).chmod(0o755)
        settings = Settings(database=database, folder=folder or Path(place, "data"))
        where = ["--database", database] if database else ["--folder", str(settings.folder)]
        command = [sys.executable, "-m", "api.cli", "demo", "--size", size, "--no-serve", "--json", *where]
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        yield settings


@contextmanager
def served(settings: Settings, workers: int) -> Iterator[Served]:
    """`esep serve` on a free port until the end of the block."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    where = ["--database", settings.database] if settings.database else ["--folder", str(settings.folder)]
    command = [sys.executable, "-m", "api.cli", "serve", "--workers", str(workers), "--port", str(port), *where]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with tempfile.NamedTemporaryFile(prefix="esep-bench-", suffix=".log") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=log)
        try:
            yield Served(process, port, None if settings.database else settings.folder.resolve(), Path(log.name))
        finally:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()


def until_ready(service: Served) -> dict[str, float]:
    """Wait for a service whose workers have all been born with compiled code; seconds until it answered, until a worker
    was ready, and until then."""
    start, told, settled = time.perf_counter(), dict[str, float](), 0
    while settled < SETTLED and time.perf_counter() - start < PATIENCE:
        assert service.process.poll() is None, service.log.read_text("utf-8")[-2_000:]
        body = _asked(service.port)
        for name, so in (("answers_s", body is not None), ("ready_s", body and body.get("ready"))):
            if so and name not in told:
                told[name] = round(time.perf_counter() - start, 2)
        settled = settled + 1 if body and body.get("rehearsed") else 0
        time.sleep(0.05)
    assert settled == SETTLED, "the service settles"
    return told | {"settled_s": round(time.perf_counter() - start, 2)}


def _asked(port: int) -> dict[str, Any] | None:
    """What the service says of itself, on a new connection."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=30) as answer:
            return dict(json.loads(answer.read()))
    except urllib.error.HTTPError:
        return {}
    except OSError:
        return None


def people(database: Database, count: int) -> list[Person]:
    """So many sessions of the republic's people, some of them several of the same one's."""
    of = organisation.c
    read = (
        select(account.c.id, membership.c.role, of.code, submission.c.id)
        .join_from(membership, account)
        .join(organisation, of.id == membership.c.organisation)
        .outerjoin(submission, (submission.c.organisation == of.id) & ~submission.c.official_use & _OPEN)
        .where(membership.c.role.not_in(["official-use", "system-administrator", "commission", "treasury"]))
        .order_by(account.c.id)
    )
    with database.engine.begin() as connection:
        found = [row for row in connection.execute(read).all() if row[1] != "executor" or row[3] is not None]
        turns = (found[i % len(found)] for i in range(count))
        return [_signed_in(connection, row) for row in turns]


def editors(database: Database, numbers: Sequence[int]) -> list[Person]:
    """The executors of some submissions, signed in."""
    with database.engine.begin() as connection:
        read = (
            select(account.c.id, membership.c.role, organisation.c.code, submission.c.id)
            .join_from(membership, account)
            .join(organisation, organisation.c.id == membership.c.organisation)
            .join(submission, submission.c.organisation == organisation.c.id)
            .where(membership.c.role == "executor", submission.c.id.in_(numbers))
        )
        return [_signed_in(connection, row) for row in connection.execute(read).all()]


def near(database: Database, rows: int, count: int) -> list[int]:
    """The submissions whose forms hold about that many rows together."""
    read = select(snapshot.c.submission, snapshot.c.rows).join(submission)
    with database.engine.connect() as connection:
        found = connection.execute(read.where(snapshot.c.revision == 1, ~submission.c.official_use, _OPEN)).all()
    sizes = {number: sum(len(order) - 1 for order in orders.values()) for number, orders in found}
    return sorted(sizes, key=lambda number: (abs(sizes[number] - rows), number))[:count]


@contextmanager
def database_of(settings: Settings) -> Iterator[Database]:
    """The republic's database."""
    with reached(settings) as database:
        yield database


def _signed_in(connection: Connection, row: Row[Any]) -> Person:
    token = sessions.start(connection, row[0], timedelta(hours=8))
    return Person(row[0], row[1], token, row[2], row[3])


def _seconds(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        return sum(process.cpu_times()[:2])
    return 0.0

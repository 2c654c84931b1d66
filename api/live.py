"""The journal as it grows, for all who wait for it in one process: totals advance, and viewers are woken.

PostgreSQL tells of each new line by NOTIFY, whichever process wrote it; what is told is only a position, the lines are
then read. A lost connection is made again, and nothing is missed: reading always goes on from the last position.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import text

from api.store.database import AWAY, LOST, Database
from api.store.journal import CHANNEL
from api.store.totals import Totals

PATIENCE = 1.0
"""Seconds between looks at whether to stop, and between attempts to reach a database that is away."""

TOGETHER = 0.05
"""Seconds in which lines gather before they are read in one go; what this process wrote itself it knows by then."""


@dataclass
class Live:
    """One thread that listens, and everybody who waits."""

    database: Database
    totals: Totals
    _waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        """Listen from now on; what the database cannot tell now, it is asked again."""
        self._thread = threading.Thread(target=self._listen, name="journal", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop listening: whoever listens is woken to see it."""
        self._stop.set()
        if self._thread is not None:
            with suppress(*AWAY), self.database.reading.connect() as connection:
                connection.execute(text("select pg_notify(:channel, '')"), {"channel": CHANNEL})
            self._thread.join()

    @property
    def listeners(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @contextmanager
    def woken(self) -> Iterator[asyncio.Event]:
        """An event of the running loop that is set whenever the journal has grown."""
        entry = (asyncio.get_running_loop(), asyncio.Event())
        self._waiting.add(entry)
        try:
            yield entry[1]
        finally:
            self._waiting.discard(entry)

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                self._hear()
            except (psycopg.OperationalError, *AWAY):
                self._stop.wait(PATIENCE)

    def _hear(self) -> None:
        address = self.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True, **LOST) as connection:
            connection.execute(f"listen {CHANNEL}")
            self._advance()
            while not self._stop.is_set():
                if told := list(connection.notifies(timeout=PATIENCE, stop_after=1)):
                    self._stop.wait(TOGETHER)
                    told += connection.notifies(timeout=0)
                    self._advance(max((int(one.payload) for one in told if one.payload), default=0))

    def _advance(self, position: int | None = None) -> None:
        """Wake those who wait; what this process has not written itself is read first."""
        if position is None or position > self.totals.position:
            with self.database.reading.connect() as connection:
                self.totals.catch_up(connection)
        for loop, event in list(self._waiting):
            loop.call_soon_threadsafe(event.set)

"""The journal as it grows, for all who wait for it in one process: totals advance, and viewers are woken.

PostgreSQL tells of each new line by NOTIFY, whichever process wrote it; what is told is only a position, the lines are
then read, and those viewers woken whom they concern. A lost connection is made again, and nothing is missed: reading
always goes on from the last position. PostgreSQL tells too when somebody signs out or has other roles.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import text

from api.sessions import PEOPLE
from api.store.database import AWAY, LOST, Database
from api.store.journal import CHANNEL
from api.store.totals import Totals

PATIENCE = 1.0
"""Seconds between looks at whether to stop, and between attempts to reach a database that is away."""

TOGETHER, UNWATCHED = 0.05, 0.25
"""Seconds in which lines gather before they are read in one go, and where nobody waits for them; what this process
wrote itself it knows by then."""


@dataclass(frozen=True, slots=True, eq=False)
class Viewer:
    """Somebody who waits: for lines of these submissions, or for any, since totals move with it."""

    submissions: frozenset[int]
    totals: bool
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """There is something to see; from any thread."""
        with suppress(RuntimeError):  # of a loop that has ended
            self.loop.call_soon_threadsafe(self.woken.set)


@dataclass
class Live:
    """One thread that listens, and everybody who waits."""

    database: Database
    totals: Totals
    people_changed: Callable[[], None]
    """What is to be done when somebody may have signed out or have other roles."""
    _seen: int = 0
    """The position up to which viewers have been woken."""
    _waiting: set[Viewer] = field(default_factory=set)
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
    def watched(self, submissions: frozenset[int], totals: bool) -> Iterator[asyncio.Event]:
        """An event of the running loop that is set whenever the journal has grown by what one waits for."""
        viewer = Viewer(submissions, totals)
        self._waiting.add(viewer)
        try:
            yield viewer.woken
        finally:
            self._waiting.discard(viewer)

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                self._hear()
            except (psycopg.OperationalError, *AWAY):
                self._stop.wait(PATIENCE)

    def _hear(self) -> None:
        with psycopg.connect(self.database.address, autocommit=True, **LOST) as connection:
            connection.execute(f"listen {CHANNEL}")
            connection.execute(f"listen {PEOPLE}")
            self.people_changed()
            self._advance()
            while not self._stop.is_set():
                if told := list(connection.notifies(timeout=PATIENCE, stop_after=1)):
                    self._stop.wait(TOGETHER if self._waiting else UNWATCHED)
                    told += connection.notifies(timeout=0)
                    if any(one.channel == PEOPLE for one in told):
                        self.people_changed()
                    self._advance(max((int(one.payload) for one in told if one.payload), default=0))

    def _advance(self, position: int | None = None) -> None:
        """Read what this process has not written itself, and wake those whom it or that concerns."""
        if position is None or position > self.totals.position:
            with self.database.reading.connect() as connection:
                self.totals.catch_up(connection)
        grown, now = self.totals.grown(self._seen)
        self._seen = now
        for viewer in list(self._waiting):
            if grown is None or (viewer.totals and grown) or grown & viewer.submissions:
                viewer.wake()

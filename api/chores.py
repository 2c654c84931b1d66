"""What a process of the service does beside answering: it reads all submissions at its start, and keeps the journal.

Nobody waits for it: a submission that is asked for before all have been read is read by itself. A database that is away
is tried again.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from api import metrics
from api.desk import Desk
from api.store import journal
from api.store.database import AWAY
from api.store.loading import load_all

LOOK = 5.0
"""Seconds between looks at what there is to do."""
AGAIN = 0.5
"""Seconds until a database that was away is tried again."""


@dataclass
class Chores:
    """One thread of one process."""

    desk: Desk
    warm: threading.Event = field(default_factory=threading.Event)
    """Set when totals and submissions are in memory."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begin now."""
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop after what is being done."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            metrics.look(self.desk)
            try:
                if not self.warm.is_set():
                    self._read_all()
                self._keep_journal()
                self._stop.wait(LOOK)
            except AWAY:
                self._stop.wait(AGAIN)

    def _read_all(self) -> None:
        with self.desk.reading() as connection:
            self.desk.totals.catch_up(connection)
            if not self.desk.store.memory.whole:
                load_all(self.desk.store, connection)
        self.warm.set()

    def _keep_journal(self) -> None:
        """Make a checkpoint when it is time; one process does it, the others find it done."""
        settings = self.desk.settings
        with self.desk.transaction() as connection:
            if journal.checkpoint_due(connection, settings.checkpoint_lines, settings.checkpoint_minutes):
                journal.make_checkpoint(connection)

"""What one process remembers of submissions: those looked at last, each at some revision, until there are too many."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from api.store.held import Held

SUBMISSIONS_MAX = 2_000


@dataclass
class Memory:
    """Submissions by number, the one used last at the end; safe for several threads."""

    held: OrderedDict[int, Held] = field(default_factory=OrderedDict)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def get(self, submission: int) -> Held | None:
        """What is remembered, of whatever revision."""
        with self.guard:
            found = self.held.get(submission)
            if found is not None:
                self.held.move_to_end(submission)
            return found

    def keep(self, held: Held) -> None:
        """Remember a revision unless a later one is known."""
        with self.guard:
            old = self.held.get(held.submission)
            if old is None or old.revision <= held.revision:
                self.held[held.submission] = held
                self.held.move_to_end(held.submission)
            while len(self.held) > SUBMISSIONS_MAX:
                self.held.popitem(last=False)

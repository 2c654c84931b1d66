"""What one process remembers of submissions: those looked at last, each at some revision, until there are too many.

A whole database may be loaded at once (`api.store.loading`): its submissions are asleep, inputs only, and each wakes
when it is first asked for.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from api.store.held import Held

SUBMISSIONS_MAX = 2_000


@dataclass
class Memory:
    """Submissions by number, the one used last at the end; safe for several threads."""

    held: OrderedDict[int, Held] = field(default_factory=OrderedDict)
    asleep: dict[int, Callable[[], Held]] = field(default_factory=dict)
    """What makes a submission that was loaded and not yet asked for."""
    whole: bool = False
    """Whether all submissions have been loaded that there were."""
    guard: threading.Lock = field(default_factory=threading.Lock)

    def get(self, submission: int) -> Held | None:
        """What is remembered, of whatever revision."""
        with self.guard:
            found = self.held.get(submission)
            if found is not None:
                self.held.move_to_end(submission)
                return found
            wake = self.asleep.pop(submission, None)
        if wake is None:
            return None
        self.keep(woken := wake())
        return woken

    def lay_down(self, submission: int, wake: Callable[[], Held]) -> None:
        """Remember how to make a submission that nobody has asked for yet."""
        with self.guard:
            if submission not in self.held:
                self.asleep[submission] = wake

    def keep(self, held: Held) -> None:
        """Remember a revision unless a later one is known."""
        with self.guard:
            old = self.held.get(held.submission)
            if old is None or old.revision <= held.revision:
                self.held[held.submission] = held
                self.held.move_to_end(held.submission)
            while len(self.held) > SUBMISSIONS_MAX:
                self.held.popitem(last=False)

"""What one process remembers of submissions: those looked at last, each at some revision, until there are too many.

A whole database may be loaded at once (`api.store.loading`): its submissions are asleep, and each wakes when it is
next asked for.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from api.store.held import Held

SUBMISSIONS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Asleep:
    """A submission that was loaded and not asked for since: at which revision, and what makes it."""

    revision: int
    wake: Callable[[], Held]


@dataclass
class Memory:
    """Submissions by number, the one used last at the end; safe for several threads."""

    held: OrderedDict[int, Held] = field(default_factory=OrderedDict)
    asleep: dict[int, Asleep] = field(default_factory=dict)
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
            asleep = self.asleep.pop(submission, None)
        if asleep is None:
            return None
        self.keep(woken := asleep.wake())
        return woken

    def revision(self, submission: int) -> int:
        """At which revision a submission is remembered; 0 where it is not."""
        with self.guard:
            found = self.held.get(submission) or self.asleep.get(submission)
            return 0 if found is None else found.revision

    def lay_down(self, submission: int, asleep: Asleep) -> None:
        """Remember how to make a submission as it was lately, unless it is held as late as that."""
        with self.guard:
            old = self.held.get(submission)
            if old is None or old.revision < asleep.revision:
                self.held.pop(submission, None)
                self.asleep[submission] = asleep

    def keep(self, held: Held) -> None:
        """Remember a revision unless a later one is known."""
        with self.guard:
            old = self.held.get(held.submission)
            if old is None or old.revision <= held.revision:
                self.held[held.submission] = held
                self.held.move_to_end(held.submission)
            while len(self.held) > SUBMISSIONS_MAX:
                self.held.popitem(last=False)

"""What of the totals a user sees: each submission's stage and place asked of the table of access, and remembered.

An institution's people see its own lines, an administrator's those below it, the centre's by stage. What is for
official use is an aggregate to whoever is not named for it. The submissions are read again when one begins or changes
its stage, and every few seconds, since organisations move too.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from api.access import Membership, Subject, User, refusal, table
from api.desk import Desk, subject_of, subjects
from api.store.totals import Sight

SECONDS = 5.0
"""How long what was read of the submissions is taken for true."""
PEOPLE_MAX = 10_000
Seen = tuple[frozenset[int], frozenset[int], str]
"""Submissions that are seen, those of them that are only an aggregate, and a digest of both."""


@dataclass
class Sights:
    """All submissions as the table of access knows them, at one moment, and what was asked of it."""

    age: int
    read: float
    subjects: dict[int, Subject]
    below: dict[int, list[int]] = field(default_factory=dict)
    """Organisation → the submissions that are its own or below it."""
    known: dict[tuple[Membership, ...], Seen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, subject in self.subjects.items():
            for organisation in subject.path:
                self.below.setdefault(organisation, []).append(number)

    def seen(self, user: User) -> Seen:
        """What a user sees."""
        if user.memberships not in self.known:
            if len(self.known) >= PEOPLE_MAX:
                self.known.clear()
            self.known[user.memberships] = self._asked(user)
        return self.known[user.memberships]

    def _asked(self, user: User) -> Seen:
        asked = dict(self._within_reach(user))
        seen = {n for n, of in asked.items() if refusal(user, "totals", replace(of, official_use=False)) is None}
        hidden = {n for n in seen if asked[n].official_use and refusal(user, "totals", asked[n]) is not None}
        mark = hashlib.sha256(str((sorted(seen), sorted(hidden))).encode()).hexdigest()
        return frozenset(seen), frozenset(hidden), mark

    def _within_reach(self, user: User) -> Iterator[tuple[int, Subject]]:
        """The submissions that some line of the table may be about: all, or those of the user's organisations."""
        roles = {member.role for member in user.memberships}
        if any(rule.whose == "all" and rule.role in roles for rule in table().rules if rule.action == "totals"):
            yield from self.subjects.items()
            return
        for member in user.memberships:
            yield from ((number, self.subjects[number]) for number in self.below.get(member.organisation, ()))


def sight_of(desk: Desk, connection: Connection, user: User, cycle: str | None = None) -> Sight:
    """What of a cycle's totals a user sees; without a cycle the newest's."""
    now, held = time.monotonic(), desk.remembered.get("all")
    if held is None or held.age != desk.totals.age or now - held.read > SECONDS:
        age = desk.totals.age
        read = {row.id: subject_of(row) for row in connection.execute(subjects())}
        held = desk.remembered["all"] = Sights(age, now, read)
    return Sight(cycle or desk.totals.last_cycle(), *held.seen(user))

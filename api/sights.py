"""What of the totals a user sees: each submission's stage and place asked of the table of access, and remembered.

An institution's people see its own lines, an administrator's those below it, the centre's by stage. What is for
official use is an aggregate to whoever is not named for it. The submissions are read again when one begins or changes
its stage, and every few seconds, since organisations move too.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from api.access import Membership, Subject, User, refusal, table
from api.desk import Desk, subject_of, subjects
from api.store.statement import Statement
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
    known: dict[tuple[Membership, ...], Seen]
    below: dict[int, list[int]] = field(default_factory=dict)
    """Organisation → the submissions that are its own or below it."""

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
        """The table is asked once of all that are alike to it: under the same of one's organisations, at one stage."""
        mine, alike = {member.organisation for member in user.memberships}, dict[Hashable, list[int]]()
        for number, of in self._within_reach(user):
            near = of.path[0] in mine, *(one for one in of.path if one in mine)
            alike.setdefault((near, of.stage, of.official_use), []).append(number)
        seen, hidden = set[int](), set[int]()
        for numbers in alike.values():
            subject = self.subjects[numbers[0]]
            if refusal(user, "totals", replace(subject, official_use=False)) is None:
                seen.update(numbers)
                if subject.official_use and refusal(user, "totals", subject) is not None:
                    hidden.update(numbers)
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
    seen = _now(desk, connection).seen(user)
    return Sight(cycle or desk.totals.last_cycle(), *seen)


def _now(desk: Desk, connection: Connection) -> Sights:
    """All submissions as they are; one reads them again, the others wait for that."""
    with desk.looking:
        held, age, now = desk.remembered.get("all"), desk.totals.age, time.monotonic()
        if held is None or held.age != age or now - held.read > SECONDS:
            read = {row.id: subject_of(row) for row in _PLACES.rows(connection, {})}
            known = held.known if held is not None and held.subjects == read else {}
            held = desk.remembered["all"] = Sights(age, now, read, known)
        return held


_ALL = subjects()
_PLACES = Statement(
    _ALL.with_only_columns(
        *(_ALL.selected_columns[name] for name in ("id", "state", "organisation", "official_use", "above", "top")),
        maintain_column_froms=True,
    )
)

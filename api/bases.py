"""What a comparison rests on: the submissions of a cycle that somebody sees, as they stood at a journal's position.

Those under the same ruleset and norms are calculated in one workbook, when somebody first asks for it. What is for
official use to the asking user is left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from api.access import User
from api.desk import Desk
from api.editions import Texts, pinned_before
from api.sights import sight_of
from api.store import inputs_of
from api.store.schema import journal, snapshot, submission
from api.store.texts import expanded
from engine.joining import joined
from engine.packing import structure, together
from engine.plan import Plan
from engine.scenario import State, state_of
from engine.workbook import Workbook


@dataclass(frozen=True, slots=True)
class Base:
    """What a comparison rests on: a cycle at a position, the submissions in it, how many of those seen are left out."""

    cycle: str
    position: int
    numbers: frozenset[int]
    left_out: int

    def stored(self) -> list[object]:
        """As JSON."""
        return [self.cycle, self.position, sorted(self.numbers), self.left_out]


@dataclass
class Group:
    """Submissions under the same texts: their numbers in the order in which they stand in the workbook."""

    texts: Texts
    packings: dict[int, bytes]
    budgets: bool
    """Whether they put lines in the budget."""
    numbers: list[int] = field(default_factory=list)
    state: State | None = None

    def __len__(self) -> int:
        return len(self.packings) or len(self.numbers)

    def calculated(self, desk: Desk, connection: Connection) -> State:
        """All of them, calculated once; their inputs are let go then."""
        if self.state is None:
            plan = desk.store.texts.plan(connection, *self.texts)
            parts = list(_together(plan, self.packings))
            self.numbers = [number for numbers, _ in parts for number in numbers]
            self.state = state_of(plan, joined([workbook for _, workbook in parts]))
            self.packings = {}
        return self.state


@dataclass
class Standing:
    """A base with its submissions, once somebody has read them: those that put lines in the budget first, and of these
    those under the texts that most are under."""

    base: Base
    groups: list[Group] = field(default_factory=list)

    def read(self, desk: Desk, connection: Connection) -> list[Group]:
        """The groups."""
        if not self.groups:
            alike: dict[Texts, dict[int, bytes]] = {}
            for number, pinned, data in _inputs(desk, connection, self.base):
                alike.setdefault(pinned, {})[number] = data
            found = [
                Group(texts, some, desk.store.texts.ruleset_of(connection, texts[0]).asks)
                for texts, some in alike.items()
            ]
            self.groups = sorted(found, key=lambda group: (not group.budgets, -len(group)))
        return self.groups


def base_from(stored: Sequence[Any]) -> Base:
    """A base of its JSON."""
    cycle, position, numbers, left_out = stored
    return Base(cycle, position, frozenset(numbers), left_out)


def base_of(desk: Desk, connection: Connection, user: User, cycle: str, position: int) -> Base:
    """What a user sees of a cycle as it stood at a position."""
    sight = sight_of(desk, connection, user, cycle)
    mine = select(submission.c.id).where(submission.c.cycle == sight.cycle)
    numbers = [number for number in connection.scalars(mine) if sight.seen is None or number in sight.seen]
    return Base(sight.cycle, position, frozenset(numbers) - sight.hidden, len(sight.hidden & set(numbers)))


def _together(plan: Plan, packings: dict[int, bytes]) -> Iterator[tuple[Sequence[int], Workbook]]:
    alike: dict[bytes, list[int]] = {}
    for number, data in packings.items():
        alike.setdefault(structure(data), []).append(number)
    for numbers in alike.values():
        yield numbers, together(plan.ruleset, plan.norms, [packings[number] for number in numbers])


def _inputs(desk: Desk, connection: Connection, base: Base) -> Iterator[tuple[int, Texts, bytes]]:
    """The inputs of each submission as it stood at the position, if it was there, and the digests of the ruleset and
    norms that it was under."""
    last = select(journal.c.submission, func.max(journal.c.revision)).group_by(journal.c.submission)
    at = {row[0]: row[1] for row in connection.execute(last.where(journal.c.position <= base.position))}
    rows = {row.id: row for row in connection.execute(select(submission).where(submission.c.id.in_(base.numbers)))}
    kept = select(snapshot.c.submission, snapshot.c.revision, snapshot.c.inputs, snapshot.c.size)
    kept = kept.where(snapshot.c.submission.in_(base.numbers))
    stored = {(row.submission, row.revision): row for row in connection.execute(kept)}
    since = pinned_before(connection, base.numbers, base.position)
    for number in sorted(base.numbers & at.keys()):
        found = stored.get((number, at[number]))
        texts = since.get(number, (rows[number].ruleset, rows[number].norms))
        if found is not None:
            yield number, texts, expanded(found.inputs, found.size)
        elif (held := desk.store.at(connection, number, at[number])) is not None:
            yield number, texts, inputs_of(held)

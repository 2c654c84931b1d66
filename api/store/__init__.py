"""Submissions that live in PostgreSQL: opened, changed by one action at a time, and proved by their journal.

`Store.act` is the whole way of a change: what it makes of the submission is calculated in memory (`calculated`), then
the line of the journal, the lines of the budget and the new head are written by one statement (`write`), which writes
nothing where somebody else was faster; a caller who holds the submission's row cannot be overtaken. A submission is
opened from its last snapshot and the tail of the journal after it; a snapshot lags behind by `TAIL_MAX` lines at most.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from api.store import actions, journal
from api.store.database import Database
from api.store.held import CELLS, EDITION, Held, Payload, Plans, numbered, numbers_of, performed
from api.store.memory import Memory
from api.store.schema import snapshot, submission
from api.store.statement import Errands
from api.store.texts import Texts, compressed, expanded
from engine.evaluate import recalculate
from engine.findings import Finding, finding
from engine.limits import EDITS_MAX
from engine.lines import Lines, lines_of
from engine.packing import packed, unpacked
from engine.plan import Plan
from engine.renorm import WORTH_COMPILING
from engine.workbook import Delta, Workbook

TAIL_MAX = 100
"""Lines of the journal that a snapshot may lag behind."""
Prepared = tuple[str, Payload, Sequence[Finding]]
Amounts = dict[tuple[str, ...], tuple[int, int]]
"""A budget line's key → tiyn, and rows that are left out of it because of errors; not both are 0."""
Moved = list[list[Any]]
"""How lines moved, as the journal keeps it: key, tiyn, rows left out."""
Wish = Callable[[Held], Prepared]
"""Makes an action and its payload from the submission as it is, or says why it cannot be."""


@dataclass(frozen=True, slots=True)
class Birth:
    """A submission that is to be: its cycle, the digests of its ruleset and norms, whose it is, who begins it."""

    cycle: str
    ruleset: str
    norms: str
    organisation: int
    account: int
    state: str = "draft"
    official_use: bool = False
    origin: tuple[int, int] | None = None
    """The last cycle's submission that it is rolled forward from, and at which revision."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Who asks for an action, on which revision, and the caller's key, so that asking twice does it once."""

    account: int
    revision: int | None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a deed: the submission before and after it, what changed, and its place in the journal, or 0."""

    before: Held
    after: Held
    delta: Delta
    findings: tuple[Finding, ...]
    position: int
    entry: journal.Entry | None = None
    """What is to be written, or has been."""
    since: Sequence[journal.Move] = ()
    """What its writer had not read before it (`journal.Written`)."""

    @property
    def leaves_more(self) -> bool:
        """Whether it leaves anything beside its line: a snapshot now and then, and after a move to another edition
        which that is."""
        entry = self.entry
        return entry is not None and (entry.action == EDITION or entry.revision % TAIL_MAX == 0)


@dataclass
class Store:
    """The submissions of one database, as one process knows them."""

    database: Database
    texts: Texts = field(default_factory=Texts)
    memory: Memory = field(default_factory=Memory)

    def create(self, connection: Connection, birth: Birth, workbook: Workbook) -> int:
        """A new submission with these inputs: its first line of the journal holds their digest."""
        plan = self.texts.plan(connection, birth.ruleset, birth.norms)
        number = int(
            connection.execute(insert(submission).values(unborn(birth)).returning(submission.c.id)).scalar_one()
        )
        held = recalculated(Held(number, 1, journal.START, plan, workbook, numbered(plan, workbook)))
        payload = beginning(birth, inputs_of(held))
        moved = [[list(key), str(amount), rows] for key, (amount, rows) in sorted(amounts_of(held).items())]
        entry = journal.Entry(number, 1, journal.START, birth.account, "create", payload, moved)
        held = replace(held, head=journal.write(connection, entry).digest)
        write_snapshot(connection, held)
        return number

    def open(self, connection: Connection, number: int) -> Held | None:
        """A submission as it is now."""
        row = connection.execute(select(submission).where(submission.c.id == number)).first()
        return self.caught_up(connection, row) if row else None

    def at(self, connection: Connection, number: int, revision: int) -> Held | None:
        """A submission as it was at an earlier revision."""
        row = connection.execute(select(submission).where(submission.c.id == number)).first()
        if row is None or not 1 <= revision <= row.revision:
            return None
        return self._stored(connection, row, revision)

    def act(self, connection: Connection, number: int, deed: Deed, wish: Wish) -> Answer | None:
        """Do what is wished, or nothing and say why; the caller's transaction makes it so. None: no such submission."""
        row = connection.execute(select(submission).where(submission.c.id == number).with_for_update()).first()
        return None if row is None else self.write(connection, self.calculated(connection, row, deed, wish))

    def calculated(self, connection: Connection, row: Row[Any], deed: Deed, wish: Wish) -> Answer:
        """What a deed makes of a submission, nothing of it written. The row tells its revision and head, and if asked,
        where the line stands that has been `done` under the deed's key."""
        before = self.caught_up(connection, row)
        asked = "done" not in row._fields
        position = journal.position_of(connection, deed.account, deed.key) if asked else row.done
        if position is not None:
            return Answer(before, before, _NOTHING, (), position)
        return self.made(before, deed, wish, self.plans(connection))

    def made(self, before: Held, deed: Deed, wish: Wish, plans: Plans) -> Answer:
        """The same of a submission that is at hand, by a deed that has not been done before."""
        if deed.revision is not None and deed.revision != before.revision:
            stale = finding("revision-stale", None, got=deed.revision, expected=before.revision)
            return Answer(before, before, _NOTHING, (stale,), 0)
        action, payload, wrong = wish(before)
        if wrong or (action == "cells" and not payload["cells"]):
            return Answer(before, before, _NOTHING, tuple(wrong), 0)
        after, delta = performed(before, action, payload, plans)
        after = replace(after, revision=before.revision + 1)
        place = (after.submission, after.revision, before.head)
        entry = journal.Entry(*place, deed.account, action, payload, moved_by(delta), deed.key)
        return Answer(before, after, delta, delta.findings, 0, entry)

    def write(self, connection: Connection, answer: Answer, along: journal.Along = journal.ALONE) -> Answer:
        """Write down what was calculated, if anything, and what goes with it."""
        if answer.entry is None:
            return answer
        answer = _written(answer, journal.write(connection, answer.entry, along))
        if answer.leaves_more:
            self.keep(connection, answer)
        return answer

    async def write_on(self, errands: Errands, answer: Answer, along: journal.Along) -> Answer:
        """The same on the loop's own thread, but for what it leaves beside its line."""
        assert answer.entry is not None, "what was refused is not written"
        return _written(answer, await journal.write_on(errands, answer.entry, along))

    def keep(self, connection: Connection, answer: Answer) -> None:
        """Write down what an answer leaves beside its line."""
        assert answer.entry is not None, "of what has been written"
        if answer.entry.action == EDITION:
            ruleset, norms = answer.entry.payload["to"]
            mine = submission.c.id == answer.entry.submission
            connection.execute(update(submission).where(mine).values(ruleset=ruleset, norms=norms))
        write_snapshot(connection, answer.after)

    def committed(self, answer: Answer) -> None:
        """Remember what a transaction made, once it is certain."""
        self.memory.keep(answer.after)

    def undo(self, connection: Connection, account: int, *, again: bool = False) -> Wish:
        """The wish to undo (or do again) one's own last action."""

        def wish(held: Held) -> Prepared:
            former, lines = _since_edition(journal.of_submission(connection, held.submission))
            undone, done = _own(lines, account)
            stack, word = (undone, "redoes") if again else (done, "undoes")
            if not stack:
                past = "undo-past-edition" if any(_own(former, account)) else "nothing-to-undo"
                return "", {}, [finding("nothing-to-redo" if again else past, None)]
            last = stack[-1]
            action, payload = actions.inverse(last.action, journal.payload_of(last))
            wrong = actions.conflicts(held, action, payload)
            return action, {**payload, word: last.revision}, wrong

        return wish

    def plans(self, connection: Connection) -> Plans:
        """What a submission may be moved under."""
        return partial(self.texts.plan, connection)

    def caught_up(self, connection: Connection, row: Row[Any]) -> Held:
        """A submission as it is now, as its row tells."""
        held = self.memory.get(row.id)
        if held is not None and held.revision > row.revision:
            return held
        if held is None or row.revision - held.revision > TAIL_MAX:
            held = self._stored(connection, row, row.revision)
        elif held.revision < row.revision:
            lines = journal.of_submission(connection, row.id, held.revision)
            upto = [one for one in lines if one.revision <= row.revision]
            held = replayed(held, upto, self.plans(connection))
        assert held.head == row.head, f"submission {row.id} is not what its journal says: run `esep verify`"
        self.memory.keep(held)
        return held

    def _stored(self, connection: Connection, row: Row[Any], upto: int) -> Held:
        """A submission at a revision, from its last snapshot before. But for the first, a snapshot is under the edition
        that the row tells: a move to another takes one, and forgets those between."""
        mine = (snapshot.c.submission == row.id) & (snapshot.c.revision <= upto)
        found = connection.execute(select(snapshot).where(mine).order_by(snapshot.c.revision.desc()).limit(1)).one()
        texts = journal.born_under(connection, row.id) if found.revision == 1 else (row.ruleset, row.norms)
        plan = self.texts.plan(connection, *texts)
        workbook = unpacked(plan.ruleset, plan.norms, expanded(found.inputs, found.size))
        lines = journal.of_submission(connection, row.id, found.revision)
        kept = Held(row.id, found.revision, found.head, plan, workbook, numbers_of(found.rows))
        return replayed(kept, [one for one in lines if one.revision <= upto], self.plans(connection))


_NOTHING = Delta((), {}, ())


def replayed(held: Held, lines: Sequence[Row[Any]], plans: Plans) -> Held:
    """A submission after more lines of its journal, recalculated; it need not have been before."""
    for moves, some in groupby(lines, lambda line: line.action == EDITION):
        alike = CELLS if moves or is_steady(held.plan) else frozenset[str]()
        for action, payload in _together(some, alike):
            ready = held if moves or action in alike else recalculated(held)
            held, _ = performed(ready, action, payload, plans)
    return recalculated(replace(held, revision=lines[-1].revision, head=lines[-1].digest) if lines else held)


def recalculated(held: Held) -> Held:
    """A submission of whose workbook perhaps only the inputs are known."""
    if held.workbook.results is not None:
        return held
    return replace(held, workbook=recalculate(held.plan, held.workbook, compiled=WORTH_COMPILING)[0])


def is_steady(plan: Plan) -> bool:
    """Whether rows come and go by actions alone. Where a form groups those of others, an edit may make the row that the
    next one is about, or drop one with its inputs."""
    return all(form.rows.kind != "group" for form in plan.ruleset.forms.values())


def _together(lines: Iterable[Row[Any]], alike: Set[str]) -> Iterator[tuple[str, Payload]]:
    """What lines say, in order; cells that such actions changed one after another are changed in one go, as long as
    that can be."""
    cells: list[Any] = []
    for one in lines:
        payload = journal.payload_of(one)
        mine = payload["cells"] if one.action in alike else []
        if cells and (not mine or len(cells) + len(mine) > EDITS_MAX):
            yield "cells", {"cells": cells}
            cells = []
        cells += mine
        if not mine:
            yield one.action, payload
    if cells:
        yield "cells", {"cells": cells}


def beginning(birth: Birth, inputs: bytes) -> Payload:
    """What the first line of a submission's journal says: what it is pinned to, and the digest of its inputs."""
    digest = hashlib.sha256(inputs).hexdigest()
    told = {"cycle": birth.cycle, "ruleset": birth.ruleset, "norms": birth.norms, "inputs": digest}
    return told | {"state": birth.state, "origin": birth.origin}


def unborn(birth: Birth) -> dict[str, Any]:
    """The row of a submission that has no line in the journal yet."""
    return {
        "cycle": birth.cycle,
        "ruleset": birth.ruleset,
        "norms": birth.norms,
        "organisation": birth.organisation,
        "state": birth.state,
        "official_use": birth.official_use,
        "origin": birth.origin[0] if birth.origin else None,
        "revision": 0,
        "head": journal.START,
    }


def inputs_of(held: Held) -> bytes:
    """The canonical bytes of a submission's inputs."""
    return packed(held.plan.ruleset, held.plan.norms, held.workbook)


def write_snapshot(connection: Connection, held: Held) -> None:
    """Keep the inputs as they are now, and of earlier ones only the first."""
    data = inputs_of(held)
    row = {
        "submission": held.submission,
        "revision": held.revision,
        "head": held.head,
        "inputs": compressed(data),
        "size": len(data),
        "digest": hashlib.sha256(data).hexdigest(),
        "rows": order_of(held),
    }
    connection.execute(insert(snapshot).values(row))
    earlier = (snapshot.c.submission == held.submission) & (snapshot.c.revision.between(2, held.revision - 1))
    connection.execute(delete(snapshot).where(earlier))


def _written(answer: Answer, line: journal.Written) -> Answer:
    after = replace(answer.after, head=line.digest)
    return replace(answer, after=after, position=line.position, since=line.since)


def order_of(held: Held) -> dict[str, list[int]]:
    """form → the next free number, then the numbers of its rows in order."""
    return {form: [numbers.next, *numbers.order] for form, numbers in held.rows.items()}


def amounts_of(held: Held) -> Amounts:
    """The budget lines of a submission that say something."""
    return amounts_in(lines_of(held.plan.ruleset, held.plan.norms, held.workbook))


def amounts_in(lines: Lines) -> Amounts:
    """Distinct lines of which something is to be told."""
    found = zip(range(len(lines)), lines.amounts.tolist(), lines.incomplete.tolist(), strict=True)
    return {lines.key(i): (int(amount), int(rows)) for i, amount, rows in found if amount or rows}


def moved_by(delta: Delta) -> Moved:
    """How a delta moved the budget lines."""
    keys = sorted(delta.lines.keys() | delta.incomplete.keys()) if delta.incomplete else sorted(delta.lines)
    return [[list(key), str(delta.lines.get(key, 0)), delta.incomplete.get(key, 0)] for key in keys]


def _since_edition(lines: Sequence[Row[Any]]) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
    """What was done before the last move to another edition, which stays there, and what was done since."""
    at = max((i + 1 for i, one in enumerate(lines) if one.action == EDITION), default=0)
    return lines[:at], lines[at:]


def _own(lines: Sequence[Row[Any]], account: int) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """Somebody's actions that are undone, and those that are not, the last one last."""
    undone: list[Row[Any]] = []
    done: list[Row[Any]] = []
    for one in lines:
        if one.account != account or one.action not in actions.INVERSE:
            continue
        payload = journal.payload_of(one)
        if "undoes" in payload:
            done.pop()
            undone.append(one)
        elif "redoes" in payload:
            undone.pop()
            done.append(one)
        else:
            done.append(one)
            undone.clear()
    return undone, done

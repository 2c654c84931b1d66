"""All submissions of a database read into one process's memory at once, hundreds as one workbook.

Each is calculated when it is first asked for; or all of a workbook together, which costs a hundredth, where somebody
has the time before (`Together.calculate`). Lines of the journal that came after the last snapshots are done to a whole
workbook too, as far as they only give inputs other texts; the rest is replayed when a submission wakes, as always.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, Row, cast, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from api.store import Store, is_steady, recalculated
from api.store.held import CELLS, SHAPING, Held, Numbers, edits_of, numbers_of
from api.store.journal import payload_of
from api.store.memory import Asleep
from api.store.schema import journal, snapshot, submission
from api.store.texts import expanded
from engine.editing import edited
from engine.evaluate import recalculate
from engine.limits import EDITS_MAX
from engine.packing import structure, together
from engine.plan import Plan
from engine.renorm import WORTH_COMPILING
from engine.reshaping import alone
from engine.workbook import Edit, Workbook, only

MOST = 500
"""Submissions that are unpacked in one go."""
Kept = tuple[Row[Any], bytes]
"""A submission's last snapshot with what it is pinned to, and its bytes."""


@dataclass
class Together:
    """Submissions that are alike, as one workbook."""

    plan: Plan
    workbook: Workbook

    def edit(self, edits: Sequence[Edit]) -> None:
        """Give inputs other values; nothing has been calculated yet."""
        for start in range(0, len(edits), EDITS_MAX):
            self.workbook, _, _ = edited(self.plan, self.workbook, edits[start : start + EDITS_MAX])

    def calculate(self) -> None:
        """Calculate all of them, so that each wakes at once."""
        self.workbook, _ = recalculate(self.plan, self.workbook, compiled=WORTH_COMPILING)

    def cut(self, place: int) -> Workbook:
        """One of them."""
        return only(self.workbook, place) if self.workbook.results is None else alone(self.plan, self.workbook, place)


@dataclass(slots=True)
class _One:
    """A submission at its place among others: at which revision it is, and the digest of the journal's line there."""

    part: Together
    place: int
    submission: int
    revision: int
    head: str
    rows: Mapping[str, Numbers]

    def wake(self) -> Held:
        """It, calculated."""
        return recalculated(self._held())

    def follow(self, lines: Sequence[Row[Any]]) -> Iterator[Edit]:
        """The edits of more lines of its journal."""
        if lines:
            held, self.revision, self.head = self._held(), lines[-1].revision, lines[-1].digest
            for line in (line for line in lines if line.action in CELLS):
                yield from (replace(one, submission=self.place) for one in edits_of(held, payload_of(line)["cells"]))

    def _held(self) -> Held:
        return Held(self.submission, self.revision, self.head, self.part.plan, self.part.cut(self.place), self.rows)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Submissions that have been read: how many, the last one's number, and their workbooks."""

    count: int
    last: int
    parts: Sequence[Together]


def load_all(store: Store, connection: Connection, *, calculated: bool = False) -> int:
    """Read all submissions into the store's memory, asleep; how many there are."""
    count, last = 0, 0
    while (found := load_some(store, connection, last)) is not None:
        count, last = count + found.count, found.last
        for part in found.parts if calculated else ():
            part.calculate()
    return count


def load_some(store: Store, connection: Connection, after: int) -> Loaded | None:
    """Read the next submissions after that number; None when all are there."""
    rows = _last_snapshots(connection, snapshot.c.submission > after)
    store.memory.whole = not rows
    return Loaded(len(rows), rows[-1].submission, _laid_down(store, connection, rows)) if rows else None


def load_again(store: Store, connection: Connection, numbers: Sequence[int]) -> Sequence[Together]:
    """Read some submissions, at most `MOST`, as they are now."""
    return _laid_down(store, connection, _last_snapshots(connection, snapshot.c.submission.in_(numbers)))


def _laid_down(store: Store, connection: Connection, rows: Sequence[Row[Any]]) -> list[Together]:
    alike: dict[tuple[str, str, bytes], list[Kept]] = {}
    for row in rows:
        data = expanded(row.inputs, row.size)
        alike.setdefault((row.ruleset, row.norms, structure(data)), []).append((row, data))
    since, parts = _lines_since(connection, rows), []
    for (ruleset, norms, _), kept in alike.items():
        plan = store.texts.plan(connection, ruleset, norms)
        parts.append(part := Together(plan, together(plan.ruleset, plan.norms, [data for _, data in kept])))
        ones = [
            _One(part, place, row.submission, row.revision, row.head, numbers_of(row.rows))
            for place, (row, _) in enumerate(kept)
        ]
        if is_steady(plan):
            part.edit([edit for one in ones for edit in one.follow(_at_once(since.get(one.submission, ())))])
        for one in ones:  # now that they are as they say: others may wake them at any moment
            store.memory.lay_down(one.submission, Asleep(one.revision, one.wake))
    return parts


def _at_once(lines: Sequence[Row[Any]]) -> list[Row[Any]]:
    """The first of a submission's lines, as far as they leave all rows where they are."""
    return [*takewhile(lambda line: line.action not in SHAPING, lines)]


def _last_snapshots(connection: Connection, wanted: ColumnElement[bool]) -> Sequence[Row[Any]]:
    read = (
        select(snapshot, submission.c.ruleset, submission.c.norms)
        .join(submission, submission.c.id == snapshot.c.submission)
        .where(wanted)
        .ext(distinct_on(snapshot.c.submission))
        .order_by(snapshot.c.submission, snapshot.c.revision.desc())
        .limit(MOST)
    )
    return connection.execute(read).all()


def _lines_since(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, list[Row[Any]]]:
    """Submission → the lines of its journal after its snapshot, in order."""
    numbers = cast([row.submission for row in rows], ARRAY(BigInteger))
    revisions = cast([row.revision for row in rows], ARRAY(BigInteger))
    kept = func.unnest(numbers, revisions).table_valued("submission", "revision").render_derived()
    mine = (journal.c.submission == kept.c.submission) & (journal.c.revision > kept.c.revision)
    wanted = [journal.c[name] for name in ("submission", "revision", "digest", "action", "payload")]
    read = select(*wanted).join(kept, mine).order_by(journal.c.submission, journal.c.revision)
    return {number: [*lines] for number, lines in groupby(connection.execute(read), lambda line: line.submission)}

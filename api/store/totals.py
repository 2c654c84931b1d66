"""The totals of the nation in one process's memory, advanced in the journal's order: which position they stand at is
always known.

They begin as the budget lines of the database at one moment, and each later line of the journal says how lines moved.
`Totals.above` answers at once what stands above a submission; `pivot` adds up any combination of dimensions. Each total
says how many rows it leaves out because of errors. Totals are of one cycle: the next one plans the same years again.

What is for official use is an aggregate to all who are not named (`Sight.hidden`): it has no institution, programme or
specific of its own, only an administrator, a year and an amount. What edits move above a submission is told to many, so
there it is so for everybody.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, func, select, true

from api.store import journal
from api.store.schema import journal as journal_table
from api.store.schema import line, submission
from engine.lines import DIMENSIONS, Lines, roll_up

LEVELS = ("institution", "administrator", "republic")
OFFICIAL = "official-use"
"""The code that hidden lines have in place of their own."""
HIDDEN = ("institution", "programme", "subprogramme", "specific", "kind")
"""The dimensions in which they have it."""
REBORN = ("create", "step")
"""Actions after which a submission is another to the table of access."""
Above = tuple[str, str, str, str]
"""A total's level, the code there ("" for the republic), specific ("" for all of them) and year."""
Ceiling = tuple[str, str, str, int]
"""A limit's level, the code there ("" for the republic), kind of expenditure and year."""
Amount = tuple[int, int]
"""Tiyn, and rows that are left out because of errors."""
Masks = tuple[NDArray[np.bool_], NDArray[np.bool_]]
"""(submissions,): which are seen, and which are only an aggregate."""
LINES_MAX = 10_000
"""Lines of the journal that are read at once."""
SIGHTS_MAX = 2_000
"""Masks that are remembered."""
_AT = {name: DIMENSIONS.index(name) for name in DIMENSIONS}
_ROOM, _RECENT = 1_024, 4_096


@dataclass(frozen=True, slots=True)
class Sight:
    """What of the totals somebody sees: a cycle, the submissions in it that are seen, and those of them that are only
    an aggregate. None: all there are. `mark` is the same for those who see the same, "" for those who see all."""

    cycle: str
    seen: frozenset[int] | None = None
    hidden: frozenset[int] = frozenset()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class _Of:
    """What of a submission matters to totals: its place among those that there are, its cycle, official use."""

    at: int
    cycle: str
    official_use: bool


@dataclass
class Totals:
    """All budget lines as columns, each with room to grow, and the totals that every edit moves."""

    position: int = 0
    loaded: bool = False
    age: int = 0
    """Grows whenever a submission begins or goes on to another stage."""
    above: dict[tuple[str, *Above], Amount] = field(default_factory=dict)
    """Cycle and place → its total."""
    administrators: dict[str, str] = field(default_factory=dict)
    """The administrator of each institution that has lines."""
    ceilings: dict[tuple[str, str], Mapping[Ceiling, int]] = field(default_factory=dict)
    """The sums of limits under a ruleset and norms (by their digests), as long as no institution moves."""
    guard: threading.RLock = field(default_factory=threading.RLock)
    _under: dict[tuple[str, *Above], Amount] = field(default_factory=dict)
    """As `above`, but by kind of expenditure in place of the specific: what stands under a limit."""
    _recent: deque[int] = field(default_factory=lambda: deque(maxlen=_RECENT))
    """The submissions of the last lines, the last one at the end."""
    _of: dict[int, _Of] = field(default_factory=dict)
    _last_cycle: str = ""
    _masks: dict[tuple[str, str], Masks] = field(default_factory=dict)
    """By a sight's cycle and mark, as long as no submission comes or is met again."""
    _codes: dict[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in DIMENSIONS})
    _rows: dict[tuple[int, tuple[str, ...]], int] = field(default_factory=dict)
    _owners: NDArray[np.int64] = field(default_factory=lambda: np.zeros(_ROOM, np.int64))
    """(rows,): the place of each row's submission."""
    _keys: NDArray[np.int64] = field(default_factory=lambda: np.zeros((len(DIMENSIONS), _ROOM), np.int64))
    _amounts: NDArray[np.int64] = field(default_factory=lambda: np.zeros((2, _ROOM), np.int64))
    """Tiyn, and rows left out."""

    def catch_up(self, connection: Connection) -> int:
        """Advance to the journal's end, and give the position; the first time, read all lines as they stand."""
        while self.advance(connection, LINES_MAX):
            pass
        return self.position

    def advance(self, connection: Connection, most: int) -> bool:
        """Advance by so many lines of the journal; whether there may be more. At first, read all as they stand. Others
        may do so meanwhile: nobody waits until they have read."""
        if not self.loaded:
            with self.guard:
                if not self.loaded:
                    self._load(connection)
        rows = journal.moves(connection, self.position, most)
        reborn = {row.submission for row in rows if row.action in REBORN or row.submission not in self._of}
        met = _met(connection, reborn) if reborn else []
        with self.guard:
            if met:
                self._meet(met)
            for row in rows:
                if row.position == self.position + 1:
                    self._advance(row.position, row.submission, row.moved)
        return len(rows) == most

    def follow(self, position: int, known: Iterable[journal.Move]) -> bool:
        """Advance to a line of the journal by what one knows of it and the lines before it, if not there yet; whether
        that was enough."""
        if not self.loaded:
            return False
        with self.guard:
            for one in known:
                if one.position == self.position + 1 and one.submission in self._of and one.action not in REBORN:
                    self._advance(one.position, one.submission, one.moved)
            return position <= self.position

    def grown(self, position: int) -> tuple[frozenset[int] | None, int]:
        """The submissions of the lines after a position, and the position now; None where it is so long ago that nobody
        remembers."""
        with self.guard:
            lines = self.position - position
            known = lines <= len(self._recent)
            return frozenset(islice(reversed(self._recent), max(0, lines))) if known else None, self.position

    def last_cycle(self) -> str:
        """The newest one that somebody plans in."""
        return self._last_cycle

    def over(self, number: int, keys: Iterable[tuple[str, ...]]) -> dict[Above, Amount]:
        """What the totals above lines of a submission are: level by level, each line's specific and all together."""
        with self.guard:
            of = self._of[number]
            places = {place for key in keys for place in _places(key, of.official_use)}
            return {place: self.above.get((of.cycle, *place), (0, 0)) for place in sorted(places)}

    def supposed(self, number: int, moved: Sequence[Sequence[Any]]) -> dict[Above, Amount]:
        """What the totals above would be if a submission's lines moved so."""
        with self.guard:
            found = self.over(number, (tuple(key) for key, *_ in moved))
            for key, amount, left_out in moved:
                for place in _places(tuple(key), self._of[number].official_use):
                    found[place] = found[place][0] + int(amount), found[place][1] + left_out
            return found

    def under(self, number: int, place: Above, moved: Sequence[Sequence[Any]] = ()) -> Amount:
        """What is asked in a submission's cycle under a limit: its level, the code there, kind of expenditure, year;
        or would be if its lines moved so."""
        with self.guard:
            asked = self._under.get((self._of[number].cycle, *place), (0, 0))
            if not moved:
                return asked
            more = [(int(amount), rows) for key, amount, rows in moved if place in _limited(tuple(key))]
            return asked[0] + sum(amount for amount, _ in more), asked[1] + sum(rows for _, rows in more)

    def beside(self, number: int, by: Sequence[str], where: Mapping[str, frozenset[str]]) -> Lines:
        """The sums of a submission's cycle, for whoever may see that submission."""
        return self.pivot(by, where, Sight(self._of[number].cycle))

    def pivot(self, by: Sequence[str], where: Mapping[str, frozenset[str]], sight: Sight) -> Lines:
        """The sums along some dimensions of the lines whose codes are among the wanted, in code order. Totals stand
        still only while their amounts are copied: what else a row says stays as it is."""
        with self.guard:
            count, owners, all_keys = len(self._rows), self._owners, self._keys
            every = self._amounts[:, :count].copy()
            labels = {name: tuple(self._codes[name]) for name in {*by, *where}}
            seen, hidden = self._seen(sight)
        chosen = seen[owners[:count]] & every.any(axis=0)
        veiled = hidden[owners[:count]]
        for name, codes in where.items():
            wanted = [at for at, code in enumerate(labels[name]) if code in codes]
            holds = np.isin(all_keys[_AT[name], :count], wanted)
            chosen &= np.where(veiled, OFFICIAL in codes, holds) if name in HIDDEN else holds
        rows = np.flatnonzero(chosen)
        keys = {name: all_keys[_AT[name], rows] for name in by}
        labels = {name: labels[name] for name in by}
        amounts, left_out = every[:, rows]
        for name in HIDDEN if sight.hidden else ():
            if name in keys:
                keys[name] = np.where(veiled[rows], len(labels[name]), keys[name])
                labels[name] = (*labels[name], OFFICIAL)
        return roll_up(Lines(labels, keys, amounts, left_out), by)

    def _seen(self, sight: Sight) -> Masks:
        if (known := self._masks.get((sight.cycle, sight.mark))) is not None:
            return known
        of = self._of.items()
        seen = [o.cycle == sight.cycle and (sight.seen is None or number in sight.seen) for number, o in of]
        masks = np.array(seen, bool), np.array([number in sight.hidden for number in self._of], bool)
        if len(self._masks) >= SIGHTS_MAX:
            self._masks.clear()
        self._masks[sight.cycle, sight.mark] = masks
        return masks

    def _meet(self, met: Iterable[Any]) -> None:
        for row in met:
            at = self._of[row.id].at if row.id in self._of else len(self._of)
            self._of[row.id] = _Of(at, row.cycle, row.official_use)
        self._last_cycle = max((of.cycle for of in self._of.values()), default="")
        self._masks.clear()
        self.age += 1

    def _load(self, connection: Connection) -> None:
        """Position and lines come by one statement, which sees one moment of the database."""
        end = select(func.coalesce(func.max(journal_table.c.position), 0).label("position")).subquery()
        columns = (line.c[name] for name in (*DIMENSIONS, "amount", "incomplete"))
        read = select(end.c.position, line.c.submission, *columns).select_from(end.outerjoin(line, true()))
        rows = connection.execute(read).all()
        self._meet(_met(connection))
        if rows[0].submission is not None:
            self._lay_out(rows)
        self.position, self.loaded = rows[0].position, True

    def _lay_out(self, rows: Sequence[Row[Any]]) -> None:
        """All lines as they stand, each of them a row after the position: the same as one by one, but at once."""
        _, numbers, *codes, amounts, left_out = zip(*rows, strict=True)
        self._rows = {at: i for i, at in enumerate(zip(numbers, zip(*codes, strict=True), strict=True))}
        self._keys = np.array([self._numbered(name, of) for name, of in zip(DIMENSIONS, codes, strict=True)], np.int64)
        self._amounts = np.array([[int(amount) for amount in amounts], left_out], np.int64)
        self._owners = np.array([self._of[number].at for number in numbers], np.int64)
        self.administrators.update(zip(codes[_AT["institution"]], codes[_AT["administrator"]], strict=True))
        labels = {name: tuple(self._codes[name]) for name in DIMENSIONS}
        alike: dict[tuple[str, bool], list[int]] = {}
        for i, number in enumerate(numbers):
            alike.setdefault((self._of[number].cycle, self._of[number].official_use), []).append(i)
        for (cycle, official_use), chosen in alike.items():
            keys = {name: self._keys[i, chosen] for i, name in enumerate(DIMENSIONS)}
            self._sum_up(cycle, official_use, Lines(labels, keys, *self._amounts[:, chosen]))

    def _numbered(self, name: str, codes: Iterable[str]) -> list[int]:
        known = self._codes[name]
        return [known.setdefault(code, len(known)) for code in codes]

    def _sum_up(self, cycle: str, official_use: bool, lines: Lines) -> None:
        for level in LEVELS:
            code = [level] if level in DIMENSIONS else []
            _add_up(self._under, (cycle, level), lines, [*code, "kind", "year"])
            _add_up(self.above, (cycle, level), lines, [*code, "", "year"])
            if official_use and level != LEVELS[0]:
                _add_up(self.above, (cycle, level), lines, [*code, OFFICIAL, "year"])
            else:
                _add_up(self.above, (cycle, level), lines, [*code, "specific", "year"])

    def _advance(self, position: int, number: int, moved: Sequence[Sequence[Any]]) -> None:
        for key, amount, *left_out in moved:
            self._move(number, tuple(key), (int(amount), left_out[0] if left_out else 0))
        self.position = position
        self._recent.append(number)

    def _move(self, number: int, key: tuple[str, ...], more: Amount) -> None:
        of, at = self._of[number], self._rows.get((number, key))
        if at is None:
            at = self._new_row(number, key)
        self._amounts[:, at] += more
        for place in _places(key, of.official_use):
            amount, left_out = self.above.get((of.cycle, *place), (0, 0))
            self.above[of.cycle, *place] = amount + more[0], left_out + more[1]
        for place in _limited(key):
            amount, left_out = self._under.get((of.cycle, *place), (0, 0))
            self._under[of.cycle, *place] = amount + more[0], left_out + more[1]

    def _new_row(self, number: int, key: tuple[str, ...]) -> int:
        at = self._rows[number, key] = len(self._rows)
        if at == self._owners.size:
            self._owners = _longer(self._owners)
            self._amounts, self._keys = _longer(self._amounts), _longer(self._keys)
        self._owners[at] = self._of[number].at
        institution, administrator = key[_AT["institution"]], key[_AT["administrator"]]
        if self.administrators.get(institution) != administrator:
            self.administrators[institution] = administrator
            self.ceilings.clear()
        for i, (name, code) in enumerate(zip(DIMENSIONS, key, strict=True)):
            codes = self._codes[name]
            self._keys[i, at] = codes.setdefault(code, len(codes))
        return at


def _met(connection: Connection, numbers: set[int] | None = None) -> Sequence[Any]:
    """What matters of some submissions, or of all."""
    wanted = select(submission.c.id, submission.c.cycle, submission.c.official_use)
    if numbers is not None:
        wanted = wanted.where(submission.c.id.in_(numbers))
    return connection.execute(wanted.order_by(submission.c.id)).all()


def _longer(cells: NDArray[Any]) -> NDArray[Any]:
    """The same with as much room again."""
    return np.concatenate([cells, np.zeros_like(cells)], axis=-1)


def _add_up(sums: dict[tuple[str, *Above], Amount], begins: tuple[str, str], lines: Lines, by: list[str]) -> None:
    """Add to sums those of lines along the dimensions in `by`; what is none of them stands for itself."""
    found = roll_up(lines, [name for name in by if name in DIMENSIONS])
    for i, (amount, left_out) in enumerate(zip(found.amounts.tolist(), found.incomplete.tolist(), strict=True)):
        codes = iter(found.key(i))
        code, of, year = ["", *(next(codes) if name in DIMENSIONS else name for name in by)][-3:]
        before = sums.get((*begins, code, of, year), (0, 0))
        sums[*begins, code, of, year] = before[0] + int(amount), before[1] + left_out


def _places(key: tuple[str, ...], official_use: bool) -> list[Above]:
    specific, year = key[_AT["specific"]], key[_AT["year"]]
    codes = (key[_AT["institution"]], key[_AT["administrator"]], "")
    above = OFFICIAL if official_use else specific
    return [
        (level, code, of, year)
        for level, code in zip(LEVELS, codes, strict=True)
        for of in (specific if level == LEVELS[0] else above, "")
    ]


def _limited(key: tuple[str, ...]) -> list[Above]:
    """The places of limits that a line stands under."""
    kind, year = key[_AT["kind"]], key[_AT["year"]]
    codes = (key[_AT["institution"]], key[_AT["administrator"]], "")
    return [(level, code, kind, year) for level, code in zip(LEVELS, codes, strict=True)]

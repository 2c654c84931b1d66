"""The totals of the nation in one process's memory, advanced in the journal's order: which position they stand at is
always known.

They begin as the budget lines of the database at one moment, and each later line of the journal says how lines moved.
`Totals.above` answers at once what stands above a submission; `pivot` adds up any combination of dimensions.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Connection, select

from api.store import journal
from api.store.schema import line
from engine.lines import DIMENSIONS, Lines, roll_up

LEVELS = ("institution", "administrator", "republic")
Above = tuple[str, str, str, str]
"""A total's level, the code there ("" for the republic), specific ("" for all of them) and year."""
_AT = {name: DIMENSIONS.index(name) for name in DIMENSIONS}
_ROOM = 1_024


@dataclass
class Totals:
    """All budget lines as columns, each with room to grow, and the totals that every edit moves."""

    position: int = 0
    above: dict[Above, int] = field(default_factory=dict)
    guard: threading.RLock = field(default_factory=threading.RLock)
    _codes: dict[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in DIMENSIONS})
    _rows: dict[tuple[str, ...], int] = field(default_factory=dict)
    _keys: np.ndarray = field(default_factory=lambda: np.zeros((len(DIMENSIONS), _ROOM), np.int64))
    _amounts: np.ndarray = field(default_factory=lambda: np.zeros(_ROOM, np.int64))

    def load(self, connection: Connection) -> None:
        """Read all lines as they stand; the connection sees one moment of the database (repeatable read)."""
        with self.guard:
            self.position = journal.last_position(connection)
            for row in connection.execute(select(*(line.c[name] for name in DIMENSIONS), line.c.amount)):
                self._move(tuple(row[:-1]), int(row[-1]))

    def catch_up(self, connection: Connection) -> int:
        """Advance to the journal's end, and give the position."""
        with self.guard:
            while rows := journal.after(connection, self.position):
                for row in rows:
                    for key, amount in row.moved:
                        self._move(tuple(key), int(amount))
                    self.position = row.position
            return self.position

    def over(self, keys: Sequence[tuple[str, ...]]) -> dict[Above, int]:
        """What the totals above some lines are, level by level, each line's specific and all of them together."""
        with self.guard:
            places = {place for key in keys for place in _places(key)}
            return {place: self.above.get(place, 0) for place in sorted(places)}

    def pivot(self, by: Sequence[str], where: Mapping[str, frozenset[str]]) -> Lines:
        """The sums along some dimensions of the lines whose codes are among the wanted, in code order."""
        with self.guard:
            count = len(self._rows)
            chosen = np.ones(count, bool)
            for name, codes in where.items():
                wanted = [at for code, at in self._codes[name].items() if code in codes]
                chosen &= np.isin(self._keys[_AT[name], :count], wanted)
            chosen &= self._amounts[:count] != 0
            rows = np.flatnonzero(chosen)
            keys = {name: self._keys[_AT[name], rows] for name in by}
            labels = {name: tuple(self._codes[name]) for name in by}
            amounts = self._amounts[rows]
        return roll_up(Lines(labels, keys, amounts, np.zeros(len(rows), np.int64)), by)

    def _move(self, key: tuple[str, ...], amount: int) -> None:
        at = self._rows.get(key)
        if at is None:
            at = self._new_row(key)
        self._amounts[at] += amount
        for place in _places(key):
            self.above[place] = self.above.get(place, 0) + amount

    def _new_row(self, key: tuple[str, ...]) -> int:
        at = self._rows[key] = len(self._rows)
        if at == self._amounts.size:
            self._amounts = np.concatenate([self._amounts, np.zeros_like(self._amounts)])
            self._keys = np.concatenate([self._keys, np.zeros_like(self._keys)], axis=1)
        for i, (name, code) in enumerate(zip(DIMENSIONS, key, strict=True)):
            codes = self._codes[name]
            self._keys[i, at] = codes.setdefault(code, len(codes))
        return at


def _places(key: tuple[str, ...]) -> list[Above]:
    specific, year = key[_AT["specific"]], key[_AT["year"]]
    codes = zip(LEVELS, (key[_AT["institution"]], key[_AT["administrator"]], ""), strict=True)
    return [(level, code, of, year) for level, code in codes for of in (specific, "")]

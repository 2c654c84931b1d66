"""Which submissions and rows of two workbooks are the same ones, so that what is left came or went.

Submissions are the same where their headers have the same codes, else where the same one speaks, else where they stand
at the same place. Rows of a submission are the same by position; where one side has more, by their contents, and then
by their texts and codes. A `Layout` is the rows of one form as some state has them, each with its place on both sides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.workbook import Table

Rows = NDArray[np.int64]
Array = NDArray[Any]
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows of a form: `old` and `new` are their places before and after, NOWHERE where there is none."""

    offsets: Rows
    old: Rows
    new: Rows

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return int(self.offsets[-1])


@dataclass(frozen=True, slots=True)
class Pairs:
    """Submissions after, in their order: which one each was before, or NOWHERE; and how many there were before."""

    old: Rows
    before: int

    @property
    def alike(self) -> bool:
        """Whether both sides have the same submissions in the same order."""
        return self.old.size == self.before and bool((self.old == np.arange(self.before)).all())

    def layout(self, before: Table, after: Table | None) -> Layout:
        """The rows before in the submissions after; a submission that is new has its rows after, if there are any."""
        if self.alike:
            return Layout(before.offsets, np.arange(before.rows), np.full(before.rows, NOWHERE))
        spans = [
            (_span(before, s), NOWHERE) if s >= 0 else (NOWHERE, _span(after, i) if after else range(0))
            for i, s in enumerate(self.old.tolist())
        ]
        return _layout(spans)

    def joint(self, before: Table, after: Table, contents: tuple[Sequence[Array], ...]) -> Layout:
        """The rows after, each with its place before. `contents` are columns before and after that say what a row is:
        all of them, all of them after, then texts and codes of both."""
        counts = np.diff(after.offsets)
        olds = np.full(after.rows, NOWHERE, dtype=np.int64)
        known = self.old >= 0
        starts, sizes = before.offsets[:-1][self.old[known]], np.diff(before.offsets)[self.old[known]]
        even = np.zeros(self.old.size, dtype=bool)
        even[known] = sizes == counts[known]
        begin = np.zeros(self.old.size, dtype=np.int64)
        begin[known] = starts
        owner = np.repeat(np.arange(self.old.size), counts)
        at = np.arange(after.rows) - after.offsets[:-1][owner] + begin[owner]
        olds[even[owner]] = at[even[owner]]
        for i in np.flatnonzero(known & ~even).tolist():
            here, there = _span(after, i), _span(before, int(self.old[i]))
            olds[here.start : here.stop] = _alike(there, here, contents)
        return Layout(after.offsets, olds, np.arange(after.rows))


def keyed(layout: Layout, before: Table, keys: tuple[Sequence[Array], Sequence[Array]], pairs: Pairs) -> Layout:
    """Rows that their keys tell apart: those after with the same key before, then those that are only before."""
    spans: list[tuple[Sequence[int] | int, Sequence[int] | int]] = []
    for i, s in enumerate(pairs.old.tolist()):
        here = range(int(layout.offsets[i]), int(layout.offsets[i + 1]))
        there = _span(before, s) if s >= 0 else range(0)
        old = _matched(_keys(keys[0], there), _keys(keys[1], here))
        places = [NOWHERE if at is None else there[at] for at in old]
        gone = sorted(set(there) - set(places))
        spans.append(([*places, *gone], [*here, *[NOWHERE] * len(gone)]))
    return _layout(spans)


def pairs_of(before: Sequence[Sequence[Hashable]], after: Sequence[Sequence[Hashable]]) -> Pairs:
    """Which submission was which: by several keys, the closest first; each key has one entry a submission."""
    size, count = (len(side[0]) if side else 0 for side in (before, after))
    old: list[int | None] = [None] * count
    for keys, others in zip(before, after, strict=True):
        free = [s for s in range(size) if s not in set(old)]
        left = [i for i in range(count) if old[i] is None]
        found = _matched([keys[s] for s in free], [others[i] for i in left])
        for i, at in zip(left, found, strict=True):
            old[i] = None if at is None else free[at]
    if size == count:
        taken = set(old)
        old = [i if at is None and i not in taken else at for i, at in enumerate(old)]
    return Pairs(np.array([NOWHERE if at is None else at for at in old], dtype=np.int64), size)


def _alike(there: range, here: range, contents: tuple[Sequence[Array], ...]) -> list[int]:
    """For each row here the row there that it was: equal in all, else in texts and codes, each row once."""
    every_old, every_new, named_old, named_new = contents
    found: list[int | None] = [None] * len(here)
    if every_old:
        found = _matched(_keys(every_old, there), _keys(every_new, here))
    if named_old:
        free = [k for k in range(len(there)) if k not in set(found)]
        left = [k for k, at in enumerate(found) if at is None]
        old, new = _keys(named_old, there), _keys(named_new, here)
        again = _matched([old[k] for k in free], [new[k] for k in left])
        for k, at in zip(left, again, strict=True):
            found[k] = None if at is None else free[at]
    return [NOWHERE if at is None else there[at] for at in found]


def _matched(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[int | None]:
    """For each of the new the first of the old that is equal and not taken yet."""
    waiting: dict[Hashable, list[int]] = defaultdict(list)
    for at, key in enumerate(old):
        waiting[key].append(at)
    for places in waiting.values():
        places.reverse()
    return [waiting[key].pop() if waiting.get(key) else None for key in new]


def _keys(columns: Sequence[Array], rows: range) -> list[Hashable]:
    """What each of these rows holds."""
    cut = [np.atleast_2d(cells)[:, rows.start : rows.stop] for cells in columns]
    return list(zip(*(year.tolist() for cells in cut for year in cells), strict=True))


def _span(table: Table, submission: int) -> range:
    return range(int(table.offsets[submission]), int(table.offsets[submission + 1]))


def _layout(spans: Sequence[tuple[Sequence[int] | int, Sequence[int] | int]]) -> Layout:
    """Of each submission its rows before and after; NOWHERE stands for all of them."""
    old: list[int] = []
    new: list[int] = []
    offsets = [0]
    for before, after in spans:
        size = len(before) if not isinstance(before, int) else len(after) if not isinstance(after, int) else 0
        old += [before] * size if isinstance(before, int) else before
        new += [after] * size if isinstance(after, int) else after
        offsets.append(len(old))
    return Layout(np.array(offsets), np.array(old, dtype=np.int64), np.array(new, dtype=np.int64))

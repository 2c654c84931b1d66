"""How edits spread: which rows of which groups run again, and what came out differently.

Groups run in order. A group's row is dirty where something it reads in that row changed; all rows of a submission are
where something changed that is read through a total, from another root or from the header.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from engine.editing import Touched, plain
from engine.evaluation import Evaluation
from engine.line_moves import line_moves
from engine.plan import Group, Key, Plan, Reads
from engine.workbook import Cells, Change, Results, Workbook

Rows = NDArray[np.int64]
_NONE: Rows = np.empty(0, dtype=np.int64)


class Wave:
    """One edit's consequences, from a recalculated workbook to the one after."""

    def __init__(self, plan: Plan, before: Workbook, after: Workbook, compiled: bool = True):
        assert before.results is not None, "edits are followed from a recalculated workbook"
        self.plan, self.before = plan, before
        self.old, self.new = Evaluation(plan, before, compiled), Evaluation(plan, after, compiled)
        self.old.stored = dict(before.results.columns)
        self.new.stored = dict(before.results.columns)
        self.checks = dict(before.results.checks)
        self.changed: dict[Key, Rows] = {}
        """Rows of inputs and kept columns that differ."""
        self._header: Mapping[str, Rows] = {}
        self._ran: list[tuple[Group, Rows]] = []

    def follow(self, touched: Touched) -> Results:
        """Run what the edits reach, and give the results after them."""
        self.changed, self._header = dict(touched.rows), touched.header
        for group, read in zip(self.plan.groups, self.plan.reads, strict=True):
            rows = self._dirty(group, read)
            if rows.size:
                self._ran.append((group, rows))
                self._run(group, rows)
        for key, read in self.plan.check_reads.items():
            if any(self._reached(k) for k in read.row | read.wide) or any(self._header.get(f, _NONE).size for f in read.header):
                self.checks[key] = self.new.check(key)
        return Results(self.new.stored, self.checks)

    def changes(self, touched: Touched) -> Iterator[Change]:
        """Every cell that differs: inputs, kept columns, then months."""
        yield from touched.cells
        for key, rows in self.changed.items():
            if key in self.new.stored:
                yield from self._differing(key, rows, self.old.stored[key][..., rows], self.new.stored[key][..., rows])
        for group, rows in self._ran:
            keys = self.plan.monthly(group)
            if keys:
                before, after = self.old.some_months(group, rows), self.new.some_months(group, rows)
                for key, old, new in zip(keys, before, after, strict=True):
                    shape = (len(self.plan.years), 12, rows.size)
                    yield from self._differing(key, rows, old.reshape(shape), new.reshape(shape))

    def lines(self, after: Workbook) -> dict[tuple[str, ...], int]:
        """How the budget lines moved."""
        return line_moves(self.plan, self.before, after, self.changed)

    def _dirty(self, group: Group, read: Reads) -> Rows:
        parts = [self.changed[key] for key in read.row if self._reached(key)]
        table = self.new.table(group.root)
        for submission in self._submissions(read):
            parts.append(np.arange(table.offsets[submission], table.offsets[submission + 1]))
        return np.unique(np.concatenate(parts)) if parts else _NONE

    def _submissions(self, read: Reads) -> set[int]:
        """Submissions in which something changed that a group reads other than in its own row."""
        found = {int(s) for name in read.header for s in self._header.get(name, _NONE)}
        for key in read.wide:
            if self._reached(key):
                table = self.new.table(self.plan.roots[key[0]])
                found |= {table.place(int(row))[0] for row in self.changed[key]}
        return found

    def _reached(self, key: Key) -> bool:
        return key in self.changed and self.changed[key].size > 0

    def _run(self, group: Group, rows: Rows) -> None:
        kept = self.plan.kept(group)
        if group.slow:
            self._keep(kept[0], rows, self.new.slow.column(kept[0], rows))
            return
        cells = self.new.some(group, rows)
        for key, found in zip(kept, cells, strict=False):
            self._keep(key, rows, found)
        for key, found in zip(group.checks, cells[len(kept) :], strict=True):
            if (self.checks[key][:, rows] != found).any():
                self.checks[key] = self.checks[key].copy()
                self.checks[key][:, rows] = found

    def _keep(self, key: Key, rows: Rows, cells: Cells) -> None:
        old = self.new.stored[key]
        differs = (old[..., rows] != cells).reshape(-1, rows.size).any(axis=0)
        if differs.any():
            self.new.stored[key] = old.copy()
            self.new.stored[key][..., rows] = cells
            self.changed[key] = rows[differs]

    def _differing(self, key: Key, rows: Rows, old: Cells, new: Cells) -> Iterator[Change]:
        table = self.new.table(self.plan.roots[key[0]])
        for place in np.argwhere(old != new):
            year, month = self.plan.years[place[0]], int(place[1]) + 1 if len(place) == 3 else None
            submission, row = table.place(int(rows[place[-1]]))
            at = tuple(place)
            yield Change(submission, *key, row, year, month, plain(old[at]), plain(new[at]))

"""How edits spread: which rows of which groups run again, and what came out differently.

Groups run in order. A group's row is dirty where something it reads in that row changed; all rows of a submission are
where something changed that is read through a total, from another root or from the header. Dirty rows run once, with the
old inputs and the new side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import fused
from engine.editing import Touched, differing
from engine.evaluation import Evaluation
from engine.line_moves import line_moves
from engine.number import BLANK, SPECIAL
from engine.plan import Group, Key, Plan, Reads
from engine.verdicts import Scope
from engine.workbook import Cells, Changes, Results, Workbook

Rows = NDArray[np.int64]
_NONE: Rows = np.empty(0, dtype=np.int64)


class Wave:
    """One edit's consequences, from a recalculated workbook to the one after."""

    def __init__(self, plan: Plan, before: Workbook, after: Workbook, compiled: bool = True) -> None:
        assert before.results is not None, "edits are followed from a recalculated workbook"
        self.plan, self.before, self.compiled = plan, before, compiled
        self.old, self.new = Evaluation(plan, before, compiled), Evaluation(plan, after, compiled)
        self.old.stored = dict(before.results.columns)
        self.new.stored = dict(before.results.columns)
        self.checks = dict(before.results.checks)
        self.changed: dict[Key, Rows] = {}
        """Rows of inputs and kept columns that differ."""
        self.columns: list[Changes] = []
        self._header: Mapping[str, Rows] = {}
        self._told: dict[str, list[Rows]] = {}

    def follow(self, touched: Touched) -> Results:
        """Run what the edits reach, and give the results after them."""
        self.changed, self._header, self.columns = dict(touched.rows), touched.header, list(touched.cells)
        for group, read in zip(self.plan.groups, self.plan.reads, strict=True):
            rows = self._dirty(group, read)
            if rows.size:
                self._run(group, rows)
        for key in self.plan.slow_checks:
            self.checks[key] = self.new.slow.check(key)
        return Results(self.new.stored, self.checks)

    def lines(self, after: Workbook) -> dict[tuple[str, ...], int]:
        """How the budget lines moved."""
        return line_moves(self.plan, self.before, after, self.changed)

    @property
    def scope(self) -> Scope:
        """Where something ran again of which there may be something to tell."""
        for key, rows in self.changed.items():
            if key not in self.plan.columns:
                cells = self.new.workbook.tables[key[0]].columns[key[1]][..., rows]
                if cells.dtype != object and (cells == BLANK).any():
                    self._told.setdefault(self.plan.roots[key[0]], []).append(rows)
        rows = {root: np.unique(np.concatenate(parts)) for root, parts in self._told.items()}
        return Scope(rows, frozenset(self.plan.slow_checks))

    def _dirty(self, group: Group, read: Reads) -> Rows:
        parts = [self.changed[key] for key in read.row if self._reached(key)]
        submissions = self._submissions(read)
        if submissions:
            offsets = self.new.table(group.root).offsets
            parts += [np.arange(offsets[submission], offsets[submission + 1]) for submission in submissions]
        return _NONE if not parts else parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))

    def _submissions(self, read: Reads) -> set[int]:
        """Submissions in which something changed that a group reads other than in its own row."""
        found = {int(s) for name in read.header for s in self._header.get(name, _NONE)}
        for key in read.wide:
            if self._reached(key):
                offsets = self.new.table(self.plan.roots[key[0]]).offsets
                found |= set((np.searchsorted(offsets, self.changed[key], side="right") - 1).tolist())
        return found

    def _reached(self, key: Key) -> bool:
        return key in self.changed and self.changed[key].size > 0

    def _run(self, group: Group, rows: Rows) -> None:
        kept = self.plan.kept(group)
        if group.slow:
            self._keep(kept[0], rows, self.new.slow.column(kept[0], rows))
            return
        cells, months = self._both(group, rows)
        for key, found in zip(kept, cells, strict=False):
            self._keep(key, rows, found)
        for key, found in zip(group.checks, cells[len(kept) :], strict=True):
            if (self.checks[key][:, rows] != found).any():
                self.checks[key] = self.checks[key].copy()
                self.checks[key][:, rows] = found
        for key, (old, new) in months:
            self._differ(key, rows, old, new)
        if (cells[: len(kept)] < SPECIAL).any() or (cells[len(kept) :] != 1).any():
            self._told.setdefault(group.root, []).append(rows)

    def _both(self, group: Group, rows: Rows) -> tuple[Cells, Iterator[tuple[Key, tuple[Cells, Cells]]]]:
        """What the group keeps of these rows now, and its monthly columns before and now."""
        code = fused.compiled(self.new, group, detailed=True) if self.compiled else None
        monthly = self.plan.monthly(group)
        if code is None:
            cells = self.new.interpreted(group, rows)
            return cells, ((key, (self.old.months(key, rows), self.new.months(key, rows))) for key in monthly)
        old, new = code.compare(self.old, self.new, rows)
        again = np.flatnonzero(old.again | new.again)
        if again.size:
            new.yearly[:, :, again] = self.new.interpreted(group, rows[again])
        shape = (len(self.plan.years), 12, rows.size)
        pairs = [(before.reshape(shape), now.reshape(shape)) for before, now in zip(old.monthly, new.monthly, strict=True)]
        if again.size:
            for key, (before, now) in zip(monthly, pairs, strict=True):
                before[..., again] = self.old.months(key, rows[again])
                now[..., again] = self.new.months(key, rows[again])
        return new.yearly, iter(list(zip(monthly, pairs, strict=True)))

    def _keep(self, key: Key, rows: Rows, cells: Cells) -> None:
        old = self.new.stored[key]
        differs = (old[..., rows] != cells).reshape(-1, rows.size).any(axis=0)
        if differs.any():
            self._differ(key, rows, old[..., rows], cells)
            self.new.stored[key] = old.copy()
            self.new.stored[key][..., rows] = cells
            self.changed[key] = rows[differs]

    def _differ(self, key: Key, rows: Rows, old: NDArray[Any], new: NDArray[Any]) -> None:
        if (old != new).any():
            self.columns.append(differing(self.plan, self.new.workbook, key, (rows, old, new)))

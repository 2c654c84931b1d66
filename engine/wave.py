"""How edits spread: which rows of which groups run again, and what came out differently.

Groups run in order. A group's row is dirty where something it reads in that row changed; all rows of a submission are
where something changed that is read through a total, from another root or from the header.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.editing import Touched, differing
from engine.evaluation import Evaluation
from engine.kernel import fused
from engine.kernel.totals import advanced
from engine.line_moves import line_moves
from engine.number import BLANK, SPECIAL, Cells
from engine.plan import Group, Key, Plan, Reads
from engine.verdicts import Scope
from engine.workbook import Changes, Results, Workbook

Rows = NDArray[np.int64]
_NONE: Rows = np.empty(0, dtype=np.int64)
_NO_CELLS: Cells = np.empty((0, 0), dtype=np.int64)


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
        self.values: dict[Key, tuple[Cells, Cells]] = {}
        """What kept columns were and are there, (years, rows)."""
        self.cells: list[Changes] = []
        self._header: Mapping[str, Rows] = {}
        self._told: dict[str, list[Rows]] = {}

    def follow(self, touched: Touched) -> Results:
        """Run what the edits reach, and give the results after them."""
        self.changed, self._header, self.cells = dict(touched.rows), touched.header, list(touched.cells)
        self._share_totals()
        for key, rows in touched.rows.items():
            self._advance(key, rows, self._input(self.old, key, rows), self._input(self.new, key, rows))
        for group, read in zip(self.plan.groups, self.plan.reads, strict=True):
            rows = self._dirty(group, read)
            if rows.size:
                self._run(group, rows)
        for key in self.plan.slow_checks:
            self.checks[key] = self.new.slow.check(key)
        return Results(self.new.stored, self.checks, self.new.known_totals)

    def lines(self, after: Workbook) -> dict[tuple[str, ...], int]:
        """How the budget lines moved."""
        return line_moves(self.plan, (self.before, after), self.changed, self.values)

    @property
    def scope(self) -> Scope:
        """Where something ran again of which there may be something to tell."""
        for key, rows in self.changed.items():
            if key not in self.plan.columns:
                cells = self.new.workbook.tables[key[0]].columns[key[1]][..., rows]
                if cells.dtype != object and (cells == BLANK).any():
                    self._told.setdefault(self.plan.roots[key[0]], []).append(rows)
        told = {root: np.unique(np.concatenate(parts)) for root, parts in self._told.items()}
        return Scope(told, frozenset(self.plan.slow_checks))

    def _share_totals(self) -> None:
        """Totals that no edit reaches are known already."""
        assert self.before.results is not None
        self.old.known_totals = dict(self.before.results.totals)
        if not any(rows.size for rows in self._header.values()):
            reached, reads = self._downstream(), self.plan.total_reads
            known = self.old.known_totals.items()
            self.new.known_totals = {op: lanes for op, lanes in known if not reads[op] & reached}

    def _advance(self, key: Key, rows: Rows, old: Cells, new: Cells) -> None:
        """Totals of a column as it is follow from what its cells were and are."""
        for op in self.plan.plain_totals.get(key, ()) if old.size else ():
            known = self.old.known_totals.get(op)
            if known is not None and not any(touched.size for touched in self._header.values()):
                owners = np.searchsorted(self.new.table(str(op.detail[1])).offsets, rows, side="right") - 1
                total = advanced(known, op, owners, (old, new))
                if total is not None:
                    self.new.known_totals[op] = total

    def _input(self, evaluation: Evaluation, key: Key, rows: Rows) -> Cells:
        cells = evaluation.workbook.tables[key[0]].columns[key[1]]
        if cells.dtype == object:
            return _NO_CELLS
        some = evaluation.input(key)[..., rows]
        return some if some.ndim == 2 else np.broadcast_to(some, (len(self.plan.years), rows.size))

    def _downstream(self) -> set[Key]:
        """Every column that may change: the edited ones, and what groups that read them keep."""
        reached = {key for key, rows in self.changed.items() if rows.size}
        for group, read in zip(self.plan.groups, self.plan.reads, strict=True):
            if (read.row | read.wide) & reached:
                reached |= set(self.plan.kept(group))
        return reached

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
            new = self.new.slow.column(kept[0], rows)
            self._keep(kept, rows, self.new.stored[kept[0]][None, ..., rows], new[None])
            return
        new = self._now(group, rows)
        stored = [self.new.stored[key][..., rows] for key in kept]
        if stored:
            self._keep(kept, rows, np.stack(stored), new[: len(kept)])
        self._ask(group.checks, rows, new[len(kept) :])
        if (new[: len(kept)] < SPECIAL).any() or (new[len(kept) :] != 1).any():
            self._told.setdefault(group.root, []).append(rows)

    def _now(self, group: Group, rows: Rows) -> Cells:
        """What the group keeps of these rows now; how its monthly columns differ from before is noted on the way."""
        monthly = self.plan.monthly(group)
        code = fused.compiled(self.new, group, detailed=bool(monthly)) if self.compiled else None
        if code is None:
            if monthly:
                self._differ(monthly, rows, self._months(self.old, group, rows), self._months(self.new, group, rows))
            return self.new.interpreted(group, rows)
        new = code.some(self.new, rows)
        again = np.flatnonzero(new.again)
        if again.size:
            new.yearly[:, :, again] = self.new.interpreted(group, rows[again])
        if monthly:
            shape = (-1, len(self.plan.years), 12, rows.size)
            old = code.some(self.old, rows)
            months = (old.monthly.reshape(shape), new.monthly.reshape(shape))
            for evaluation, wrong, cells in ((self.old, old.again, months[0]), (self.new, new.again, months[1])):
                if wrong.any():
                    cells[..., wrong != 0] = self._months(evaluation, group, rows[wrong != 0])
            self._differ(monthly, rows, *months)
        return new.yearly

    def _months(self, evaluation: Evaluation, group: Group, rows: Rows) -> Cells:
        inside = frozenset(group.columns)
        months = [evaluation.months(key, rows, inside) for key in self.plan.monthly(group)]
        return np.array(months, dtype=np.int64).reshape(-1, len(self.plan.years), 12, rows.size)

    def _ask(self, checks: Sequence[Key], rows: Rows, found: Cells) -> None:
        known = [self.checks[key][:, rows] for key in checks]
        for i in np.flatnonzero((np.array(known) != found).any(axis=(1, 2))).tolist() if known else ():
            self.checks[checks[i]] = self.checks[checks[i]].copy()
            self.checks[checks[i]][:, rows] = found[i]

    def _keep(self, keys: Sequence[Key], rows: Rows, old: Cells, new: Cells) -> None:
        differs = (old != new).reshape(len(keys), -1, rows.size).any(axis=1)
        for i in np.flatnonzero(differs.any(axis=1)).tolist():
            key, places = keys[i], differs[i]
            self.new.stored[key] = self.new.stored[key].copy()
            self.new.stored[key][..., rows] = new[i]
            self.changed[key] = rows[places]
            self.values[key] = (old[i][..., places], new[i][..., places])
            if new[i].ndim == 2:
                self._advance(key, self.changed[key], *self.values[key])
        if differs.any():
            self._differ(keys, rows, old, new)

    def _differ(self, keys: Sequence[Key], rows: Rows, old: NDArray[Any], new: NDArray[Any]) -> None:
        found = differing(self.plan, self.new.workbook, keys, (rows, old, new))
        if len(found):
            self.cells.append(found)

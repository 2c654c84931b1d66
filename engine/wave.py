"""How edits spread: which rows of which groups run again, and what came out differently.

Groups run in order. A group's row is dirty where something it reads in that row changed; all rows of a submission are
where something changed that is read through a total, from another root or from the header. What a group says of its
dirty rows is calculated once with what it read before and once with what it reads now (`frames`), as two blocks of
cells that are compared in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.editing import Touched
from engine.evaluation import Evaluation
from engine.kernel import fused
from engine.kernel.fused import Frame
from engine.kernel.totals import advanced
from engine.kernel.typed import SUBMISSION
from engine.line_moves import line_moves
from engine.number import BLANK, SPECIAL, Array, Cells
from engine.plan import Key, Plan
from engine.route import Step
from engine.slots import Moved, changes_at, moved, places_of
from engine.verdicts import Scope
from engine.workbook import Changes, Results, Workbook

Rows = NDArray[np.int64]
_NONE: Rows = np.empty(0, dtype=np.int64)


class Wave:
    """One edit's consequences, from a recalculated workbook to the one after."""

    def __init__(self, plan: Plan, before: Workbook, after: Workbook, compiled: bool = True) -> None:
        assert before.results is not None, "edits are followed from a recalculated workbook"
        self.plan, self.before, self.results, self.compiled = plan, before, before.results, compiled
        self.new = Evaluation(plan, after, compiled)
        self.new.stored = dict(self.results.columns)
        self.checks = dict(self.results.checks)
        self.frames: dict[int, Frame] = {}
        self.moved: dict[Key, Moved] = {}
        """How inputs and kept columns differ."""
        self.header: dict[str, Rows] = {}
        """Submissions whose fields differ. What is left behind of totals and frames does not outlive that."""
        self.cells: list[Changes] = []
        self._rows: dict[int, list[Rows]] = {}
        """Dirty rows of each step yet to be taken."""
        self._submissions: dict[int, set[int]] = {}
        """Submissions of which all rows are dirty."""
        self._told: dict[str, list[Rows]] = {}

    @cached_property
    def old(self) -> Evaluation:
        """The calculation before; asked only for what it did not leave behind."""
        old = Evaluation(self.plan, self.before, self.compiled)
        old.stored, old.known_totals = dict(self.results.columns), dict(self.results.totals)
        return old

    def follow(self, touched: Touched) -> Results:
        """Run what the edits reach, and give the results after them."""
        self.cells = list(touched.cells)
        self.header = {name: submissions for name, submissions in touched.header.items() if submissions.size}
        if not self.header:
            self.new.known_totals, self.frames = dict(self.results.totals), dict(self.results.frames)
        for name, submissions in self.header.items():
            self._reach(self.plan.route.header.get(name, ()), submissions.tolist())
        for key, rows in touched.rows.items():
            if rows.size:
                self._input(key, rows, touched.blocks[key])
        for step in self.plan.route.steps:
            rows = self._dirty(step)
            if rows.size:
                self._run(step, rows)
        for key in self.plan.slow_checks:
            self.checks[key] = self.new.slow.check(key)
        return Results(self.new.stored, self.checks, self.new.known_totals, self.frames)

    def lines(self, after: Workbook) -> dict[tuple[str, ...], int]:
        """How the budget lines moved."""
        return line_moves(self.plan, (self.before, after), self.moved)

    @property
    def scope(self) -> Scope:
        """Where something ran again of which there may be something to tell."""
        told = {root: np.unique(np.concatenate(parts)) for root, parts in self._told.items()}
        return Scope(told, frozenset(self.plan.slow_checks))

    def _input(self, key: Key, rows: Rows, blocks: tuple[Array, Array]) -> None:
        """Go on from an edited input."""
        root = self.plan.roots[key[0]]
        if blocks[1].dtype != object and (blank := blocks[1] == BLANK).any():
            self._told.setdefault(root, []).append(rows)
            if self.plan.column(key).optional:
                blocks = (blocks[0], np.where(blank, 0, blocks[1]))
        if self.plan.column(key).optional and blocks[0].dtype != object:
            blocks = (np.where(blocks[0] == BLANK, 0, blocks[0]), blocks[1])
        self._change(key, moved(self.new.workbook.tables[key[0]].offsets, rows, blocks))

    def _change(self, key: Key, what: Moved) -> None:
        """A column's cells and sums have moved: who reads it is dirty, and its totals follow or are forgotten."""
        self.moved[key] = what
        route, totals = self.plan.route, self.new.known_totals
        for step in route.rows.get(key, ()):
            self._rows.setdefault(step, []).append(what.rows)
        if wide := route.wide.get(key):
            self._reach(wide, self._owners(key, what))
        for op in self.plan.plain_totals.get(key, ()) if totals else ():
            known = totals.get(op)
            if known is not None and not (what.whole and op.detail[0] == "count"):
                after = advanced(known, what.submissions, what.sums) if what.whole else None
                if after is None:
                    del totals[op]
                else:
                    totals[op] = after
        for op in route.totals.get(key, ()):
            totals.pop(op, None)

    def _owners(self, key: Key, what: Moved) -> Iterable[int]:
        """The submissions that the rows of a column belong to."""
        if what.submissions.size:
            found: list[int] = what.submissions.tolist()
            return found
        offsets = self.new.table(self.plan.roots[key[0]]).offsets
        return set((offsets.searchsorted(what.rows, "right") - 1).tolist())

    def _reach(self, steps: Iterable[int], submissions: Iterable[int]) -> None:
        for step in steps:
            self._submissions.setdefault(step, set()).update(submissions)

    def _dirty(self, step: Step) -> Rows:
        parts = self._rows.get(step.index, [])
        if step.index in self._submissions:
            submissions = sorted(self._submissions[step.index])
            if step.group.root == SUBMISSION:
                return np.array(submissions, dtype=np.int64)
            offsets = self.new.table(step.group.root).offsets
            parts = [*parts, *(np.arange(offsets[each], offsets[each + 1]) for each in submissions)]
        return _NONE if not parts else parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))

    def _run(self, step: Step, rows: Rows) -> None:
        old, new = self._blocks(step, rows)
        places, columns = places_of(old, new), len(step.slots)
        if places[0].size:
            told = int(places[0].searchsorted(columns))
            if told:
                self._keep(step, rows, places[0][:told], (old, new))
                offsets = self.new.table(step.group.root).offsets
                found = (places[0][:told], places[1][:told])
                self.cells.append(changes_at(step.slots, offsets, rows, found, (old, new)))
            self._ask(step, rows, set(places[0][told:].tolist()), new)
        if new.dtype != object and (
            int(new[: step.kept].min(initial=0)) < SPECIAL or int(new[columns:].min(initial=1)) < 1
        ):
            self._told.setdefault(step.group.root, []).append(rows)

    def _keep(self, step: Step, rows: Rows, slots: Rows, blocks: tuple[Array, Array]) -> None:
        """Keep the columns of a step that differ, and go on from them."""
        differ = set(step.slots.columns[slots[: slots.searchsorted(step.kept)]].tolist())
        if not differ:
            return
        old, new = blocks[0][: step.kept], blocks[1][: step.kept]
        every = moved(self.new.table(step.group.root).offsets, rows, (old, new))
        for i in sorted(differ):
            key, part = step.columns[i], slice(i * step.moments, (i + 1) * step.moments)
            self.new.stored[key] = _with(self.new.stored[key], rows, new[part])
            self._change(key, every.part(part))

    def _ask(self, step: Step, rows: Rows, slots: set[int], new: Array) -> None:
        """Keep the answers of checks that differ."""
        years, first = len(self.plan.years), len(step.slots)
        for i in {(slot - first) // years for slot in slots}:
            key, part = step.group.checks[i], slice(first + i * years, first + (i + 1) * years)
            self.checks[key] = _with(self.checks[key], rows, new[part])

    def _blocks(self, step: Step, rows: Rows) -> tuple[Array, Array]:
        """What a step says of these rows, (slots, rows): before, and now."""
        if step.group.slow:
            (key,) = step.columns
            now = self.new.slow.column(key, rows)
            return self._stored(step, rows), now.reshape(len(step.slots), rows.size)
        code = fused.compiled(self.new, step.group, step.detailed) if self.compiled else None
        if code is None:
            return self._before(step, rows), self.new.interpreted(step.group, rows, step.detailed)
        frame = self.results.frames.get(step.index)
        if frame is None or frame.code is not code:
            frame = code.frame(self.old)
        self.frames[step.index] = code.frame(self.new) if self.header else code.moved(frame, self.new, self.moved)
        old, new = code.some(frame, rows), code.some(self.frames[step.index], rows)
        if old.again.any():
            again = np.flatnonzero(old.again)
            old.cells[:, again] = self._before(step, rows[again])
        if new.again.any():
            again = np.flatnonzero(new.again)
            new.cells[:, again] = self.new.interpreted(step.group, rows[again], step.detailed)
        return old.cells, new.cells

    def _before(self, step: Step, rows: Rows) -> Cells:
        """What a step said of these rows: what was kept, and monthly columns once more."""
        if step.detailed:
            return self.old.interpreted(step.group, rows, True)
        return self._stored(step, rows)

    def _stored(self, step: Step, rows: Rows) -> Array:
        columns: Mapping[Key, Array] = self.results.columns
        parts = [columns[key].reshape(-1, columns[key].shape[-1])[:, rows] for key in step.columns]
        return np.concatenate([*parts, *(self.results.checks[key][:, rows] for key in step.group.checks)])


def _with(cells: Array, rows: Rows, new: Array) -> Array:
    """A column with other cells, (slots, rows), in some of its rows."""
    cells = cells.copy()
    first, last = int(rows[0]), int(rows[-1]) + 1
    at = slice(first, last) if last - first == rows.size else rows
    cells.reshape(-1, cells.shape[-1])[:, at] = new
    return cells

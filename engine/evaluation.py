"""One calculation of a plan over a workbook: what is asked for is computed once, group by group, and kept.

A group's rows run compiled where the machine can (`fused`) and with numpy otherwise; rows that the compiled code
hands back (an error, a number beyond its range) run again with numpy, and what has no kernel runs in the oracle.
All give the same cells.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray

from engine.kernel import fused, lanes
from engine.kernel.calculation import Valued
from engine.kernel.lanes import Lanes
from engine.kernel.space import NONE, Space
from engine.kernel.totals import grouped_cells, grouped_total, row_totals
from engine.kernel.typed import SUBMISSION, UNIFORM, Op
from engine.norms.tables import NormTables
from engine.number import BLANK, CELL_OF_ERROR, Cells
from engine.plan import Group, Key, Plan
from engine.slots import Kept
from engine.slow import SlowCells
from engine.workbook import Table, Workbook

_TILE = 8192

Spare = dict[Group, fused.Outcome]
"""Arrays of an earlier calculation of the same size that nobody looks at any more, to be written over: for who
calculates again and again, since fresh memory costs more than the arithmetic."""


class Evaluation:
    """The state of one calculation; made, asked, thrown away. A group of `compiled` cells or more (rows by months) runs
    as compiled code, others by numpy: 1 is all of them, 0 none."""

    def __init__(self, plan: Plan, workbook: Workbook, compiled: int = 1, spare: Spare | None = None) -> None:
        self.plan, self.workbook, self.compiled, self.spare = plan, workbook, compiled, spare
        known = workbook.known
        self.bound = plan.tables if known is None else NormTables(plan.norms, plan.ruleset.years, known)
        self.stored: MutableMapping[Key, Cells] = {}
        """(years, rows) for a yearly column, (years, 12, rows) for a monthly one of the oracle's."""
        self.held: dict[Key, Cells] = {}
        """(years, rows or submissions) of checks: 1 where one holds, 0 where not, else why it could not be asked."""
        self.sizes: dict[Key, int] = {}
        """A bound of the magnitude of columns that are known to hold numbers only."""
        self.known_totals: dict[Op, Lanes] = {}
        self.grouped: dict[tuple[Op, int, str], Lanes] = {}
        """Conditional totals of all rows of a root, by year."""
        self.kept: dict[int, Kept] = {}
        """By group what it keeps in one piece, and its sums, where an edit has reached it."""
        self._grouped_cells: dict[Op, Cells | None] = {}
        self._inputs: dict[Key, Cells] = {}
        self._spaces: dict[str, Space] = {}
        self._owners: dict[str, NDArray[np.int64]] = {}

    @cached_property
    def uniform(self) -> Space:
        """The single lane of what is the same for every row."""
        return Space(self, UNIFORM)

    @cached_property
    def submissions(self) -> Space:
        """The lanes of what a submission has once."""
        return Space(self, SUBMISSION, np.arange(self.workbook.submissions))

    @cached_property
    def slow(self) -> SlowCells:
        """The oracle's cells."""
        return SlowCells(self.plan, self.workbook)

    def column(self, key: Key) -> Cells:
        """A computed column that is kept; its group runs if it has not."""
        if key not in self.stored:
            self.run(self.plan.groups[self.plan.group_of[key]])
        return self.stored[key]

    def run(self, group: Group) -> None:
        """Compute all that a group keeps."""
        kept = self.plan.kept(group)
        if group.slow:
            self.stored[kept[0]] = self.slow.column(kept[0])
            return
        rows = self.table(group.root).rows
        months = 12 if any(self.plan.column(key).per_month for key in group.columns) else 1
        worth = rows * months >= self.compiled
        code = fused.compiled(self, group, make=worth) if rows and self.compiled else None
        if code is None:
            cells = self.interpreted(group, np.arange(rows))
        else:
            out = code.run(self, rows, None if self.spare is None else self.spare.get(group))
            if self.spare is not None:
                self.spare[group] = out
            cells, again = out.cells, np.flatnonzero(out.again)
            if again.size:
                cells[:, again] = self.interpreted(group, again)
            else:
                self.sizes.update(zip(kept, code.sizes, strict=False))
        columns = cells.reshape(len(kept) + len(group.checks), len(self.plan.years), rows)
        self.stored.update(zip(kept, columns, strict=False))
        self.held.update(zip(group.checks, columns[len(kept) :], strict=True))

    def interpreted(self, group: Group, rows: NDArray[np.int64], detailed: bool = False) -> Cells:
        """(slots, rows) of a group by numpy, tile after tile: kept columns, checks, monthly columns if `detailed`."""
        ops, years = self.plan.ops(group, detailed), len(self.plan.years)
        moments = [12 if op.monthly else 1 for op in ops]
        out = np.empty((sum(moments) * years, rows.size), dtype=np.int64)
        for start in range(0, rows.size, _TILE):
            space, at = Space(self, group.root, rows[start : start + _TILE], frozenset(group.columns)), 0
            for op, many in zip(ops, moments, strict=True):
                for year in range(years):
                    out[at : at + many, start : start + _TILE] = lanes.to_cells(space.value(op, year))
                    at += many
        return out

    def months(self, key: Key, rows: NDArray[np.int64], inside: frozenset[Key] = NONE) -> Cells:
        """(years, 12, rows) of a monthly column, computed now, and with it the columns `inside` that it reads."""
        return self.months_in(Space(self, self.plan.roots[key[0]], rows, inside), key)

    def months_in(self, space: Space, key: Key) -> Cells:
        """The same, of the rows of a space; what several columns there have in common is computed once."""
        definition, rows = self.plan.columns[key], space.rows
        if definition.op is None:
            return self.column(key)[..., rows]
        out = np.empty((len(self.plan.years), 12, rows.size), dtype=np.int64)
        for year in range(len(out)):
            out[year] = lanes.to_cells(space.value(definition.op, year))
        return out

    def read(self, space: Valued, key: Key, year: int) -> Lanes:
        """A column's lanes in a space of its root: an input, a kept column, or one computed on the way."""
        definition = self.plan.columns.get(key)
        if definition is None:
            cells = self.input(key)
            return lanes.from_cells((cells[year] if cells.ndim > 1 else cells)[space.rows])
        if definition.op is not None and (key in space.inside or not self.plan.stored(key)):
            return lanes.from_cells(lanes.to_cells(space.value(definition.op, year)))
        return lanes.from_cells(self.column(key)[year][..., space.rows])

    def last_cycle(self, space: Valued, key: Key) -> Lanes:
        """The last cycle's value of a column, for PREVIOUS in the first year."""
        cells = self.workbook.tables[key[0]].previous.get(key[1]) if key[0] in self.workbook.tables else None
        if cells is None:
            return lanes.fail(lanes.same(1), lanes.same(0), "previous-missing")
        return lanes.from_cells(np.where(cells == BLANK, CELL_OF_ERROR["previous-missing"], cells)[..., space.rows])

    def header(self, name: str) -> Cells:
        """(submissions,) of a header field."""
        return cast(Cells, self.workbook.header[name])

    def table(self, root: str) -> Table:
        """The table whose rows a root has; submissions are the rows of the space of submissions."""
        return Table(np.arange(self.workbook.submissions + 1)) if root == SUBMISSION else self.workbook.tables[root]

    def submission_of(self, root: str) -> NDArray[np.int64]:
        """(rows,): which submission each row belongs to."""
        if root not in self._owners:
            offsets = self.table(root).offsets
            one = len(offsets) == 2
            every = (
                np.zeros(offsets[1], dtype=np.int64)
                if one
                else np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
            )
            self._owners[root] = every
        return self._owners[root]

    def owners(self, root: str) -> NDArray[np.int64]:
        """(1 + rows,): how many submissions there are, then the submission of each row."""
        return np.concatenate([[self.workbook.submissions], self.submission_of(root)])

    def totals(self, op: Op) -> Lanes:
        """(years, submissions) of a total, computed once."""
        known = self.known_totals.get(op)
        if known is None:
            step, slot = self.plan.route.sums.get(op, (-1, 0)) if self.kept else (-1, 0)
            kept = self.kept.get(step)
            if kept is None or not kept.summed:
                known = self.known_totals[op] = row_totals(self, op)
            else:
                known = Lanes(kept.sums[slot : slot + len(self.plan.years)], None, kept.bound)
        return known

    def all_rows(self, root: str) -> Space:
        """All rows of a root as one space."""
        if root == SUBMISSION:
            return self.submissions
        if root not in self._spaces:
            self._spaces[root] = Space(self, root, np.arange(self.table(root).rows))
        return self._spaces[root]

    def total_where(self, space: Valued, op: Op, year: int) -> Lanes:
        """A conditional total for each lane. Of many lanes those of all rows are computed at once, and kept; where rows
        are few, those of all years."""
        few = None if space.inside or space.root != op.space else self._of_few(op)
        if few is not None:
            return Lanes(few[year, space.rows], None, int(np.abs(few).max(initial=0)))
        rows = self.table(space.root).rows if space.root != SUBMISSION else 0
        whole = self.grouped.get((op, year, space.root)) if rows > _TILE else None
        if whole is None and rows > _TILE and space.rows.size in (_TILE, rows):
            every = Space(self, space.root, np.arange(rows), space.inside)
            whole = self.grouped[op, year, space.root] = grouped_total(every, op, year)
        if whole is None:
            return grouped_total(space, op, year)
        errors = None if whole.errors is None else np.broadcast_to(whole.errors, rows)[space.rows]
        return Lanes(whole.values[..., space.rows], errors, whole.bound)

    def _of_few(self, op: Op) -> Cells | None:
        if op not in self._grouped_cells:
            self._grouped_cells[op] = grouped_cells(self, op)
        return self._grouped_cells[op]

    def input(self, key: Key) -> Cells:
        """An input's cells, (rows,) or (years, rows); a blank that may be one counts as 0, or as no code."""
        if key not in self._inputs:
            declared = self.plan.column(key)
            cells = cast(Cells, self.table(key[0]).columns[key[1]])
            if declared.optional and cells.min(initial=0) == BLANK:
                cells = np.where(cells == BLANK, -1 if declared.type.kind == "code" else 0, cells)
            self._inputs[key] = cells
        return self._inputs[key]

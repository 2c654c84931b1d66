"""One calculation of a plan over a workbook: what is asked for is computed once, group by group, and kept.

A group's rows run compiled where the machine can (`fused`) and with numpy otherwise; rows that the compiled code hands back
(an error, a number beyond its range) run again with numpy, and what has no kernel runs in the oracle. All give the same
cells.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from engine import fused, lanes
from engine.lanes import Lanes
from engine.number import BLANK, CELL_OF_ERROR
from engine.plan import Group, Key, Plan
from engine.slow import SlowCells
from engine.space import Space
from engine.tables import NormTables
from engine.totals import grouped_total, row_total
from engine.typed import SUBMISSION, UNIFORM, Op
from engine.workbook import Cells, Table, Workbook

_TILE = 8192


class Evaluation:
    """The state of one calculation; made, asked, thrown away."""

    def __init__(self, plan: Plan, workbook: Workbook, compiled: bool = True):
        self.plan, self.workbook, self.compiled = plan, workbook, compiled
        known = workbook.known
        self.bound = plan.tables if known is None else NormTables(plan.norms, plan.ruleset.years, known)
        self.stored: dict[Key, Cells] = {}
        """(years, rows) for a yearly column, (years, 12, rows) for a monthly one of the oracle's."""
        self.held: dict[Key, Cells] = {}
        """(years, rows) of row checks: 1 where the check holds, 0 where not, else why it could not be asked."""
        self.uniform = Space(self, UNIFORM)
        self.submissions = Space(self, SUBMISSION)
        self.slow = SlowCells(plan, workbook)
        self._inputs: dict[Key, Cells] = {}
        self._totals: dict[tuple[Op, int], Lanes] = {}
        self._owners: dict[str, NDArray[np.int64]] = {}

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
        code = fused.compiled(self, group) if self.compiled else None
        if code is None:
            cells = self.interpreted(group, np.arange(rows))
        else:
            cells, again = code.run(self, rows)
            if again.size:
                cells[:, :, again] = self.interpreted(group, again)
        self.stored.update(zip(kept, cells, strict=False))
        self.held.update(zip(group.checks, cells[len(kept) :], strict=True))

    def check(self, key: Key) -> Cells:
        """(years, rows) of a row check or (years, submissions) of a form's: 1 holds, 0 not, else why it was not asked."""
        definition = self.plan.checks[key]
        if key in self.held:
            return self.held[key]
        if definition.op is None:
            return self.slow.check(key)
        count = self.workbook.submissions
        values = [lanes.to_cells(self.submissions.value(definition.op, year)) for year in range(len(self.plan.years))]
        return np.stack([np.broadcast_to(value, (count,)) for value in values])

    def interpreted(self, group: Group, rows: NDArray[np.int64]) -> Cells:
        """(kept columns, then checks; years, rows) by numpy, tile after tile."""
        ops = self.plan.ops(group)
        years = len(self.plan.years)
        out = np.empty((len(ops), years, rows.size), dtype=np.int64)
        for start in range(0, rows.size, _TILE):
            space = Space(self, group.root, rows[start : start + _TILE], frozenset(group.columns))
            for year in range(years):
                for i, op in enumerate(ops):
                    out[i, year, start : start + _TILE] = lanes.to_cells(space.value(op, year))
        return out

    def some(self, group: Group, rows: NDArray[np.int64]) -> Cells:
        """What `run` would keep for these rows only: (kept columns, then checks; years, len(rows))."""
        code = fused.compiled(self, group) if self.compiled else None
        if code is None:
            return self.interpreted(group, rows)
        cells, again = code.run_some(self, rows)
        if again.size:
            cells[:, :, again] = self.interpreted(group, rows[again])
        return cells

    def some_months(self, group: Group, rows: NDArray[np.int64]) -> Cells:
        """(monthly columns that are not kept, years × 12, len(rows))."""
        keys = self.plan.monthly(group)
        code = fused.compiled(self, group, months=True) if self.compiled and keys else None
        if code is None:
            return np.array([self.months(key, rows).reshape(-1, rows.size) for key in keys], dtype=np.int64)
        cells, again = code.run_some(self, rows)
        for i, key in enumerate(keys if again.size else ()):
            cells[i][:, again] = self.months(key, rows[again]).reshape(-1, again.size)
        return cells

    def months(self, key: Key, rows: NDArray[np.int64]) -> Cells:
        """(years, 12, rows) of a monthly column, computed now."""
        definition = self.plan.columns[key]
        if definition.op is None:
            return self.column(key)[..., rows]
        space = Space(self, definition.root, rows)
        out = np.empty((len(self.plan.years), 12, rows.size), dtype=np.int64)
        for year in range(len(out)):
            out[year] = lanes.to_cells(space.value(definition.op, year))
        return out

    def read(self, space: Space, key: Key, year: int) -> Lanes:
        """A column's lanes in a space of its root: an input, a kept column, or one computed on the way."""
        definition = self.plan.columns.get(key)
        if definition is None:
            cells = self.input(key)
            return lanes.from_cells((cells[year] if cells.ndim > 1 else cells)[space.rows])
        if definition.op is not None and (key in space.inside or not self.plan.stored(key)):
            return lanes.from_cells(lanes.to_cells(space.value(definition.op, year)))
        return lanes.from_cells(self.column(key)[year][..., space.rows])

    def last_cycle(self, space: Space, key: Key) -> Lanes:
        """The last cycle's value of a column, for PREVIOUS in the first year."""
        cells = self.workbook.tables[key[0]].previous.get(key[1]) if key[0] in self.workbook.tables else None
        if cells is None:
            return lanes.fail(lanes.same(1), lanes.same(0), "previous-missing")
        return lanes.from_cells(np.where(cells == BLANK, CELL_OF_ERROR["previous-missing"], cells)[space.rows])

    def header(self, name: str) -> Cells:
        """(submissions,) of a header field."""
        return cast(Cells, self.workbook.header[name])

    def table(self, form: str) -> Table:
        """The table whose rows a root has."""
        return self.workbook.tables[form]

    def submission_of(self, root: str) -> NDArray[np.int64]:
        """(rows,): which submission each row belongs to."""
        if root not in self._owners:
            offsets = self.table(root).offsets
            self._owners[root] = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        return self._owners[root]

    def total(self, op: Op, year: int) -> Lanes:
        """(submissions,) of a total, computed once."""
        if (op, year) not in self._totals:
            self._totals[op, year] = row_total(self, op, year)
        return self._totals[op, year]

    def total_where(self, space: Space, op: Op, year: int) -> Lanes:
        """A conditional total for each lane."""
        return grouped_total(space, op, year)

    def input(self, key: Key) -> Cells:
        """An input's cells, (rows,) or (years, rows); a blank that may be one counts as 0, or as no code."""
        if key not in self._inputs:
            declared = self.plan.column(key)
            cells = cast(Cells, self.table(key[0]).columns[key[1]])
            if declared.optional and cells.min(initial=0) == BLANK:
                cells = np.where(cells == BLANK, -1 if declared.type.kind == "code" else 0, cells)
            self._inputs[key] = cells
        return self._inputs[key]

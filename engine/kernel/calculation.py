"""What a calculation offers to those who run ops: its norms, its inputs and what is computed already.

`Evaluation` is one; the runners (`space`, `totals`, `leaves`, `fused`) know no more of it than this.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.kernel.lanes import Lanes
from engine.kernel.typed import Op
from engine.norms.tables import NormTables
from engine.number import Array, Cells
from engine.plan import Key, Plan
from engine.slots import Kept
from engine.workbook import Table, Workbook


class Valued(Protocol):
    """Lanes of one root, in which ops have values."""

    @property
    def evaluation(self) -> Calculation:
        """The calculation they belong to."""
        ...

    @property
    def root(self) -> str:
        """The root's name."""
        ...

    @property
    def rows(self) -> NDArray[np.int64]:
        """Which of the root's rows these are."""
        ...

    @property
    def inside(self) -> frozenset[Key]:
        """Columns that are computed here, not fetched."""
        ...

    def value(self, op: Op, year: int) -> Lanes:
        """An op's lanes in the year at that index."""
        ...


class Calculation(Protocol):
    """A calculation of a plan over a workbook."""

    plan: Plan
    workbook: Workbook
    bound: NormTables
    sizes: dict[Key, int]
    kept: dict[int, Kept]

    @property
    def uniform(self) -> Valued:
        """The single lane of what is the same for every row."""
        ...

    @property
    def submissions(self) -> Valued:
        """The lanes of what a submission has once."""
        ...

    def all_rows(self, root: str) -> Valued:
        """All rows of a root."""
        ...

    def read(self, space: Valued, key: Key, year: int) -> Lanes:
        """A column's lanes in a space."""
        ...

    def last_cycle(self, space: Valued, key: Key) -> Lanes:
        """The last cycle's value of a column."""
        ...

    def column(self, key: Key) -> Cells:
        """A computed column that is kept."""
        ...

    def input(self, key: Key) -> Cells:
        """An input's cells."""
        ...

    def header(self, name: str) -> Cells:
        """A header field's cells."""
        ...

    def table(self, root: str) -> Table:
        """The table whose rows a root has."""
        ...

    def submission_of(self, root: str) -> NDArray[np.int64]:
        """Which submission each row belongs to."""
        ...

    def owners(self, root: str) -> Array:
        """How many submissions there are, then the submission of each row."""
        ...

    def totals(self, op: Op) -> Lanes:
        """(years, submissions) of a total."""
        ...

    def total_where(self, space: Valued, op: Op, year: int) -> Lanes:
        """A conditional total for each lane."""
        ...

"""The data of one or a thousand submissions as columns of int64 cells, and edits to it.

Rows of all submissions of a form stand in one array, submission after submission; `Table.offsets` says where each
begins. An input has shape (rows,), or (years, rows) if it may differ by year. Arrays are never changed in place: an
edited workbook shares all others with the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.findings import Finding
from engine.kernel.lanes import Lanes
from engine.kernel.typed import Op
from engine.number import Array, Cells

if TYPE_CHECKING:
    from engine.kernel.fused import Frame
    from engine.slots import Kept


@dataclass(frozen=True, slots=True)
class Table:
    """The inputs of one form. A form derived from another (`each`, `group`) has its columns' inputs only."""

    offsets: NDArray[np.int64]
    """(submissions + 1,): rows of submission s are offsets[s] : offsets[s + 1]."""
    columns: Mapping[str, Array] = field(default_factory=dict)
    previous: Mapping[str, Array] = field(default_factory=dict)
    """The last cycle's values, (rows,), or (12, rows) of a monthly column, for PREVIOUS in the first year."""

    @property
    def rows(self) -> int:
        """Rows of all submissions together."""
        return int(self.offsets[-1])

    def place(self, row: int) -> tuple[int, int]:
        """Which submission a row belongs to, and its number there."""
        submission = int(np.searchsorted(self.offsets, row, side="right")) - 1
        return submission, row - int(self.offsets[submission])


@dataclass(frozen=True, slots=True)
class Results:
    """What `recalculate` found out; made again whenever looked at, the source of nothing."""

    columns: Mapping[tuple[str, str], Cells]
    """(form, column) → (years, rows): each computed yearly column; text columns as objects."""
    checks: Mapping[tuple[str, str], Cells]
    """(form, check) → (years, rows) or, asked once of the form, (years, submissions): 1 where it holds, 0 where not,
    an error cell where it could not be asked."""
    totals: Mapping[Op, Lanes] = field(default_factory=dict, repr=False, compare=False)
    """Totals that were computed on the way, so that an edit computes again only those that it reaches."""
    frames: Mapping[int, Frame] = field(default_factory=dict, repr=False, compare=False)
    """By group what its compiled code reads of this workbook, so that an edit replaces only what it reached."""
    kept: Mapping[int, Kept] = field(default_factory=dict, repr=False, compare=False)
    """By group what it keeps, in one piece, once an edit has reached it."""
    line_keys: dict[tuple[int, int], list[tuple[str, ...]]] = field(default_factory=dict, repr=False, compare=False)
    """By line rule and submission, each year's line of rows without keys of their own, as far as edits met them, and so
    long as the header stays the same."""
    said: dict[tuple[str, str, str, int], str] = field(default_factory=dict, repr=False, compare=False)
    """By form, check, name and year what messages show of the one submission that no cell decides, as far as they were
    told, and so long as the header stays the same."""
    grouped: Mapping[tuple[Op, int, str], Lanes] = field(default_factory=dict, repr=False, compare=False)
    """Conditional totals of all rows of a root, by year, where these are many: for who calculates under other norms."""


@dataclass(frozen=True, slots=True)
class Workbook:
    """Inputs of `submissions` submissions under one ruleset, and the results of the last recalculation."""

    years: tuple[int, ...]
    header: Mapping[str, Array]
    """(submissions,) for each header field."""
    tables: Mapping[str, Table]
    known: date | None = None
    """The day whose knowledge of the norms counts; None is today's, all that is recorded."""
    results: Results | None = None

    @property
    def submissions(self) -> int:
        """How many submissions this holds."""
        return len(next(iter(self.header.values()))) if self.header else 1


@dataclass(frozen=True, slots=True)
class Edit:
    """One new value: `row` counts inside the submission; `year` is for inputs that differ by year (None sets all);
    `value` is a cell (`engine.number`) or, for a text column, a str. `form` None edits the header's `column`."""

    submission: int
    form: str | None
    column: str
    row: int
    value: int | str | None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that differs after an edit; `month` is None for a yearly value."""

    submission: int
    form: str
    column: str
    row: int
    year: int
    month: int | None
    before: int | str | None
    after: int | str | None


@dataclass(frozen=True, slots=True)
class ChangedCells:
    """Cells that differ after an edit, as arrays of one length; `months` are 0 in a yearly column."""

    columns: NDArray[np.int64]
    submissions: NDArray[np.int64]
    rows: NDArray[np.int64]
    """Each counted inside its submission."""
    years: NDArray[np.int64]
    months: NDArray[np.int64]
    before: Array
    after: Array


@dataclass(frozen=True)
class Changes:
    """How many cells of some columns differ after an edit, and which, once somebody looks."""

    keys: tuple[tuple[str, str], ...]
    """(form, column) of the columns that `cells.columns` counts."""
    count: int
    read: Callable[[], ChangedCells]

    @cached_property
    def cells(self) -> ChangedCells:
        """Which they are."""
        return self.read()

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Change]:
        of = self.cells
        cells = (of.columns, of.submissions, of.rows, of.years, of.months, of.before, of.after)
        for column, submission, row, year, month, before, after in zip(*(c.tolist() for c in cells), strict=True):
            form, name = self.keys[column]
            yield Change(submission, form, name, row, year, month or None, before, after)


@dataclass(frozen=True, slots=True)
class Delta:
    """What an edit did: the cells that truly changed, the lines that moved, and what there is to tell of what ran."""

    cells: tuple[Changes, ...]
    lines: Mapping[tuple[str, ...], int]
    """line key → amount in tiyn after minus before, where that is not 0"""
    findings: tuple[Finding, ...]
    reshaped: tuple[str, ...] = ()
    """Forms whose rows are others now: none of their cells is told, they are to be read anew."""
    incomplete: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    """line key → rows that are left out of it because of errors, after minus before, where that is not 0"""

    def changes(self) -> Iterator[Change]:
        """The changed cells one by one."""
        return (change for part in self.cells for change in part)


def only(workbook: Workbook, submission: int) -> Workbook:
    """One submission of a workbook as a workbook of its own, without results."""
    header = {name: cells[submission : submission + 1] for name, cells in workbook.header.items()}
    tables = {name: _rows_of(table, submission) for name, table in workbook.tables.items()}
    return Workbook(workbook.years, header, tables, workbook.known)


def _rows_of(table: Table, submission: int) -> Table:
    first, last = int(table.offsets[submission]), int(table.offsets[submission + 1])
    columns = {name: np.ascontiguousarray(cells[..., first:last]) for name, cells in table.columns.items()}
    previous = {name: cells[..., first:last] for name, cells in table.previous.items()}
    return Table(np.array([0, last - first]), columns, previous)

"""Why a figure is what it is: its formula with the numbers in it, the norms with their acts, and so on down to inputs.

A `Step` is one cell; its `parts` are the cells that its formula read. Months that are calculated alike are one step,
and a whole column is one `Block` with its first rows. The oracle tells what was read; nothing here calculates. The
words for it stand in `explain_words.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from engine.explain.numbers import Numbers, cell_value
from engine.findings import Cell
from engine.formula import Expr, Name, walk
from engine.functions.values import ExcelError, Scalar
from engine.norms import Norm, Norms, NormValue, in_force
from engine.oracle import NormUse, Oracle, Read
from engine.ruleset import Column, HeaderField, Ruleset, Title, ValueType
from engine.workbook import Workbook

ROWS_SHOWN = 3
"""Of a whole column."""
DEPTH_MAX = 12
"""Steps below one another; what lies deeper can be asked for by itself."""


@dataclass(frozen=True, slots=True)
class NormStep:
    """A norm that was looked up, and the value found; `row` is None where none is in force."""

    norm: Norm
    keys: tuple[str, ...]
    on: str
    row: NormValue | None


@dataclass(frozen=True, slots=True)
class HeaderStep:
    """A field of the header that a formula read, and the title of its code."""

    field: HeaderField
    value: str
    title: Title


@dataclass(frozen=True, slots=True)
class Step:
    """One cell, or the same cell in months that are calculated alike; `formula` is None for an input."""

    form: str
    column: Column
    row: int
    year: int
    months: tuple[int, ...]
    value: str
    error: bool
    title: Title
    """Of the code in the cell."""
    formula: str | None = None
    numbers: str | None = None
    approximate: bool = False
    header: tuple[HeaderStep, ...] = ()
    norms: tuple[NormStep, ...] = ()
    parts: tuple[Step | Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A column over many rows: how many, their sum if they are numbers, rows with errors, and the first ones."""

    form: str
    column: Column
    year: int
    rows: int
    total: str | None
    errors: int
    first: tuple[Step, ...]


def explain(ruleset: Ruleset, norms: Norms, workbook: Workbook, cell: Cell) -> Step:
    """The story of a cell that has a column, a row and a year; a monthly one without a month is told for all twelve.
    What a recalculated workbook holds is not calculated again, but for the formulas that are told."""
    assert cell.column is not None
    assert cell.row is not None
    assert cell.year is not None
    oracle = Oracle(ruleset, norms, workbook)
    if workbook.results is not None:
        oracle.recalled = {key: cells for key, cells in workbook.results.columns.items() if cells.ndim == 2}
    explainer = _Explainer(oracle, cell.submission)
    column = ruleset.forms[cell.form].columns[cell.column]
    if column.per_month and cell.month is None:
        reads = [Read(cell.form, cell.column, cell.row, cell.year, month, None) for month in range(1, 13)]
        told = explainer.monthly(reads, 0)
        whole = replace(told[0], months=tuple(range(1, 13)), parts=(), norms=(), numbers=None)
        return told[0] if len(told) == 1 else replace(whole, value="", parts=tuple(told))
    return explainer.step(Read(cell.form, cell.column, cell.row, cell.year, cell.month, None), 0)


@dataclass(frozen=True, slots=True)
class _Explainer:
    oracle: Oracle
    submission: int

    def step(self, read: Read, depth: int) -> Step:
        """One cell with all that it was made of."""
        column = self.oracle.declared(read.form, read.column)
        month = read.month if column.per_month else None
        story = self.oracle.story(self.submission, read.form, read.column, read.row, read.year, month)
        cell = Step(
            read.form, column, read.row, read.year, (month,) if month else (),
            cell_value(story.value, column), isinstance(story.value, ExcelError), self._title(story.value, column.type),
        )  # fmt: skip
        if column.formula is None:
            return cell
        numbers = Numbers(story, read, self.oracle.declared, self._header).of(column.formula)
        parts = self.parts(story.reads, depth + 1) if depth < DEPTH_MAX else ()
        return replace(
            cell, formula=column.formula.text, numbers=numbers, approximate=story.approximate,
            header=tuple(self._fields(column.formula.tree)), norms=tuple(self._norms(story.norms)), parts=parts,
        )  # fmt: skip

    def parts(self, reads: Sequence[Read], depth: int) -> tuple[Step | Block, ...]:
        """The cells that were read, in the order of reading: each cell once, many rows of a column as a block."""
        columns: dict[tuple[str, str, int], dict[tuple[int, int | None], Read]] = {}
        for read in reads:
            columns.setdefault((read.form, read.column, read.year), {})[read.row, read.month] = read
        told: list[Step | Block] = []
        for cells in columns.values():
            rows = {row for row, _ in cells}
            if len(rows) > ROWS_SHOWN:
                told.append(self._block(list(cells.values()), rows))
            else:
                told += [
                    s for row in sorted(rows) for s in self._row([r for r in cells.values() if r.row == row], depth)
                ]
        return tuple(told)

    def monthly(self, reads: Sequence[Read], depth: int) -> list[Step]:
        """One row's months, those that are calculated alike together."""
        steps = [self.step(read, depth) for read in sorted(reads, key=lambda read: read.month or 0)]
        alike = [list(run) for _, run in groupby(steps, key=_likeness)]
        return [_in_months(run[0], tuple(month for step in run for month in step.months)) for run in alike]

    def _row(self, reads: Sequence[Read], depth: int) -> list[Step]:
        return [self.step(reads[0], depth)] if len(reads) == 1 else self.monthly(reads, depth)

    def _block(self, reads: Sequence[Read], rows: Iterable[int]) -> Block:
        column = self.oracle.declared(reads[0].form, reads[0].column)
        held = [read.value for read in reads]
        numeric = [value for value in held if isinstance(value, Fraction) and not isinstance(value, bool)]
        total = cell_value(sum(numeric, Fraction(0)), column) if column.type.kind == "number" else None
        shown = sorted(rows)[:ROWS_SHOWN]
        first = [self._leaf(read, column) for read in reads if read.row in shown and read.month in (None, 1)]
        errors = len({read.row for read in reads if isinstance(read.value, ExcelError)})
        return Block(reads[0].form, column, reads[0].year, len(set(rows)), total, errors, tuple(first))

    def _leaf(self, read: Read, column: Column) -> Step:
        months = (read.month,) if read.month else ()
        value, error = cell_value(read.value, column), isinstance(read.value, ExcelError)
        formula = column.formula.text if column.formula else None
        title = self._title(read.value, column.type)
        return Step(read.form, column, read.row, read.year, months, value, error, title, formula)

    def _norms(self, uses: Sequence[NormUse]) -> Iterable[NormStep]:
        norms, known = self.oracle.norms, self.oracle.workbook.known
        seen: set[tuple[str, tuple[str, ...], int]] = set()
        for use in uses:
            row = in_force(norms, use.name, use.keys, use.on, known)
            keys = tuple(str(key) for key in use.keys)
            if (use.name, keys, id(row)) not in seen:
                seen.add((use.name, keys, id(row)))
                yield NormStep(norms.norms[use.name], keys, str(use.on), row)

    def _fields(self, tree: Expr) -> Iterable[HeaderStep]:
        declared = self.oracle.ruleset.header
        for name in dict.fromkeys(node.name for node in walk(tree) if isinstance(node, Name) and node.name in declared):
            value = self._header(name)
            yield HeaderStep(declared[name], cell_value(value, declared[name]), self._title(value, declared[name].type))

    def _title(self, value: Scalar, held: ValueType) -> Title:
        codes = self.oracle.norms.classifications.get(held.classification or "")
        position = codes.positions.get(value) if codes and isinstance(value, str) else None
        return codes.titles[position] if codes and position is not None else {}

    def _header(self, name: str) -> Scalar:
        return self.oracle.header(self.submission, name)


def _in_months(step: Step, months: tuple[int, ...]) -> Step:
    """A step of one month and its monthly parts as those of several months."""
    parts = tuple(part if isinstance(part, Block) else _in_months(part, months) for part in step.parts)
    return replace(step, months=months if step.months else (), parts=parts)


def _likeness(step: Step) -> tuple[object, ...]:
    """What must be equal for two months to be told as one: all but the months and days themselves."""
    norms = [(use.norm.name, use.keys, id(use.row)) for use in step.norms]
    return step.value, step.numbers, tuple(norms), tuple(_part_likeness(part) for part in step.parts)


def _part_likeness(part: Step | Block) -> tuple[object, ...]:
    if isinstance(part, Block):
        return part.form, part.column.name, part.total, part.rows
    return part.form, part.column.name, part.row, part.year, _likeness(part)

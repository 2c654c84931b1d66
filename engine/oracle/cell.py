"""A formula evaluated where it stands: in a row of a form of a submission, in a year and perhaps a month.

`[@c]` is a cell of this row. An argument of a function that takes ranges is evaluated for every row of the whole
columns in it, and, in a yearly formula, for every month if a monthly value is in it; aggregates inside it stand for
themselves. A row with an error in one of its values is left out of totals, but not of look-ups, where places count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from engine.formula import Call, Column, Expr, Name, children
from engine.functions import FUNCTIONS, Function, Parameter, parameters
from engine.functions.values import ExcelError, Range, Scalar, UnsupportedError, Value, single, text
from engine.number import serial
from engine.oracle.formula import Evaluator, scalar_or_error

if TYPE_CHECKING:
    from engine.oracle import Oracle

LINES = "lines"
TOGETHER = frozenset("SUMIF SUMIFS AVERAGEIF AVERAGEIFS COUNTIF COUNTIFS MINIFS MAXIFS SUMPRODUCT".split())
"""Their ranges go side by side: all have the rows and months that one has, and a row left out of one is left out of
all. An error among what they are asked for is the result."""
PLACES = frozenset("INDEX MATCH XMATCH XLOOKUP VLOOKUP HLOOKUP LOOKUP ROWS COLUMNS TRANSPOSE".split())
"""Look-ups, where every row keeps its place."""
MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a formula is evaluated. `inner` is the row that whole columns stand for inside an argument; `yearly` says
    that the formula is, even where a month is bound inside an argument."""

    submission: int
    form: str
    row: int | None
    year: int
    month: int | None
    yearly: bool = True
    inner: int | None = None

    @property
    def first_day(self) -> date:
        """The first day of the month or year."""
        return date(self.year, self.month or 1, 1)


@dataclass(frozen=True, slots=True)
class CellEvaluator(Evaluator):
    """Evaluates formulas of a ruleset; what cells hold, the oracle knows."""

    oracle: Oracle = field(kw_only=True)
    where: Where = field(kw_only=True)

    def bound(self, name: str, value: Value) -> CellEvaluator:
        """The same with one more name."""
        return replace(self, names={**self.names, name.lower(): value})

    def at(self, where: Where) -> CellEvaluator:
        """The same elsewhere."""
        return replace(self, where=where)

    def name(self, name: str) -> Value:
        """LET's, the year, the month, or the header's."""
        if name.lower() in self.names:
            return Evaluator.name(self, name)
        if name.lower() == "year":
            return Fraction(self.where.year)
        if name.lower() == "month":
            return ExcelError("#VALUE!") if self.where.month is None else Fraction(serial(self.where.first_day))
        return single(self.oracle.header(self.where.submission, name))

    def column(self, column: Column) -> Value:
        """A cell of this row, or of the row that whole columns stand for."""
        row = self.where.row if column.this_row else self.where.inner
        if row is None:
            return ExcelError("#VALUE!")
        if column.form == LINES:
            return single(self.oracle.line(self.where.year, row, column.column))
        return single(self._cell(column, row, self.where.year))

    def norm(self, name: str, keys: list[Scalar], on: date | None) -> Scalar:
        """A norm on a day; None is the first day of the month or year at hand."""
        return self.oracle.norm(name, keys, on or self.where.first_day)

    def previous(self, column: Column) -> Scalar:
        """A column's value a year earlier; before the first year the last cycle's."""
        row = self.where.row if column.this_row else self.where.inner
        if row is None:
            return ExcelError("#VALUE!")
        if self.where.year == self.oracle.workbook.years[0]:
            form = column.form or self.where.form
            return self.oracle.last_cycle(self.where.submission, form, column.column, row, self.where.month)
        return self._cell(column, row, self.where.year - 1)

    def since_january(self, expr: Expr) -> list[Scalar]:
        """An expression in each month of the year up to the one at hand."""
        if self.where.month is None:
            return [ExcelError("#VALUE!")]
        return [self._scalar(expr, replace(self.where, month=month)) for month in range(1, self.where.month + 1)]

    def is_under(self, code: Expr, ancestor: str) -> bool:
        """Whether a code is the ancestor or stands below it in the code's classification."""
        if not isinstance(code, Column | Name):
            raise ExcelError("#VALUE!")
        value = self.value(code)
        if isinstance(value, ExcelError):
            raise value
        form = code.form or self.where.form if isinstance(code, Column) else None
        name = code.column if isinstance(code, Column) else code.name
        return self.oracle.is_under(form, name, text(value), ancestor)

    def population(self, expr: Expr) -> list[Scalar]:
        """An expression for every row of this form in this submission."""
        where, known = self.where, self.oracle.populations
        key = id(expr), where.submission, where.form, where.year, where.month
        if key in known and not self.names:
            return known[key]
        rows = range(self.oracle.rows(where.submission, where.form))
        values = [self._scalar(expr, replace(where, row=i, inner=i)) for i in rows]
        # What LET has named in this row may not be what it names in another.
        if not self.names:
            known[key] = values
        return values

    def once(self, args: Sequence[Expr], of: object, make: Callable[[], Any]) -> Any:
        """What is made of arguments over the population, kept for its other rows unless LET has named something."""
        where, known = self.where, self.oracle.made
        key = tuple(map(id, args)), of, where.submission, where.form, where.year, where.month
        if self.names:
            return make()
        if key not in known:
            known[key] = make()
        return known[key]

    def position(self) -> int:
        """Which of the population's rows this one is."""
        if self.where.row is None:
            raise ExcelError("#VALUE!")
        return self.where.row

    def arguments(self, function: Function, given: Sequence[Parameter], args: Sequence[Expr]) -> list[Value]:
        """The values of a call's arguments, those over rows and months as ranges."""
        wholes = [arg for parameter, arg in zip(given, args, strict=True) if parameter.whole]
        together = function.name in TOGETHER
        all_rows = self._rows(wholes) if together else None
        all_months = together and any(self._is_monthly(arg) for arg in wholes)
        values: list[Value] = []
        over_rows: list[bool] = []
        for parameter, arg in zip(given, args, strict=True):
            rows = (self._rows([arg]) if all_rows is None else all_rows) if parameter.whole else None
            months = parameter.whole and (all_months or self._is_monthly(arg))
            values.append(self._ranged(arg, rows, months) if parameter.whole else self.value(arg))
            over_rows.append(rows is not None)
            if together and isinstance(values[-1], ExcelError):
                raise values[-1]
        return values if function.name in PLACES else _without_errors(values, over_rows, together=together)

    def _call(self, call: Call) -> Value:
        """A cell must hold something: what cannot be answered is #VALUE! here."""
        try:
            return Evaluator._call(self, call)
        except UnsupportedError:
            return ExcelError("#VALUE!")

    def _ranged(self, arg: Expr, rows: int | None, months: bool) -> Value:
        if rows is None and not months:
            return self.argument(arg)
        return self._lifted(arg, [self.where.inner] if rows is None else list(range(rows)), months)

    def _lifted(self, expr: Expr, rows: Sequence[int | None], months: bool) -> Range:
        moments: Sequence[int | None] = MONTHS if months else [self.where.month]
        return Range(
            tuple(
                tuple(self._scalar(expr, replace(self.where, inner=row, month=month)) for month in moments)
                for row in rows
            )
        )

    def _is_monthly(self, expr: Expr) -> bool:
        """Whether a yearly formula must evaluate an argument for each month."""
        if not self.where.yearly:
            return False
        return any(
            self.oracle.declared(node.form or self.where.form, node.column).per_month
            if isinstance(node, Column)
            else isinstance(node, Name) and node.name.lower() == "month"
            for node in exposed(expr)
            if not (isinstance(node, Column) and node.form == LINES)
        )

    def _rows(self, args: Sequence[Expr]) -> int | None:
        """How many rows arguments range over; None if they name no whole column."""
        nodes = [node for arg in args for node in exposed(arg)]
        counts = {self._count(node) for node in nodes if isinstance(node, Column) and not node.this_row}
        if len(counts) > 1:
            raise ExcelError("#VALUE!")
        return counts.pop() if counts else None

    def _count(self, column: Column) -> int:
        if column.form == LINES:
            return len(self.oracle.lines[self.where.year])
        return self.oracle.rows(self.where.submission, column.form or self.where.form)

    def _cell(self, column: Column, row: int, year: int) -> Scalar:
        form, month = column.form or self.where.form, self.where.month
        if self.oracle.declared(form, column.column).per_month and month is None:
            return ExcelError("#VALUE!")
        return self.oracle.cell(self.where.submission, form, column.column, row, year, month)

    def _scalar(self, expr: Expr, where: Where) -> Scalar:
        return scalar_or_error(self.at(where).value(expr))


def exposed(expr: Expr) -> Iterator[Expr]:
    """The nodes of an argument that are its own: those inside the ranges of nested functions are theirs."""
    yield expr
    if not isinstance(expr, Call):
        for child in children(expr):
            yield from exposed(child)
        return
    given = parameters(FUNCTIONS[expr.name]).given(len(expr.args)) if expr.name in FUNCTIONS else None
    for parameter, arg in zip(given or (), expr.args, strict=False):
        if not parameter.whole:
            yield from exposed(arg)


def _without_errors(values: list[Value], spaces: list[bool], *, together: bool) -> list[Value]:
    """The arguments over rows without the rows that have an error, side by side or each for itself."""
    places = [i for i, over_rows in enumerate(spaces) if over_rows]
    ranges = {i: value for i in places if isinstance(value := values[i], Range)}
    failed = {i: _failed(range_) for i, range_ in ranges.items()}
    if together and len({range_.height for range_ in ranges.values()}) == 1:
        failed = dict.fromkeys(failed, frozenset().union(*failed.values()))
    kept = {i: Range(tuple(row for at, row in enumerate(r.rows) if at not in failed[i])) for i, r in ranges.items()}
    return [kept.get(i, value) for i, value in enumerate(values)]


def _failed(range_: Range) -> frozenset[int]:
    return frozenset(at for at, row in enumerate(range_.rows) if any(isinstance(cell, ExcelError) for cell in row))

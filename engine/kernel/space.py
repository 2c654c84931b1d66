"""Running typed ops over lanes with numpy: the evaluator that is always there.

A `Space` is a set of lanes (some rows of a root form, all submissions, or the single uniform lane) in one
evaluation. `value(op, year)` gives an op's lanes for a plan year, each computed once; what belongs to a wider space
is asked of that space and spread. Monthly lanes have shape (12, lanes).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.kernel import lanes
from engine.kernel.calculation import Calculation
from engine.kernel.lanes import Lanes
from engine.kernel.ranking import POPULATIONS
from engine.kernel.typed import SUBMISSION, UNIFORM, Op
from engine.number import CELL_OF_ERROR, LAST_DAY, PHANTOM_DAY, Array

ALL: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
"""The single lane of the uniform space."""
NONE: frozenset[tuple[str, str]] = frozenset()

_EPOCH = np.datetime64("1899-12-30", "D")
_MONTH_FIRST, _MONTH_END = 1900 * 12, 10_000 * 12
"""The months of the calendar, counted since year 0."""
_MONTHS = 200_000
"""More months than the calendar has."""
_NORM_MISSING = CELL_OF_ERROR["norm-missing"]


class Space:
    """Lanes of one root: `rows` are indexes into the root's rows; columns `inside` are computed here, not fetched."""

    def __init__(
        self,
        evaluation: Calculation,
        root: str,
        rows: NDArray[np.int64] = ALL,
        inside: frozenset[tuple[str, str]] = NONE,
    ) -> None:
        self.evaluation, self.root, self.rows, self.inside = evaluation, root, rows, inside
        self._known: dict[tuple[Op, int], Lanes] = {}

    def value(self, op: Op, year: int) -> Lanes:
        """An op's lanes in the year at that index of the plan's years; what is the same in all years is computed in the
        first."""
        if not (op.yearly or op.monthly):
            year = 0
        known = self._known.get((op, year))
        if known is None:
            known = self._known[op, year] = self._compute(op, year)
        return known

    def _compute(self, op: Op, year: int) -> Lanes:
        if op.space != self.root and op.kind != "total_where":
            return self._wider(op, year)
        if op.kind in lanes.BINARY:
            return lanes.BINARY[op.kind](self.value(op.args[0], year), self.value(op.args[1], year))
        if op.kind in lanes.UNARY:
            return lanes.UNARY[op.kind](self.value(op.args[0], year))
        return _KINDS[op.kind](self, op, year)

    def _wider(self, op: Op, year: int) -> Lanes:
        if op.space == UNIFORM or self.root == SUBMISSION:
            return self.evaluation.uniform.value(op, year)
        return lanes.take(
            self.evaluation.submissions.value(op, year), self.evaluation.submission_of(self.root)[self.rows]
        )


def _constant(space: Space, op: Op, year: int) -> Lanes:
    return lanes.same(int(str(op.detail[0])))


def _year(space: Space, op: Op, year: int) -> Lanes:
    return lanes.same(space.evaluation.plan.ruleset.years[year])


def _month(space: Space, op: Op, year: int) -> Lanes:
    days = space.evaluation.bound.days[year * 12 : year * 12 + 12]
    return Lanes(days[:, None], None, int(days[-1]))


def _header(space: Space, op: Op, year: int) -> Lanes:
    return lanes.from_cells(space.evaluation.header(str(op.detail[0]))[space.rows])


def _read(space: Space, op: Op, year: int) -> Lanes:
    return space.evaluation.read(space, (str(op.detail[0]), str(op.detail[1])), year)


def _previous(space: Space, op: Op, year: int) -> Lanes:
    key = (str(op.detail[0]), str(op.detail[1]))
    return space.evaluation.last_cycle(space, key) if year == 0 else space.evaluation.read(space, key, year - 1)


def _fold(space: Space, op: Op, year: int) -> Lanes:
    return lanes.fold(space.value(op.args[0], year), str(op.detail[0]))


def _select(space: Space, op: Op, year: int) -> Lanes:
    condition, yes, no = (space.value(arg, year) for arg in op.args)
    return lanes.select(condition, yes, no)


def _quotient(space: Space, op: Op, year: int) -> Lanes:
    return lanes.quotient(space.value(op.args[0], year), space.value(op.args[1], year), str(op.detail[0]))


def _fail(space: Space, op: Op, year: int) -> Lanes:
    return lanes.fail(space.value(op.args[0], year), space.value(op.args[1], year), str(op.detail[0]))


def _total(space: Space, op: Op, year: int) -> Lanes:
    totals = space.evaluation.totals(op)
    return Lanes(totals.values[year][space.rows], None, totals.bound)


def _total_where(space: Space, op: Op, year: int) -> Lanes:
    of_population = POPULATIONS.get(str(op.detail[0]))
    if of_population is None:
        return space.evaluation.total_where(space, op, year)
    everywhere = space.evaluation.all_rows(op.space)
    if everywhere is space:
        return of_population(space.evaluation, op, year)
    return lanes.take(everywhere.value(op, year), space.rows)


def _norm(space: Space, op: Op, year: int) -> Lanes:
    values, missing, errors = _looked_up(space, op, year)
    raised = np.where(missing, _NORM_MISSING, 0)
    errors = raised if errors is None else np.where(errors != 0, errors, raised)
    bound = space.evaluation.bound.table(str(op.detail[0])).bound
    return Lanes(np.where(missing, 0, values), errors if errors.any() else None, bound)


def _in_force(space: Space, op: Op, year: int) -> Lanes:
    _, missing, errors = _looked_up(space, op, year)
    return Lanes((~missing).astype(np.int64), errors, 1)


def _looked_up(space: Space, op: Op, year: int) -> tuple[Array, NDArray[np.bool_], Array | None]:
    table = space.evaluation.bound.table(str(op.detail[0]))
    version = table.versions[year * 12 : year * 12 + 12] if op.monthly else table.versions[year * 12 : year * 12 + 1]
    at: Array = version[:, None] if op.monthly else version
    outside = np.zeros(1, dtype=bool)
    errors: Array | None = None
    index: Array = np.zeros(1, dtype=np.int64)
    for arg, size, step in zip(op.args, table.sizes, table.steps, strict=True):
        key = space.value(arg, year)
        errors = lanes.first(errors, key.errors)
        held = np.minimum(key.values, size - 1) if step else key.values
        outside = outside | (held < 0) | (held >= size)
        index = index * size + np.where((held < 0) | (held >= size), 0, held)
    flat = (at * table.span + index).astype(np.int64)
    return table.values[flat], table.missing[flat] | outside, errors


def _date(space: Space, op: Op, year: int) -> Lanes:
    asked, months, days = (space.value(arg, year) for arg in op.args)
    wrong = (asked.values < 0) | (asked.values > 9999)
    years = np.where(wrong, 1900, asked.values + np.where(asked.values < 1900, 1900, 0)).astype(np.int64)
    index = years * 12 + np.clip(months.values, -_MONTHS, _MONTHS).astype(np.int64) - 1
    first_day = _first_of_month(index)
    wrong = wrong | (index < _MONTH_FIRST) | (index >= _MONTH_END)
    serial = first_day + np.clip(days.values, -_MONTHS * 31, _MONTHS * 31).astype(np.int64) - 1
    wrong = wrong | (serial < 0) | (serial > LAST_DAY)
    return _dated(serial, wrong, (asked, months, days))


def _day(space: Space, op: Op, year: int) -> Lanes:
    day = space.value(op.args[0], year)
    return _dated(day.values, (day.values < 0) | (day.values > LAST_DAY), (day,))


def _date_year(space: Space, op: Op, year: int) -> Lanes:
    day = space.value(op.args[0], year)
    return Lanes(_months_of(day) // 12, day.errors, 9999)


def _date_month(space: Space, op: Op, year: int) -> Lanes:
    day = space.value(op.args[0], year)
    return Lanes(_months_of(day) % 12 + 1, day.errors, 12)


def _date_day(space: Space, op: Op, year: int) -> Lanes:
    day = space.value(op.args[0], year)
    return Lanes(_day_of_month(day), day.errors, 31)


def _month_number(space: Space, op: Op, year: int) -> Lanes:
    day = space.value(op.args[0], year)
    return Lanes(_months_of(day) - 1970 * 12, day.errors, 120_000)


def _first_month(space: Space, op: Op, year: int) -> Lanes:
    day = space.value(op.args[0], year)
    return Lanes(_months_of(day) - 1970 * 12 + (_day_of_month(day) > 1), day.errors, 120_000)


def _edate(space: Space, op: Op, year: int) -> Lanes:
    day, months = (space.value(arg, year) for arg in op.args)
    index = _months_of(day) + np.clip(months.values, -_MONTHS, _MONTHS).astype(np.int64)
    first_day, wrong = _first_of_month(index), (index < _MONTH_FIRST) | (index >= _MONTH_END)
    length = _first_of_month(index + 1) - first_day
    return _dated(first_day - 1 + np.minimum(_day_of_month(day), length), wrong, (day, months))


def _eomonth(space: Space, op: Op, year: int) -> Lanes:
    day, months = (space.value(arg, year) for arg in op.args)
    index = _months_of(day) + np.clip(months.values, -_MONTHS, _MONTHS).astype(np.int64)
    wrong = (index < _MONTH_FIRST) | (index >= _MONTH_END)
    return _dated(_first_of_month(index + 1) - 1, wrong, (day, months))


def _years(space: Space, op: Op, year: int) -> Lanes:
    start, end = (space.value(arg, year) for arg in op.args)
    months = _months_of(end) - _months_of(start) - (_day_of_month(end) < _day_of_month(start))
    years = _dated(np.maximum(months // 12, 0), end.values < start.values, (start, end))
    return Lanes(years.values, years.errors, 10_000)


def _serial(day: Lanes) -> NDArray[np.int64]:
    serial: NDArray[np.int64] = np.clip(day.values, 0, LAST_DAY).astype(np.int64)
    return serial


def _months_of(day: Lanes) -> NDArray[np.int64]:
    """The months since year 0 of a serial day."""
    serial = _serial(day)
    months = (_EPOCH + serial + (serial < PHANTOM_DAY)).astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return np.where(serial == 0, _MONTH_FIRST, months)


def _day_of_month(day: Lanes) -> NDArray[np.int64]:
    """1 to 31, and 0 on day 0, which Excel writes 1900-01-00."""
    return _serial(day) - _first_of_month(_months_of(day)) + 1


def _first_of_month(months: NDArray[np.int64]) -> NDArray[np.int64]:
    """The serial day on which a month begins, counted since year 0; what lies outside the calendar is cut to it."""
    inside = np.clip(months, _MONTH_FIRST, _MONTH_END) - 1970 * 12
    serial = (inside.astype("datetime64[M]").astype("datetime64[D]") - _EPOCH).astype(np.int64)
    return serial - (serial <= PHANTOM_DAY)


def _dated(values: Array, wrong: NDArray[np.bool_], args: Sequence[Lanes]) -> Lanes:
    """Days, #NUM! where they are wrong, after the errors of what they were made of."""
    errors: Array | None = None
    for arg in args:
        errors = lanes.first(errors, arg.errors)
    errors = lanes.first(errors, np.where(wrong, CELL_OF_ERROR["#NUM!"], 0))
    raised = errors is not None and errors.any()
    return Lanes(np.where(wrong, 0, values), errors if raised else None, LAST_DAY)


_KINDS: dict[str, Callable[[Space, Op, int], Lanes]] = {
    "constant": _constant,
    "year": _year,
    "month": _month,
    "header": _header,
    "read": _read,
    "previous": _previous,
    "fold": _fold,
    "select": _select,
    "quotient": _quotient,
    "fail": _fail,
    "total": _total,
    "total_where": _total_where,
    "norm": _norm,
    "in_force": _in_force,
    "date": _date,
    "day": _day,
    "date_year": _date_year,
    "date_month": _date_month,
    "date_day": _date_day,
    "month_number": _month_number,
    "first_month": _first_month,
    "edate": _edate,
    "eomonth": _eomonth,
    "years": _years,
}

"""Running typed ops over lanes with numpy: the evaluator that is always there.

A `Space` is a set of lanes (some rows of a root form, all submissions, or the single uniform lane) in one
evaluation. `value(op, year)` gives an op's lanes for a plan year, each computed once; what belongs to a wider space
is asked of that space and spread. Monthly lanes have shape (12, lanes).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine import lanes
from engine.lanes import Lanes
from engine.number import CELL_OF_ERROR, Array
from engine.typed import SUBMISSION, UNIFORM, Op

if TYPE_CHECKING:
    from engine.evaluation import Evaluation

ALL: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
"""The single lane of the uniform space."""
NONE: frozenset[tuple[str, str]] = frozenset()

_EPOCH = np.datetime64("1899-12-30", "D")
_NORM_MISSING = CELL_OF_ERROR["norm-missing"]


class Space:
    """Lanes of one root: `rows` are indexes into the root's rows; columns `inside` are computed here, not fetched."""

    def __init__(
        self,
        evaluation: Evaluation,
        root: str,
        rows: NDArray[np.int64] = ALL,
        inside: frozenset[tuple[str, str]] = NONE,
    ) -> None:
        self.evaluation, self.root, self.rows, self.inside = evaluation, root, rows, inside
        self._known: dict[tuple[Op, int], Lanes] = {}

    def value(self, op: Op, year: int) -> Lanes:
        """An op's lanes in the year at that index of the plan's years."""
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
    return space.evaluation.total_where(space, op, year)


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
    y, m, d = (space.value(arg, year) for arg in op.args)
    bad = (y.values < 1900) | (y.values > 9999) | (np.abs(m.values) > 120_000) | (np.abs(d.values) > 3_660_000)
    months = np.where(bad, 0, (y.values - 1970) * 12 + m.values - 1).astype("datetime64[M]")
    days = _serial(months.astype("datetime64[D]")) + np.where(bad, 0, d.values - 1)
    errors = lanes.first(lanes.first(y.errors, m.errors), d.errors)
    return _dated(days, lanes.first(errors, np.where(bad, CELL_OF_ERROR["#NUM!"], 0)))


def _date_year(space: Space, op: Op, year: int) -> Lanes:
    day = space.value(op.args[0], year)
    return Lanes(_of(day).astype("datetime64[Y]").astype(np.int64) + 1970, day.errors, 9999)


def _date_month(space: Space, op: Op, year: int) -> Lanes:
    day = space.value(op.args[0], year)
    return Lanes(_of(day).astype("datetime64[M]").astype(np.int64) % 12 + 1, day.errors, 12)


def _date_day(space: Space, op: Op, year: int) -> Lanes:
    day = space.value(op.args[0], year)
    return Lanes(_day_of_month(_of(day)), day.errors, 31)


def _month_number(space: Space, op: Op, year: int) -> Lanes:
    day = space.value(op.args[0], year)
    return Lanes(_of(day).astype("datetime64[M]").astype(np.int64), day.errors, 120_000)


def _first_month(space: Space, op: Op, year: int) -> Lanes:
    day = space.value(op.args[0], year)
    dates = _of(day)
    return Lanes(dates.astype("datetime64[M]").astype(np.int64) + (_day_of_month(dates) > 1), day.errors, 120_000)


def _edate(space: Space, op: Op, year: int) -> Lanes:
    day, months = (space.value(arg, year) for arg in op.args)
    dates = _of(day)
    target = dates.astype("datetime64[M]") + months.values
    last = _serial((target + 1).astype("datetime64[D]")) - 1
    moved = np.minimum(_serial(target.astype("datetime64[D]")) + _day_of_month(dates) - 1, last)
    return _dated(moved, lanes.first(day.errors, months.errors))


def _eomonth(space: Space, op: Op, year: int) -> Lanes:
    day, months = (space.value(arg, year) for arg in op.args)
    target = _of(day).astype("datetime64[M]") + months.values + 1
    return _dated(_serial(target.astype("datetime64[D]")) - 1, lanes.first(day.errors, months.errors))


def _years(space: Space, op: Op, year: int) -> Lanes:
    start, end = (space.value(arg, year) for arg in op.args)
    a, b = _of(start), _of(end)
    months = b.astype("datetime64[M]").astype(np.int64) - a.astype("datetime64[M]").astype(np.int64)
    months = months - (_day_of_month(b) < _day_of_month(a))
    raised = np.where(end.values < start.values, CELL_OF_ERROR["#NUM!"], 0)
    errors = lanes.first(lanes.first(start.errors, end.errors), raised)
    return Lanes(np.maximum(months // 12, 0), errors if errors is not None and errors.any() else None, 10_000)


def _of(day: Lanes) -> NDArray[np.datetime64]:
    dates: NDArray[np.datetime64] = _EPOCH + np.clip(day.values, -1_000_000, 4_000_000).astype(np.int64)
    return dates


def _serial(dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return (dates - _EPOCH).astype(np.int64)


def _day_of_month(dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    days: NDArray[np.int64] = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    return days


def _dated(days: NDArray[np.int64], errors: Array | None) -> Lanes:
    raised = np.where((days < 0) | (days > 2_958_465), CELL_OF_ERROR["#NUM!"], 0)
    errors = lanes.first(errors, raised)
    return Lanes(days, errors if errors is not None and errors.any() else None, 10_000_000)


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
    "date_year": _date_year,
    "date_month": _date_month,
    "date_day": _date_day,
    "month_number": _month_number,
    "first_month": _first_month,
    "edate": _edate,
    "eomonth": _eomonth,
    "years": _years,
}

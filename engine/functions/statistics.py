"""Order and spread of numbers: ranks, medians, percentiles, deviations; and SUBTOTAL, which is many of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, floor

from engine.functions import aggregate
from engine.functions.aggregate import mean, numbers
from engine.functions.irrational import root
from engine.functions.values import ExcelError, Scalar, Value, as_range, number, whole


def median(*values: Value) -> Fraction:
    """MEDIAN; of nothing #NUM!."""
    return _percentile(sorted(numbers(values)), Fraction(1, 2))


def mode(*values: Value) -> Fraction:
    """MODE: the most frequent number, of several the first; if none comes twice #N/A."""
    counts = Counter(numbers(values)).most_common(1)
    if not counts or counts[0][1] < 2:
        raise ExcelError("#N/A")
    return counts[0][0]


def percentile(values: Value, part: Scalar) -> Fraction:
    """PERCENTILE, ends included: the number below which that part lies, straight between neighbours."""
    return _percentile(sorted(numbers([values])), number(part))


def percentile_exc(values: Value, part: Scalar) -> Fraction:
    """PERCENTILE.EXC, ends excluded."""
    found, asked = sorted(numbers([values])), number(part)
    place = asked * (len(found) + 1) - 1
    if not 0 <= place <= len(found) - 1:
        raise ExcelError("#NUM!")
    return _between(found, place)


def quartile(values: Value, which: Scalar) -> Fraction:
    """QUARTILE: 0 the least, 4 the greatest."""
    return _percentile(sorted(numbers([values])), Fraction(floor(number(which)), 4))


def large(values: Value, place: Scalar) -> Fraction:
    """LARGE: the greatest but so many."""
    return _placed(sorted(numbers([values]), reverse=True), place)


def small(values: Value, place: Scalar) -> Fraction:
    """SMALL: the least but so many."""
    return _placed(sorted(numbers([values])), place)


def rank(x: Scalar, values: Value, order: Scalar = None) -> Fraction:
    """RANK: 1 and how many are greater, or with an order smaller; of what is not there #N/A."""
    found, own = numbers([values]), number(x)
    if own not in found:
        raise ExcelError("#N/A")
    rising = number(order) != 0
    return Fraction(1 + sum(other < own if rising else other > own for other in found))


def rank_avg(x: Scalar, values: Value, order: Scalar = None) -> Fraction:
    """RANK.AVG: equal numbers share the mean of their ranks."""
    same = numbers([values]).count(number(x))
    return rank(x, values, order) + Fraction(same - 1, 2)


def var(*values: Value) -> Fraction:
    """VAR of a sample; of fewer than two #DIV/0!."""
    return _variance(numbers(values), 1)


def varp(*values: Value) -> Fraction:
    """VARP of a whole population."""
    return _variance(numbers(values), 0)


def stdev(*values: Value) -> Fraction:
    """STDEV of a sample."""
    return root(var(*values))


def stdevp(*values: Value) -> Fraction:
    """STDEVP of a whole population."""
    return root(varp(*values))


def subtotal(which: Scalar, *values: Value) -> Fraction:
    """SUBTOTAL: one of eleven aggregates by its number, from 101 on without hidden rows, of which there are none."""
    asked = whole(which)
    total = _TOTALS.get(asked - 100 if asked > 100 else asked)
    if total is None:
        raise ExcelError("#VALUE!")
    return total(*(as_range(value) for value in values))


def _percentile(found: Sequence[Fraction], part: Fraction) -> Fraction:
    if not found or not 0 <= part <= 1:
        raise ExcelError("#NUM!")
    return _between(found, part * (len(found) - 1))


def _between(found: Sequence[Fraction], place: Fraction) -> Fraction:
    low = floor(place)
    return found[low] + (found[ceil(place)] - found[low]) * (place - low)


def _placed(found: Sequence[Fraction], place: Scalar) -> Fraction:
    at = ceil(number(place))
    if not 1 <= at <= len(found):
        raise ExcelError("#NUM!")
    return found[at - 1]


def _variance(found: Sequence[Fraction], fewer: int) -> Fraction:
    if len(found) <= fewer:
        raise ExcelError("#DIV/0!")
    middle = mean(found)
    return sum(((value - middle) ** 2 for value in found), Fraction(0)) / (len(found) - fewer)


_TOTALS: dict[int, Callable[..., Fraction]] = {
    1: aggregate.average,
    2: aggregate.count,
    3: aggregate.counta,
    4: aggregate.max_,
    5: aggregate.min_,
    6: aggregate.product,
    7: stdev,
    8: stdevp,
    9: aggregate.sum_,
    10: var,
    11: varp,
}

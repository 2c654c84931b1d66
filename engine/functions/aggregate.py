"""Sums, counts, means and extremes, plain and by criteria.

In a range only numbers count: texts, truths and blanks in it are left out, an error is the result. A value written in
the formula itself is made a number first, so that SUM("3", TRUE) is 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import prod

from engine.functions.criteria import criterion
from engine.functions.reading import number_in_text
from engine.functions.values import ExcelError, Range, Scalar, UnsupportedError, Value, as_range, limited, number


def numbers(values: Sequence[Value]) -> list[Fraction]:
    """All the numbers that an aggregate counts; the first error met is raised."""
    found: list[Fraction] = []
    for value in values:
        if isinstance(value, Range):
            found += numbers_in(value.cells())
        else:
            found.append(number(value))
    return found


def numbers_in(cells: Iterator[Scalar]) -> Iterator[Fraction]:
    """The numbers among the cells of a range."""
    for cell in cells:
        if isinstance(cell, ExcelError):
            raise cell
        if isinstance(cell, Fraction):
            yield cell


def sum_(*values: Value) -> Fraction:
    """SUM."""
    return limited(sum(numbers(values), Fraction(0)))


def product(*values: Value) -> Fraction:
    """PRODUCT; of nothing 0."""
    found = numbers(values)
    return limited(prod(found, start=Fraction(1))) if found else Fraction(0)


def sumsq(*values: Value) -> Fraction:
    """SUMSQ: the sum of squares."""
    return limited(sum((value * value for value in numbers(values)), Fraction(0)))


def min_(*values: Value) -> Fraction:
    """MIN; of nothing 0."""
    return min(numbers(values), default=Fraction(0))


def max_(*values: Value) -> Fraction:
    """MAX; of nothing 0."""
    return max(numbers(values), default=Fraction(0))


def average(*values: Value) -> Fraction:
    """AVERAGE; of nothing #DIV/0!."""
    return mean(numbers(values))


def mean(found: Sequence[Fraction]) -> Fraction:
    """The mean of numbers; of none #DIV/0!."""
    if not found:
        raise ExcelError("#DIV/0!")
    return sum(found, Fraction(0)) / len(found)


def count(*values: Value) -> Fraction:
    """COUNT: how many numbers; errors and texts are passed over."""
    return Fraction(sum(_counted(value) for value in values))


def counta(*values: Value) -> Fraction:
    """COUNTA: how many cells that are not blank, errors too."""
    in_ranges = sum(cell is not None for value in values if isinstance(value, Range) for cell in value.cells())
    return Fraction(in_ranges + sum(not isinstance(value, Range) for value in values))


def countblank(values: Value) -> Fraction:
    """COUNTBLANK: how many cells with nothing in them, or an empty text."""
    return Fraction(sum(cell is None or cell == "" for cell in as_range(values).cells()))


def sumproduct(*arrays: Value) -> Fraction:
    """SUMPRODUCT: ranges of one shape, multiplied element by element; what is no number is 0."""
    ranges = [as_range(array) for array in arrays]
    factors = [[_factor(cell) for cell in range_.cells()] for range_ in ranges]
    _one_shape(ranges)
    return limited(sum((prod(row, start=Fraction(1)) for row in zip(*factors, strict=True)), Fraction(0)))


def countif(range_: Value, wanted: Scalar) -> Fraction:
    """COUNTIF."""
    return countifs(range_, wanted)


def countifs(*pairs: Value) -> Fraction:
    """COUNTIFS."""
    return Fraction(len(_matching(pairs)))


def sumif(range_: Value, wanted: Scalar, sums: Value = None) -> Fraction:
    """SUMIF: over the cells of the third argument that stand where those of the first do."""
    return sumifs(_shaped(range_, sums), range_, wanted)


def averageif(range_: Value, wanted: Scalar, means: Value = None) -> Fraction:
    """AVERAGEIF; where nothing fits #DIV/0!."""
    return averageifs(_shaped(range_, means), range_, wanted)


def sumifs(sums: Value, *pairs: Value) -> Fraction:
    """SUMIFS."""
    return limited(sum(_chosen(sums, pairs), Fraction(0)))


def averageifs(means: Value, *pairs: Value) -> Fraction:
    """AVERAGEIFS; where nothing fits #DIV/0!."""
    return mean(_chosen(means, pairs))


def minifs(values: Value, *pairs: Value) -> Fraction:
    """MINIFS; where nothing fits 0."""
    return min(_chosen(values, pairs), default=Fraction(0))


def maxifs(values: Value, *pairs: Value) -> Fraction:
    """MAXIFS; where nothing fits 0."""
    return max(_chosen(values, pairs), default=Fraction(0))


def _shaped(range_: Value, values: Value) -> Range:
    """The third argument of SUMIF: Excel takes where it begins, and gives it the shape of the first."""
    tested = as_range(range_)
    taken = as_range(values) if values is not None else tested
    if taken.height < tested.height or taken.width < tested.width:
        raise UnsupportedError("SUMIF beyond the range that is given")
    return Range(tuple(row[: tested.width] for row in taken.rows[: tested.height]))


def _chosen(values: Value, pairs: Sequence[Value]) -> list[Fraction]:
    """The numbers that stand where every range meets its criterion."""
    cells = list(as_range(values).cells())
    _one_shape([as_range(values), as_range(pairs[0])])
    return list(numbers_in(cells[i] for i in _matching(pairs)))


def _matching(pairs: Sequence[Value]) -> list[int]:
    """The places, row by row, where every range meets its criterion."""
    ranges = [as_range(range_) for range_ in pairs[::2]]
    _one_shape(ranges)
    tests = [criterion(_single(wanted)) for wanted in pairs[1::2]]
    rows = zip(*(range_.cells() for range_ in ranges), strict=True)
    return [i for i, cells in enumerate(rows) if all(test(cell) for test, cell in zip(tests, cells, strict=True))]


def _one_shape(ranges: Sequence[Range]) -> None:
    if len({(range_.height, range_.width) for range_ in ranges}) > 1:
        raise ExcelError("#VALUE!")


def _single(wanted: Value) -> Scalar:
    if isinstance(wanted, Range):
        raise ExcelError("#VALUE!")
    return wanted


def _counted(value: Value) -> int:
    if isinstance(value, Range):
        return sum(isinstance(cell, Fraction) for cell in value.cells())
    if isinstance(value, str):
        return number_in_text(value) is not None
    return not isinstance(value, ExcelError)


def _factor(cell: Scalar) -> Fraction:
    if isinstance(cell, ExcelError):
        raise cell
    return cell if isinstance(cell, Fraction) else Fraction(0)

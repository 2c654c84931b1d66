"""Look-ups: a place in a range, and the value at a place.

Values are found among those of their own sort: numbers, texts without regard to case (with wildcards where the match is
exact), truths. An approximate match searches by halves, as Excel does, so that on a list that is not sorted it finds
what Excel finds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from engine.functions.criteria import has_wildcard, wildcard
from engine.functions.values import (
    ExcelError,
    Range,
    Scalar,
    Value,
    as_range,
    dereferenced,
    elementwise,
    kind,
    number,
    order,
    scalar,
    single,
    truth,
    whole,
)

EXACT, NEXT_SMALLER, NEXT_LARGER, WILDCARD = 0, -1, 1, 2


def index(array: Value, row: Scalar = None, *rest: Scalar) -> Value:
    """INDEX: a cell; row or column 0 is the whole of it. Of a single row or column one number is enough."""
    if isinstance(array, ExcelError):
        raise array
    cells = as_range(array)
    down, across = whole(row), whole(rest[0]) if rest else 0
    if not rest and cells.height == 1 and cells.width > 1:
        down, across = 1 if down else 0, down
    if down < 0 or across < 0:
        raise ExcelError("#VALUE!")
    beyond = down > cells.height or across > cells.width or [whole(area) for area in rest[1:]] not in ([], [1])
    if beyond or (not rest and cells.height > 1 and cells.width > 1):
        raise ExcelError("#REF!")
    rows = cells.rows[down - 1 : down] if down else cells.rows
    origin = "cells" if cells.origin == "cells" else "array"
    return Range(tuple(line[across - 1 : across] if across else line for line in rows), origin)


def match(wanted: Scalar, array: Value, *mode: Scalar) -> Value:
    """MATCH: the place of a value; 0 exactly, 1 the last not above in a rising list, -1 not below in a falling one.
    Wildcards are looked for in every mode that is written, as Excel's own files show."""
    cells = _line(array)
    how = number(mode[0]) if mode else Fraction(1)
    wild = _first(wanted, cells) if mode and isinstance(wanted, str) and has_wildcard(wanted) else None
    search = _first if how == 0 else _by_halves if how > 0 else _falling
    return Fraction(_found(search(wanted, cells) if wild is None else wild) + 1)


def xmatch(wanted: Scalar, array: Value, mode: Scalar = Fraction(0), search: Scalar = Fraction(1)) -> Value:
    """XMATCH: 0 exactly, -1 or the next smaller, 1 or the next larger, 2 by wildcards; from the end with search -1."""
    return Fraction(_found(_searched(wanted, _line(array), whole(mode), whole(search))) + 1)


def xlookup(wanted: Value, array: Value, values: Value, *rest: Value) -> Value:
    """XLOOKUP: the value that stands where the wanted one does, else the fourth argument, else #N/A."""
    otherwise, mode, search = [*rest, None, None, None][:3]
    cells, taken = _line(array), as_range(values)
    upright = as_range(array).width == 1
    if (taken.height if upright else taken.width) != len(cells):
        raise ExcelError("#VALUE!")
    how = whole(mode), 1 if search is None else whole(search)

    def one(value: Scalar) -> Value:
        place = _searched(value, cells, *how)
        if place is None:
            return dereferenced(otherwise) if otherwise is not None else ExcelError("#N/A")
        return Range((taken.rows[place],)) if upright else Range(tuple((row[place],) for row in taken.rows))

    sought = dereferenced(wanted)
    if isinstance(sought, Range):
        return elementwise(lambda value: scalar(one(value)), [sought])
    return one(scalar(sought))


def vlookup(wanted: Scalar, table: Value, column: Scalar, near: Scalar = True) -> Value:
    """VLOOKUP: by the first column."""
    return _table_looked_up(wanted, as_range(table), column, near)


def hlookup(wanted: Scalar, table: Value, row: Scalar, near: Scalar = True) -> Value:
    """HLOOKUP: by the first row."""
    return _table_looked_up(wanted, _turned(as_range(table)), row, near)


def lookup(wanted: Scalar, array: Value, results: Value = None) -> Value:
    """LOOKUP: approximately in a line, or along the longer side of a table for what stands at its other end."""
    cells = as_range(array)
    if results is None:
        lying = cells.width > cells.height
        table = _turned(cells) if lying else cells
        return single(table.rows[_found(_by_halves(wanted, [row[0] for row in table.rows]))][-1])
    place = _found(_by_halves(wanted, _line(array)))
    taken = _line(results)
    if place >= len(taken):
        raise ExcelError("#N/A")
    return single(taken[place])


def columns(array: Value) -> Fraction:
    """COLUMNS: how many columns a range has."""
    return Fraction(as_range(array).width)


def rows(array: Value) -> Fraction:
    """ROWS: how many rows a range has."""
    return Fraction(as_range(array).height)


def transpose(array: Value) -> Value:
    """TRANSPOSE: rows as columns."""
    return _turned(as_range(array))


def _table_looked_up(wanted: Scalar, table: Range, across: Scalar, near: Scalar) -> Value:
    place = _column_number(across)
    if place < 1:
        raise ExcelError("#VALUE!")
    if place > table.width:
        raise ExcelError("#REF!")
    keys = [row[0] for row in table.rows]
    approximate = near is not None and truth(near)
    found = _by_halves(wanted, keys) if approximate else _first(wanted, keys)
    return single(table.rows[_found(found)][place - 1])


def _column_number(across: Scalar) -> int:
    """A column's number; Excel calls whatever is none a broken reference."""
    try:
        return whole(across)
    except ExcelError:
        raise ExcelError("#REF!") from None


def _turned(cells: Range) -> Range:
    return Range(tuple(zip(*cells.rows, strict=True)))


def _line(array: Value) -> list[Scalar]:
    cells = as_range(array)
    if cells.height > 1 and cells.width > 1:
        raise ExcelError("#N/A")
    return list(cells.cells())


def _found(place: int | None) -> int:
    if place is None:
        raise ExcelError("#N/A")
    return place


def _searched(wanted: Scalar, cells: Sequence[Scalar], mode: int, search: int) -> int | None:
    if mode not in (EXACT, NEXT_SMALLER, NEXT_LARGER, WILDCARD) or search not in (1, -1, 2, -2):
        raise ExcelError("#VALUE!")
    if mode == WILDCARD and abs(search) == 2:
        raise ExcelError("#VALUE!")
    if search == 2:
        return _bisected(wanted, cells, mode)
    if search < 0:
        backwards = _searched(wanted, cells[::-1], mode, -search)
        return None if backwards is None else len(cells) - 1 - backwards
    exact = _first(wanted, cells, wild=mode == WILDCARD)
    if exact is not None or mode in (EXACT, WILDCARD):
        return exact
    return _nearest(wanted, cells, -1 if mode == NEXT_SMALLER else 1)


def _bisected(wanted: Scalar, cells: Sequence[Scalar], mode: int) -> int | None:
    """By halves over values of all sorts in Excel's order, the first of equal ones."""
    low, high = 0, len(cells)
    while low < high:
        middle = (low + high) // 2
        if _ordered(cells[middle]) < _ordered(wanted):
            low = middle + 1
        else:
            high = middle
    if low < len(cells) and _ordered(cells[low]) == _ordered(wanted):
        return low
    if mode == NEXT_SMALLER:
        return low - 1 if low else None
    return low if mode == NEXT_LARGER and low < len(cells) else None


def _nearest(wanted: Scalar, cells: Sequence[Scalar], side: int) -> int | None:
    """The first place of the value next to the wanted one in Excel's order of all sorts, below (-1) or above (1)."""
    sought = _ordered(wanted)
    values = [(_ordered(cell), i) for i, cell in enumerate(cells) if cell is not None and kind(cell) is not ExcelError]
    if side < 0:
        best = max((value for value, _ in values if value < sought), default=None)
    else:
        best = min((value for value, _ in values if value > sought), default=None)
    return next((i for value, i in values if value == best), None)


def _ordered(value: Scalar) -> tuple[int, Fraction | str]:
    """As `order`, but what is blank or an error comes last."""
    return (3, Fraction(0)) if value is None or isinstance(value, ExcelError) else order(value)


def _first(wanted: Scalar, cells: Sequence[Scalar], *, wild: bool = True) -> int | None:
    fits = _test(wanted, wild=wild)
    return next((i for i, cell in enumerate(cells) if fits(cell)), None)


def _test(wanted: Scalar, *, wild: bool) -> Callable[[Scalar], bool]:
    if isinstance(wanted, str) and wild and has_wildcard(wanted):
        pattern = wildcard(wanted)
        return lambda cell: isinstance(cell, str) and pattern.fits(cell)
    sought: Scalar = Fraction(0) if wanted is None else wanted
    return lambda cell: kind(cell) is kind(sought) and order(cell) == order(sought)


def _by_halves(wanted: Scalar, cells: Sequence[Scalar]) -> int | None:
    """The last place not above the wanted value in a rising list. Where the list does not rise this is Excel's answer
    too: it halves the whole list, and goes on from a middle of another sort to the next of the wanted one's sort."""
    sought: Scalar = Fraction(0) if wanted is None else wanted
    low, high = -1, len(cells)
    while high - low > 1:
        middle = (low + high) // 2
        at = next((i for i in range(middle, high) if kind(cells[i]) is kind(sought)), None)
        if at is None or order(cells[at]) > order(sought):
            high = middle
        elif order(cells[at]) < order(sought):
            low = at
        else:
            while at + 1 < high and _test(sought, wild=False)(cells[at + 1]):
                at += 1
            return at
    return low if low >= 0 else None


def _falling(wanted: Scalar, cells: Sequence[Scalar]) -> int | None:
    """The last place not below the wanted value, read until one is."""
    sought: Scalar = Fraction(0) if wanted is None else wanted
    place = None
    for i, cell in enumerate(cells):
        if kind(cell) is not kind(sought):
            continue
        if order(cell) < order(sought):
            break
        place = i
        if order(cell) == order(sought):
            break
    return place

"""Texts: cutting, joining, finding, changing."""

from __future__ import annotations

import re
from fractions import Fraction

from engine.functions.criteria import wildcard
from engine.functions.values import ExcelError, Range, Scalar, Value, number, scalar, text, truth, whole
from engine.limits import TEXT_LENGTH_MAX


def concat(*values: Value) -> str:
    """CONCAT: all values, ranges too, one after another."""
    return _fitting("".join(_texts(values)))


def concatenate(*values: Scalar) -> str:
    """CONCATENATE."""
    return _fitting("".join(text(value) for value in values))


def textjoin(between: Value, skip_empty: Scalar, *values: Value) -> str:
    """TEXTJOIN: with a text between them; several texts between take turns."""
    pieces = [piece for piece in _texts(values) if piece or not truth(skip_empty)]
    joints = _texts([between])
    joined = [piece + joints[i % len(joints)] for i, piece in enumerate(pieces[:-1])]
    return _fitting("".join([*joined, *pieces[-1:]]))


def left(value: Scalar, count: Scalar = Fraction(1)) -> str:
    """LEFT."""
    return text(value)[: _count(count)]


def right(value: Scalar, count: Scalar = Fraction(1)) -> str:
    """RIGHT."""
    taken = _count(count)
    return text(value)[-taken:] if taken else ""


def mid(value: Scalar, start: Scalar, count: Scalar) -> str:
    """MID: from a place counted from 1."""
    first = whole(start)
    if first < 1:
        raise ExcelError("#VALUE!")
    return text(value)[first - 1 : first - 1 + _count(count)]


def len_(value: Scalar) -> Fraction:
    """LEN."""
    return Fraction(len(text(value)))


def find(wanted: Scalar, within: Scalar, start: Scalar = Fraction(1)) -> Fraction:
    """FIND: the place of a text in another, case counts."""
    place = text(within).find(text(wanted), _start(start, within))
    if place < 0:
        raise ExcelError("#VALUE!")
    return Fraction(place + 1)


def search(wanted: Scalar, within: Scalar, start: Scalar = Fraction(1)) -> Fraction:
    """SEARCH: as FIND, without regard to case and with wildcards."""
    place = wildcard(text(wanted)).place(text(within), _start(start, within))
    if place is None:
        raise ExcelError("#VALUE!")
    return Fraction(place + 1)


def substitute(value: Scalar, old: Scalar, new: Scalar, which: Scalar = None) -> str:
    """SUBSTITUTE: every occurrence, or the one of that number."""
    whole_text, was, is_ = text(value), text(old), text(new)
    if which is None:
        return _fitting(whole_text.replace(was, is_)) if was else whole_text
    nth = whole(which)
    if nth < 1:
        raise ExcelError("#VALUE!")
    pieces = whole_text.split(was) if was else [whole_text]
    if len(pieces) <= nth:
        return whole_text
    return _fitting(was.join(pieces[:nth]) + is_ + was.join(pieces[nth:]))


def replace(value: Scalar, start: Scalar, count: Scalar, new: Scalar) -> str:
    """REPLACE: so many characters from a place on."""
    first, taken = whole(start), whole(count)
    if first < 1 or taken < 0:
        raise ExcelError("#VALUE!")
    old = text(value)
    return _fitting(old[: first - 1] + text(new) + old[first - 1 + taken :])


def trim(value: Scalar) -> str:
    """TRIM: no spaces at the ends, one between words; other white space stays."""
    return " ".join(word for word in text(value).split(" ") if word)


def upper(value: Scalar) -> str:
    """UPPER."""
    return text(value).upper()


def lower(value: Scalar) -> str:
    """LOWER."""
    return text(value).lower()


def proper(value: Scalar) -> str:
    """PROPER: a capital after whatever is no letter."""
    return re.sub(r"[^\W\d_]+", lambda word: word[0][0].upper() + word[0][1:].lower(), text(value))


def value(written: Scalar) -> Fraction:
    """VALUE: the number that a text says; of a truth #VALUE!."""
    if isinstance(written, bool):
        raise ExcelError("#VALUE!")
    return number(written)


def exact(one: Scalar, other: Scalar) -> bool:
    """EXACT: whether two texts are the same, case too."""
    return text(one) == text(other)


def rept(value: Scalar, times: Scalar) -> str:
    """REPT."""
    repeated, count = text(value), whole(times)
    if count < 0 or (count and len(repeated) > TEXT_LENGTH_MAX // count):
        raise ExcelError("#VALUE!")
    return repeated * count if repeated else ""


def char(code: Scalar) -> str:
    """CHAR: of Windows' code page."""
    place = whole(code)
    if not 1 <= place <= 255:
        raise ExcelError("#VALUE!")
    return bytes([place]).decode("cp1252", "replace")


def code(value: Scalar) -> Fraction:
    """CODE of the first character in Windows' code page."""
    written = text(value)
    if not written:
        raise ExcelError("#VALUE!")
    return Fraction(written[0].encode("cp1252", "replace")[0])


def clean(value: Scalar) -> str:
    """CLEAN: without control characters."""
    return "".join(character for character in text(value) if ord(character) >= 32)


def t(value: Value) -> str:
    """T: a text as it is, anything else empty."""
    found = scalar(value)
    return found if isinstance(found, str) else ""


def _texts(values: list[Value] | tuple[Value, ...]) -> list[str]:
    pieces: list[str] = []
    for value in values:
        pieces += [text(cell) for cell in value.cells()] if isinstance(value, Range) else [text(value)]
    return pieces


def _count(count: Scalar) -> int:
    taken = whole(count)
    if taken < 0:
        raise ExcelError("#VALUE!")
    return taken


def _start(start: Scalar, within: Scalar) -> int:
    first = whole(start) - 1
    if first < 0 or first > len(text(within)):
        raise ExcelError("#VALUE!")
    return first


def _fitting(result: str) -> str:
    if len(result) > TEXT_LENGTH_MAX:
        raise ExcelError("#VALUE!")
    return result

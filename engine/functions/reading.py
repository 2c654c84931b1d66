"""What Excel understands when a text stands where a number is needed: `"1,000.5"`, `"50%"`, `"2026-01-31"`, `"8:30"`.

Dates are read as English-language Excel does: ISO, month/day/year, and with a month's name; where the first number
can be no month, it is the day. Which signs of currency are understood depends on the country, so none is. A text that
is no number is None; whoever asked makes it #VALUE!.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from engine.functions.calendar import MONTHS, day_of

_NUMBER = re.compile(
    r"([+-]?)(\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(E[+-]?\d{1,3})?(%?)", re.IGNORECASE | re.ASCII
)
_PARENTHESES = re.compile(r"\((.+)\)(%?)")
_MIXED = re.compile(r"([+-]?)(\d+) +(\d{1,5})/(\d{1,5})")
_TIME = re.compile(r"(\d{1,4}):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?(?: *([AP])M?)?|(\d{1,2}) +([AP])M?", re.IGNORECASE)
_MONTH = {name[:length].upper(): i for i, name in enumerate(MONTHS, 1) for length in range(3, len(name) + 1)}
_YEAR_TURN = 30
"""Two-digit years below this are of the 2000s."""


def number_in_text(written: str) -> Fraction | None:
    """The number, percentage, fraction, date or time that a text says."""
    written = written.strip(" \t\n\r\u00a0")
    for read in (_plain, _bracketed, _fraction, _moment):
        found = read(written)
        if found is not None:
            return found
    return None


def date_in_text(written: str) -> int | None:
    """The serial day of a text that says a date; a year that is left out is not guessed."""
    written = written.strip().replace("  ", " ")
    for pattern, read in _DATES:
        found = pattern.fullmatch(written)
        if found:
            year, month, day = read(found)
            return day_of(year, month, day)
    return None


def time_in_text(written: str) -> Fraction | None:
    """The part of a day that a text says."""
    found = _TIME.fullmatch(written.strip())
    if not found:
        return None
    hour, minute, second = int(found[1] or found[5]), int(found[2] or 0), Fraction(found[3] or 0)
    half = (found[4] or found[6] or "").upper()
    if minute >= 60 or second >= 60 or (half and hour > 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "P" else 0)
    return (hour * 3600 + minute * 60 + second) / 86_400


def _plain(written: str) -> Fraction | None:
    found = _NUMBER.fullmatch(written)
    if not found:
        return None
    value = Fraction(found[2].replace(",", "").rstrip(".")) * Fraction(10) ** int((found[3] or "E0")[1:])
    value = value / 100 if found[4] else value
    return -value if found[1] == "-" else value


def _bracketed(written: str) -> Fraction | None:
    found = _PARENTHESES.fullmatch(written)
    value = _plain(found[1] + found[2]) if found else None
    return -value if value is not None and found and found[1][0] not in "+-" else None


def _fraction(written: str) -> Fraction | None:
    found = _MIXED.fullmatch(written)
    if not found or int(found[4]) == 0:
        return None
    value = int(found[2]) + Fraction(int(found[3]), int(found[4]))
    return -value if found[1] == "-" else value


def _moment(written: str) -> Fraction | None:
    """A date, a time, or both with a space (or ISO's T) between them."""
    time = time_in_text(written)
    if time is not None:
        return time
    day = date_in_text(written)
    if day is not None:
        return Fraction(day)
    for cut in re.finditer(r"[ T]", written):
        day, time = date_in_text(written[: cut.start()]), time_in_text(written[cut.end() :])
        if day is not None and time is not None:
            return day + time
    return None


def _year(written: str) -> int:
    year = int(written)
    return year if len(written) > 2 else year + (2000 if year < _YEAR_TURN else 1900)


def _slashed(year: int, first: int, second: int) -> tuple[int, int, int]:
    return (year, second, first) if first > 12 else (year, first, second)


def _named(year: str, month: str, day: str) -> tuple[int, int, int]:
    return _year(year), _MONTH.get(month.upper(), 0), int(day)


_DATES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[int, int, int]]], ...] = (
    (re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"), lambda m: (int(m[1]), int(m[2]), int(m[3]))),
    (re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})"), lambda m: _slashed(_year(m[3]), int(m[1]), int(m[2]))),
    (re.compile(r"(\d{1,2})[- ]([A-Za-z]{3,9})[-, ] ?(\d{4}|\d{2})"), lambda m: _named(m[3], m[2], m[1])),
    (re.compile(r"([A-Za-z]{3,9}) (\d{1,2}), ?(\d{4}|\d{2})"), lambda m: _named(m[3], m[1], m[2])),
    (re.compile(r"([A-Za-z]{3,9})[- ,]+(\d{4})"), lambda m: _named(m[2], m[1], "1")),
)

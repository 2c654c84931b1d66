"""What a spreadsheet holds in a cell, as the plain text that the engine reads.

A spreadsheet keeps numbers in binary with fifteen digits and guesses types as one types, so each value is read as its
column means it: 111 in a column of codes is the code 111, 45000 in one of dates a day.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.number import LAST_DAY, PHANTOM_DAY, from_serial

DIGITS = 15
"""A spreadsheet knows no more of a number; what follows is noise of its binary form."""
TRUTHS = {
    **dict.fromkeys(("true", "истина", "ақиқат", "да", "иә", "yes"), "true"),
    **dict.fromkeys(("false", "ложь", "жалған", "нет", "жоқ", "no"), "false"),
}
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_SPACES = re.compile(r"[\s\u00a0\u202f]")


def typed_text(value: Any, kind: str) -> str:
    """A cell's value as the text of a column of that kind; what cannot be one comes out as it was written."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return _of_number(value, kind) if isinstance(value, int | float) else _of_text(str(value), kind)


def _of_number(value: int | float, kind: str) -> str:
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return str(value)
    number = Decimal(f"{value:.{DIGITS}g}")
    whole = number == number.to_integral_value() if number.is_finite() else False
    if kind == "date" and whole and PHANTOM_DAY < number <= LAST_DAY:
        return from_serial(int(number)).isoformat()
    if kind == "bool" and whole and number in (0, 1):
        return "true" if number else "false"
    return f"{int(number)}" if whole else f"{number:f}"


def _of_text(text: str, kind: str) -> str:
    return _READERS[kind](text) if kind in _READERS else text


def _number(text: str) -> str:
    plain = _SPACES.sub("", text)
    return plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain


def _date(text: str) -> str:
    match = _DAY.fullmatch(text.strip())
    return f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}" if match else text.strip()


def _bool(text: str) -> str:
    return TRUTHS.get(text.strip().casefold(), text.strip())


_READERS: dict[str, Callable[[str], str]] = {"number": _number, "date": _date, "bool": _bool, "code": str.strip}

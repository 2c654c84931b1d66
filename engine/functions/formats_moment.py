"""The date and time formats of TEXT: `dd.mm.yyyy`, `mmmm yyyy`, `h:mm AM/PM`, `[h]:mm:ss`, `ss.00`.

`m` is a month, except right after hours or right before seconds, where it is minutes. Times are rounded to the smallest
unit shown, as Excel does for seconds, and cut for hours and minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from engine.functions.calendar import LAST_DAY, MONTHS, WEEKDAYS, weekday, ymd
from engine.functions.formats_number import literal
from engine.functions.values import ExcelError, UnsupportedError
from engine.number import round_half_away

Pieces = Sequence[tuple[str, str]]
_ELAPSED = {"[h]": 3600, "[hh]": 3600, "[m]": 60, "[mm]": 60, "[s]": 1, "[ss]": 1}


def is_moment(section: Pieces) -> bool:
    """Whether a section shows a date or a time."""
    return any(kind == "date" or (kind == "bracket" and written.lower() in _ELAPSED) for kind, written in section)


def moment(value: Fraction, section: Pieces) -> str:
    """A serial moment by a section."""
    pieces, decimals = _with_minutes(section)
    seconds = round_half_away(value * 86_400, decimals)
    if not any(kind == "date" and written[0] == "s" for kind, written in pieces) and "s" not in _elapsed(pieces):
        seconds = Fraction(floor(seconds))
    day = floor(seconds / 86_400)
    calendar = any(kind in {"date", "minutes", "half"} for kind, _ in pieces)
    if calendar and not 0 <= day <= LAST_DAY:
        raise ExcelError("#VALUE!")
    if seconds < 0:
        return "-" + "".join(_shown(piece, -day, -seconds, halved=False) for piece in pieces)
    halved = any(kind == "half" for kind, _ in pieces)
    return "".join(_shown(piece, day, seconds, halved=halved) for piece in pieces)


def _elapsed(pieces: Pieces) -> str:
    return "".join(written for kind, written in pieces if kind == "bracket").lower()


def _with_minutes(section: Pieces) -> tuple[list[tuple[str, str]], int]:
    """The pieces with minutes told from months and decimals joined to seconds, and how many decimals there are."""
    pieces: list[tuple[str, str]] = []
    decimals = 0
    for kind, written in section:
        if kind == "digit" and len(pieces) > 1 and pieces[-1][0] == "point" and set(written) == {"0"}:
            decimals = len(written)
            pieces[-1] = ("decimals", written)
        elif kind == "date" and written[0] in "mM" and len(written) < 3 and _follows_hours(pieces):
            pieces.append(("minutes", written.lower()))
        elif kind == "date" and written[0] in "sS":
            _month_to_minutes(pieces)
            pieces.append((kind, written.lower()))
        else:
            pieces.append((kind, written.lower() if kind == "date" else written))
    return pieces, decimals


def _follows_hours(pieces: Pieces) -> bool:
    units = [written for kind, written in pieces if kind in {"date", "minutes", "bracket"}]
    return bool(units) and "h" in units[-1].lower()


def _month_to_minutes(pieces: list[tuple[str, str]]) -> None:
    for i in range(len(pieces) - 1, -1, -1):
        if pieces[i][0] in {"date", "bracket", "minutes"}:
            if pieces[i][0] == "date" and pieces[i][1] in {"m", "mm"}:
                pieces[i] = ("minutes", pieces[i][1])
            return


def _shown(piece: tuple[str, str], day: int, seconds: Fraction, *, halved: bool) -> str:
    kind, written = piece
    of_day = seconds - day * 86_400
    match kind:
        case "minutes":
            return f"{floor(of_day / 60) % 60:0{len(written)}d}"
        case "decimals":
            return f".{int(of_day % 1 * 10 ** len(written)):0{len(written)}d}"
        case "half":
            late = of_day >= 43_200
            return ("PM" if late else "AM") if len(written) > 3 else ("P" if late else "A")
        case "bracket" if written.lower() in _ELAPSED:
            return f"{floor(seconds / _ELAPSED[written.lower()]):0{len(written) - 2}d}"
        case "date" if written[0] in "hs":
            return _time(written, floor(of_day), halved)
        case "date":
            return _date(written, day)
        case "digit":
            raise UnsupportedError("digits in a date format")
    return literal(kind, written)


def _time(written: str, seconds: int, halved: bool) -> str:
    amount = seconds % 60
    if written[0] == "h":
        amount = seconds // 3600
        amount = (amount % 12 or 12) if halved else amount
    return f"{amount:0{min(len(written), 2)}d}"


def _date(written: str, day: int) -> str:
    year, month, of_month = ymd(day)
    length = len(written)
    match written[0]:
        case "y" | "e":
            return f"{year:04d}" if length > 2 or written[0] == "e" else f"{year % 100:02d}"
        case "m":
            name = MONTHS[month - 1]
            return f"{month:0{length}d}" if length < 3 else {3: name[:3], 5: name[0]}.get(length, name)
        case "d":
            weekday_name = WEEKDAYS[weekday(day)]
            return f"{of_month:0{length}d}" if length < 3 else weekday_name[:3] if length == 3 else weekday_name
    raise UnsupportedError(f"the date format {written}")

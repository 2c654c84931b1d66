"""The number formats of TEXT: digits with their places, thousands, percent, exponents and fractions.

`0` shows a digit even if it is 0, `#` only where there is one, `?` a space in its stead. A comma between digits parts
thousands, one after the last digit divides by a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor

from engine.functions.values import UnsupportedError
from engine.number import round_half_away

Pieces = Sequence[tuple[str, str]]


def decimal_number(amount: Fraction, section: Pieces) -> str:
    """A number by a section with digits."""
    section, scale, grouped = _scaled(section)
    whole, decimals, exponent = _places(section)
    size = abs(amount) * scale
    power = 0
    if exponent is not None:
        size, power = _normal(size, sum(map(len, whole)), sum(map(len, decimals)))
    digits = sum(map(len, decimals))
    rounded = int(round_half_away(size, digits) * 10**digits)
    figures = f"{rounded:0{digits + 1}d}"
    left, right = figures[: len(figures) - digits], figures[len(figures) - digits :]
    shown = iter([*_whole_slots(left, whole, grouped), *_decimal_slots(right, decimals)])
    sign = "-" if amount < 0 else ""
    return sign + _assembled(section, shown, power)


def fraction_number(amount: Fraction, section: Pieces) -> str:
    """A number as a whole and a fraction, `# ?/?`, `# ??/??` or `# ?/8`."""
    written = "".join(piece[1] for piece in section)
    found = re.fullmatch(r"([#0?]+ )?([#0?]+)/([#0?]+|\d+)", written)
    if not found:
        raise UnsupportedError("a fraction format")
    size = abs(amount)
    whole = floor(size) if found[1] else 0
    if found[3].isdigit() and int(found[3]):
        bottom = int(found[3])
        top = int(round_half_away((size - whole) * bottom, 0))
    else:
        nearest = (size - whole).limit_denominator(10 ** len(found[3]) - 1)
        top, bottom = nearest.numerator, nearest.denominator
    if found[1] and top == bottom:
        whole, top = whole + 1, 0
    return ("-" if amount < 0 else "") + _fraction_text((whole, top, bottom), found)


def _fraction_text(parts: tuple[int, int, int], found: re.Match[str]) -> str:
    whole, top, bottom = parts
    wide = len(found[2]), len(found[3])
    front = f"{whole} " if found[1] and (whole or not top or "0" in found[1]) else ""
    if found[1] and not top:
        return front + " " * (wide[0] + 1 + wide[1])
    return f"{front}{top:>{wide[0]}}/{bottom:<{wide[1]}}"


def _scaled(section: Pieces) -> tuple[Pieces, Fraction, bool]:
    """The section without its commas, what to multiply by, and whether thousands are parted."""
    kinds = [kind for kind, _ in section]
    last = max(i for i, kind in enumerate(kinds) if kind == "digit")
    point = kinds.index("point") if "point" in kinds else len(kinds)
    whole_end = max((i for i, kind in enumerate(kinds) if kind == "digit" and i < point), default=len(kinds))
    scale = Fraction(100) ** kinds.count("percent")
    grouped = False
    kept = []
    for i, piece in enumerate(section):
        if piece[0] != "comma":
            kept.append(piece)
        elif not _follows_digit(kinds, i):
            kept.append(("other", ","))
        elif _touches(kinds, whole_end, i) or _touches(kinds, last, i):
            scale /= 1000
        else:
            grouped |= i < point
    return kept, scale, grouped


def _follows_digit(kinds: list[str], place: int) -> bool:
    return next((kind for kind in reversed(kinds[:place]) if kind != "comma"), "") == "digit"


def _touches(kinds: list[str], digit: int, place: int) -> bool:
    return place > digit and all(kind == "comma" for kind in kinds[digit + 1 : place])


def _places(section: Pieces) -> tuple[list[str], list[str], str | None]:
    """The digit pieces before the point, after it, and in the exponent."""
    whole: list[str] = []
    decimals: list[str] = []
    exponent: str | None = None
    target = whole
    for kind, written in section:
        if kind == "point":
            target = decimals
        elif kind == "exponent":
            exponent = ""
        elif kind == "digit" and exponent is not None:
            exponent += written
        elif kind == "digit":
            target.append(written)
    return whole, decimals, exponent


def _normal(size: Fraction, places: int, digits: int) -> tuple[Fraction, int]:
    """The mantissa with so many places before the point, and its power of ten."""
    if not size:
        return size, 0
    power = len(str(floor(size))) - 1 if size >= 1 else -len(str(floor(1 / size)))
    while size / Fraction(10) ** power >= 10:
        power += 1
    while size / Fraction(10) ** power < 1:
        power -= 1
    step = max(places, 1)
    power = power - (power % step) if step > 1 else power
    mantissa = size / Fraction(10) ** power
    if round_half_away(mantissa, digits) >= 10**step:
        power += step
        mantissa = size / Fraction(10) ** power
    return mantissa, power


def _whole_slots(digits: str, pieces: list[str], grouped: bool) -> list[str]:
    """What each digit piece before the point shows; digits beyond the first piece stand in it."""
    pattern = "".join(pieces)
    digits = digits.lstrip("0")
    filler = {"0": "0", "#": "", "?": " "}
    padding = [filler[mark] for mark in pattern[: max(0, len(pattern) - len(digits))]]
    cells = [*padding, *digits]
    if grouped:
        last = len(cells) - 1
        cells = [cell + "," * (cell.isdigit() and i < last and (last - i) % 3 == 0) for i, cell in enumerate(cells)]
    slots, end = [], len(cells)
    for piece in reversed(pieces[1:]):
        slots.append("".join(cells[end - len(piece) : end]))
        end -= len(piece)
    return ["".join(cells[:end]), *reversed(slots)] if pieces else []


def _decimal_slots(digits: str, pieces: list[str]) -> list[str]:
    pattern = "".join(pieces)
    shown = [*digits]
    for i in range(len(pattern) - 1, -1, -1):
        if digits[i] != "0":
            break
        shown[i] = {"0": "0", "#": "", "?": " "}[pattern[i]]
    slots, start = [], 0
    for piece in pieces:
        slots.append("".join(shown[start : start + len(piece)]))
        start += len(piece)
    return slots


def _assembled(section: Pieces, shown: Iterator[str], power: int) -> str:
    """The pieces in order, each digit piece as it is shown; the digits after an E are the exponent's."""
    parts, sign = [], ""
    for kind, written in section:
        if kind == "exponent":
            sign = written[1]
            parts.append("E" + ("-" if power < 0 else "+" if sign == "+" else ""))
        elif kind == "digit":
            parts.append(f"{abs(power):0{written.count('0')}d}" if sign else next(shown))
        else:
            parts.append(literal(kind, written))
    return "".join(parts)


def literal(kind: str, written: str) -> str:
    """What a piece that shows nothing of the number stands for."""
    if kind == "quoted":
        return written.strip('"')
    if kind in {"escaped", "space", "fill", "bracket"}:
        return {"escaped": written[1:], "space": " "}.get(kind, "")
    return written

"""TEXT: a number written by one of Excel's number formats, `#,##0.00`, `0%`, `yyyy-mm-dd`, `[h]:mm`, `"No. "0;-0;none`.

A format has up to four sections: positive, negative, zero, text. A section is cut into pieces; those of dates and times
make it a moment, else it is a number with its digits. Formats that this module does not know are refused, not guessed.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from engine.functions.formats_moment import is_moment, moment
from engine.functions.formats_number import decimal_number, fraction_number, literal
from engine.functions.reading import number_in_text
from engine.functions.values import ExcelError, Scalar, UnsupportedError, general, number, text

_PIECES = re.compile(
    r"""(?P<quoted>"[^"]*"?)|(?P<escaped>\\.|!.)|(?P<space>_.)|(?P<fill>\*.)|(?P<bracket>\[[^\]]*\])
    |(?P<general>General)|(?P<half>AM/PM|A/P)|(?P<exponent>E[+-])|(?P<date>y+|m+|d+|h+|s+|e+|b+)
    |(?P<digit>[0\#?]+)|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<text>@)|(?P<slash>/)|(?P<other>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"\[(<>|<=|>=|[<>=])(-?[0-9.]+)\]")
_IGNORED = re.compile(r"\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+|\$[^\]]*)\]", re.IGNORECASE)


class Piece(NamedTuple):
    """A piece of a format."""

    kind: str
    text: str


def text_(value: Scalar, written: Scalar) -> str:
    """TEXT."""
    sections = _sections(text(written))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        found = number_in_text(value)
        if found is None:
            return _text_by(value, sections)
        value = found
    amount = number(value)
    section, shown = _section_for(amount, sections)
    return _by(shown, section)


def _sections(written: str) -> list[list[Piece]]:
    sections: list[list[Piece]] = [[]]
    for found in _PIECES.finditer(_IGNORED.sub("", written)):
        if found.lastgroup == "other" and found[0] == ";":
            sections.append([])
        else:
            sections[-1].append(Piece(str(found.lastgroup), found[0]))
    unclosed = any(kind == "quoted" and (len(piece) < 2 or piece[-1] != '"') for s in sections for kind, piece in s)
    misplaced = any(piece.kind == "text" for section in sections[:-1] for piece in section)
    if len(sections) > 4 or unclosed or misplaced:
        raise ExcelError("#VALUE!")
    return sections


def _text_by(value: str, sections: list[list[Piece]]) -> str:
    section = sections[3] if len(sections) == 4 else sections[-1]
    if not any(piece.kind == "text" for piece in section):
        return value if len(sections) < 4 else "".join(literal(*piece) for piece in section)
    return "".join(value if piece.kind == "text" else literal(*piece) for piece in section)


def _section_for(amount: Fraction, sections: list[list[Piece]]) -> tuple[list[Piece], Fraction]:
    """The section for a number, and the number as it is shown there: without its sign where the section says so."""
    conditioned = [(section, _CONDITION.fullmatch(section[0].text) if section else None) for section in sections]
    if any(condition for _, condition in conditioned):
        return _by_condition(amount, conditioned)
    if amount < 0 and len(sections) > 1:
        return sections[1], -amount
    if amount == 0 and len(sections) > 2:
        return sections[2], amount
    return sections[0], amount


def _by_condition(
    amount: Fraction, sections: list[tuple[list[Piece], re.Match[str] | None]]
) -> tuple[list[Piece], Fraction]:
    for section, condition in sections:
        if condition is None:
            return section, amount
        bound = Fraction(condition[2])
        met = "=" if amount == bound else ">" if amount > bound else "<"
        if met in condition[1]:
            return section[1:], amount
    return sections[-1][0], amount


def _by(amount: Fraction, section: list[Piece]) -> str:
    kinds = {piece.kind for piece in section}
    if is_moment(section):
        return moment(amount, section)
    if "digit" not in kinds:
        return _without_digits(amount, section, kinds)
    if "slash" in kinds:
        return fraction_number(amount, section)
    if "date" in kinds or "general" in kinds:
        raise UnsupportedError("a format of digits and letters")
    return decimal_number(amount, section)


def _without_digits(amount: Fraction, section: list[Piece], kinds: set[str]) -> str:
    shown = {"general": general(abs(amount)), "text": general(abs(amount)), "percent": "%"}
    sign = "-" if amount < 0 and (section or kinds) else ""
    return sign + "".join(shown.get(piece.kind) or literal(*piece) for piece in section)

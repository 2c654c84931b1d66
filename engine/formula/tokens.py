"""The words of a formula: its text cut into tokens, each with its span.

Excel's A1 references, sheet references, spills and implicit intersections are no words of this language; they are named
as what they are, so that a methodologist who copied a formula from a sheet is told what to write instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from engine.formula.languages import ENGLISH, Writing
from engine.limits import NUMBER_EXPONENT_MAX

Span = tuple[int, int]
"""First and past-the-last character."""


@dataclass(frozen=True, slots=True)
class FormulaProblem:
    """Why a text is no formula. `got` is the text at `span`, `expected` and `hint` what could stand there, all of them
    pieces of formulas, so that the words around them can be in any language."""

    code: str
    span: Span
    got: str = ""
    expected: str = ""
    hint: str = ""


class BrokenError(Exception):
    """The text cannot be read further; never leaves `parse`."""

    def __init__(self, code: str, span: Span, got: str = "", expected: str = "", hint: str = "") -> None:
        super().__init__(code)
        self.problem = FormulaProblem(code, span, got, expected, hint)


class Token(NamedTuple):
    """A word and where it stands; `kind` is number, text, error, name, column, op or end."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """First and past-the-last character."""
        return self.start, self.end


_LEXICAL = r"""(?P<space>\s+)
    |(?P<number>(?:[0-9]+DECIMAL?[0-9]*|DECIMAL[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<error>ERRORS)
    |(?P<name>[^\W\d][\w.]*)
    |(?P<column>\[)
    |(?P<op><>|<=|>=|[-+*/^&=<>%(){}SEPARATORS])
    |(?P<other>[,;])"""
_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
_A1 = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_FILE_PREFIX = re.compile(r"^(?:_xlfn\.|_xlws\.|_xlpm\.)+(?=[^\W\d])", re.IGNORECASE)
_STRANGE = {
    "#": "formula-spill",
    "@": "formula-at-sign",
    "!": "formula-sheet-reference",
    "'": "formula-sheet-reference",
    "$": "formula-a1-reference",
    ":": "formula-a1-reference",
    '"': "formula-text-not-closed",
}


def tokens(text: str, at: int, writing: Writing = ENGLISH) -> list[Token]:
    """The tokens of a text from `at` on as they are in English, the last of them `end`; what belongs to none is a
    `BrokenError`."""
    found_tokens = []
    lexical, inside = _lexical(writing), 0
    while at < len(text):
        found = lexical.match(text, at)
        if not found:
            code = _STRANGE.get(text[at], "formula-character")
            raise BrokenError(code, (at, at + 1), text[at], "", _instead(text[at]))
        kind, end = str(found.lastgroup), found.end()
        if kind == "column":
            end = _column_end(text, at)
        inside += {"{": 1, "}": -1}.get(found[0], 0)
        if kind != "space":
            found_tokens.append(Token(kind, _english(kind, text[at:end], writing, array=inside > 0), at, end))
        at = end
    return [*found_tokens, Token("end", "", at, at)]


@cache
def _lexical(writing: Writing) -> re.Pattern[str]:
    errors = sorted({*_ERRORS, *writing.errors.values()}, key=len, reverse=True)
    pattern = _LEXICAL.replace("ERRORS", "|".join(map(re.escape, errors)))
    pattern = pattern.replace("DECIMAL", re.escape(writing.decimal))
    separators = {writing.separator, writing.column, ";"}
    pattern = pattern.replace("SEPARATORS", "".join(map(re.escape, sorted(separators))))
    return re.compile(pattern, re.VERBOSE | re.IGNORECASE)


def _english(kind: str, text: str, writing: Writing, *, array: bool) -> str:
    """A token's text as it is written in English."""
    if kind == "op" and text == (writing.column if array else writing.separator):
        return ","
    if kind == "number":
        return text.replace(writing.decimal, ".")
    return writing.english(text) if kind == "error" else text


def _instead(character: str) -> str:
    return "[@column]" if character in "@$:!'" else ""


def _column_end(text: str, start: int) -> int:
    """Past the bracket that closes the one at `start`; an apostrophe takes its meaning from the next character."""
    depth, at = 0, start
    while at < len(text):
        depth += {"[": 1, "]": -1}.get(text[at], 0)
        if depth == 0:
            return at + 1
        at += 2 if text[at] == "'" else 1
    raise BrokenError("formula-bracket-not-closed", (start, len(text)), text[start : start + 20], "]")


def number(token: Token) -> Fraction:
    """The exact value of a number as written; absurd sizes are a `BrokenError`."""
    mantissa, _, exponent = token.text.upper().partition("E")
    if len(exponent) > 5 or abs(int(exponent or 0)) > NUMBER_EXPONENT_MAX or len(mantissa) > 2 * NUMBER_EXPONENT_MAX:
        raise BrokenError("formula-number-too-large", token.span, token.text)
    return Fraction(mantissa.rstrip(".")) * Fraction(10) ** int(exponent or 0)


def is_a1(name: str) -> bool:
    """Whether Excel would take the name for a cell of a sheet."""
    found = _A1.fullmatch(name)
    if not found:
        return False
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return column <= 16_384 and 1 <= int(found[2]) <= 1_048_576


def without_file_prefix(name: str) -> str:
    """A name without what Excel writes before newer names in its files (`_xlfn.IFS`)."""
    return _FILE_PREFIX.sub("", name)

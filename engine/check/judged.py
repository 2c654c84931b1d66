"""What is known of a formula's value before there is any data: its kind, its unit, and over what it still ranges.

A number without a unit (None) came of literals or counts only: under + − and comparison it takes the other side's unit,
under × and ÷ it is a plain number. A value is open over rows where a whole column stands in it, and over months where a
yearly formula reads a monthly value; an aggregate closes both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.check.words import of_kind
from engine.formula import Expr, Text
from engine.ruleset import Title, ValueType
from engine.units import PLAIN, Unit

MONTH = "month"
DAY = Unit((("day", 1),))


@dataclass(frozen=True, slots=True)
class Judged:
    """`kind` is number, text, date, bool, code, or any: a blank, an error, or something already found wrong."""

    kind: str
    unit: Unit | None = None
    classification: str | None = None
    texts: tuple[Text, ...] = ()
    """The literal texts that the value may be."""
    literal: bool = False
    """It is one of `texts` and nothing else."""
    rows: tuple[tuple[str, Expr], ...] = ()
    """The row spaces that it is open over, each with the first node that opens it."""
    months: Expr | None = None
    """The first node that opens it over months."""

    @property
    def plain_or_free(self) -> bool:
        """A number that says nothing of units."""
        return self.unit is None or self.unit == PLAIN

    def closed(self) -> Judged:
        """The same, over nothing."""
        return replace(self, rows=(), months=None)

    def over(self, others: Iterable[Judged]) -> Judged:
        """The same, open over what it and the others are open over."""
        rows, months = dict(self.rows), self.months
        for other in others:
            rows = {**dict(other.rows), **rows}
            months = months or other.months
        return replace(self, rows=tuple(rows.items()), months=months)

    @property
    def words(self) -> Title:
        """What findings call it."""
        return of_kind(self.kind, self.unit, self.classification)


ANY = Judged("any")
TRUTH = Judged("bool")
TEXT = Judged("text")
DATE = Judged("date")
FREE = Judged("number")


def of_type(type_: ValueType) -> Judged:
    """What is known of a value of a declared type."""
    if type_.kind == "number":
        return Judged("number", type_.unit)
    return ANY if type_.kind == "unknown" else Judged(type_.kind, classification=type_.classification)


def joined(a: Judged, b: Judged) -> Judged | None:
    """What is known of a value that is one or the other (branches of IF, sides of a comparison); None where the two
    cannot stand for each other. Open over what both are."""
    both = _joined(a, b)
    return None if both is None else both.over((a, b))


def summed(value: Judged) -> Judged | None:
    """A sum over what the value is open over: a unit with /month is multiplied by month where months are summed; None
    where that would be summing a stock."""
    if value.months is None or value.kind != "number" or value.unit is None:
        return value.closed()
    if value.unit.power(MONTH) >= 0:
        return None
    return replace(value.closed(), unit=value.unit * Unit(((MONTH, 1),)))


def _joined(a: Judged, b: Judged) -> Judged | None:
    if a.kind == "any" or b.kind == "any":
        return b if a.kind == "any" else a
    kinds = {a.kind, b.kind}
    if kinds == {"number"}:
        if a.unit is None or b.unit is None or a.unit == b.unit:
            return Judged("number", a.unit if b.unit is None else b.unit)
        return None
    if kinds == {"text"}:
        return Judged("text", texts=a.texts + b.texts, literal=a.literal and b.literal)
    if kinds == {"code"}:
        return a if a.classification == b.classification else None
    if kinds == {"code", "text"}:
        code, text = (a, b) if a.kind == "code" else (b, a)
        return replace(code, texts=code.texts + text.texts) if text.literal else TEXT
    if kinds == {"date", "number"}:
        return DATE if (a if a.kind == "number" else b).unit is None else None
    return a if len(kinds) == 1 else None

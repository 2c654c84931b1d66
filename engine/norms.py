"""Norms: numbers set by law, each with its act, its dates and how far it was verified; and the dated look-up.

A value is in force in the half-open interval [start, end); `known` says since when it was known (None: unknown, and then
known always). No value in force is never zero and never the last one silently: the look-up answers None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from engine.findings import Place
from engine.ruleset import Title
from engine.units import Unit

VERIFIED = ("published", "third-party", "unverified", "absent", "training")
"""`training` marks the invented norms of a demo republic; a production installation refuses them."""


@dataclass(frozen=True, slots=True)
class NormKey:
    """One key of a keyed norm: kind `code` over a classification, or `step` (the last threshold not above) in a unit."""

    name: str
    kind: str
    of: str


@dataclass(frozen=True, slots=True)
class NormValue:
    """One value: `value` None says that the row exists and the number was not found (`absent`)."""

    keys: tuple[str | Fraction, ...]
    """A code (`*` is any) or, for a step, the threshold."""
    start: date
    end: date | None
    known: date | None
    value: Fraction | None
    source: str
    verified: str
    start_verified: bool
    note: str
    place: Place


@dataclass(frozen=True, slots=True)
class Norm:
    """A named norm with all its values, in order of writing."""

    name: str
    title: Title
    unit: Unit
    keys: tuple[NormKey, ...]
    values: tuple[NormValue, ...]
    place: Place
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Classification:
    """A dated, hierarchical code list; a code's position is what cells hold."""

    name: str
    title: Title
    codes: tuple[str, ...]
    titles: tuple[Title, ...]
    parents: tuple[str | None, ...]
    valid: tuple[tuple[date | None, date | None], ...]
    verified: tuple[str, ...]
    sources: tuple[str, ...]
    positions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Norms:
    """All norms and classifications of an installation; `digest` is the SHA-256 over their canonical text."""

    units: Mapping[str, Title]
    norms: Mapping[str, Norm]
    classifications: Mapping[str, Classification]
    digest: str

"""Norms: numbers set by law, each with its act, its dates and how far it was verified; and the dated look-up.

A value is in force in the half-open interval [start, end); one without an end is in force until another of the same
codes starts (a step table is followed as a whole). `known` says since when a value was known (None: unknown, and then
known always): what was not yet known is invisible, and of two values in force the one known later wins. A row of
exact codes wins over one with `*`; a blank is no code, and `*` is not for it. Invented values of a training set are
seen only where no real value is in force. No value in force is never zero and never the last one silently: the
look-up answers None.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import product

from engine.findings import Place
from engine.ruleset import Title
from engine.units import Unit

VERIFIED = ("published", "third-party", "unverified", "absent", "training")
"""`training` marks the invented norms of a demo republic; a production installation refuses them."""
ANY = "*"
"""In a code key of a value: any code."""

Keys = Sequence[str | Fraction | int]
"""What a norm is asked for: a code for each code key, a number for each step key, in the order of the norm's keys."""


@dataclass(frozen=True, slots=True)
class NormKey:
    """One key of a keyed norm: kind `code` of a classification, or `step` (the last threshold not above) in a unit."""

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
    review: date | None = None
    """From which day on somebody should have looked at the value again; nothing is calculated with it."""


Series = Mapping[tuple[str, ...], tuple[NormValue, ...]]
"""Values by their codes, a step table together."""


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
    review: date | None = None
    """As that of a value, for all of them."""
    layers: tuple[Series, Series] = field(init=False, repr=False, compare=False)
    """The real values and the invented ones, for the look-up."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", (_series(self, invented=False), _series(self, invented=True)))

    def codes(self, keys: Keys) -> tuple[str, ...]:
        """The part of `keys` that are codes."""
        return tuple(str(key) for key, of in zip(keys, self.keys, strict=True) if of.kind == "code")

    def steps(self, keys: Keys) -> tuple[Fraction, ...]:
        """The part of `keys` that are thresholds, or numbers to be compared with them."""
        numbers = (key for key, of in zip(keys, self.keys, strict=True) if of.kind == "step")
        return tuple(key if isinstance(key, Fraction) else Fraction(key) for key in numbers)


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
    notes: tuple[str, ...] = ()
    positions: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "positions", {code: i for i, code in enumerate(self.codes)})

    def parent(self, code: str) -> str | None:
        """The code directly above, or None at the top and for an unknown code."""
        position = self.positions.get(code)
        return None if position is None else self.parents[position]


@dataclass(frozen=True, slots=True)
class Norms:
    """All norms and classifications of an installation; `digest` is the SHA-256 over their canonical text."""

    units: Mapping[str, Title]
    norms: Mapping[str, Norm]
    classifications: Mapping[str, Classification]
    digest: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", self.digest or _digest(self))


def look_up(norms: Norms, name: str, keys: Keys, on: date, known: date | None = None) -> NormValue | None:
    """The value in force on a day as it was known on another (None: by now); None is the finding norm-missing."""
    row = in_force(norms, name, keys, on, known)
    return row if row is not None and row.value is not None else None


def in_force(norms: Norms, name: str, keys: Keys, on: date, known: date | None = None) -> NormValue | None:
    """As `look_up`, but a row whose number was not found is given too, so that a message can name its act."""
    norm = norms.norms[name]
    codes, steps = norm.codes(keys), norm.steps(keys)
    absent = None
    for layer in norm.layers:
        row = _row(layer, norm, (codes, steps), on, known)
        if row is not None and row.value is not None:
            return row
        absent = absent or row
    return absent


def current(values: Iterable[NormValue], on: date, known: date | None) -> list[NormValue]:
    """Those in force on a day as it was known, of values that have the same codes and so follow one another."""
    seen = [v for v in values if v.start <= on and (known is None or v.known is None or v.known <= known)]
    latest = max((v.start for v in seen), default=on)
    return [v for v in seen if (v.start == latest if v.end is None else on < v.end)]


def precedence(row: NormValue, norm: Norm) -> tuple[tuple[Fraction, ...], date, date]:
    """Of rows in force with the same codes, the last counts: by threshold, then by when it was known, then by start."""
    return norm.steps(row.keys), row.known or date.min, row.start


@cache
def masks(codes: int) -> tuple[tuple[bool, ...], ...]:
    """Which of so many codes are exact (not `*`): the patterns of rows, the one that wins first."""
    return tuple(
        sorted(product((True, False), repeat=codes), key=lambda mask: (mask.count(False), [not m for m in mask]))
    )


def history(norms: Norms, name: str) -> list[NormValue]:
    """All values of a norm, by start, then by the day they were known, then by keys."""

    def order(value: NormValue) -> tuple[object, ...]:
        norm = norms.norms[name]
        return value.start, value.known or date.min, norm.codes(value.keys), norm.steps(value.keys)

    return sorted(norms.norms[name].values, key=order)


def under(norms: Norms, classification: str, code: str, ancestor: str) -> bool:
    """Whether a code is the ancestor or stands below it; an unknown code stands nowhere."""
    codes = norms.classifications[classification]
    at: str | None = code if code in codes.positions else None
    for _ in codes.codes:
        if at is None or at == ancestor:
            break
        at = codes.parent(at)
    return at is not None and at == ancestor


def with_values(norms: Norms, values: Mapping[str, Sequence[NormValue]]) -> Norms:
    """The same norms, the named ones with these values in place of theirs: for tests, scenarios, published norms."""
    changed = {name: replace(norms.norms[name], values=tuple(rows)) for name, rows in values.items()}
    return replace(norms, norms={**norms.norms, **changed}, digest="")


def with_codes(norms: Norms, name: str, titles: Mapping[str, Title]) -> Norms:
    """The same norms, a classification with more codes at its end, all of them invented for training."""
    old = norms.classifications[name]
    new = [code for code in titles if code not in old.positions]
    grown = replace(
        old,
        codes=(*old.codes, *new),
        titles=(*old.titles, *(titles[code] for code in new)),
        parents=(*old.parents, *(None for _ in new)),
        valid=(*old.valid, *((None, None) for _ in new)),
        verified=(*old.verified, *("training" for _ in new)),
        sources=(*old.sources, *("" for _ in new)),
        notes=(*old.notes, *("" for _ in new)),
    )
    return replace(norms, classifications={**norms.classifications, name: grown}, digest="")


def _series(norm: Norm, *, invented: bool) -> Series:
    found: dict[tuple[str, ...], list[NormValue]] = {}
    for value in norm.values:
        if (value.verified == "training") == invented:
            found.setdefault(norm.codes(value.keys), []).append(value)
    return {codes: tuple(values) for codes, values in found.items()}


def _row(
    layer: Series, norm: Norm, asked: tuple[tuple[str, ...], tuple[Fraction, ...]], on: date, known: date | None
) -> NormValue | None:
    codes, steps = asked
    for mask in masks(len(codes)) if layer and "" not in codes else ():
        pattern = tuple(code if exact else ANY for code, exact in zip(codes, mask, strict=True))
        rows = [v for v in current(layer.get(pattern, ()), on, known) if _reached(norm.steps(v.keys), steps)]
        if rows:
            return sorted(rows, key=lambda row: precedence(row, norm))[-1]
    return None


def _reached(thresholds: tuple[Fraction, ...], steps: tuple[Fraction, ...]) -> bool:
    return all(threshold <= step for threshold, step in zip(thresholds, steps, strict=True))


def _digest(norms: Norms) -> str:
    total = hashlib.sha256()
    for line in _canonical(norms):
        total.update(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return total.hexdigest()


def _canonical(norms: Norms) -> Iterator[list[object]]:
    """One line for each thing that a figure or its explanation may depend on. Titles are no such thing."""
    yield ["units", *sorted(norms.units)]
    for name, codes in sorted(norms.classifications.items()):
        yield ["classification", name]
        days = [[str(day or "") for day in pair] for pair in codes.valid]
        for row in zip(codes.codes, codes.parents, days, codes.verified, codes.sources, strict=True):
            yield list(row)
    for name, norm in sorted(norms.norms.items()):
        yield ["norm", name, str(norm.unit), *([key.name, key.kind, key.of] for key in norm.keys)]
        yield from sorted(_value_line(value) for value in norm.values)


def _value_line(value: NormValue) -> list[object]:
    dates = [str(day or "") for day in (value.start, value.end, value.known)]
    number = "" if value.value is None else str(value.value)
    known = [number, value.verified, str(value.start_verified), value.source, value.note]
    return [*(str(key) for key in value.keys), *dates, *known]

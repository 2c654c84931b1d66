"""Values of the same codes along time: gaps between them, jumps from one to the next, codes and reviews run out.

A day belongs to a gap where a series has begun and will go on, and nothing is in force for its codes: neither a value
of the series, nor one of wider codes (`*`), nor for invented values a real one. What is no more after its last value
has ended, and is in no gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from engine.explain.numbers import exact_text, grouped
from engine.findings import LANGUAGES, Finding, finding
from engine.norms import ANY, Norm, Norms, NormValue, Series, current, masks, precedence
from engine.ruleset import Title

Steps = tuple[Fraction, ...]
RATIO_DIGITS = 3


def gaps(norm: Norm) -> Iterator[Finding]:
    """Days between values of the same codes on which none is in force, and steps whose lower end is lost."""
    for depth, layer in enumerate(norm.layers):
        for codes, values in layer.items():
            around = [rows for wider in norm.layers[: depth + 1] for rows in _wider(wider, codes)]
            yield from _gaps(norm, values, around)
            yield from _gaps_below(norm, values, around)


def jumps(norm: Norm, limit: Fraction) -> Iterator[Finding]:
    """Changes from one day to the next by more than `limit` times, up or down; of a step table, the largest one."""
    for layer in norm.layers:
        for values in layer.values():
            before: Mapping[Steps, NormValue] = {}
            for day in _days([values]):
                after = _winners(norm, values, day)
                pairs = [(old, row) for steps, row in after.items() if (old := _reached(before, steps)) and old != row]
                far = max(pairs, key=lambda pair: _distance(*pair), default=None)
                if far and _distance(*far) > limit:
                    yield _jump(norm, *far)
                before = after


def codes_not_in_force(norms: Norms, norm: Norm, on: date) -> Iterator[Finding]:
    """Values for codes that had not begun, or had ended, while the value is in force; one without an end is in force
    until the next, or until today."""
    for layer in norm.layers:
        for values in layer.values():
            for value in values:
                later = [other.start for other in values if other.start > value.start]
                end = value.end or min(later, default=max(on, value.start) + timedelta(days=1))
                yield from _codes(norms, norm, value, end)


def reviews_due(norm: Norm, on: date) -> Iterator[Finding]:
    """Reviews whose day has come: of the norm, and of values that are not past."""
    if norm.review and norm.review <= on:
        yield finding("norm-review-due", norm.place, norm=norm.name, keys="", day=norm.review)
    for layer in norm.layers:
        for values in layer.values():
            for value in (value for value in values if value.review and value.review <= on):
                if value in current(values, max(on, value.start), None):
                    told = {"keys": keys_text(value.keys), "day": value.review}
                    yield finding("norm-review-due", value.place, norm=norm.name, **told)


def keys_text(keys: Sequence[str | Fraction]) -> str:
    """The keys of a value in one word: `education, B2-1, 3`."""
    return ", ".join(key if isinstance(key, str) else exact_text(key) for key in keys)


def _wider(layer: Series, codes: tuple[str, ...]) -> Iterator[Sequence[NormValue]]:
    """The series that answer for these codes: their own, and those with `*` in place of some."""
    patterns = {
        tuple(code if exact else ANY for code, exact in zip(codes, mask, strict=True)) for mask in masks(len(codes))
    }
    yield from (layer[pattern] for pattern in sorted(patterns) if pattern in layer)


def _gaps(norm: Norm, values: Sequence[NormValue], around: Sequence[Sequence[NormValue]]) -> Iterator[Finding]:
    last = max(value.start for value in values)
    empty: date | None = None
    for day in _days(around):
        if min(value.start for value in values) <= day <= last:
            covered = any(current(rows, day, None) for rows in around)
            if covered and empty:
                before = max((v for v in values if v.start < empty), key=lambda v: v.start)
                told = {"keys": keys_text(norm.codes(before.keys)), "start": empty, "end": day}
                yield finding("norm-gap", before.place, norm=norm.name, **told)
            empty = None if covered else (empty or day)


def _gaps_below(norm: Norm, values: Sequence[NormValue], around: Sequence[Sequence[NormValue]]) -> Iterator[Finding]:
    """Where a table with one step key goes on with a higher lowest step than it had."""
    if sum(key.kind == "step" for key in norm.keys) != 1:
        return
    lowest: Steps | None = None
    for day in _days(around):
        rows = [row for series in around for row in current(series, day, None)]
        first = min(rows, key=lambda row: norm.steps(row.keys), default=None)
        steps = norm.steps(first.keys) if first else lowest
        if first and lowest is not None and steps is not None and steps > lowest and first in values:
            told = {"keys": keys_text(norm.codes(first.keys)), "day": day}
            told |= {"got": exact_text(steps[0]), "expected": exact_text(lowest[0])}
            yield finding("norm-gap-below-steps", first.place, norm=norm.name, **told)
        lowest = steps


def _days(around: Sequence[Sequence[NormValue]]) -> list[date]:
    """The days on which anything begins or ends."""
    return sorted({day for rows in around for row in rows for day in (row.start, row.end) if day is not None})


def _winners(norm: Norm, values: Sequence[NormValue], day: date) -> dict[Steps, NormValue]:
    """The numbers in force on a day, by threshold."""
    rows = sorted(current(values, day, None), key=lambda row: precedence(row, norm))
    return {norm.steps(row.keys): row for row in rows if row.value is not None}


def _reached(rows: Mapping[Steps, NormValue], steps: Steps) -> NormValue | None:
    """The row of the greatest thresholds that are not above these."""
    below = [at for at in rows if all(a <= b for a, b in zip(at, steps, strict=True))]
    return rows[max(below)] if below else None


def _distance(old: NormValue, new: NormValue) -> Fraction:
    """How many times more or less; a change from or to zero, or of sign, is farther than any threshold."""
    a, b = old.value or Fraction(0), new.value or Fraction(0)
    if a == b:
        return Fraction(1)
    return max(a / b, b / a) if a * b > 0 else Fraction(10**18)


def _jump(norm: Norm, old: NormValue, new: NormValue) -> Finding:
    a, b = old.value or Fraction(0), new.value or Fraction(0)
    ratio = _spoken(round(b / a, RATIO_DIGITS)) if a * b > 0 else ""
    told = {"got": _spoken(b), "expected": _spoken(a), "ratio": ratio, "start": new.start, "first": old.place}
    return finding("norm-jump", new.place, norm=norm.name, keys=keys_text(new.keys), **told)


def _spoken(number: Fraction) -> Title:
    return {language: grouped(exact_text(number), language) for language in LANGUAGES}


def _codes(norms: Norms, norm: Norm, value: NormValue, end: date) -> Iterator[Finding]:
    for key, code in zip(norm.keys, value.keys, strict=True):
        if key.kind != "code" or code not in norms.classifications[key.of].positions:
            continue
        codes = norms.classifications[key.of]
        first, last = codes.valid[codes.positions[str(code)]]
        if (first and value.start < first) or (last and end > last):
            told = {"classification": key.of, "got": code, "start": first or "…", "end": last or "…"}
            yield finding("norm-code-not-in-force", value.place, norm=norm.name, **told)

"""Norm lint: what a keeper of norms should look at, besides what the loader finds in their texts.

Two sides. Along time (`series`): values of the same codes follow one another, and between them there may be a gap, an
overlap or a jump; a code may have ended before its value, a review may be due. Against the rulesets (`uses`): a unit
that does not fit where the norm stands in a formula, a norm that nobody asks for, a number that was never verified.
Today is the caller's (`on`). Each finding is of a kind, so that one kind can be gone through at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from engine.findings import Finding, finding, ordered
from engine.lint.series import codes_not_in_force, gaps, jumps, reviews_due
from engine.lint.uses import misfits, uses
from engine.norms import Norm, Norms
from engine.norms.loader import INVENTED, overlaps
from engine.ruleset import Ruleset

KINDS: Mapping[str, tuple[str, ...]] = {
    "gap": ("norm-gap", "norm-gap-below-steps"),
    "overlap": ("norm-overlap",),
    "source": ("norm-without-source",),
    "unit": ("norm-unit-unknown", "norm-unit-unlike-use"),
    "code": ("norm-code-unknown", "classification-unknown", "norm-code-not-in-force"),
    "jump": ("norm-jump",),
    "unused": ("norm-unused",),
    "unverified": ("norm-unverified-used", "norm-unverified"),
    "review": ("norm-review-due",),
    "text": (),
}
"""What lint looks for, and its codes; `text` is everything else that the loader said."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on a difference is told; `jump` is new / old or old / new, whichever is more than 1."""

    jump: Fraction = Fraction(3, 2)


def lint(
    norms: Norms, rulesets: Sequence[Ruleset], on: date, thresholds: Thresholds | None = None
) -> tuple[Finding, ...]:
    """Everything that lint finds on a day, in reading order; `rulesets` are all those that look norms up."""
    limits = thresholds or Thresholds()
    found = [one for norm in norms.norms.values() for one in _of_norm(norms, norm, on, limits)]
    return tuple(ordered([*found, *uses(norms, rulesets), *misfits(norms, rulesets)]))


def with_loader(told: Sequence[Finding], found: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings of the loader and of lint together; what both look for is told once."""
    both = {*KINDS["overlap"], *KINDS["source"]}
    return tuple(ordered([*(one for one in told if one.code not in both), *found]))


def kind_of(code: str) -> str:
    """The kind of a finding by its code."""
    return next((kind for kind, codes in KINDS.items() if code in codes), "text")


def _of_norm(norms: Norms, norm: Norm, on: date, limits: Thresholds) -> Iterator[Finding]:
    yield from gaps(norm)
    yield from overlaps(norm)
    yield from _without_source(norm)
    yield from codes_not_in_force(norms, norm, on)
    yield from jumps(norm, limits.jump)
    yield from reviews_due(norm, on)


def _without_source(norm: Norm) -> Iterator[Finding]:
    for value in norm.values:
        if value.verified != "training" and value.source in {"", INVENTED}:
            yield finding("norm-without-source", value.place, norm=norm.name)

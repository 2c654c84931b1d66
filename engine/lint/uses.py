"""Norms against the rulesets that look them up: who asks for which, what was never verified, and which units misfit.

A unit is tried, not guessed: where formulas have slips of units, a norm that they read is given the unit that would be
missing there, and the ruleset is judged again. If slips go and none comes, the norm's unit is unlike its use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from engine.check.formulas import check_formulas
from engine.check.norms import formulas_of, norms_read
from engine.check.review import Review, published_shape
from engine.check.words import of_kind
from engine.findings import Finding, Place, finding
from engine.norms import VERIFIED, Norm, Norms, NormValue
from engine.ruleset import Ruleset
from engine.units import PLAIN, Unit, parse_unit

UNIT_SLIPS = frozenset({"unit-mismatch", "parts-of-other-units"})
PLAIN_WORDS = of_kind("number")["en"]
Slips = Mapping[Place, Finding]


def uses(norms: Norms, rulesets: Sequence[Ruleset]) -> Iterator[Finding]:
    """Norms that nobody asks for, and numbers that are not verified: louder where a plan year would take them."""
    asked = readers(rulesets)
    for norm in norms.norms.values():
        asking = asked.get(norm.name, [])
        if not asking:
            yield finding("norm-unused", norm.place, norm=norm.name)
        years = {year for ruleset in asking for year in ruleset.years}
        doubtful = [value for value in norm.values if value.verified not in {"published", "training"}]
        taken = [value for value in doubtful if any(_in_year(norm, value, year) for year in years)]
        if taken:
            names = ", ".join(ruleset.name for ruleset in asking)
            place, levels = taken[0].place, _levels(taken)
            yield finding("norm-unverified-used", place, norm=norm.name, levels=levels, rulesets=names)
        elif doubtful:
            yield finding("norm-unverified", doubtful[0].place, norm=norm.name, levels=_levels(doubtful))


def readers(rulesets: Sequence[Ruleset]) -> dict[str, list[Ruleset]]:
    """The norms that are asked for, each with the rulesets that ask."""
    found: dict[str, list[Ruleset]] = {}
    for ruleset in rulesets:
        for name in sorted(_read(ruleset)):
            found.setdefault(name, []).append(ruleset)
    return found


def misfits(norms: Norms, rulesets: Sequence[Ruleset]) -> Iterator[Finding]:
    """Norms whose unit is not the one that a ruleset's formulas take them for, or that a ruleset publishes."""
    for ruleset in rulesets:
        others = tuple(other for other in rulesets if other is not ruleset)
        for published in ruleset.publishes.values():
            shape, declared = published_shape(ruleset, published), norms.norms.get(published.norm)
            if declared is not None and shape.unit != declared.unit:
                yield _misfit(declared, shape.unit, (published.place, ruleset))
        slips = _slips(norms, ruleset, others)
        if slips:
            yield from _tried(norms, ruleset, others, slips)


def _read(ruleset: Ruleset) -> set[str]:
    return {name for formula in formulas_of(ruleset) for name, _ in norms_read(formula)}


def _in_year(norm: Norm, value: NormValue, year: int) -> bool:
    """Whether a value may be looked up in a year; one without an end yields to the next of its codes."""
    codes = norm.codes(value.keys)
    later = [other.start for other in norm.values if norm.codes(other.keys) == codes and other.start > value.start]
    end = value.end or min(later, default=date.max)
    return value.start <= date(year, 12, 31) and end > date(year, 1, 1)


def _levels(values: Sequence[NormValue]) -> str:
    """`third-party 3, absent 1`"""
    counts = Counter(value.verified for value in values)
    return ", ".join(f"{level} {counts[level]}" for level in VERIFIED if counts[level])


def _slips(norms: Norms, ruleset: Ruleset, others: tuple[Ruleset, ...]) -> Slips:
    """Slips of units in formulas, by their place."""
    review = Review(ruleset, norms, others)
    check_formulas(review)
    return {one.place: one for one in review.found if one.place and one.code in UNIT_SLIPS}


def _tried(norms: Norms, ruleset: Ruleset, others: tuple[Ruleset, ...], slips: Slips) -> Iterator[Finding]:
    for norm in (norms.norms[name] for name in sorted(_read(ruleset)) if name in norms.norms):
        best: tuple[int, Unit, Place] | None = None
        for unit in _candidates(norm, slips, norms.units):
            changed = replace(norms, norms={**norms.norms, norm.name: replace(norm, unit=unit)})
            left = _slips(changed, ruleset, others)
            gone = sorted(slips.keys() - left.keys())
            if gone and not left.keys() - slips.keys() and (best is None or len(gone) > best[0]):
                best = (len(gone), unit, gone[0])
        if best is not None:
            yield _misfit(norm, best[1], (best[2], ruleset))


def _candidates(norm: Norm, slips: Slips, names: Iterable[str]) -> list[Unit]:
    """The units that the norm would have if it alone made up for what is missing somewhere."""
    found: dict[Unit, None] = {}
    for slip in slips.values():
        got, expected = (_unit(slip.args[side], names) for side in ("got", "expected"))
        if got is not None and expected is not None:
            found |= dict.fromkeys((norm.unit * expected / got, norm.unit * got / expected))
    return [unit for unit in found if unit != norm.unit]


def _unit(spoken: str, names: Iterable[str]) -> Unit | None:
    """The unit that a finding speaks of; what is no number has none."""
    unit = PLAIN if spoken == PLAIN_WORDS else parse_unit(spoken, names)
    return unit if isinstance(unit, Unit) else None


def _misfit(norm: Norm, expected: Unit, use: tuple[Place, Ruleset]) -> Finding:
    place, ruleset = use
    told = {"got": norm.unit.declared, "expected": str(expected), "use": place, "ruleset": ruleset.name}
    return finding("norm-unit-unlike-use", norm.place, norm=norm.name, **told)

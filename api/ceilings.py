"""Limits on every level: what each is, what is asked under it, and what is left.

A limit is a norm keyed by institution, which the ruleset names with the kind of expenditure under it. What stands above
is the sum of the limits that were distributed below: of an administrator's institutions, and of all of them. Where no
institution has one there is no limit, and nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from api import wire
from api.store.held import HEADER, Held, text_at
from api.store.totals import Amount, Ceiling, Totals
from engine.norms import look_up
from engine.plan import Plan

KEPT = 8
"""Rulesets under norms whose sums are remembered."""


def limits_left(totals: Totals, held: Held, moved: Sequence[Sequence[Any]] = ()) -> list[wire.Wire]:
    """For each level above a submission, kind and plan year: the limit, what is asked under it, and what is left, in
    tiyn as text, and how many rows are left out of that; nothing where there is no limit, or no institution asks. With
    `moved`, as it would be if the submission's lines moved so."""
    if "institution" not in held.plan.ruleset.header:
        return []
    institution = text_at(held, HEADER, "institution", (0, None))
    known, above = ceilings(held.plan, totals), totals.administrators.get(institution)
    if above is None:
        own = _of_institution(held.plan, institution)
        known = {**known, **{("institution", institution, kind, year): amount for kind, year, amount in own}}
    levels = ("institution", institution), ("administrator", above or ""), ("republic", "")
    names = {limit.kind: limit.norm for limit in held.plan.ruleset.limits.values()}
    places: list[Ceiling] = [(*of, kind, year) for of in levels for kind in names for year in held.plan.years]
    return [
        _told((names[place[2]], known[place]), place, totals.under(held.submission, (*place[:3], str(place[3])), moved))
        for place in places
        if place in known
    ]


def ceilings(plan: Plan, totals: Totals) -> Mapping[Ceiling, int]:
    """The limit of each institution, administrator and the republic, kind and year, in tiyn; summed once."""
    texts = plan.ruleset.digest, plan.norms.digest
    with totals.guard:
        if texts not in totals.ceilings:
            if len(totals.ceilings) >= KEPT:
                totals.ceilings.clear()
            totals.ceilings[texts] = _summed(plan, totals)
        return totals.ceilings[texts]


def seen_ceilings(all_of_them: Mapping[Ceiling, int], seen: Iterable[tuple[str, str]]) -> dict[Ceiling, int]:
    """The limits of the institutions that somebody sees (each with its administrator), and their sums above."""
    administrators = dict(seen)
    found: dict[Ceiling, int] = {}
    for (level, code, kind, year), limit in all_of_them.items():
        if level == "institution" and code in administrators:
            for place in ((level, code), ("administrator", administrators[code]), ("republic", "")):
                found[*place, kind, year] = found.get((*place, kind, year), 0) + limit
    return found


def _told(of: tuple[str, int], place: Ceiling, asking: Amount) -> wire.Wire:
    (level, code, kind, year), (name, limit), (asked, left_out) = place, of, asking
    told: wire.Wire = {"limit_of": name, "level": level, "code": code, "kind": kind, "year": year, "limit": str(limit)}
    if level == "institution":
        told["institution"] = code
    told["asked"], told["left"], told["incomplete"] = str(asked), str(limit - asked), left_out
    return told


def _of_institution(plan: Plan, institution: str) -> Iterator[tuple[str, int, int]]:
    """Kind, year and tiyn of each limit that an institution has."""
    for limit in plan.ruleset.limits.values():
        for year in plan.years if limit.norm in plan.norms.norms else ():
            found = look_up(plan.norms, limit.norm, (institution,), date(year, 1, 1))
            if found is not None and found.value is not None:
                yield limit.kind, year, int(found.value * 100)


def _summed(plan: Plan, totals: Totals) -> dict[Ceiling, int]:
    found: dict[Ceiling, int] = {}
    for institution, administrator in totals.administrators.items():
        for kind, year, amount in _of_institution(plan, institution):
            for level in (("institution", institution), ("administrator", administrator), ("republic", "")):
                found[*level, kind, year] = found.get((*level, kind, year), 0) + amount
    return found

"""Limits on every level: what each is, what is asked under it, and what is left.

A limit is a norm keyed by institution. What stands above is the sum of the limits that were distributed below: of an
administrator's institutions, and of all of them. Where no institution has one there is no limit, and nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from api import wire
from api.store.held import HEADER, Held, text_at
from api.store.totals import Ceiling, Totals
from engine.norms import Norms, look_up

LIMITS = {"limit.base": "base", "limit.new-initiatives": "new"}
"""A norm that is an institution's limit, and the kind of expenditure under it; in tenge."""
KEPT = 8
"""Sets of norms whose sums are remembered."""


def limits_left(totals: Totals, held: Held) -> list[wire.Wire]:
    """For each level above a submission, kind and plan year: the limit, what is asked under it, and what is left, in
    tiyn as text, and how many rows are left out of that; where there is no limit, nothing."""
    institution = text_at(held, HEADER, "institution", (0, None))
    sums = dict(_own(held, institution))
    above = ceilings(held.plan.norms, totals, held.plan.years)
    for level, code in (("administrator", totals.administrators.get(institution, "")), ("republic", "")):
        for kind in LIMITS.values():
            places: list[Ceiling] = [(level, code, kind, year) for year in held.plan.years]
            sums |= {place: above[place] for place in places if place in above}
    return [_told(totals, held, place, limit) for place, limit in sums.items()]


def ceilings(norms: Norms, totals: Totals, years: tuple[int, ...]) -> Mapping[Ceiling, int]:
    """The limit of each institution, administrator and the republic, kind and year, in tiyn; summed once."""
    with totals.guard:
        if (norms.digest, years) not in totals.ceilings:
            if len(totals.ceilings) >= KEPT:
                totals.ceilings.clear()
            totals.ceilings[norms.digest, years] = _summed(norms, totals, years)
        return totals.ceilings[norms.digest, years]


def seen_ceilings(all_of_them: Mapping[Ceiling, int], seen: Iterable[tuple[str, str]]) -> dict[Ceiling, int]:
    """The limits of the institutions that somebody sees (each with its administrator), and their sums above."""
    administrators = dict(seen)
    found: dict[Ceiling, int] = {}
    for (level, code, kind, year), limit in all_of_them.items():
        if level == "institution" and code in administrators:
            for place in ((level, code), ("administrator", administrators[code]), ("republic", "")):
                found[*place, kind, year] = found.get((*place, kind, year), 0) + limit
    return found


def _own(held: Held, institution: str) -> Iterator[tuple[Ceiling, int]]:
    for name, kind in LIMITS.items():
        for year in held.plan.years:
            limit = _limit(held.plan.norms, name, institution, year)
            if limit is not None:
                yield ("institution", institution, kind, year), limit


def _told(totals: Totals, held: Held, place: Ceiling, limit: int) -> wire.Wire:
    level, code, kind, year = place
    asked, left_out = totals.under(held.submission, (level, code, kind, str(year)))
    name = next(name for name, of in LIMITS.items() if of == kind)
    told: wire.Wire = {"limit_of": name, "level": level, "code": code, "kind": kind, "year": year}
    amounts = {"limit": str(limit), "asked": str(asked), "left": str(limit - asked), "incomplete": left_out}
    return told | ({"institution": code} if level == "institution" else {}) | amounts


def _limit(norms: Norms, name: str, institution: str, year: int) -> int | None:
    found = look_up(norms, name, (institution,), date(year, 1, 1)) if name in norms.norms else None
    return None if found is None or found.value is None else int(found.value * 100)


def _summed(norms: Norms, totals: Totals, years: tuple[int, ...]) -> dict[Ceiling, int]:
    found: dict[Ceiling, int] = {}
    for institution, administrator in totals.administrators.items():
        for name, kind in LIMITS.items():
            for year in years:
                limit = _limit(norms, name, institution, year)
                for level in (("institution", institution), ("administrator", administrator), ("republic", "")):
                    if limit is not None:
                        found[*level, kind, year] = found.get((*level, kind, year), 0) + limit
    return found

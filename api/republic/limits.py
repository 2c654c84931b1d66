"""Limits invented for a republic's institutions, wide enough for the posts and trips that it makes up.

Real limits are for official use. Without these the checks of every request would say that its limit is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from api.republic.draw import Whole
from api.republic.institutions import Institutions
from engine.findings import Place
from engine.norms import Norms, NormValue, with_values

FIRST_DAY = date(2026, 1, 1)
HERE = Place("republic", 1, 1)
POSTS_A_ROW = Fraction(11, 5)
POSTS_SPARE = 20
PAY_A_POST = 6_000_000
"""Tenge a year, with taxes, contributions and trips."""


def with_limits(norms: Norms, institutions: Institutions, positions: Whole) -> Norms:
    """The norms with limits of posts and money for each institution, and of posts for each administrator."""
    posts = {
        code: int(rows * POSTS_A_ROW) + POSTS_SPARE
        for code, rows in zip(institutions.codes, positions.tolist(), strict=True)
    }
    ceilings: dict[str, int] = {}
    for code, administrator in zip(institutions.codes, institutions.administrators, strict=True):
        ceilings[administrator] = ceilings.get(administrator, 0) + posts[code]
    money = {code: number * PAY_A_POST for code, number in posts.items()}
    invented = {"staff.limit": posts, "staff.ceiling": ceilings, "limit.base": money}
    known = {name: tuple(_values(limits)) for name, limits in invented.items() if name in norms.norms}
    return with_values(norms, {name: _joined(norms, name, values) for name, values in known.items()})


def _joined(norms: Norms, name: str, values: Sequence[NormValue]) -> list[NormValue]:
    return [*norms.norms[name].values, *values]


def _values(limits: Mapping[str, int]) -> Iterator[NormValue]:
    for code, limit in limits.items():
        yield NormValue(
            (code,), FIRST_DAY, None, None, Fraction(limit), "invented for training", "training", True, "", HERE
        )

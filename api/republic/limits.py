"""Limits invented for a republic's institutions, wide enough for what they ask for; of a few, on purpose, too narrow.

Real limits are for official use. Without these the checks of every request would say that its limit is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

import numpy as np

from api.republic.draw import Draw, shares
from api.republic.institutions import Institutions
from api.republic.rows import Size, positions_of
from engine.findings import Place
from engine.norms import Norms, NormValue, with_values

FIRST_DAY = date(2026, 1, 1)
HERE = Place("republic", 1, 1)
POSTS_A_ROW = Fraction(11, 5)
POSTS_SPARE = 20
PAY_A_POST = 2_400_000
"""Tenge a year, with taxes and contributions."""
COST_A_ROW = 1_300_000
"""Tenge a year of a row of the other forms."""
TIGHT_PERCENT = 30
"""Of a limit as it should be: what an institution gets that asks for more than it may have."""
NEW_PERCENT = 10
"""Of the limit of base expenditure: the limit of new initiatives."""


def with_limits(norms: Norms, institutions: Institutions, size: Size, seed: int) -> Norms:
    """The norms with limits of posts and money for each institution, and of posts for each administrator."""
    rows = positions_of(size.positions, institutions.weights)
    posts = (rows * POSTS_A_ROW.numerator) // POSTS_A_ROW.denominator + POSTS_SPARE
    money = posts * PAY_A_POST + shares(size.others, institutions.weights) * COST_A_ROW
    tight = Draw(seed, "tight-limits").chance(size.tight, len(money))
    money = np.where(tight, money * TIGHT_PERCENT // 100, money)
    ceilings: dict[str, int] = {}
    for administrator, limit in zip(institutions.administrators, posts.tolist(), strict=True):
        ceilings[administrator] = ceilings.get(administrator, 0) + limit
    invented = {
        "staff.limit": dict(zip(institutions.codes, posts.tolist(), strict=True)),
        "staff.ceiling": ceilings,
        "limit.base": dict(zip(institutions.codes, money.tolist(), strict=True)),
        "limit.new-initiatives": dict(zip(institutions.codes, (money * NEW_PERCENT // 100).tolist(), strict=True)),
    }
    known = {name: tuple(_values(limits)) for name, limits in invented.items() if name in norms.norms}
    return with_values(norms, {name: _joined(norms, name, values) for name, values in known.items()})


def _joined(norms: Norms, name: str, values: Sequence[NormValue]) -> list[NormValue]:
    return [*norms.norms[name].values, *values]


def _values(limits: Mapping[str, int]) -> Iterator[NormValue]:
    for code, limit in limits.items():
        yield NormValue(
            (code,), FIRST_DAY, None, None, Fraction(limit), "invented for training", "training", True, "", HERE
        )

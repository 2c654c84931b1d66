"""How many rows each form has in a submission: the positions of a size, and its other rows shared out over the forms.

Many forms are filled by all institutions, in proportion to their size; some only by those to whom they mean anything: a
ministry's office has no children to feed and builds nothing. A form that is named nowhere here is filled by all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from api.republic.draw import Draw, Whole, shares
from engine.ruleset import Form, Ruleset

POSITION_FORMS = ("pay_civil_employees", "pay_civil_servants", "positions")
MOVES = 4
"""Rows of moves of posts for each submission that has them."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many institutions, rows of positions, and rows of the other forms that people fill."""

    institutions: int
    positions: int
    others: int
    servants: int = 0
    """Of the positions, those of civil servants."""
    tight: int = 0
    """In a hundred institutions, those that ask for more than their limit allows."""


@dataclass(frozen=True, slots=True)
class Share:
    """A form's weight among the others, and in how many of a hundred submissions it is filled at all."""

    weight: int
    filled: int = 100


SHARES: Mapping[str, Share] = {
    "business_trips": Share(30),
    "additional_payments": Share(20),
    "compensation": Share(8),
    "utilities": Share(12),
    "communications": Share(10),
    "trips_abroad": Share(4, 40),
    "fuel": Share(6, 70),
    "boiler_fuel": Share(1, 15),
    "food": Share(2, 20),
    "food_products": Share(6, 20),
    "medicines": Share(8, 25),
    "other_supplies": Share(60),
    "other_services": Share(24),
    "capital_goods": Share(16, 80),
    "informatization": Share(6, 60),
    "construction": Share(1, 10),
}
USUAL = Share(10)
TOGETHER = {"food_products": "food"}
"""A form that the same submissions fill as another: what they eat, and who eats it."""


def offsets_of(ruleset: Ruleset, form: Form, size: Size, of: tuple[Whole, Whole, int]) -> Whole:
    """(submissions + 1,): where each submission's rows of a form begin. `of` are the weights of the institutions, where
    each submission's institutions begin, and the seed."""
    weights, bounds, seed = of
    submissions = len(bounds) - 1
    if form.rows.kind == "each":
        return offsets_of(ruleset, ruleset.forms[form.rows.forms[0]], size, of)
    if form.rows.kind == "fixed":
        return np.arange(submissions + 1) * len(form.rows.fixed)
    if form.name == "schedule":
        return bounds
    if form.name == "moves":
        return np.arange(submissions + 1) * MOVES
    totals = np.add.reduceat(weights, bounds[:-1])
    if form.name == "pay_civil_servants":
        enough = size.servants >= submissions
        return _cumulated(positions_of(size.servants, totals) if enough else shares(size.servants, totals))
    if form.name == "pay_civil_employees":
        servants = size.servants if "pay_civil_servants" in ruleset.forms else 0
        return _cumulated(positions_of(size.positions - servants, totals))
    if form.name == "positions":
        return _cumulated(positions_of(size.positions, totals))
    return _cumulated(_others(ruleset, form, size.others, (totals, seed)))


def positions_of(total: int, weights: Whole) -> Whole:
    """Rows of positions of each submission: one at least."""
    return 1 + shares(total - len(weights), weights)


def _others(ruleset: Ruleset, form: Form, total: int, of: tuple[Whole, int]) -> Whole:
    weights, seed = of
    names = sorted(f.name for f in ruleset.forms.values() if f.rows.kind == "added" and f.name not in POSITION_FORMS)
    parts = shares(total, np.array([SHARES.get(name, USUAL).weight for name in names]))
    draw = Draw(seed, ruleset.name, TOGETHER.get(form.name, form.name), "filled")
    filled = weights * draw.chance(SHARES.get(form.name, USUAL).filled, len(weights))
    return shares(int(parts[names.index(form.name)]), filled if filled.any() else weights)


def _cumulated(counts: Whole) -> Whole:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

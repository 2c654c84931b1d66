"""Posts of administrative state servants, and who of all staff was born too early for the employer's pension."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from api.republic import posts
from api.republic.scene import Column, Made, Scene
from engine.number import BLANK

CATEGORIES = {
    "E-3": 8, "E-5": 10, "E-R-2": 6, "E-R-4": 14, "E-G-1": 4, "D-4": 8, "D-O-4": 12, "D-O-6": 10,
    "C-4": 12, "C-O-4": 10, "C-O-6": 8, "C-R-2": 4, "C-R-4": 6, "B-4": 2,
}  # fmt: skip
"""Of corps B, and how often each."""
POSITIONS = {
    "B": ("Руководитель аппарата",),
    "C": ("Директор департамента", "Заместитель директора департамента", "Руководитель управления", "Главный эксперт"),
    "D": ("Руководитель территориального отдела", "Главный специалист", "Ведущий специалист"),
    "E": ("Руководитель отдела", "Главный специалист", "Ведущий специалист", "Специалист"),
}
IN_ZONE_PERCENT = 4
"""Institutions that stand in a zone of ecological disaster or radiation risk."""
EXEMPT_PERCENT = 18
"""Rows in which somebody was born before the year from which employer pension contributions are paid."""


def category(scene: Scene) -> Column:
    """Specialists mostly, the nearer to the people the more of them."""
    positions = np.array([scene.position("servant-category", code) for code in CATEGORIES], np.int64)
    return positions[scene.draw("category").pick(list(CATEGORIES.values()), scene.rows)]


def position(scene: Scene) -> Column:
    """A title that goes with the letter of the category."""
    codes = scene.norms.classifications["servant-category"].codes
    chosen = scene.draw("position").below(2**30, scene.rows)
    cells = np.empty(scene.rows, object)
    for at in np.unique(scene.made["category"]):
        titles = np.array(POSITIONS[codes[at][:1]], object)
        rows = np.flatnonzero(scene.made["category"] == at)
        cells[rows] = titles[chosen[rows] % len(titles)]
    return cells


def zone(scene: Scene) -> Column:
    """The same for a whole institution; nearly all are in none."""
    draw, count = scene.draw("zone"), len(scene.institutions.codes)
    of_institution = draw.below(len(scene.norms.classifications["zone"].codes), count)
    of_institution[~draw.chance(IN_ZONE_PERCENT, count)] = BLANK
    return of_institution[scene.institution]


def exempt(scene: Scene) -> Column:
    """Blank mostly, else some of the row's persons."""
    draw = scene.draw("exempt")
    some = 1 + draw.below(np.maximum(scene.made["persons"], 1), scene.rows)
    return np.where(draw.chance(EXEMPT_PERCENT, scene.rows), some, BLANK)


COLUMNS: Mapping[tuple[str, str], Made] = {
    ("pay_civil_servants", "category"): category,
    ("pay_civil_servants", "position"): position,
    ("pay_civil_servants", "hired"): posts.hired,
    ("pay_civil_servants", "zone"): zone,
    ("pay_civil_servants", "persons"): posts.persons,
    ("pay_civil_servants", "exempt"): exempt,
    ("pay_civil_servants", "staff"): posts.staff,
    ("pay_civil_employees", "exempt"): exempt,
}

"""Posts of civil employees: sectors and categories that have a coefficient, long and short service, parts of posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from api.republic.scene import Column, Made, Scene
from engine.norms import ANY, Norm, NormValue, current

SECTOR_OF_ADMINISTRATOR = {"225": "education", "226": "health", "213": "social-security", "240": "culture"}
SERVICE_DAYS = ((0, 365), (365, 1095), (1095, 2555), (2555, 4745), (4745, 7300), (7300, 10950), (10950, 15330))
"""Bands of service before the plan, in days."""
SERVICE_WEIGHTS = (10, 18, 22, 20, 14, 11, 5)
VACANT_PERCENT = 2
POSITIONS = {
    "A": ("Директор", "Заместитель директора", "Руководитель отдела", "Главный бухгалтер"),
    "B": ("Учитель", "Методист", "Врач", "Медицинская сестра", "Главный специалист", "Экономист", "Библиотекарь"),
    "C": ("Секретарь", "Делопроизводитель", "Архивариус", "Кассир"),
    "D": ("Водитель", "Уборщик помещений", "Сторож", "Гардеробщик"),
    "G": ("Рабочий по обслуживанию зданий", "Электрик", "Слесарь-сантехник", "Оператор котельной"),
}


def sector(scene: Scene) -> Column:
    """Mostly the sector of the institution, as its administrator has it, and some others."""
    codes = list(_categories(scene))
    of_institution = scene.draw("main-sector").pick(_falling(len(codes)), len(scene.institutions.codes))
    for i, administrator in enumerate(scene.institutions.administrators):
        if (own := SECTOR_OF_ADMINISTRATOR.get(administrator)) in codes:
            of_institution[i] = codes.index(own)
    other = scene.draw("sector").pick(_falling(len(codes)), scene.rows)
    index = np.where(scene.draw("other-sector").chance(15, scene.rows), other, of_institution[scene.institution])
    return np.array([scene.position("sector", code) for code in codes], np.int64)[index]


def category(scene: Scene) -> Column:
    """One of the categories that have a coefficient in the row's sector."""
    cells = np.zeros(scene.rows, np.int64)
    for code, categories in _categories(scene).items():
        rows = np.flatnonzero(scene.made["sector"] == scene.position("sector", code))
        positions = np.array([scene.position("position-category", name) for name in categories], np.int64)
        cells[rows] = positions[scene.draw(f"category-{code}").pick(_falling(len(categories)), len(rows))]
    return cells


def position(scene: Scene) -> Column:
    """A title that goes with the block of the category."""
    blocks = scene.norms.classifications["position-category"].codes
    chosen = scene.draw("position").below(2**30, scene.rows)
    cells = np.empty(scene.rows, object)
    for at in np.unique(scene.made["category"]):
        titles = np.array(POSITIONS.get(blocks[at][:1], POSITIONS["B"]), object)
        rows = np.flatnonzero(scene.made["category"] == at)
        cells[rows] = titles[chosen[rows] % len(titles)]
    return cells


def hired(scene: Scene) -> Column:
    """Service of days to four decades; a few posts are vacant and filled during the plan."""
    draw = scene.draw("hired")
    starts, ends = np.array(SERVICE_DAYS).T
    band = draw.pick(SERVICE_WEIGHTS, scene.rows)
    served = starts[band] + draw.below(ends[band] - starts[band], scene.rows)
    vacant = draw.chance(VACANT_PERCENT, scene.rows)
    return scene.first_day() + np.where(vacant, draw.below(730, scene.rows), -1 - served)


def rural(scene: Scene) -> Column:
    """More often true in an institution that works in rural places."""
    return (scene.draw("rural").below(100, scene.rows) < scene.institutions.rural[scene.institution]).astype(np.int64)


def persons(scene: Scene) -> Column:
    """One person mostly, or a few of the same position."""
    draw = scene.draw("persons")
    return np.array([1, 2, 3, 4, 6, 10])[draw.pick([70, 14, 7, 5, 3, 1], scene.rows)]


def staff(scene: Scene) -> Column:
    """Posts in quarters, never more than persons; a few change from year to year."""
    people = scene.made["persons"]
    draw = scene.draw("staff")
    quarters = 4 * people - draw.pick([80, 6, 10, 4], scene.rows)
    years = [quarters]
    for year in scene.ruleset.years[1:]:
        moved = draw.pick([97, 2, 1], scene.rows) * scene.draw(f"staff-{year}").between(-1, 1, scene.rows)
        years.append(np.clip(years[-1] + moved, 1, 4 * people))
    return np.stack(years) * 25


def _categories(scene: Scene) -> dict[str, list[str]]:
    """sector → categories that have a coefficient from the first year of service in all plan years."""
    norm = scene.norms.norms["pay.coefficient"]
    days = (date(scene.ruleset.years[0], 1, 1), date(scene.ruleset.years[-1], 12, 1))
    found: dict[str, set[str]] = {}
    for layer in norm.layers:
        for (of_sector, of_category), values in layer.items():
            if all(_complete(norm, current(values, day, None)) for day in days):
                sectors = scene.norms.classifications["sector"].codes if of_sector == ANY else (of_sector,)
                for code in sectors:
                    found.setdefault(code, set()).add(of_category)
    return {code: sorted(found[code]) for code in sorted(found)}


def _complete(norm: Norm, rows: Sequence[NormValue]) -> bool:
    return any(not any(norm.steps(row.keys)) for row in rows) and all(row.value is not None for row in rows)


def _falling(count: int) -> list[int]:
    """Weights of a list whose first entries are the frequent ones."""
    return [60 // (i + 2) + 1 for i in range(count)]


COLUMNS: Mapping[tuple[str, str], Made] = {
    ("pay_civil_employees", "sector"): sector,
    ("pay_civil_employees", "category"): category,
    ("pay_civil_employees", "position"): position,
    ("pay_civil_employees", "hired"): hired,
    ("pay_civil_employees", "rural"): rural,
    ("pay_civil_employees", "persons"): persons,
    ("pay_civil_employees", "staff"): staff,
}

"""Business trips inside the country: a route, a few persons, a few days."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from api.republic.scene import Column, Made, Scene

CITIES = ("Астана", "Алматы", "Шымкент", "Караганда", "Актобе", "Павлодар", "Атырау", "Тараз", "Костанай", "Кокшетау")
PURPOSES = ("семинар", "проверка", "совещание", "обмен опытом", "аттестация", "обучение")


def route(scene: Scene) -> Column:
    """Where to and what for."""
    routes = np.array([f"{city}: {purpose}" for city in CITIES for purpose in PURPOSES], object)
    return routes[scene.draw("route").below(len(routes), scene.rows)]


def persons(scene: Scene) -> Column:
    """One to six."""
    return 1 + scene.draw("persons").pick([40, 25, 15, 10, 6, 4], scene.rows)


def trips(scene: Scene) -> Column:
    """How often in each plan year: seldom more than a few times, a little more or less in the next year."""
    draw = scene.draw("trips")
    years = [1 + draw.pick([40, 20, 14, 10, 6, 4, 3, 2, 1], scene.rows)]
    for _ in scene.ruleset.years[1:]:
        years.append(np.maximum(1, years[-1] + draw.pick([8, 84, 8], scene.rows) - 1))
    return np.stack(years)


def days(scene: Scene) -> Column:
    """One to ten."""
    return 1 + scene.draw("days").pick([10, 18, 22, 20, 14, 6, 5, 2, 1, 2], scene.rows)


def hotel(scene: Scene) -> Column:
    """A night for 5 000 to 14 500 tenge, in steps of 500."""
    return 50_000 * scene.draw("hotel").between(10, 29, scene.rows)


def fare(scene: Scene) -> Column:
    """There and back for 6 000 to 90 000 tenge, in steps of 100."""
    return 10_000 * scene.draw("fare").between(60, 900, scene.rows)


def one_off(scene: Scene) -> Column:
    """Every seventh or so."""
    return scene.draw("one-off").chance(15, scene.rows).astype(np.int64)


COLUMNS: Mapping[tuple[str, str], Made] = {
    ("business_trips", "route"): route,
    ("business_trips", "persons"): persons,
    ("business_trips", "trips"): trips,
    ("business_trips", "days"): days,
    ("business_trips", "hotel"): hotel,
    ("business_trips", "fare"): fare,
    ("business_trips", "one_off"): one_off,
}

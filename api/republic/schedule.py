"""Staff schedules of administrators: posts of their institutions with hires, vacancies and moves, within the limits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from api.republic import posts
from api.republic.scene import Column, Made, Scene
from engine.number import BLANK

SPARE = 400
"""Posts by which a limit is above the posts of the schedule, in hundredths."""


def institution(scene: Scene) -> Column:
    """An institution of the submission's administrator."""
    first, after = scene.bounds[:-1][scene.submission], scene.bounds[1:][scene.submission]
    chosen = first + scene.draw("institution").below(after - first, scene.rows)
    return scene.position("institution", scene.institutions.codes[0]) + chosen


def each_institution(scene: Scene) -> Column:
    """All institutions of the submission, one a row."""
    start = scene.position("institution", scene.institutions.codes[0])
    return start + np.arange(len(scene.institutions.codes))


def vacant(scene: Scene) -> Column:
    """A few in a hundred."""
    return scene.draw("vacant").chance(posts.VACANT_PERCENT, scene.rows).astype(np.int64)


def posts_of(scene: Scene) -> Column:
    """One post mostly, or quarters of it."""
    return np.array([100, 50, 75, 25, 200, 300])[scene.draw("posts").pick([78, 8, 4, 4, 4, 2], scene.rows)]


def service_from(scene: Scene) -> Column:
    """As for civil employees; blank for a vacancy."""
    return np.where(scene.made["vacant"] == 1, BLANK, np.minimum(posts.hired(scene), scene.first_day() - 1))


def starts(scene: Scene) -> Column:
    """A vacancy is filled during the plan; other posts are there before it."""
    day = scene.first_day() + scene.draw("starts").below(900, scene.rows)
    return np.where(scene.made["vacant"] == 1, day, BLANK)


def ends(scene: Scene) -> Column:
    """A few posts end in the last year of the plan."""
    draw = scene.draw("ends")
    return np.where(draw.chance(1, scene.rows), scene.first_day() + draw.between(900, 1090, scene.rows), BLANK)


def order(scene: Scene) -> Column:
    """A decision has two rows: who gives and who receives."""
    number = (np.arange(scene.rows) - scene.offsets[:-1][scene.submission]) // 2 + 1
    return np.array([f"№ {n}" for n in number], object)


def day(scene: Scene) -> Column:
    """The first of some month of the plan, the same for both rows of a decision."""
    months = np.repeat(scene.draw("date").below(30, (scene.rows + 1) // 2), 2)[: scene.rows]
    firsts = (np.datetime64(f"{scene.ruleset.years[0]}-01", "M") + months).astype("datetime64[D]")
    return (firsts - np.datetime64("1899-12-30", "D")).astype(np.int64)


def change(scene: Scene) -> Column:
    """A post given by one institution and received by another."""
    return np.where((np.arange(scene.rows) - scene.offsets[:-1][scene.submission]) % 2 == 0, -100, 100)


def limit(scene: Scene) -> Column:
    """All posts of the institution's schedule and a little more."""
    table = scene.tables["positions"]
    at = table.columns["institution"] - scene.position("institution", scene.institutions.codes[0])
    held = np.bincount(at, table.columns["posts"], len(scene.institutions.codes)).astype(np.int64)
    return held + SPARE


COLUMNS: Mapping[tuple[str, str], Made] = {
    ("positions", "institution"): institution,
    ("positions", "sector"): posts.sector,
    ("positions", "category"): posts.category,
    ("positions", "position"): posts.position,
    ("positions", "posts"): posts_of,
    ("positions", "vacant"): vacant,
    ("positions", "service_from"): service_from,
    ("positions", "starts"): starts,
    ("positions", "ends"): ends,
    ("moves", "institution"): institution,
    ("moves", "order"): order,
    ("moves", "date"): day,
    ("moves", "change"): change,
    ("schedule", "institution"): each_institution,
    ("schedule", "limit"): limit,
}

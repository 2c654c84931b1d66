"""Norms as arrays for whoever draws what lies within them, and draws that several forms share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from api.republic.draw import Whole
from api.republic.scene import Column, Scene
from engine.norms import look_up

PAY_FORMS = ("pay_civil_employees", "pay_civil_servants")
POSTS_A_ROW = 150
"""Posts of a row of pay, in hundredths, where a form only needs to know how large an institution is."""


def norm_table(scene: Scene, norm: str, keys: tuple[str, ...], factor: int) -> Whole:
    """(years, codes of each key...) of a norm, times a factor; 0 where there is none."""
    lists = [scene.norms.classifications[key].codes for key in keys]
    values = np.zeros((len(scene.ruleset.years), *map(len, lists)), np.int64)
    for at in np.ndindex(values.shape):
        codes = tuple(codes[i] for codes, i in zip(lists, at[1:], strict=True))
        found = look_up(scene.norms, norm, codes, date(scene.ruleset.years[at[0]], 1, 1))
        values[at] = 0 if found is None or found.value is None else int(found.value * factor)
    return values


def codes_drawn(scene: Scene, purpose: str, classification: str, weights: Mapping[str, int]) -> Column:
    """(rows,) of codes, each as often as it weighs."""
    positions = np.array([scene.position(classification, code) for code in weights], np.int64)
    return positions[scene.draw(purpose).pick(list(weights.values()), scene.rows)]


def codes_by(scene: Scene, index: Column, classification: str, codes: Sequence[str]) -> Column:
    """(rows,) of the code that stands at each index."""
    return np.array([scene.position(classification, code) for code in codes], np.int64)[index]


def texts_by(scene: Scene, column: str, classification: str, texts: Mapping[str, Sequence[str]]) -> Column:
    """(rows,) of texts that go with the code of another column, None where a code has none."""
    chosen, codes = scene.draw(f"text-{column}").below(2**30, scene.rows), scene.made[column]
    cells = np.full(scene.rows, None, object)
    for code, some in texts.items():
        rows = np.flatnonzero(codes == scene.position(classification, code))
        cells[rows] = np.array(some, object)[chosen[rows] % len(some)]
    return cells


def numbers_by(scene: Scene, column: str, classification: str, numbers: Mapping[str, int]) -> Whole:
    """(rows,) of the number that goes with the code of another column."""
    by_code = np.zeros(len(scene.norms.classifications[classification].codes), np.int64)
    for code, value in numbers.items():
        by_code[scene.position(classification, code)] = value
    found: Whole = by_code[scene.made[column]]
    return found


def parts(scene: Scene, purpose: str, whole: Whole, percent: tuple[int, int]) -> Whole:
    """So many in a hundred of each number, drawn for each row."""
    return whole * scene.draw(purpose).between(*percent, scene.rows) // 100


def over_years(scene: Scene, purpose: str, first: Whole, percent: tuple[int, int]) -> Column:
    """(years, rows): in each year so many in a hundred of the year before."""
    years = [first]
    for year in scene.ruleset.years[1:]:
        years.append(parts(scene, f"{purpose}-{year}", years[-1], percent))
    return np.stack(years)


def posts_shared(scene: Scene, column: str) -> Whole:
    """(rows,) of an institution's posts, in hundredths, shared by its rows that have the same code."""
    _, place, times = np.unique(scene.submission * 1000 + scene.made[column], return_inverse=True, return_counts=True)
    rows = sum((np.diff(scene.tables[name].offsets) for name in PAY_FORMS if name in scene.tables), np.zeros(1, int))
    shared: Whole = (np.broadcast_to(rows, len(scene.offsets) - 1)[scene.submission] + 1) * POSTS_A_ROW
    return shared // times[place.reshape(-1)]


def no_text(scene: Scene) -> Column:
    """Nothing written."""
    return np.full(scene.rows, None, object)


def never(scene: Scene) -> Column:
    """False in every row."""
    return np.zeros(scene.rows, np.int64)

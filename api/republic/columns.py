"""How each column of a form is filled: columns that the republic knows by name, and any other by its type.

A planted error for training would be one more entry here: a function that takes the column as made and spoils a few of
its rows. None is planted yet.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from api.republic import capital, food, payments, posts, purchases, schedule, servants, summary, trips, utilities
from api.republic.scene import Column, Made, Scene
from engine import ruleset
from engine.inputs import read_cell
from engine.number import BLANK

KNOWN: Mapping[tuple[str, str], Made] = {
    **posts.COLUMNS,
    **servants.COLUMNS,
    **payments.COLUMNS,
    **food.COLUMNS,
    **trips.COLUMNS,
    **utilities.COLUMNS,
    **purchases.COLUMNS,
    **capital.COLUMNS,
    **schedule.COLUMNS,
    **summary.COLUMNS,
}
"""(form, column) → what fills it, in the order in which they are made: a later one may read an earlier one. Each module
that knows of forms names its columns in its COLUMNS, at its end."""

BLANK_PERCENT = 20
"""Of an optional input that the republic knows nothing of."""


def columns_of(scene: Scene) -> dict[str, Column]:
    """All inputs of a form: (rows,), or (years, rows) of those that differ by year."""
    inputs = {name: column for name, column in scene.form.columns.items() if column.formula is None}
    for form, name in KNOWN:
        if form == scene.form.name and name in inputs:
            scene.made[name] = KNOWN[form, name](scene)
    for name, column in inputs.items():
        if name not in scene.made:
            scene.made[name] = _any(scene, column)
    return {name: _shaped(scene, column) for name, column in inputs.items()}


def fixed_columns(scene: Scene) -> dict[str, Column]:
    """The inputs of a form whose rows the ruleset lists: what is listed, and for the rest what the type allows."""
    filled = columns_of(scene)
    for name, column in scene.form.columns.items():
        texts = [row.get(name, "") for row in scene.form.rows.fixed]
        if column.formula is None and any(texts):
            cells = [read_cell(text, column.type, column.digits, scene.norms) for text in texts]
            filled[name] = np.tile(np.array(cells, filled[name].dtype), len(scene.offsets) - 1)
    return filled


def _any(scene: Scene, column: ruleset.Column) -> Column:
    cells = _of_type(scene, column).copy()
    if column.optional:
        cells[scene.draw(f"blank-{column.name}").chance(BLANK_PERCENT, scene.rows)] = _blank(column)
    return cells


def _blank(column: ruleset.Column) -> int | None:
    return None if column.type.kind == "text" else BLANK


def _of_type(scene: Scene, column: ruleset.Column) -> Column:
    draw, rows = scene.draw(column.name), scene.rows
    match column.type.kind:
        case "text":
            return np.array([f"{column.name} {n}" for n in range(1, 51)], object)[draw.below(50, rows)]
        case "date":
            return scene.first_day() - draw.below(3650, rows)
        case "bool":
            return draw.chance(50, rows).astype(np.int64)
        case "code":
            return draw.below(len(scene.norms.classifications[column.type.classification or ""].codes), rows)
        case _:
            return draw.between(0, 1000, rows) * int(10 ** (column.digits or 0))


def _shaped(scene: Scene, column: ruleset.Column) -> Column:
    cells = scene.made[column.name]
    years = len(scene.ruleset.years)
    return np.tile(cells, (years, 1)) if column.by_year and cells.ndim == 1 else cells

"""What a summary compares with: last year's report and this year's plan, as large as an institution's posts suggest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from api.republic.scene import Column, Made, Scene

OF_PAY = {
    "111": 1000, "112": 60, "113": 50, "116": 35, "121": 55, "122": 48, "124": 30, "141": 40, "142": 40, "144": 30,
    "149": 90, "151": 70, "152": 25, "159": 60, "161": 70, "162": 30, "413": 30, "414": 70, "416": 30, "431": 200,
}  # fmt: skip
"""What an institution spends under a specific, in thousandths of its pay; under one that is not here, a hundredth."""
PAY = ("pay_civil_employees", "pay_civil_servants")
PAY_A_POSITION = 2_400_000
"""Tenge a year."""


def specified(scene: Scene) -> Column:
    """The plan of the current year, a little more or less than usual."""
    positions = sum(np.diff(scene.tables[name].offsets) for name in PAY if name in scene.tables)
    usual = np.array([OF_PAY.get(row.get("specific", ""), 10) for row in scene.form.rows.fixed])
    amounts = np.outer(positions, usual).reshape(-1) * (PAY_A_POSITION // 1000)
    return amounts * scene.draw("specified").between(85, 110, scene.rows) // 100


def executed(scene: Scene) -> Column:
    """What was spent the year before: somewhat less than is planned now."""
    return scene.made["specified"] * scene.draw("executed").between(85, 99, scene.rows) // 100


COLUMNS: Mapping[tuple[str, str], Made] = {("summary", "specified"): specified, ("summary", "executed"): executed}

"""What a summary compares with: last year's report and this year's plan, as large as the rows of the forms suggest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from api.republic.scene import Column, Made, Scene
from engine.ruleset import Form, LineRule

COSTS: Mapping[tuple[str, str], int] = {
    ("pay_civil_servants", "amount"): 1863,
    ("pay_civil_employees", "fund"): 2188,
    ("additional_payments", "amount"): 1203,
    ("compensation", "amount"): 2126,
    ("contributions_civil_servants", "pension_due"): 50,
    ("contributions_civil_servants", "tax_due"): 98,
    ("contributions_civil_servants", "contributions_due"): 93,
    ("contributions_civil_servants", "insurance_due"): 56,
    ("contributions_additional", "pension_due"): 36,
    ("contributions_additional", "tax_due"): 60,
    ("contributions_additional", "contributions_due"): 46,
    ("contributions_additional", "insurance_due"): 34,
    ("employer_pension", "due"): 55,
    ("social_contributions", "due"): 107,
    ("social_tax", "due"): 116,
    ("health_insurance", "due"): 66,
    ("food", "amount"): 17700,
    ("medicines", "amount"): 101,
    ("business_trips", "amount"): 643,
    ("utilities", "amount"): 1239,
    ("communications", "amount"): 515,
    ("trips_abroad", "amount"): 1532,
    ("fuel", "amount"): 931,
    ("boiler_fuel", "amount"): 2073,
    ("other_supplies", "amount"): 208,
    ("other_services", "amount"): 1566,
    ("capital_goods", "amount"): 121,
    ("informatization", "amount"): 1731,
    ("construction", "amount"): 14300,
}
"""Thousand tenge a year that a row of a form puts under its specific, on the average of the nation."""
USUAL = 500
"""Of a form that is named nowhere here."""


def specified(scene: Scene) -> Column:
    """The plan of the current year, a little more or less than what is usual for so many rows."""
    listed = {row["specific"]: i for i, row in enumerate(scene.form.rows.fixed)}
    usual = np.zeros((len(scene.offsets) - 1, len(listed)), np.int64)
    for form in scene.ruleset.forms.values():
        for rule in form.lines if form.name in scene.tables else ():
            usual += _rows(scene, form, rule, listed) * COSTS.get((form.name, rule.amount), USUAL)
    return usual.reshape(-1) * 1000 * scene.draw("specified").between(85, 110, scene.rows) // 100


def executed(scene: Scene) -> Column:
    """What was spent the year before: somewhat less than is planned now."""
    return scene.made["specified"] * scene.draw("executed").between(85, 99, scene.rows) // 100


def _rows(scene: Scene, form: Form, rule: LineRule, listed: Mapping[str, int]) -> NDArray[np.int64]:
    """(submissions, listed specifics): how many rows of a form put lines under each."""
    table, key = scene.tables[form.name], rule.keys["specific"]
    found = np.zeros((len(table.offsets) - 1, len(listed)), np.int64)
    if not key.startswith("="):
        if key in listed:
            found[:, listed[key]] = np.diff(table.offsets)
        return found
    codes = scene.norms.classifications["specific"].codes
    column = np.array([listed.get(code, -1) for code in codes], np.int64)[table.columns[key[1:]]]
    owners = np.repeat(np.arange(len(found)), np.diff(table.offsets))
    np.add.at(found, (owners[column >= 0], column[column >= 0]), 1)
    return found


COLUMNS: Mapping[tuple[str, str], Made] = {("summary", "specified"): specified, ("summary", "executed"): executed}

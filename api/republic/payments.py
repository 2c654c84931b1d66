"""Additional payments and compensation: kinds that norms know, at the size of the norm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from api.republic.draw import Whole
from api.republic.scene import Column, Made, Scene
from engine.norms import look_up
from engine.number import BLANK

GROUPS = {"servants": "pay_civil_servants", "employees": "pay_civil_employees"}
"""Of staff, and the form of their pay."""
SHARES = {
    "special-conditions": ("allowance.special-working-conditions", False, 12),
    "mastery-moderator": ("allowance.ped-mastery-moderator", False, 12),
    "mastery-expert": ("allowance.ped-mastery-expert", False, 12),
    "combining-posts": ("allowance.combining-posts", False, 12),
    "class-lead-1-4": ("allowance.edu-class-lead-1-4", True, 9),
    "class-lead-5-12": ("allowance.edu-class-lead-5-12", True, 9),
    "mentoring": ("allowance.edu-mentoring", True, 9),
}
"""Kinds paid as a share: the norm, whether of the basic salary, months a year."""
IN_MCI = {"master-degree": "allowance.edu-master-degree", "degree-phd": "allowance.degree-phd"}
"""Kinds paid in MCI, every month."""
BONUS = "bonus"
KINDS = (*SHARES, *IN_MCI, BONUS)
FOR_EMPLOYEES = 7
"""The first kinds of KINDS, which only civil employees get."""
PURPOSES = ("по приказу руководителя", "по результатам аттестации", "по положению об оплате труда", "по графику")
OTHER_COMPENSATION = ("dismissal", "unused-leave", "other")


def kind(scene: Scene) -> Column:
    """Any of the kinds that the republic knows, bonuses most."""
    return _codes(scene, "payment", KINDS)[_kind(scene)]


def group(scene: Scene) -> Column:
    """Civil employees where the kind is theirs, or where the institution has no state servants."""
    servants = scene.draw("group").chance(40, scene.rows) & (_kind(scene) >= FOR_EMPLOYEES)
    servants &= _posts(scene, "servants").min(axis=0)[scene.submission] > 0
    return _codes(scene, "staff-group", tuple(GROUPS))[np.where(servants, 0, 1)]


def staff(scene: Scene) -> Column:
    """So many that all payments together go to about each post of the leanest year once."""
    least = np.maximum(_of_group(scene).min(axis=0), 25)
    most = np.minimum(least, 2 * least // np.diff(scene.offsets)[scene.submission])
    return 25 * (1 + scene.draw("staff").below(np.maximum(most // 25, 1), scene.rows))


def persons(scene: Scene) -> Column:
    """As many as hold these posts."""
    return -(-scene.made["staff"] // 100)


def of_basic(scene: Scene) -> Column:
    """As the kind is paid."""
    basic = np.array([SHARES[code][1] if code in SHARES else False for code in KINDS])
    return basic[_kind(scene)].astype(np.int64)


def share(scene: Scene) -> Column:
    """The norm's; a bonus is a quarter, half or whole of a salary."""
    norms = np.array([_norm(scene, SHARES[code][0], 10_000) if code in SHARES else BLANK for code in KINDS])
    bonus = np.array([2_500, 5_000, 10_000])[scene.draw("bonus").below(3, scene.rows)]
    return np.where(_kind(scene) == KINDS.index(BONUS), bonus, norms[_kind(scene)])


def in_mci(scene: Scene) -> Column:
    """The norm's."""
    return np.array([_norm(scene, IN_MCI[code], 100) if code in IN_MCI else BLANK for code in KINDS])[_kind(scene)]


def months(scene: Scene) -> Column:
    """Every month, in the months of school, or once or twice."""
    usual = np.array([SHARES[code][2] if code in SHARES else 12 for code in KINDS])
    bonus = 1 + scene.draw("months").below(2, scene.rows)
    return np.where(_kind(scene) == KINDS.index(BONUS), bonus, usual[_kind(scene)])


def taxed(scene: Scene) -> Column:
    """Nearly all."""
    return scene.draw("taxed").chance(95, scene.rows).astype(np.int64)


def exempt(scene: Scene) -> Column:
    """Nobody: those who are paid most of these are young."""
    return np.full(scene.rows, BLANK)


def purpose(scene: Scene) -> Column:
    """Some ground."""
    return np.array(PURPOSES, object)[scene.draw("purpose").below(len(PURPOSES), scene.rows)]


def own_salary(scene: Scene) -> Column:
    """Blank: the average of the pay form is taken."""
    return np.full(scene.rows, BLANK)


def compensation_kind(scene: Scene) -> Column:
    """Each institution's first rows are the health-improvement allowances of its groups, the rest is of other kinds."""
    others = _codes(scene, "compensation", OTHER_COMPENSATION)[scene.draw("kind").pick([2, 6, 1], scene.rows)]
    return np.where(_allowance(scene), scene.position("compensation", "health-improvement"), others)


def compensation_group(scene: Scene) -> Column:
    """Civil employees first, then state servants where there are any; others as it comes."""
    has = _posts(scene, "servants").min(axis=0)[scene.submission] > 0
    other = scene.draw("group").chance(30, scene.rows)
    servants = has & np.where(_allowance(scene), _number(scene) == 1, other)
    return _codes(scene, "staff-group", tuple(GROUPS))[np.where(servants, 0, 1)]


def compensation_staff(scene: Scene) -> Column:
    """Blank for the allowance, which goes to all posts of the group; one or a few for the rest."""
    few = 100 * (1 + scene.draw("staff").pick([70, 20, 10], scene.rows))
    return np.where(_allowance(scene), BLANK, few)


def size(scene: Scene) -> Column:
    """Blank for the allowance, whose norm says it; else one to three salaries, in quarters."""
    return np.where(_allowance(scene), BLANK, 25 * scene.draw("size").between(2, 12, scene.rows))


def once(scene: Scene) -> Column:
    """Once a year."""
    return np.ones(scene.rows, np.int64)


def _kind(scene: Scene) -> Whole:
    """(rows,) index in KINDS."""
    return scene.draw("kind").pick([14, 10, 8, 8, 6, 6, 4, 6, 6, 24], scene.rows)


def _number(scene: Scene) -> Whole:
    """(rows,) from 0 in each submission."""
    return np.arange(scene.rows) - scene.offsets[:-1][scene.submission]


def _allowance(scene: Scene) -> Column:
    """(rows,) whether a row of compensation is the allowance of a group that has posts."""
    servants = _posts(scene, "servants").min(axis=0)[scene.submission] > 0
    cells: Column = (_number(scene) == 0) | ((_number(scene) == 1) & servants)
    return cells


def _of_group(scene: Scene) -> Whole:
    """(years, rows) posts of each row's group, in hundredths."""
    servants = scene.made["group"] == scene.position("staff-group", "servants")
    each = {name: _posts(scene, name)[:, scene.submission] for name in GROUPS}
    return np.where(servants, each["servants"], each["employees"])


def _posts(scene: Scene, of: str) -> Whole:
    """(years, submissions) posts of a group in its pay form, in hundredths."""
    table = scene.tables.get(GROUPS[of])
    if table is None:
        return np.zeros((len(scene.ruleset.years), len(scene.offsets) - 1), np.int64)
    reached = np.pad(np.cumsum(table.columns["staff"], axis=1), ((0, 0), (1, 0)))
    return np.diff(reached[:, table.offsets], axis=1)


def _codes(scene: Scene, classification: str, codes: tuple[str, ...]) -> Whole:
    return np.array([scene.position(classification, code) for code in codes], np.int64)


def _norm(scene: Scene, name: str, factor: int) -> int:
    found = look_up(scene.norms, name, (), date(scene.ruleset.years[0], 1, 1))
    return BLANK if found is None or found.value is None else int(found.value * factor)


COLUMNS: Mapping[tuple[str, str], Made] = {
    ("additional_payments", "kind"): kind,
    ("additional_payments", "purpose"): purpose,
    ("additional_payments", "group"): group,
    ("additional_payments", "staff"): staff,
    ("additional_payments", "persons"): persons,
    ("additional_payments", "exempt"): exempt,
    ("additional_payments", "own_salary"): own_salary,
    ("additional_payments", "of_basic"): of_basic,
    ("additional_payments", "share"): share,
    ("additional_payments", "in_mci"): in_mci,
    ("additional_payments", "months"): months,
    ("additional_payments", "taxed"): taxed,
    ("compensation", "kind"): compensation_kind,
    ("compensation", "group"): compensation_group,
    ("compensation", "staff"): compensation_staff,
    ("compensation", "own_salary"): own_salary,
    ("compensation", "size"): size,
    ("compensation", "times"): once,
}

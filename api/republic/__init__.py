"""A republic to try things on: seeded, the same bytes every time and on every machine, of real administrators.

`republic` fills the forms of a ruleset for all institutions at once, in one workbook. Institutions, programmes and
whatever a state would keep to itself are invented and marked `training`; the norms that the real data lacks stand in
`norms/` beside this file, invented too.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from api.republic.columns import columns_of, fixed_columns
from api.republic.draw import Whole
from api.republic.institutions import Institutions, institutions_of, with_institutions
from api.republic.limits import with_limits
from api.republic.rows import Size, offsets_of
from api.republic.scene import Scene
from engine.groups import with_groups
from engine.norms import Norms
from engine.number import BLANK
from engine.ruleset import Form, Ruleset
from engine.workbook import Table, Workbook

__all__ = ["SEED", "SIZES", "TRAINING_NORMS", "Size", "republic", "with_republic"]

SEED = 2026
TRAINING_NORMS = Path(__file__).parent / "norms"
SIZES = {
    "demo": Size(60, 3_000, 900, servants=600),
    "national": Size(1_050, 100_000, 300_000, servants=25_000, tight=4),
    "million": Size(1_050, 1_000_000, 0),
}


def with_republic(norms: Norms, size: str, seed: int = SEED) -> Norms:
    """The norms with the administrators, institutions, programmes and limits of a republic of that size."""
    norms = with_institutions(norms, SIZES[size].institutions, seed)
    institutions = institutions_of(norms, SIZES[size].institutions, seed)
    return with_limits(norms, institutions, SIZES[size], seed)


def republic(size: str, norms: Norms, ruleset: Ruleset, seed: int = SEED) -> Workbook:
    """The workbook of a whole republic under norms made `with_republic` of the same size and seed."""
    institutions = institutions_of(norms, SIZES[size].institutions, seed)
    bounds = _bounds(ruleset, institutions)
    tables: dict[str, Table] = {}
    for form in (form for form in ruleset.forms.values() if not _from_groups(ruleset, form)):
        offsets = offsets_of(ruleset, form, SIZES[size], (institutions.weights, bounds, seed))
        scene = Scene(norms, ruleset, institutions, bounds, seed, form, offsets, tables)
        columns = fixed_columns(scene) if form.rows.kind == "fixed" else columns_of(scene)
        tables[form.name] = Table(offsets, columns)
    workbook = Workbook(ruleset.years, _header(ruleset, norms, institutions, bounds), tables)
    return with_groups(ruleset, norms, workbook)


def _bounds(ruleset: Ruleset, institutions: Institutions) -> Whole:
    """Which institutions each submission speaks for: one, or those of an administrator."""
    count = len(institutions.codes)
    if "institution" in ruleset.header:
        return np.arange(count + 1)
    assert "administrator" in ruleset.header, "institutions or administrators fill in what a republic has"
    owners = institutions.administrators
    return np.array([i for i in range(count) if i == 0 or owners[i] != owners[i - 1]] + [count])


def _from_groups(ruleset: Ruleset, form: Form) -> bool:
    """Whether a form's rows follow from what other forms hold: nobody fills them."""
    each = form.rows.kind == "each"
    return form.rows.kind == "group" or (each and _from_groups(ruleset, ruleset.forms[form.rows.forms[0]]))


def _header(ruleset: Ruleset, norms: Norms, institutions: Institutions, bounds: Whole) -> dict[str, NDArray[np.int64]]:
    """(submissions,) of each field: what the institution is, else the default, else blank."""
    codes = {
        "institution": institutions.codes,
        "administrator": institutions.administrators,
        "programme": institutions.programmes,
        "subprogramme": institutions.subprogrammes,
    }
    header: dict[str, NDArray[np.int64]] = {}
    for name, field in ruleset.header.items():
        listed = norms.classifications.get(field.type.classification or "")
        values = [codes[name][i] for i in bounds[:-1]] if name in codes else [field.default or ""] * (len(bounds) - 1)
        if listed is None:
            header[name] = np.array(values if field.type.kind == "text" else [BLANK] * len(values))
        else:
            header[name] = np.array([listed.positions.get(value, BLANK) for value in values], np.int64)
    return header

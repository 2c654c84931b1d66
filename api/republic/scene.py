"""One form of one republic while its columns are made: whose rows these are, and a stream of chance for each column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.republic.draw import Draw, Whole
from api.republic.institutions import Institutions
from engine.norms import Norms
from engine.number import serial
from engine.ruleset import Form, Ruleset
from engine.workbook import Table

Column = NDArray[Any]


@dataclass(frozen=True)
class Scene:
    """What the columns of a form are made from. Submission s has the institutions bounds[s] : bounds[s + 1]."""

    norms: Norms
    ruleset: Ruleset
    institutions: Institutions
    bounds: Whole
    seed: int
    form: Form
    offsets: Whole
    tables: Mapping[str, Table]
    """Forms made before this one."""
    made: dict[str, Column] = field(default_factory=dict)
    """Columns of this form made before the one being made."""

    @property
    def rows(self) -> int:
        """Rows of all submissions."""
        return int(self.offsets[-1])

    @property
    def submission(self) -> Whole:
        """(rows,)"""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @property
    def institution(self) -> Whole:
        """(rows,): the index of each row's institution; where a submission has several, the one its row names."""
        if "institution" in self.made:
            return self.made["institution"] - self.position("institution", self.institutions.codes[0])
        return self.bounds[:-1][self.submission]

    def draw(self, purpose: str) -> Draw:
        """The stream of one column or purpose of this form."""
        return Draw(self.seed, self.ruleset.name, self.form.name, purpose)

    def position(self, classification: str, code: str) -> int:
        """What a cell of a code column holds for a code."""
        return self.norms.classifications[classification].positions[code]

    def first_day(self) -> int:
        """The serial day on which the plan begins."""
        return serial(date(self.ruleset.years[0], 1, 1))


Made = Callable[[Scene], Column]
"""Makes a column of a form: (rows,), or (years, rows) of one that differs by year."""

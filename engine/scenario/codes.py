"""Classifications of two states as one: all codes before, then those that are only after, as each side describes them.

A cell holds a code's position, so that cells of both sides can stand in one workbook only where positions agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.norms import Classification, Norms
from engine.ruleset import ValueType
from engine.scenario.switches import Moved, Switch

Lists = Mapping[str, Classification]


@dataclass(frozen=True, slots=True)
class Codes:
    """The lists before, after, and united; a list that is the same on both sides is the one before."""

    before: Lists
    after: Lists
    united: Lists

    def switches(self) -> list[Switch]:
        """The lists that differ in their codes, hierarchy or validity."""
        both = self.before.keys() & self.after.keys()
        names = [name for name in sorted(both) if _shape(self.before[name]) != _shape(self.after[name])]
        return [Switch("classification", "codes", name, self._count(name)) for name in names]

    def at(self, moved: Moved) -> Lists:
        """The lists where these are switched."""
        return {name: self.after[name] if ("codes", name) in moved else codes for name, codes in self.united.items()}

    def placed(self, cells: NDArray[Any], held: ValueType) -> NDArray[Any]:
        """Cells of the state after at the positions of the united list."""
        if held.kind != "code" or held.classification is None:
            return cells
        old, new = self.after[held.classification], self.united[held.classification]
        if old.codes == new.codes[: len(old.codes)]:
            return cells
        table = np.array([*(new.positions[code] for code in old.codes), 0])
        moved: NDArray[Any] = np.where(cells < 0, cells, table[np.maximum(cells, -1)])
        return moved

    def _count(self, name: str) -> int:
        old, new = (dict(zip(c.codes, _rows(c), strict=True)) for c in (self.before[name], self.after[name]))
        return sum(old.get(code) != new.get(code) for code in old.keys() | new.keys())


def codes_of(before: Norms, after: Norms) -> Codes:
    """Both sides' lists and their union."""
    old, new = before.classifications, after.classifications
    if old is new or old == new:
        return Codes(old, old, old)
    return Codes(old, new, {name: _joint(old.get(name), new.get(name)) for name in (*old, *(new.keys() - old.keys()))})


def _joint(old: Classification | None, new: Classification | None) -> Classification:
    if old is None or new is None:
        found = old or new
        assert found is not None
        return found
    if old.codes == new.codes:
        return old
    added = [i for i, code in enumerate(new.codes) if code not in old.positions]
    return replace(
        old,
        codes=(*old.codes, *(new.codes[i] for i in added)),
        titles=(*old.titles, *(new.titles[i] for i in added)),
        parents=(*old.parents, *(new.parents[i] for i in added)),
        valid=(*old.valid, *(new.valid[i] for i in added)),
        verified=(*old.verified, *(new.verified[i] for i in added)),
        sources=(*old.sources, *(new.sources[i] for i in added)),
        notes=(*_notes(old), *(_notes(new)[i] for i in added)),
    )


def _shape(codes: Classification) -> tuple[object, ...]:
    return codes.codes, codes.parents, codes.valid


def _rows(codes: Classification) -> list[tuple[object, ...]]:
    return list(zip(codes.parents, codes.valid, strict=True))


def _notes(codes: Classification) -> tuple[str, ...]:
    return codes.notes or ("",) * len(codes.codes)

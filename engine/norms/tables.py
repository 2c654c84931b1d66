"""The norms of a calculation as flat tables over the first days of its months, made when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from engine.norms import Norms
from engine.norms.dense import DenseNorm, dense
from engine.number import serial


@dataclass(frozen=True, slots=True)
class FlatTable:
    """One norm: the cell of version v and keys k1, k2, … is values[v × span + (k1 × size2 + k2) …]; a last cell is
    always missing, so that a classification without codes has a cell to point at."""

    norm: DenseNorm
    values: NDArray[np.int64]
    missing: NDArray[np.bool_]
    versions: NDArray[np.int64]
    """(years × 12,)"""
    sizes: tuple[int, ...]
    steps: tuple[bool, ...]
    span: int
    bound: int


class NormTables:
    """The tables of some years, with the norms as they were known on a day (None: by now)."""

    def __init__(self, norms: Norms, years: tuple[int, ...], known: date | None = None) -> None:
        self.norms, self.years, self.known = norms, years, known
        self.dates = [date(year, month, 1) for year in years for month in range(1, 13)]
        self.days = np.array([serial(day) for day in self.dates], dtype=np.int64)
        self._dense: dict[str, DenseNorm] = {}
        self._flat: dict[str, FlatTable] = {}

    def sharing(self, others: NormTables) -> NormTables:
        """These, with the tables that others have made of the very same norms over the same days."""
        if (self.years, self.known) == (others.years, others.known):
            same = [name for name, norm in self.norms.norms.items() if others.norms.norms.get(name) is norm]
            self._dense |= {name: others._dense[name] for name in same if name in others._dense}
            self._flat |= {name: others._flat[name] for name in same if name in others._flat}
        return self

    def dense(self, name: str) -> DenseNorm:
        """The norm of that name over the months."""
        if name not in self._dense:
            self._dense[name] = dense(self.norms.norms[name], self.norms, self.dates, self.known)
        return self._dense[name]

    def table(self, name: str) -> FlatTable:
        """The same as flat arrays."""
        if name not in self._flat:
            self._flat[name] = _flat(self.dense(name))
        return self._flat[name]


def _flat(norm: DenseNorm) -> FlatTable:
    assert norm.values is not None, "a norm without a table is not for kernels"
    assert norm.missing is not None
    steps = tuple(key.kind == "step" for key in norm.norm.keys)
    span = int(np.prod(norm.sizes, dtype=np.int64))
    bound = int(np.abs(norm.values).max(initial=0))
    values, missing = np.append(norm.values, 0), np.append(norm.missing, True)
    return FlatTable(norm, values, missing, norm.versions, norm.sizes, steps, span, bound)

"""The pay forms written by hand: as one fused C loop (`nation_by_hand.c`), and as plain numpy expressions.

The C loop is exact, and the bar that the engine is measured against. The numpy expressions are what an analyst
would write in float64, rounding as everybody does; how many cells that gets wrong is counted.
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.norms.tables import NormTables
from engine.workbook import Workbook

FORM = "pay_civil_employees"
KEPT = (
    ("pay_civil_employees", "fund"),
    ("social_contributions", "due"),
    ("social_tax", "due"),
    ("health_insurance", "due"),
    ("employer_pension", "due"),
)
_FLAGS = "-O3 -march=native -fno-math-errno -fno-trapping-math -ffp-contract=off -shared -fPIC".split()
_INPUTS = ("sector", "category", "hired", "rural", "persons", "exempt", "staff")
_NORMS = (
    ("pay.base", 1), ("pay.correction", 100), ("allowance.rural-specialist", 100), ("mzp", 1), ("opv.rate", 1000),
    ("opv.cap", 1), ("so.cap", 1), ("so.floor", 1), ("osms.cap", 1), ("vosms.cap", 1), ("so.rate", 1000),
    ("osms.rate", 1000), ("vosms.rate", 1000), ("social-tax.rate", 1000), ("so.deducts.opv", 1),
    ("social-tax.deducts.opv", 1), ("social-tax.deducts.vosms", 1), ("social-tax.deducts.so", 1),
    ("opvr.rate", 1000), ("opvr.cap", 1),
)  # fmt: skip
"""In the order of `struct norms`; the factor makes a whole number of each."""


class ByHand:
    """The C loop over one workbook, with the arrays it fills."""

    def __init__(self, workbook: Workbook, tables: NormTables, education: int, threads: int) -> None:
        self.inputs, self.threads = workbook.tables[FORM].columns, threads
        self.offsets = workbook.tables[FORM].offsets
        self.rows, self.submissions = workbook.tables[FORM].rows, workbook.submissions
        self.education = education
        table = tables.table("pay.coefficient")
        assert table.norm.digits == 2, "the loop takes coefficients of two decimals"
        self.sizes = table.sizes
        self.coefficient = np.where(table.missing, np.nan, table.values.astype(np.float64))
        numbers = [(day.year - 1970) * 12.0 + day.month - 1 for day in tables.dates]
        starts = (table.versions * table.span).astype(np.int64).view(np.float64)
        parts = [scaled(tables, name, factor) for name, factor in _NORMS]
        self.norms = np.concatenate([*parts, starts, np.array(numbers), tables.days.astype(np.float64)])
        self.kept = [np.zeros((3, self.rows), dtype=np.int64) for _ in KEPT]
        self.lines = [np.zeros((3, self.submissions), dtype=np.int64) for _ in KEPT]
        self._code = compiled()

    def run(self) -> None:
        """Everything once."""
        share = self.rows // self.threads
        starts = [share * i for i in range(self.threads)]
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(self._part, starts, [*starts[1:], self.rows]))
        for amounts, sums in zip(self.kept, self.lines, strict=True):
            counts = (ctypes.c_int64(self.submissions), ctypes.c_int64(self.rows))
            self._code.lines(*counts, _pointer(self.offsets), _pointer(amounts), _pointer(sums))

    def line_sums(
        self, specifics: tuple[str, ...], institutions: list[str], years: tuple[int, ...]
    ) -> dict[tuple[str, ...], int]:
        """(institution, specific, year) → tiyn, where not 0."""
        return {
            (institution, specific, str(year)): int(sums[y, s]) * 100
            for specific, sums in zip(specifics, self.lines, strict=True)
            for y, year in enumerate(years)
            for s, institution in enumerate(institutions)
            if sums[y, s]
        }

    def _part(self, first: int, last: int) -> None:
        numbers = [ctypes.c_int64(n) for n in (first, last, self.rows)]
        sizes = [ctypes.c_int64(n) for n in (self.sizes[1], self.sizes[2], self.education)]
        columns = [_pointer(self.inputs[name]) for name in _INPUTS]
        written = [_pointer(array) for array in self.kept]
        self._code.nation(*numbers, _pointer(self.norms), _pointer(self.coefficient), *sizes, *columns, *written)


def scaled(tables: NormTables, name: str, factor: int) -> NDArray[np.float64]:
    """A norm without keys for each month, times a factor that makes it whole."""
    table = tables.table(name)
    values: NDArray[np.float64] = table.values[table.versions * table.span] * factor / 10**table.norm.digits
    assert (values == np.floor(values)).all(), f"{name} has more decimals than the loop written by hand takes"
    return values


def compiled() -> ctypes.CDLL:
    """The C loop, compiled for this machine."""
    source = Path(__file__).with_suffix(".c")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "nation.so"
        subprocess.run(["cc", *_FLAGS, "-o", library, source, "-lm"], check=True)
        return ctypes.CDLL(str(library))


def in_numpy(workbook: Workbook, tables: NormTables, education: int) -> list[NDArray[np.float64]]:
    """The same as plain float64 expressions over whole columns, month by month."""
    columns: dict[str, Any] = dict(workbook.tables[FORM].columns)
    hired = np.datetime64("1899-12-30") + columns["hired"]
    begun = hired.astype("datetime64[M]").astype(int) + (hired > hired.astype("datetime64[M]"))
    kept = [np.zeros((3, len(begun))) for _ in KEPT]
    norm = {name: scaled(tables, name, factor) / factor for name, factor in _NORMS}
    table = tables.table("pay.coefficient")
    for moment, day in enumerate(tables.dates):
        years = np.minimum(np.maximum((day.year - 1970) * 12 + day.month - 1 - begun, 0) // 12, table.sizes[2] - 1)
        place = (columns["sector"] * table.sizes[1] + columns["category"]) * table.sizes[2] + years
        coefficient = table.values[table.versions[moment] * table.span + place] / 100
        month = {name: values[moment] for name, values in norm.items()}
        amounts = _month(month, columns, coefficient, (moment // 12, education))
        for total, amount in zip(kept, amounts, strict=True):
            total[moment // 12] += amount
    people = columns["persons"]
    liable = people - np.maximum(columns["exempt"], 0)
    return [np.round(kept[0]), *(np.round(total * people) for total in kept[1:4]), np.round(kept[4] * liable)]


def _month(
    norm: dict[str, float], columns: dict[str, Any], coefficient: NDArray[np.float64], where: tuple[int, int]
) -> tuple[NDArray[np.float64], ...]:
    year, education = where
    factor = np.where(columns["sector"] == education, norm["pay.correction"], 1.0)
    salary = np.round(norm["pay.base"] * coefficient * factor, 2)
    raised = np.where(columns["rural"] == 1, np.round(salary * norm["allowance.rural-specialist"], 2), 0.0)
    monthly = np.round((salary + raised) * (columns["staff"][year] / 100), 2)
    income = np.round(monthly / columns["persons"], 2)
    pension = np.round(np.minimum(income, norm["opv.cap"] * norm["mzp"]) * norm["opv.rate"], 2)
    base = np.maximum(income - pension * norm["so.deducts.opv"], norm["so.floor"] * norm["mzp"])
    base = np.where(income == 0, 0.0, np.minimum(base, norm["so.cap"] * norm["mzp"]))
    due = np.round(base * norm["so.rate"], 2)
    health = np.round(np.minimum(income, norm["vosms.cap"] * norm["mzp"]) * norm["vosms.rate"], 2)
    taxed = income - pension * norm["social-tax.deducts.opv"] - health * norm["social-tax.deducts.vosms"]
    accrued = np.round(np.maximum(taxed, 0) * norm["social-tax.rate"], 2)
    tax = np.maximum(accrued - due * norm["social-tax.deducts.so"], 0)
    insured = np.round(np.minimum(income, norm["osms.cap"] * norm["mzp"]) * norm["osms.rate"], 2)
    saved = np.round(np.minimum(income, norm["opvr.cap"] * norm["mzp"]) * norm["opvr.rate"], 2)
    return monthly, due, tax, insured, saved


def _pointer(array: NDArray[Any]) -> ctypes.c_void_p:
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data)

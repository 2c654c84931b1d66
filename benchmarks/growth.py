"""`growth`: the time for a row at 1,000,000 positions against that at 10,000, with one thread."""

from __future__ import annotations

from typing import Any

from api.republic import Size
from benchmarks._scene import in_turn, median, scene
from benchmarks.nation_by_hand import FORM
from engine.evaluate import calculated
from engine.evaluation import Spare
from engine.kernel import fused

ROUNDS = 7
REPEATS = 20
"""Runs of the small one for each of the large one, so that both take long enough to be timed."""


def run() -> dict[str, Any]:
    """Nanoseconds a row, and their ratio."""
    small, large = scene(Size(70, 10_000, 0)), scene("million")
    spares: tuple[Spare, Spare] = ({}, {})
    threads, fused.THREADS = fused.THREADS, 1

    def often() -> None:
        for _ in range(REPEATS):
            calculated(small.plan, small.workbook, spare=spares[0])

    try:
        few, many = in_turn(ROUNDS, often, lambda: calculated(large.plan, large.workbook, spare=spares[1]))
    finally:
        fused.THREADS = threads
    rows = (small.workbook.tables[FORM].rows * REPEATS, large.workbook.tables[FORM].rows)
    ratios = [(b / rows[1]) / (a / rows[0]) for a, b in zip(few, many, strict=True)]
    return {
        "rows": [rows[0] // REPEATS, rows[1]],
        "ns_a_row": [median([1e9 * s / rows[0] for s in few]), median([1e9 * s / rows[1] for s in many])],
        "ratio": median(ratios),
    }

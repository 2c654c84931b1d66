"""What the benchmarks calculate: the budget request of a training republic."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import api.republic
from api.republic import TRAINING_NORMS, republic, with_republic
from engine.findings import has_errors
from engine.norms import Norms
from engine.norms.loader import load_norms
from engine.plan import Plan, compile_plan
from engine.ruleset import Ruleset
from engine.ruleset.loader import load
from engine.workbook import Workbook

Found = TypeVar("Found")

ROOT = Path(api.republic.__file__).parents[2]


@dataclass(frozen=True)
class Scene:
    """A republic ready to be calculated."""

    norms: Norms
    ruleset: Ruleset
    plan: Plan
    workbook: Workbook


def scene(size: str | api.republic.Size) -> Scene:
    """The republic of a size that has a name, or of any other."""
    name = size if isinstance(size, str) else "measured"
    if not isinstance(size, str):
        api.republic.SIZES[name] = size
    norms, found = load_norms(ROOT / "norms", [TRAINING_NORMS])
    assert not has_errors(found), found
    norms = with_republic(norms, name)
    ruleset, found = load(ROOT / "rulesets" / "budget-request")
    assert ruleset is not None, found
    plan, found = compile_plan(ruleset, norms)
    assert plan is not None, found
    return Scene(norms, ruleset, plan, republic(name, norms, ruleset))


def timed(work: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def timed_with(work: Callable[[], Found]) -> tuple[float, Found]:
    """Seconds that one call takes, and what it gives."""
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def in_turn(rounds: int, *works: Callable[[], object]) -> list[list[float]]:
    """Each work's seconds, all works in turn round after round, so that a drifting machine drifts for all."""
    for work in works:
        work()
    turns = [[timed(work) for work in works] for _ in range(rounds)]
    return [list(column) for column in zip(*turns, strict=True)]


def median(values: list[float]) -> float:
    """The median, to four significant digits."""
    return float(f"{statistics.median(values):.4g}")


def percentile(values: list[float], share: float) -> float:
    """The value below which that share lies, to four significant digits."""
    return float(f"{sorted(values)[min(int(len(values) * share), len(values) - 1)]:.4g}")

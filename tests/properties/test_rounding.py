"""Rounding of quotients in compiled code and numpy against exact whole numbers: at ties and where bounds end."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import event, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.evaluation import Evaluation
from engine.kernel import fused
from engine.plan import Plan
from engine.workbook import Table, Workbook
from tests.properties.written import plan_of

ROWS = 60_000
MODES = {"ROUND": "{x}", "ROUNDUP": "ROUNDUP({x}, 0)", "ROUNDDOWN": "ROUNDDOWN({x}, 0)", "INT": "INT({x})"}
DIVISORS = st.one_of(
    st.sampled_from([2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 100, 365, 366, 1000, 2**20, 3**9, 7**7, 365 * 24 * 60, 10**9]),
    st.integers(2, 2**40),
)
Whole = NDArray[np.int64]


@given(DIVISORS, st.sampled_from(sorted(MODES)), st.integers(8, 53), st.integers(0, 99))
def test_a_known_divisor(divisor: int, mode: str, bits: int, seed: int) -> None:
    plan = dividing(MODES[mode].format(x=f"[@a] / {divisor}"))
    a = dividends(seed, bits, np.full(ROWS, divisor))
    assert np.array_equal(cells(plan, a, np.ones(ROWS, dtype=np.int64)), exact(a, np.int64(divisor), mode))


@given(st.sampled_from(sorted(MODES)), st.integers(2, 53), st.integers(2, 40), st.integers(0, 99))
def test_a_divisor_of_each_row(mode: str, bits: int, divisor_bits: int, seed: int) -> None:
    plan = dividing(MODES[mode].format(x="[@a] / [@b]"))
    chance = np.random.default_rng(seed)
    b = chance.integers(1, 2 ** min(divisor_bits, 52), ROWS) * chance.choice([-1, 1], ROWS)
    a = dividends(seed, bits, np.abs(b))
    assert np.array_equal(cells(plan, a, b), exact(a * np.sign(b), np.abs(b), mode))


@cache
def dividing(formula: str) -> Plan:
    """A plan of one column."""
    columns = {"a": {"type": "1", "digits": "0"}, "b": {"type": "1", "digits": "0"}}
    columns["c"] = {"type": "1", "digits": "0", "formula": f"={formula}"}
    head = {"ruleset": "made", "version": "1", "cycle": "2026", "forms": ["f"]}
    return plan_of({"ruleset.yaml": head, "forms/f.yaml": {"form": "f", "rows": "added", "columns": columns}})


def dividends(seed: int, bits: int, divisors: Whole) -> Whole:
    """Whole numbers of so many bits and both signs, most of them a multiple, a tie, or one beside these."""
    chance = np.random.default_rng(seed)
    limit = 2**bits - 1
    near = np.stack(
        [0 * divisors, 0 * divisors + 1, divisors // 2, (divisors + 1) // 2, divisors // 2 + 1, divisors - 1]
    )
    picked = near[chance.integers(0, len(near), ROWS), np.arange(ROWS)]
    times = chance.integers(0, np.maximum(limit // divisors, 1), ROWS)
    sizes = np.where(chance.random(ROWS) < 0.9, times * divisors + picked, chance.integers(0, limit, ROWS))
    largest = limit - chance.integers(0, 3, ROWS)
    return np.where(chance.random(ROWS) < 0.1, largest, np.minimum(sizes, limit)) * chance.choice([-1, 1], ROWS)


def cells(plan: Plan, a: Whole, b: Whole) -> Whole:
    """What the engine makes of it, compiled where it can."""
    workbook = Workbook((2026,), {}, {"f": Table(np.array([0, ROWS]), {"a": a, "b": b})})
    evaluation = Evaluation(plan, workbook)
    (group,) = plan.groups
    code = fused.compiled(evaluation, group)
    again = 1.0 if code is None else float((code.run(evaluation, ROWS).again != 0).mean())
    event("numpy alone" if code is None else "compiled" if again == 0 else "compiled, some rows by numpy")
    return evaluation.column(("f", "c"))[0]


def exact(a: Whole, b: Whole, mode: str) -> Whole:
    """a ÷ b for b > 0 in whole numbers; nothing here passes 2^55."""
    size = np.abs(a)
    if mode == "INT":
        return np.floor_divide(a, b)
    whole = (2 * size + b) // (2 * b) if mode == "ROUND" else -(-size // b) if mode == "ROUNDUP" else size // b
    return np.where(a < 0, -whole, whole)

"""`scenarios`: 1,000 sets of norms over 100,000 positions of civil employees and 25,000 of state servants.

Each set gives the base salary, the rates of the social tax and of social contributions, and the monthly index another
number in every plan year; what is wanted are totals by administrator, specific and year, of the pay forms and all
contributions that follow from them. Three plan years by month. `seconds` is the hard case: no two sets have a number
in common. `seconds_of_a_grid` draws, seeded, among 25 base salaries, 8 and 6 rates and 5 indices, as people do. Both
begin with the recalculated republic and have nothing prepared; of three rounds they are the median, and the first one,
`seconds_first`, compiles its loops too. `cpu_seconds` are a round's on both cores, for machines that others use.

`equal` compares every total, and the rows left out, with single runs: `compared` sets of each kind by the ordinary
kernels over all rows, and `compared_afresh` of them by changing the norms of the whole republic. `ratio` is what that
many single runs by the kernels would take, against `seconds`, measured in turn.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np

from api.republic import Size
from benchmarks._scene import Scene, median, scene, timed_with
from engine.evaluate import calculated
from engine.kernel.fused import THREADS
from engine.norms import NormValue, look_up
from engine.scenario.choices import Set
from engine.scenario.distinct import totals_alone, totals_singly, totals_under
from engine.workbook import Workbook

SEED = 2026
SETS = 1_000
ROUNDS = 3
COMPARED = 100
COMPARED_AFRESH = 3
SIZE = Size(1_050, 125_000, 0, servants=25_000)
ROOTS = ("pay_civil_employees", "pay_civil_servants")
STEPS = {"pay.base": "1", "social-tax.rate": "0.0001", "so.rate": "0.0001", "mci": "1"}
"""The norms that vary, and by how much one choice differs from the next."""
CHOICES = {"pay.base": 25, "social-tax.rate": 8, "so.rate": 6, "mci": 5}
"""How many choices of each there are in the grid."""


def run() -> dict[str, Any]:
    """Seconds of both kinds of sets, whether all is equal to single runs, and how many keys there were."""
    made = scene(SIZE)
    book = replace(made.workbook, results=calculated(made.plan, made.workbook))
    forms = [name for name in made.plan.ruleset.forms if made.plan.roots[name] in ROOTS]
    chance = np.random.default_rng(SEED)
    apart = [dict.fromkeys(STEPS, i) for i in range(SETS)]
    grid = [{name: int(chance.integers(0, count)) for name, count in CHOICES.items()} for _ in range(SETS)]
    hard, easy = ([_set(made, steps) for steps in each] for each in (apart, grid))
    answer: dict[str, Any] = {
        "sets": SETS,
        "rows": sum(book.tables[root].rows for root in ROOTS),
        "norms": list(STEPS),
        "threads": THREADS,
    }
    asked = (made, book, forms)
    measured, gridded = _measured(asked, hard, chance), _measured(asked, easy, chance)
    answer |= measured
    answer["seconds_of_a_grid"], answer["ratio_of_a_grid"] = gridded["seconds"], gridded["ratio"]
    answer["equal"] = measured["equal"] and gridded["equal"]
    return answer


def _measured(asked: tuple[Scene, Workbook, list[str]], sets: list[Set], chance: np.random.Generator) -> dict[str, Any]:
    made, book, forms = asked
    sample = sorted(chance.choice(len(sets), COMPARED, replace=False).tolist())
    cpu = time.process_time()
    runs = [timed_with(lambda: totals_under(made.plan, book, sets, forms=forms)) for _ in range(ROUNDS)]
    cpu = time.process_time() - cpu
    seconds, found = median([each for each, _ in runs]), runs[0][1]
    some = [sets[at] for at in sample]
    singly, single = timed_with(lambda: list(totals_singly(made.plan, book, some, forms=forms)))
    afresh = [totals_alone(made.plan, book, each, forms=forms) for each in some[:COMPARED_AFRESH]]
    ours = [found.of(at) for at in sample]
    return {
        "seconds": seconds,
        "seconds_first": round(runs[0][0], 3),
        "cpu_seconds": round(cpu / ROUNDS, 3),
        "equal": ours == single and ours[:COMPARED_AFRESH] == afresh,
        "compared": COMPARED,
        "compared_afresh": COMPARED_AFRESH,
        "distinct_keys": found.distinct_keys,
        "row_years": len(made.plan.years) * sum(book.tables[root].rows for root in ROOTS),
        "one_by_one": len(found.one_by_one),
        "totals": len(found.keys),
        "incomplete": int(found.incomplete[0].sum()),
        "seconds_of_single_runs": round(singly / COMPARED * len(sets), 1),
        "ratio": round(singly / COMPARED * len(sets) / seconds, 1),
    }


def _set(made: Scene, steps: dict[str, int]) -> Set:
    """The norms that vary, so many steps above what they are in each plan year."""
    return {name: tuple(_rows(made, name, Fraction(STEPS[name]) * count)) for name, count in steps.items()}


def _rows(made: Scene, name: str, more: Fraction) -> Iterator[NormValue]:
    for year in made.plan.years:
        now = look_up(made.norms, name, (), date(year, 1, 1))
        assert now is not None, f"{name} is not in force in {year}"
        assert now.value is not None
        yield replace(now, start=date(year, 1, 1), end=date(year + 1, 1, 1), value=now.value + more)

"""Population functions: the kernels give what the oracle gives, whatever ties, errors, strata and pots there are.

The codes that rows are told apart by stand in another order in their classification than in the alphabet, and two
differ by case only.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st

from engine.evaluate import calculated
from engine.norms import Norms
from engine.number import SPECIAL
from engine.plan import Plan, planned
from engine.workbook import Table, Workbook
from tests.properties import filled, laws
from tests.properties.formulas import Draw
from tests.properties.written import norms as plain_norms
from tests.properties.written import read_ruleset

EXAMPLES = settings.default.max_examples // 2 if settings.default else 25
CODES = ("d", "B", "a", "b")
AMOUNTS = (
    "[@a]",
    "[b]",
    "[@o]",
    "[@open]",
    "[@since] - DATE(2026, 1, 1)",
    "[@a] - [@b]",
    "-[@a]",
    "[@a] * 0.5",
    "ABS([@a])",
)
WEIGHTS = ("[@b]", "[a]", "[@o]", "[@open]", "ABS([@a])", "MAX([@a], 0)", "[@b] / 7")
POTS = (
    "pot", "-pot", "pot * 3", "pot / 3", "ROUND(pot / 3, 1)", "SUM([a])", "SUM([b]) - pot", "1000", "-1000.01", "0",
    "9007199254740991", "[@a]", "IF(open, pot, 7)",
)  # fmt: skip
TIES = ("[@g]", "[g]", "[@p]", "[@since]", "[open]", "[@b]", "[o]")
HEADER = {"institution": "code institution", "pot": "1", "open": "bool"}
INPUTS: dict[str, dict[str, str]] = {
    "a": {"type": "1", "digits": "2"},
    "b": {"type": "1", "digits": "0", "by": "year"},
    "o": {"type": "1", "digits": "3", "optional": "true"},
    "g": {"type": "code grade"},
    "p": {"type": "code place", "optional": "true"},
    "since": {"type": "date"},
    "open": {"type": "bool"},
}


@cache
def norms() -> Norms:
    grade = replace(plain_norms().classifications["grade"], codes=CODES)
    return replace(plain_norms(), classifications={**plain_norms().classifications, "grade": grade}, digest="")


def titled(name: str) -> dict[str, Any]:
    return {"title": dict.fromkeys(("kk", "ru", "en"), name)}


def formula(draw: Draw) -> str:
    """A use of one population function."""
    one = st.sampled_from
    x, by = draw(one(AMOUNTS)), draw(one(TIES))
    ties = "".join(f", {tie}" for tie in draw(st.lists(one(TIES), max_size=2)))
    order = draw(one(["", ", 0", ", 1", ", 2", ","]))
    pot, weight, digits = draw(one(POTS)), draw(one(WEIGHTS)), draw(one(["0", "2", "3", "-1", "-3"]))
    tie = draw(one(["", f", {by}"]))
    return draw(
        one(
            [
                f"=RANK.BY({x}{order}{ties if order else ''})",
                f"=DISTRIBUTE({pot}, {weight}, {digits}{tie})",
                f"=DISTRIBUTE(pot, {weight}, {digits}{tie}) + [@a]",
                f"=STRATUM.MEAN({x}, {by})",
                f"=SHARE({x}{tie})",
                f"=CLIP(SHARE({x}), 0, 0.5) * RANK.BY([@a], 1, [@g])",
            ]
        )
    )


@st.composite
def plans(draw: Draw) -> Plan:
    """A form with a few columns, of which the later ones may read the first."""
    made = {f"c{i}": {"type": "1", "digits": str(i), "formula": formula(draw)} for i in range(draw(st.integers(1, 3)))}
    made |= {"rest": {"type": "1", "digits": "2", "formula": "=RANK.BY([@c0], 0, [@g]) + SUM([c0])"}}
    columns = {name: declared | titled(name) for name, declared in (INPUTS | made).items()}
    header = {name: {"type": type_} | ({"digits": "2"} if type_ == "1" else {}) for name, type_ in HEADER.items()}
    head = {"ruleset": "made", "version": "1", "cycle": "2026-2027", "header": header, "forms": ["f"]}
    form: dict[str, Any] = {"form": "f", "rows": "added", "columns": columns} | titled("f")
    return planned(read_ruleset({"ruleset.yaml": head, "forms/f.yaml": form}), norms())


@settings(max_examples=EXAMPLES)
@given(st.data(), plans())
def test_kernels_rank_and_distribute_as_the_oracle_does(data: st.DataObject, plan: Plan) -> None:
    workbook = data.draw(filled.workbooks(plan.ruleset, norms(), rows_max=12))
    event("kernels only" if all(definition.op for definition in plan.columns.values()) else "the oracle too")
    assert list(laws.kernels_are_oracle(plan, workbook)) == []
    assert list(laws.together_is_alone(plan, workbook)) == []


@settings(max_examples=EXAMPLES)
@given(st.data(), plans())
def test_after_edits_ranks_and_parts_are_as_if_calculated_afresh(data: st.DataObject, plan: Plan) -> None:
    workbook = data.draw(filled.workbooks(plan.ruleset, norms(), rows_max=12))
    edits = data.draw(filled.edits(plan.ruleset, norms(), workbook))
    assert list(laws.part_is_full(plan, workbook, edits, data.draw(st.booleans()))) == []


@given(
    st.lists(st.lists(st.integers(0, 10**12), min_size=1, max_size=9), min_size=1, max_size=4),
    st.integers(-(10**15), 10**15),
)
def test_parts_sum_to_the_pot_and_are_as_near_as_can_be(weights: list[list[int]], pot: int) -> None:
    """Of every submission: exactly the pot, and no part is a whole last digit away from its share."""
    plan = of_one("=DISTRIBUTE(pot, [@x], 0, [@x])")
    offsets = np.cumsum([0, *(len(part) for part in weights)])
    cells = np.array([weight for part in weights for weight in part], dtype=np.int64)
    header = {"pot": np.full(len(weights), pot)}
    parts = calculated(plan, Workbook((2026,), header, {"f": Table(offsets, {"x": cells})})).columns["f", "c"][0]
    for s, part in enumerate(weights):
        own = parts[offsets[s] : offsets[s + 1]].tolist()
        if not sum(part):
            assert all(cell < SPECIAL for cell in own)
            continue
        assert sum(own) == pot
        shares = [Fraction(pot * weight, sum(part)) for weight in part]
        assert all(abs(got - share) < 1 for got, share in zip(own, shares, strict=True))


@cache
def of_one(text: str) -> Plan:
    made = {"x": {"type": "1", "digits": "0"}, "c": {"type": "1", "digits": "0", "formula": text}}
    columns = {name: declared | titled(name) for name, declared in made.items()}
    header = {"pot": {"type": "1", "digits": "0"}}
    head = {"ruleset": "made", "version": "1", "cycle": "2026", "header": header, "forms": ["f"]}
    form: dict[str, Any] = {"form": "f", "rows": "added", "columns": columns} | titled("f")
    return planned(read_ruleset({"ruleset.yaml": head, "forms/f.yaml": form}), norms())

"""Totals under many sets of norms are those of as many single runs, for any rules, rows and values of norms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import Phase, event, given, seed, settings
from hypothesis import strategies as st

from engine.evaluate import calculated
from engine.inputs import workbook_of
from engine.lines import lines_of, roll_up
from engine.norms import NormValue, with_values
from engine.norms.dense import unholdable
from engine.plan import Plan, planned
from engine.scenario import distinct
from engine.scenario.bundles import Batch
from engine.scenario.choices import Set, Whole
from engine.scenario.figures import Leaves
from engine.scenario.machined import machined
from engine.workbook import Workbook
from tests.properties import filled
from tests.properties.formulas import Draw
from tests.properties.written import Texts, norms, plan_of, rulesets

BY = ("institution", "specific", "year")
RULESET = Path(__file__).parent / "distinct.yaml"
EXAMPLES = 12
STARTS = range(max(1, settings.default.max_examples // 25)) if settings.default else range(1)
Found = dict[tuple[str, ...], tuple[int, int]]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("start", STARTS)
def test_any_rules_under_many_sets_are_as_many_single_runs(
    start: int, compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _watched(monkeypatch, compiled)

    @seed(start)
    @settings(max_examples=EXAMPLES, phases=[Phase.generate])
    @given(st.data(), rulesets(2))
    def trial(data: st.DataObject, written: dict[str, dict[str, Any]]) -> None:
        for way in _compared(data, data.draw(_with_norms(_with_lines(written)))):
            event(way)

    trial()


@pytest.mark.parametrize("compiled", [True, False])
def test_every_shape_of_formula_under_many_sets_is_as_single_runs(
    compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = _watched(monkeypatch, compiled)
    texts = _titled(yaml.safe_load(RULESET.read_text(encoding="utf-8")))

    @settings(max_examples=EXAMPLES, phases=[Phase.generate])
    @given(st.data())
    def trial(data: st.DataObject) -> None:
        ways.update(_compared(data, texts))

    trial()
    expected = {"by keys", "with errors", "total", "previous", "the keys of its lines vary", "a norm without a table"}
    assert expected - ways.keys() == set()
    assert not compiled or (ways["compiled"] and ways["numpy"])


def test_rows_that_are_alike_share_their_keys() -> None:
    plan, sets = _shapes(), [{"flat": norms().norms["holes"].values}, {}]
    one, many = (distinct.totals_under(plan, _filled(plan, rows), sets, BY) for rows in (1, 30))
    assert one.distinct_keys == many.distinct_keys > 0
    assert many.of(1)["10", "149", "2026"][1] == 30 * one.of(1)["10", "149", "2026"][1] > 0


def test_sets_that_change_nothing_leave_the_totals() -> None:
    plan = _shapes()
    book = _filled(plan, 3)
    unchanged = _alone(plan, book, {})
    found = distinct.totals_under(plan, book, [{}, {"flat": norms().norms["flat"].values}], BY)
    assert [found.of(0), found.of(1)] == [unchanged, unchanged]
    assert distinct.totals_under(plan, book, [], BY).amounts.shape == (0, len(unchanged))


def _shapes() -> Plan:
    return plan_of(_titled(yaml.safe_load(RULESET.read_text(encoding="utf-8"))))


def _filled(plan: Plan, rows: int) -> Workbook:
    """One institution with so many rows that are alike."""
    row = {"n0": "12.50", "n1": "3", "g0": "A", "p0": "001", "d0": "2020-02-29", "s0": "149"}
    tables = {"f0": [row] * rows, "f1": [{"k0": "5"}] * rows}
    book, _ = workbook_of(plan.ruleset, norms(), plan.years, {"institution": "10", "pot": "1", "rank": "A"}, tables)
    return replace(book, results=calculated(plan, book))


def _compared(data: st.DataObject, texts: Texts) -> Iterator[str]:
    """Some workbook and sets under a ruleset: together as alone. Says in which ways they ran."""
    plan = plan_of(texts)
    book = data.draw(filled.workbooks(plan.ruleset, norms(), 5))
    book = replace(book, results=calculated(plan, book, compiled=False))
    sets = data.draw(st.one_of(*[st.lists(_sets(texts), min_size=1, max_size=4)] * 3, st.just(_unlike())))
    found = distinct.totals_under(plan, book, sets, BY)
    together = [_some(found.of(at)) for at in range(len(sets))]
    assert together == [_some(_alone(plan, book, each)) for each in sets]
    return _ways(found)


def _titled(texts: dict[str, Any]) -> dict[str, Any]:
    """The same with the titles that every ruleset has."""
    for text in texts.values():
        for declared in (text, *text.get("columns", {}).values()):
            declared["title"] = dict.fromkeys(("kk", "ru", "en"), "made for tests")
    return texts


def _with_lines(texts: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The ruleset with a line for every amount that can be one."""
    made = {name: dict(text) for name, text in texts.items()}
    for text in made.values():
        columns = text.get("columns", {}).items()
        amounts = [n for n, d in columns if d["type"] == "1" and int(d["digits"]) <= 2 and "per" not in d]
        if amounts:
            text["lines"] = [{"specific": "111", "amount": name} for name in amounts]
    return made


@st.composite
def _with_norms(draw: Draw, texts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The ruleset with a norm in the place of one number of each formula, if it has one."""
    made = deepcopy(dict(texts))
    for declared in (column for text in made.values() for column in text.get("columns", {}).values()):
        numbers = list(_NUMBER.finditer(declared.get("formula", "")))
        if numbers:
            place = draw(st.sampled_from(numbers))
            norm = draw(st.sampled_from(["flat", "flat", "holes", "fine", "huge"]))
            formula = declared["formula"]
            declared["formula"] = f'{formula[: place.start()]}NORM("{norm}"){formula[place.end() :]}'
    return made


_NUMBER = re.compile(r"(?<![\w.\"@\]-])\d+(\.\d+)?(?=[ )+*/]|$)(?! *\^)(?<!ROUND\()")


@st.composite
def _sets(draw: Draw, texts: Mapping[str, Mapping[str, Any]]) -> Set:
    """Other values for one to three norms, of those that the formulas name if there are any."""
    named = [name for name in norms().norms if f'NORM("{name}"' in str(texts) or f'NORM.IF("{name}"' in str(texts)]
    names = draw(st.lists(st.sampled_from(named or sorted(norms().norms)), min_size=1, max_size=3, unique=True))
    return {name: draw(_rows(name)) for name in names}


@st.composite
def _rows(draw: Draw, name: str) -> Sequence[NormValue]:
    """The rows of a norm with other numbers, more of them, fewer of them, or none."""
    rows = list(norms().norms[name].values)
    moved = draw(st.sampled_from([Fraction(1), Fraction(-2), Fraction(1, 2), Fraction(3, 8), Fraction(0)]))
    kept = draw(st.sampled_from([1, 1, 0]))
    rows = [replace(row, value=None if row.value is None else row.value * kept + moved) for row in rows]
    if draw(st.integers(0, 3)) == 0:
        rows = rows[draw(st.integers(0, len(rows))) :]
    if rows and draw(st.integers(0, 3)) == 0:
        rows.append(replace(rows[0], start=rows[0].start.replace(year=2027, month=4), value=Fraction(5)))
    if rows and draw(st.integers(0, 5)) == 0:
        rows[0] = replace(rows[0], value=None)
    holdable = not list(unholdable(replace(norms().norms[name], values=tuple(rows))))
    return rows if holdable else norms().norms[name].values


def _unlike() -> list[Set]:
    """Sets of which one gives the largest norm decimals for which, beside its own number, no table has room."""
    return [{}, {"huge": [replace(row, value=Fraction(1, 8)) for row in norms().norms["huge"].values]}]


def _alone(plan: Plan, book: Workbook, norms_of: Set) -> Found:
    """A single run from nothing, with numpy and the oracle."""
    single = planned(plan.ruleset, with_values(plan.norms, norms_of))
    bare = Workbook(book.years, book.header, book.tables, book.known)
    lines = lines_of(single.ruleset, single.norms, replace(bare, results=calculated(single, bare, compiled=False)))
    total = roll_up(lines, BY)
    return {total.key(i): (int(total.amounts[i]), int(total.incomplete[i])) for i in range(len(total))}


def _watched(monkeypatch: pytest.MonkeyPatch, compiled: bool) -> Counter[str]:
    """How batches of figures run from here on, or none of them compiled."""
    ways: Counter[str] = Counter()
    monkeypatch.setattr(distinct, "machined", partial(_noted, ways) if compiled else lambda *_: None)
    return ways


def _noted(ways: Counter[str], leaves: Leaves, batch: Batch, sets: Whole) -> Any:
    run = machined(leaves, batch, sets)
    ways["compiled" if run else "numpy"] += 1
    return run


def _some(totals: Found) -> Found:
    """Without totals of nothing: where the keys of lines vary, not every set has each."""
    return {key: total for key, total in totals.items() if total != (0, 0)}


def _ways(found: distinct.Totals) -> Iterator[str]:
    yield from ("by keys",) * bool(found.distinct_keys)
    yield from found.one_by_one.values()
    yield from ("with errors",) * bool(found.distinct_keys and found.incomplete.any())

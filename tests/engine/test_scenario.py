"""Scenarios over three small requests: what each moves and why, which limits break, and what is wrong with a text.

The cases stand in `scenarios/cases.yaml`, for a methodologist to read.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from engine.evaluate import recalculate
from engine.explain import explain
from engine.findings import Cell
from engine.inputs import workbook_of
from engine.lines import roll_up
from engine.norms.loader import load_norms
from engine.number import plain_text
from engine.plan import compile_plan
from engine.ruleset import Ruleset
from engine.ruleset.loader import load
from engine.scenario import State, applied, explained, parse_scenario, read_scenario, state_of
from engine.scenario.causes import named
from engine.scenario.ceilings import breaches
from engine.workbook import Edit, Table, Workbook

HERE = Path(__file__).parent / "scenarios"
CASES = yaml.load((HERE / "cases.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
MOVING = [case for case in CASES if "findings" not in case]
SLIPS = [case for case in CASES if "findings" in case]
YEARS = ("2026", "2027", "2028")


@pytest.mark.parametrize("case", MOVING, ids=lambda case: str(case["name"]))
def test_a_scenario_moves_what_its_case_says(case: dict[str, Any]) -> None:
    state = under(case["scenario"])
    explanation, found = explained(base(), state)
    assert explanation is not None, found
    told = {f"{s.cause} {named(s)}": _years(moved) for s, moved in explanation.by(["year"]).items()}
    assert told == {name: [int(amount) for amount in moved] for name, moved in case["moves"].items()}
    assert list(told) == list(case["moves"]), "in the order of causes"
    assert len(explanation.remainder) == 0
    if "breaches" in case:
        assert [_breach(each) for each in breaches(state)] == case["breaches"]
    if "programmes" in case:
        moved = roll_up(explanation.table(), ["programme", "year"]).as_dict()
        totals = {code: [moved.get((code, year), 0) // 100 for year in YEARS] for code in case["programmes"]}
        assert totals == {code: [int(amount) for amount in row] for code, row in case["programmes"].items()}


@pytest.mark.parametrize("case", MOVING, ids=lambda case: str(case["name"]))
def test_a_scenario_is_as_if_calculated_afresh(case: dict[str, Any]) -> None:
    state = under(case["scenario"])
    fresh, _ = recalculate(state.plan, replace(state.workbook, results=None), compiled=False)
    assert fresh.results is not None
    assert state.workbook.results is not None
    for kept, made in (
        (state.workbook.results.columns, fresh.results.columns),
        (state.workbook.results.checks, fresh.results.checks),
    ):
        assert kept.keys() == made.keys()
        assert all(np.array_equal(cells, made[key]) for key, cells in kept.items())


@pytest.mark.parametrize("case", SLIPS, ids=lambda case: str(case["name"]))
def test_a_slip_is_told_where_it_stands(case: dict[str, Any]) -> None:
    scenario, found = parse_scenario(case["scenario"], "slip.yaml")
    if scenario is not None:
        state, found = applied(base(), scenario)
        assert state is None
    assert [f"{one.code} {one.place.line}:{one.place.column}" for one in found if one.place] == case["findings"]
    assert all(one.place for one in found)


def test_an_overridden_norm_says_so_where_a_figure_is_explained() -> None:
    state = under("scenario: raise\nnorms: {pay.base: +10 %}")
    step = explain(state.ruleset, state.norms, state.workbook, Cell(0, "staff", "pay", 0, 2026))
    row = next(use.row for use in step.norms if use.norm.name == "pay.base")
    assert row is not None
    assert (row.source, row.verified, row.note) == ("scenario raise", "unverified", "+10 % (100)")


def test_a_pinned_base_is_known_by_the_beginning_of_its_digest() -> None:
    pins = {"ruleset": "hamlet", "version": "1", "norms-digest": base().norms.digest[:12]}
    pins["ruleset-digest"] = base().ruleset.digest
    told = ", ".join(f"{name}: '{word}'" for name, word in pins.items())
    assert under(f"base: {{{told}}}\nnorms: {{pay.base: +1 %}}")


def test_cells_may_stand_in_a_table_beside_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_text("submission,form,row,column,value\n10,staff,1,posts,2\n20,staff,9,posts,2\n")
    (tmp_path / "cuts.yaml").write_text("cells: cells.csv\n")
    scenario, found = read_scenario(tmp_path / "cuts.yaml")
    assert scenario is not None, found
    assert scenario.name == "cuts"
    _, found = applied(base(), scenario)
    assert [str(one.place) for one in found] == ["cells.csv:3:1"]
    (tmp_path / "cuts.yaml").write_text("cells: nowhere.csv\n")
    _, found = read_scenario(tmp_path / "cuts.yaml")
    assert [one.code for one in found] == ["file-missing"]


def test_rows_and_requests_that_come_and_go_are_volume() -> None:
    """Two workbooks that nobody built as a scenario: a row more, a request less, a bonus edited in a row that stays."""
    old = base()
    rows = [[("head", "A", 10, 41), ("porter", "B", 10, 0), ("clerk", "B", 20, 0)], [("head", "A", 40, 0)]]
    header = {name: cells[[0, 2]] for name, cells in old.workbook.header.items()}
    flat = [row for part in rows for row in part]
    grades = {"A": 0, "B": 1, "C": 2}
    columns: dict[str, Any] = {
        "position": np.array([row[0] for row in flat], dtype=object),
        "grade": np.array([grades[row[1]] for row in flat]),
        "posts": np.array([[row[2] for row in flat]] * 3),
        "bonus": np.array([row[3] for row in flat]),
        "since": np.full(4, -(2**63)),
    }
    new = state_of(old.plan, Workbook(old.workbook.years, header, {"staff": Table(np.array([0, 3, 4]), columns)}))
    explanation, _ = explained(old, new)
    assert explanation is not None
    moved = {f"{s.cause} {named(s)}": (s.count, _years(amounts)) for s, amounts in explanation.by(["year"]).items()}
    assert moved == {
        "volume submissions": (1, [-310, -310, -310]),
        "volume rows staff": (1, [100, 100, 100]),
        "volume column staff.posts": (1, [0, 0, -100]),
        "price column staff.bonus": (1, [1, 1, 1]),
    }


def test_the_order_of_requests_moves_nothing() -> None:
    old = base()
    header = {name: cells[[2, 0, 1]] for name, cells in old.workbook.header.items()}
    table = old.workbook.tables["staff"]
    at = [3, 0, 1, 2]
    columns = {name: np.ascontiguousarray(cells[..., at]) for name, cells in table.columns.items()}
    turned = Workbook(old.workbook.years, header, {"staff": Table(np.array([0, 1, 3, 4]), columns)})
    explanation, _ = explained(old, state_of(old.plan, turned))
    assert explanation is not None
    assert not any(len(move.lines) for move in explanation.moves)


def test_a_scenario_is_what_edits_make_of_its_base() -> None:
    """The cells of a scenario are judged and calculated as edits are."""
    old = base()
    state = under("cells: [{submission: '20', form: staff, row: 1, column: posts, year: 2027, value: 3.5}]")
    edited, _ = recalculate(old.plan, old.workbook, [Edit(1, "staff", "posts", 0, 35, 2027)])
    assert edited.results is not None
    assert state.workbook.results is not None
    for key, cells in edited.results.columns.items():
        assert np.array_equal(cells, state.workbook.results.columns[key])


@cache
def base() -> State:
    """The three requests, calculated."""
    norms, found = load_norms(HERE / "norms")
    assert [str(one) for one in found] == []
    plan, found = compile_plan(hamlet("hamlet"), norms)
    assert plan is not None, found
    given = yaml.load((HERE / "requests.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    books = []
    for one in given:
        book, slips = workbook_of(plan.ruleset, norms, plan.years, one["header"], {"staff": one["staff"]})
        assert slips == []
        books.append(book)
    return state_of(plan, _together(books))


def under(text: str) -> State:
    """The base under a scenario."""
    scenario, found = parse_scenario(text)
    assert scenario is not None, [str(one) for one in found]
    state, found = applied(base(), scenario, hamlet(scenario.ruleset) if scenario.ruleset else None)
    assert state is not None, [str(one) for one in found]
    return state


@cache
def hamlet(name: str) -> Ruleset:
    """One of the two rulesets."""
    ruleset, found = load(HERE / name)
    assert ruleset is not None
    assert [str(one) for one in found] == []
    return ruleset


def _together(books: list[Workbook]) -> Workbook:
    header = {name: np.concatenate([book.header[name] for book in books]) for name in books[0].header}
    tables = [book.tables["staff"] for book in books]
    offsets = np.cumsum([0, *(table.rows for table in tables)])
    columns = {c: np.concatenate([table.columns[c] for table in tables], axis=-1) for c in tables[0].columns}
    return Workbook(books[0].years, header, {"staff": Table(offsets, columns)})


def _years(moved: dict[tuple[str, ...], int]) -> list[int]:
    assert all(amount % 100 == 0 for amount in moved.values())
    return [moved.get((year,), 0) // 100 for year in YEARS]


def _breach(each: Any) -> str:
    return f"{each.ceiling.key[1]} {each.speaker} {each.year} {plain_text(each.excess)}"

"""The oracle over a workbook: meanings of formulas stand in `formulas/meanings`, where the kernels must agree too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cases import load_cases, run_case
from engine.cases.text import Case
from engine.check import check
from engine.findings import Place
from engine.formula import parse
from engine.functions.values import ExcelError
from engine.inputs import workbook_of
from engine.norms import Norms
from engine.norms.loader import load_norms
from engine.number import CELL_OF_ERROR, to_cell
from engine.oracle import NormUse, Oracle, Read
from engine.ruleset import Column, Form, Formula, Rows, Ruleset, ValueType
from engine.ruleset.loader import load
from engine.workbook import Table, Workbook

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
MEANINGS = HERE / "formulas" / "meanings"
AT = Place("made", 1, 1)
NUMBER = ValueType("number")


@cache
def norms() -> Norms:
    return load_norms(ROOT / "norms")[0]


@cache
def meanings() -> Ruleset:
    ruleset, found = load(MEANINGS)
    assert ruleset is not None
    assert [str(each) for each in (*found, *check(ruleset, norms(), []))] == []
    return ruleset


@pytest.mark.parametrize("case", load_cases(MEANINGS)[0], ids=lambda case: case.name)
def test_formulas_mean_what_is_written(case: Case) -> None:
    assert [str(each) for each in run_case(case, meanings(), norms())] == []


def oracle(*formulas: str, inputs: int = 3) -> Oracle:
    """A form `f` of one submission: input `x` holds 1, 2, 3 …; each formula is a column `c0`, `c1`, … of two digits."""
    columns = {"x": Column("x", NUMBER, AT, digits=2)}
    for i, text in enumerate(formulas):
        tree, problems = parse(text)
        assert tree is not None, problems
        columns[f"c{i}"] = Column(f"c{i}", NUMBER, AT, digits=2, formula=Formula(text, tree, AT))
    form = Form("f", AT, Rows("added", AT), columns)
    cells = np.array([to_cell(Fraction(i + 1), 2) for i in range(inputs)], dtype=np.int64)
    table = Table(np.array([0, inputs], dtype=np.int64), {"x": cells}, {"x": cells * 10})
    ruleset = Ruleset("made", "1", (2026, 2027), {}, {"f": form}, "", AT)
    return Oracle(ruleset, norms(), Workbook((2026, 2027), {}, {"f": table}))


def test_long_chains_of_columns_are_computed() -> None:
    chain = oracle("=[@x]", *(f"=[@c{i}] + 1" for i in range(2_000)))
    assert chain.cell(0, "f", "c2000", 0, 2026) == 2_001


def test_long_chains_of_years_and_rows_are_computed() -> None:
    years = tuple(range(2026, 2526))
    short = oracle("=IF(year = 2026, 1, PREVIOUS([@c0]) + SUM([x]))")
    ruleset = replace(short.ruleset, years=years)
    long = Oracle(ruleset, norms(), replace(short.workbook, years=years))
    assert long.cell(0, "f", "c0", 1, 2525) == 1 + 499 * 6


def test_previous_of_the_first_year_is_the_last_cycles() -> None:
    told = oracle("=PREVIOUS([@x])", "=PREVIOUS([@c0])")
    assert told.cell(0, "f", "c0", 2, 2026) == 30
    assert told.cell(0, "f", "c0", 2, 2027) == 3
    assert told.cell(0, "f", "c1", 2, 2026) == ExcelError("previous-missing")
    assert told.cell(0, "f", "c1", 2, 2027) == 30


def test_a_value_is_rounded_once_half_away_from_zero() -> None:
    told = oracle("=[@x] / 8", "=-[@x] / 8", "=[@c0] * 1000", "=0.005", "=-0.005")
    assert [told.cell(0, "f", f"c{i}", 0, 2026) for i in range(5)] == [
        Fraction("0.13"), Fraction("-0.13"), 130, Fraction("0.01"), Fraction("-0.01"),
    ]  # fmt: skip


def test_what_cannot_be_held_is_told() -> None:
    told = oracle("=90071992547409.91 + 0 * [@x]", "=90071992547409.915", "=1E307 * 10 ^ 200")
    assert told.cell(0, "f", "c0", 0, 2026) == Fraction("90071992547409.91")
    assert told.cell(0, "f", "c1", 0, 2026) == ExcelError("number-too-large")
    assert told.cell(0, "f", "c2", 0, 2026) == ExcelError("#NUM!")


def test_our_own_errors_are_not_caught() -> None:
    told = oracle('=IFERROR(NORM("mci"), 0)', "=IFERROR(1 / 0, 7)", '=NORM.IF("mci", 5)', "=IF(ISERROR([@c0]), 1, 2)")
    early = Oracle(replace(told.ruleset, years=(1990,)), norms(), replace(told.workbook, years=(1990,)))
    assert early.cell(0, "f", "c0", 0, 1990) == ExcelError("norm-missing")
    assert early.cell(0, "f", "c1", 0, 1990) == 7
    assert early.cell(0, "f", "c2", 0, 1990) == 5
    assert early.cell(0, "f", "c3", 0, 1990) == ExcelError("norm-missing")
    assert told.cell(0, "f", "c2", 0, 2026) == told.cell(0, "f", "c0", 0, 2026)


def test_a_norm_is_looked_up_on_its_day() -> None:
    told = oracle('=NORM("mci")', '=NORM.ON(DATE(2015, 12, 31), "mci")', '=NORM.ON(DATE(2016, 1, 1), "mci")')
    assert told.cell(0, "f", "c1", 0, 2026) == 1982
    assert told.cell(0, "f", "c2", 0, 2026) == 2121


def test_a_story_names_what_was_read() -> None:
    told = oracle("=SUM([x]) * [@x]", '=[@c0] + NORM.ON(DATE(2015, 1, 1), "mci")', "=SQRT([@x])")
    story = told.story(0, "f", "c1", 1, 2026)
    assert story.value == 12 + 1982
    assert story.reads == (Read("f", "c0", 1, 2026, None, Fraction(12)),)
    (use,) = story.norms
    assert isinstance(use, NormUse)
    assert (use.name, use.on.year, use.found and use.found.value) == ("mci", 2015, 1982)
    assert [read.row for read in told.story(0, "f", "c0", 1, 2026).reads] == [0, 1, 2, 1]
    assert told.story(0, "f", "c2", 1, 2026).approximate
    assert not told.story(0, "f", "c2", 0, 2026).approximate


def test_an_error_of_an_input_reaches_its_readers_only() -> None:
    told = oracle("=[@x] + 1", "=SUM([x])", "=COUNT([x])", "=INDEX([x], 2)")
    cells = told.workbook.tables["f"].columns["x"].copy()
    cells[1] = CELL_OF_ERROR["code-unknown"]
    table = replace(told.workbook.tables["f"], columns={"x": cells})
    broken = Oracle(told.ruleset, norms(), replace(told.workbook, tables={"f": table}))
    assert broken.cell(0, "f", "c0", 1, 2026) == ExcelError("code-unknown")
    assert [broken.cell(0, "f", f"c{i}", 0, 2026) for i in (1, 2)] == [4, 2]
    assert broken.cell(0, "f", "c3", 0, 2026) == ExcelError("code-unknown")


LINES = [
    {"administrator": "225", "specific": "111", "year": 2026, "amount": 10},
    {"administrator": "226", "specific": "112", "year": 2026, "amount": 20},
    {"administrator": "225", "specific": "111", "year": 2027, "amount": 40},
]


def test_lines_are_those_of_the_year() -> None:
    told = oracle(
        "=SUM(lines[amount])",
        '=SUMIFS(lines[amount], lines[administrator], "225")',
        '=SUM(IF(UNDER(lines[specific], "110"), lines[amount], 0))',
        "=COUNT(lines[amount])",
    )
    told = Oracle(told.ruleset, norms(), told.workbook, LINES)
    assert [told.cell(0, "f", f"c{i}", 0, 2026) for i in range(4)] == [30, 10, 30, 2]
    assert [told.cell(0, "f", f"c{i}", 0, 2027) for i in range(4)] == [40, 40, 40, 1]


def test_a_code_is_no_number() -> None:
    rows = [{"region": "abai", "people": "1", "spent": "1"}]
    workbook, found = workbook_of(meanings(), norms(), (2026, 2027), {"pot": "1"}, {"regions": rows})
    assert found == []
    told = Oracle(meanings(), norms(), workbook)
    assert told.rows(0, "derived") == told.rows(0, "regions") == told.rows(0, "summary") == 1
    assert told.check(0, "population", "all_given", None, 2026) is True
    assert told.given(0, "population", "all_given", None, 2026) == {"given": 1, "pot": 1}


WEIGHTS = st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any)


@given(WEIGHTS, st.integers(-10_000, 10_000))
def test_a_distribution_sums_to_its_pot(weights: list[int], pot: int) -> None:
    told = oracle(f"=DISTRIBUTE({pot} / 100, [x], 2, [x])", inputs=len(weights))
    cells = np.array([weight * 100 for weight in weights], dtype=np.int64)
    table = replace(told.workbook.tables["f"], columns={"x": cells})
    told = Oracle(told.ruleset, norms(), replace(told.workbook, tables={"f": table}))
    given_ = [told.cell(0, "f", "c0", row, 2026) for row in range(len(weights))]
    assert sum(given_) == Fraction(pot, 100)  # type: ignore[arg-type]
    for part, weight in zip(given_, weights, strict=True):
        assert isinstance(part, Fraction)
        assert abs(part - Fraction(pot * weight, 100 * sum(weights))) < Fraction(1, 100)


def test_what_cannot_be_answered_is_an_error_of_the_cell() -> None:
    assert oracle('=LEN(TEXT([@x], "0 yyyy"))').cell(0, "f", "c0", 0, 2026) == ExcelError("#VALUE!")


def test_a_population_sees_what_let_has_named() -> None:
    told = oracle("=LET(k, [@x], SHARE([@x] ^ k))", "=SHARE([@x] ^ 2)")
    assert told.cell(0, "f", "c0", 1, 2026) == told.cell(0, "f", "c1", 1, 2026) == Fraction("0.29")
    assert told.cell(0, "f", "c0", 2, 2026) == Fraction("0.75")


@pytest.mark.parametrize(
    ("formula", "rounds"),
    [("=RANK.BY([x], 1)", lambda row: row + 1), ("=RANK.BY([@x], 0)", lambda row: 3 - row)],
)
def test_ranks_count_rows(formula: str, rounds: Callable[[int], int]) -> None:
    told = oracle(formula)
    assert [told.cell(0, "f", "c0", row, 2026) for row in range(3)] == [rounds(row) for row in range(3)]

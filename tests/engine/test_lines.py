"""Lines are made of results without losing a tiyn, and at every level the parts are the total (law 7)."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.findings import Place
from engine.formula import Number
from engine.lines import (
    DIMENSIONS,
    SUBMISSION,
    Difference,
    Lines,
    delta,
    differences,
    joined,
    lines_apart,
    lines_from,
    lines_of,
    roll_up,
)  # fmt: skip
from engine.norms import Classification, Norms
from engine.number import BLANK, CELL_OF_ERROR
from engine.ruleset import Column, Form, Formula, HeaderField, LineRule, Rows, Ruleset, ValueType
from engine.units import Unit
from engine.workbook import Results, Table, Workbook

HERE = Place("test.yaml", 1, 1)
LEVELS = ("administrator", "programme", "subprogramme")
YEARS = (2026, 2027, 2028)

codes = st.sampled_from(["001", "002", "010", "a"])
amounts = st.one_of(st.integers(-(10**12), 10**12), st.integers(-(10**18), 10**18), st.sampled_from([0, 1, -1]))
rows_of_lines = st.lists(st.tuples(st.tuples(codes, codes, codes), amounts), max_size=40)


@given(rows_of_lines)
def test_parts_are_the_total_at_every_level(rows: list[tuple[tuple[str, ...], int]]) -> None:
    lines = lines_from(LEVELS, rows)
    for size in range(len(LEVELS) + 1):
        for by in combinations(LEVELS, size):
            expected: defaultdict[tuple[str, ...], int] = defaultdict(int)
            for key, amount in rows:
                expected[tuple(key[LEVELS.index(name)] for name in by)] += amount
            assert roll_up(lines, by).as_dict() == expected


@given(rows_of_lines, st.sampled_from(LEVELS))
def test_rolling_up_in_steps_is_rolling_up_at_once(rows: list[tuple[tuple[str, ...], int]], by: str) -> None:
    lines = lines_from(LEVELS, rows)
    assert roll_up(roll_up(lines, [by, "subprogramme"]), [by]).as_dict() == roll_up(lines, [by]).as_dict()


@given(rows_of_lines, rows_of_lines)
def test_before_and_delta_is_after(
    before: list[tuple[tuple[str, ...], int]], after: list[tuple[tuple[str, ...], int]]
) -> None:
    old, new = lines_from(LEVELS, before), lines_from(LEVELS, after)
    moved = delta(old, new)
    reached = roll_up(joined([old, moved]), LEVELS).as_dict()
    wanted = roll_up(new, LEVELS).as_dict()
    assert {key: amount for key, amount in reached.items() if amount} == {k: v for k, v in wanted.items() if v}
    assert all(amount for amount in moved.amounts.tolist())


@given(rows_of_lines)
def test_true_totals_have_no_differences_and_a_false_one_is_named(rows: list[tuple[tuple[str, ...], int]]) -> None:
    parts = lines_from(LEVELS, rows)
    printed = [roll_up(parts, LEVELS[:1]), roll_up(parts, LEVELS[:2])]
    assert differences(parts, printed) == []
    for key, amount in printed[0].as_dict().items():
        others = [(k, v) for k, v in printed[0].as_dict().items() if k != key]
        wrong = lines_from(LEVELS[:1], [*others, (key, amount + 1)])
        assert differences(parts, [wrong, printed[1]]) == [Difference(("administrator",), key, amount + 1, amount)]


def test_a_programme_code_under_two_administrators_is_two_programmes() -> None:
    parts = lines_from(LEVELS, [(("201", "001", "011"), 5), (("202", "001", "011"), 7)])
    printed = lines_from(LEVELS[:2], [(("201", "001"), 5), (("202", "001"), 8)])
    top = lines_from(LEVELS[:1], [(("201",), 5), (("202",), 8)])
    assert differences(parts, [top, printed]) == [Difference(("administrator", "programme"), ("202", "001"), 8, 7)]


def test_a_total_without_parts_and_parts_without_a_total_differ() -> None:
    parts = lines_from(LEVELS[:2], [(("201", "001"), 5)])
    printed = lines_from(LEVELS[:1], [(("202",), 5)])
    assert differences(parts, [printed]) == [
        Difference(("administrator",), ("201",), None, 5),
        Difference(("administrator",), ("202",), 5, None),
    ]


def test_sums_that_int64_cannot_hold_are_still_exact() -> None:
    lines = lines_from(["year"], [(("2026",), 2**62)] * 5)
    assert roll_up(lines, ["year"]).as_dict() == {("2026",): 5 * 2**62}
    assert roll_up(roll_up(lines, ["year"]), []).as_dict() == {(): 5 * 2**62}


def test_keys_of_many_long_code_lists_do_not_run_over() -> None:
    rows = [((str(i), str(-i), f"x{i}", f"y{i}", f"z{i}"), i) for i in range(9000)]
    names = ("institution", "administrator", "programme", "subprogramme", "specific")
    assert roll_up(lines_from(names, rows), names).as_dict() == dict(rows)


def test_lines_carry_the_header_and_the_literal_codes() -> None:
    ruleset = _ruleset([LineRule("fund", {"specific": "111"}, HERE)])
    lines = lines_of(ruleset, NORMS, _workbook([[1, 2, 3], [10, 20, 30], [0, 0, 7]]))
    assert roll_up(lines, ["institution", "specific", "year", "stage", "side"]).as_dict() == {
        ("A", "111", "2026", "request", "expense"): 300,
        ("A", "111", "2027", "request", "expense"): 3000,
        ("A", "111", "2028", "request", "expense"): 0,
        ("B", "111", "2026", "request", "expense"): 300,
        ("B", "111", "2027", "request", "expense"): 3000,
        ("B", "111", "2028", "request", "expense"): 700,
    }
    assert lines.dimensions == DIMENSIONS


@pytest.mark.parametrize(("digits", "amount"), [(0, 300), (1, 30), (2, 3)])
def test_amounts_are_scaled_to_tiyn(digits: int, amount: int) -> None:
    ruleset = _ruleset([LineRule("fund", {"specific": "111"}, HERE)], digits)
    lines = lines_of(ruleset, NORMS, _workbook([[1, 2, 3]] * 3))
    assert roll_up(lines, ["institution", "year"]).as_dict()["B", "2026"] == amount


def test_rows_with_an_error_are_left_out_and_counted() -> None:
    error = CELL_OF_ERROR["norm-missing"]
    fund = [[1, error, 3], [error, error, 3], [1, 2, 3]]
    lines = lines_of(_ruleset([LineRule("fund", {}, HERE)]), NORMS, _workbook(fund))
    total = roll_up(lines, ["institution", "year"])
    assert {total.key(i): (int(total.amounts[i]), int(total.incomplete[i])) for i in range(len(total))} == {
        ("A", "2026"): (100, 1), ("A", "2027"): (0, 2), ("A", "2028"): (300, 0),
        ("B", "2026"): (300, 0), ("B", "2027"): (300, 0), ("B", "2028"): (300, 0),
    }  # fmt: skip
    assert roll_up(total, []).incomplete.tolist() == [3]


def test_a_key_may_stand_in_the_row() -> None:
    rule = LineRule("fund", {"specific": "=spec"}, HERE)
    lines = lines_of(_ruleset([rule]), NORMS, _workbook([[1, 2, 3]] * 3, spec=np.array([1, 0, BLANK])))
    assert roll_up(lines, ["institution", "specific", "year"]).as_dict() == {
        (institution, specific, str(year)): amount
        for institution, specific, amount in [("A", "161", 100), ("A", "111", 200), ("B", "", 300)]
        for year in YEARS
    }


def test_a_key_may_differ_by_year() -> None:
    rule = LineRule("fund", {"specific": "=spec"}, HERE)
    by_year = np.array([[0, 0, 0], [0, 1, 1], [1, 1, 1]])
    lines = lines_of(_ruleset([rule]), NORMS, _workbook([[1, 2, 3]] * 3, spec=by_year))
    assert roll_up(lines, ["specific", "year"]).as_dict() == {
        ("111", "2026"): 600, ("111", "2027"): 100, ("161", "2027"): 500, ("161", "2028"): 600,
    }  # fmt: skip


def test_an_input_may_be_an_amount_and_a_blank_one_is_incomplete_unless_optional() -> None:
    for optional, incomplete in [(False, [1, 0, 1, 0, 1, 0]), (True, [0] * 6)]:
        lines = lines_of(_ruleset([LineRule("paid", {}, HERE)], optional=optional), NORMS, _workbook([[0] * 3] * 3))
        by = roll_up(lines, ["institution", "year"])
        assert by.amounts.tolist() == [500, 500, 500, 700, 700, 700]
        assert [int(n) for n in roll_up(lines, ["year", "institution"]).incomplete] == incomplete


def test_a_submission_without_rows_has_no_lines() -> None:
    ruleset = _ruleset([LineRule("fund", {}, HERE)])
    lines = lines_of(ruleset, NORMS, _workbook([[1, 2, 3]] * 3, offsets=[0, 0, 3]))
    assert set(roll_up(lines, ["institution"]).as_dict()) == {("B",)}
    assert len(lines_of(ruleset, NORMS, _workbook([[], [], []], offsets=[0, 0, 0]))) == 0
    assert len(lines_of(_ruleset([]), NORMS, _workbook([[1, 2, 3]] * 3))) == 0


def test_rows_derived_from_a_form_stand_as_its_rows() -> None:
    ruleset = _ruleset([], derived=[LineRule("due", {"specific": "121"}, HERE)])
    lines = lines_of(ruleset, NORMS, _workbook([[1, 2, 3]] * 3, due=np.array([[1, 1, 5]] * 3)))
    assert roll_up(lines, ["institution", "specific", "year"]).as_dict()["A", "121", "2027"] == 200


@given(st.data())
def test_together_is_alone_for_lines(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(0, 4), min_size=2, max_size=2))
    cells = st.one_of(st.integers(-(2**53), 2**53), st.sampled_from([BLANK, CELL_OF_ERROR["#DIV/0!"]]))
    fund = np.array([[data.draw(cells) for _ in range(sum(sizes))] for _ in YEARS], np.int64).reshape(3, sum(sizes))
    spec = np.array([data.draw(st.sampled_from([0, 1, BLANK])) for _ in range(sum(sizes))], np.int64)
    ruleset = _ruleset([LineRule("fund", {"specific": "=spec"}, HERE), LineRule("fund", {"specific": "122"}, HERE)])
    workbook = _workbook(fund, spec=spec, offsets=[0, sizes[0], sum(sizes)])
    together, apart = lines_of(ruleset, NORMS, workbook), lines_apart(ruleset, NORMS, workbook)
    alone = [
        lines_of(ruleset, NORMS, _workbook(fund[:, at], spec=spec[at], offsets=[0, sizes[i]], header=[i]))
        for i, at in enumerate([slice(0, sizes[0]), slice(sizes[0], None)])
    ]
    assert _told(together) == _told(alone[0]) | _told(alone[1])
    assert _told(apart) == {(str(i), *key): told for i in (0, 1) for key, told in _told(alone[i]).items()}


def test_lines_apart_do_not_add_up_submissions_of_one_institution() -> None:
    ruleset = _ruleset([LineRule("fund", {}, HERE)])
    same = _workbook([[1, 2, 3], [10, 20, 30], [0, 0, 7]], header=[0, 0])
    apart = lines_apart(ruleset, NORMS, same)
    assert apart.dimensions == (SUBMISSION, *DIMENSIONS)
    assert roll_up(apart, [SUBMISSION, "institution", "year"]).as_dict()["1", "A", "2028"] == 700
    assert _told(roll_up(apart, DIMENSIONS)) == _told(lines_of(ruleset, NORMS, same))
    assert len(lines_apart(_ruleset([]), NORMS, same)) == 0


def _told(lines: Lines) -> dict[tuple[str, ...], tuple[int, int]]:
    return {lines.key(i): (int(lines.amounts[i]), int(lines.incomplete[i])) for i in range(len(lines))}


def _classification(name: str, *listed: str) -> Classification:
    many = len(listed)
    blank = ({"kk": "", "ru": "", "en": ""},) * many
    always = ((None, None),) * many
    return Classification(name, {}, listed, blank, (None,) * many, always, ("training",) * many, ("",) * many)


CODES = [_classification("institution", "A", "B"), _classification("specific", "111", "161")]
NORMS = Norms({}, {}, {listed.name: listed for listed in CODES}, "")
KZT = ValueType("number", Unit((("KZT", 1),)))
FORMULA = Formula("=1", Number(1), HERE)


def _ruleset(
    rules: list[LineRule], digits: int = 0, *, optional: bool = False, derived: list[LineRule] | None = None
) -> Ruleset:
    columns = {
        "fund": Column("fund", KZT, HERE, digits, formula=FORMULA),
        "spec": Column("spec", ValueType("code", classification="specific"), HERE),
        "paid": Column("paid", KZT, HERE, digits, optional=optional),
    }
    due = {"due": Column("due", KZT, HERE, 0, formula=FORMULA)}
    forms = {
        "pay": Form("pay", HERE, Rows("added", HERE), columns, lines=tuple(rules)),
        "tax": Form("tax", HERE, Rows("each", HERE, forms=("pay",)), due, lines=tuple(derived or [])),
    }
    header = {"institution": HeaderField("institution", ValueType("code", classification="institution"), HERE)}
    return Ruleset("r", "1", YEARS, header, forms, "", HERE)


def _workbook(fund, *, spec=None, due=None, offsets=(0, 2, 3), header=None) -> Workbook:  # type: ignore[no-untyped-def]
    fund = np.array(fund, np.int64)
    paid = np.array([5, BLANK, 7], np.int64)
    table = Table(np.array(offsets), {"spec": spec, "paid": paid})
    institutions = np.array(header if header is not None else range(len(offsets) - 1), np.int64)
    results = Results({("pay", "fund"): fund, ("tax", "due"): due}, {})
    return Workbook(YEARS, {"institution": institutions}, {"pay": table}, results=results)

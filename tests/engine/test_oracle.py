"""The oracle over names: what each function answers stands in `formulas/functions.txt`; laws are properties."""

from __future__ import annotations

import datetime
import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formula import Call as CallNode
from engine.formula import parse, walk
from engine.functions import FUNCTIONS, parameters
from engine.functions.calendar import day_of, weekday, ymd
from engine.functions.criteria import wildcard
from engine.functions.day_counts import networkdays, workday
from engine.functions.irrational import exponential, logarithm, power, root
from engine.functions.values import Approximate, ExcelError, Range, UnsupportedError, Value, general
from engine.number import EPOCH, round_half_away
from engine.oracle import evaluate
from engine.oracle.batch import answer, batch, value_of

FORMULAS = Path(__file__).parent / "formulas"
NEEDS_A_FORM = {"NORM", "NORM.ON", "NORM.IF", "PREVIOUS", "TO.DATE", "UNDER", "OWN.LINES"} | {
    "STRATUM.MEAN", "SHARE", "RANK.BY", "DISTRIBUTE"
}  # fmt: skip


def _cases() -> list[tuple[str, str, dict[str, Value]]]:
    names: dict[str, Value] = {}
    cases = []
    for line in (FORMULAS / "functions.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        if " := " in line:
            name, _, rows = line.partition(" := ")
            names[name] = value_of(json.loads(rows, parse_int=Fraction, parse_float=Fraction))
        else:
            formula, _, wanted = line.rpartition(" -> ")
            cases.append((formula, wanted, dict(names)))
    return cases


def shown(value: Value) -> str:
    match value:
        case Range(rows):
            return shown(rows[0][0])
        case ExcelError(code=code):
            return code
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return f'"{value}"'
        case None:
            return "blank"
    return general(value)


@pytest.mark.parametrize(("formula", "wanted", "names"), _cases(), ids=[case[0] for case in _cases()])
def test_answers_as_excel_does(formula: str, wanted: str, names: dict[str, Value]) -> None:
    tree, _ = parse(formula)
    try:
        found = shown(evaluate(tree, names)) if tree else "unsupported"
    except UnsupportedError:
        found = "unsupported"
    assert found == wanted


def test_every_function_has_an_example() -> None:
    trees = [parse(formula)[0] for formula, _, _ in _cases()]
    called = {node.name for tree in trees if tree for node in walk(tree) if isinstance(node, CallNode)}
    assert set(FUNCTIONS) - called - NEEDS_A_FORM == set()


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_signature_can_be_read_and_met(function: object) -> None:
    signature = parameters(function)  # type: ignore[arg-type]
    assert any(signature.given(count) is not None for count in range(8))
    assert signature.result


def test_batch_answers_line_by_line() -> None:
    lines = [
        '{"formula": "=SUM(r)*k", "names": {"r": [[1], [2]], "k": 1.5}}',
        '{"formula": "=1/0"}',
        '{"formula": "=IFNA(e, x)", "names": {"e": {"error": "#N/A"}, "x": null}}',
        '{"formula": "=r", "names": {"r": [[1], [2]]}}',
        '{"formula": "=r+1", "names": {"r": [[1], [2]]}}',
        "",
        "no json",
        '{"formula": 5}',
        '{"formula": "=x", "names": {"x": [[1], [2, 3]]}}',
        '{"formula": "=x", "names": {"x": 1e999999999}}',
        '{"formula": "=1e200*1e200"}',
        '{"formula": "=x=0.3", "names": {"x": 0.30000000000000004}}',
    ]
    answers = [json.loads(line) for line in batch(lines)]
    assert [found.get("value", found.get("error")) for found in answers] == [
        4.5, "#DIV/0!", None, "#VALUE!", "unsupported",
        "unsupported", "unsupported", "unsupported", "unsupported", "#NUM!", True,
    ]  # fmt: skip


ATOMS = st.sampled_from(
    [*"1 0 -1 2.5 1E300 1E-300 TRUE #N/A many mixed none {1,2;3,4} 100% 1/3 60 40 2958465".split(),
     '"a"', '"5"', '""', '"2020-01-31"', '"*a?"', '"0.0;[Red]-0"', '"yyyy-mm"', ""]
)  # fmt: skip
NAMES = {"many": [[1, 2], [3, 4.5]], "mixed": [[1], ["a"], [None], [True], [{"error": "#REF!"}]], "none": None}


def _calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def written(name: str) -> st.SearchStrategy[str]:
        signature = parameters(FUNCTIONS[name])
        counts = [count for count in range(8) if signature.given(count) is not None]
        args = st.sampled_from(counts).flatmap(lambda count: st.lists(inner, min_size=count, max_size=count))
        return args.map(lambda found: f"{name}({','.join(found)})")

    def operation(left: str, operator: str, right: str) -> str:
        return f"({left or 1}{operator}{right or 1})"

    return st.sampled_from(sorted(FUNCTIONS)).flatmap(written) | st.builds(
        operation, inner, st.sampled_from("+-*/^&=<"), inner
    )


@given(st.recursive(ATOMS, _calls, max_leaves=12))
def test_batch_answers_whatever_is_asked(text: str) -> None:
    found = answer(json.dumps({"formula": f"={text}", "names": NAMES}))
    assert set(found) in ({"value"}, {"error"}, {"error", "why"})
    json.dumps(found, allow_nan=False)


@given(st.text())
def test_batch_survives_any_line(line: str) -> None:
    for found in batch([line]):
        assert isinstance(json.loads(found), dict)


@given(st.integers(0, 2_958_465))
def test_days_and_dates_are_inverse(day: int) -> None:
    assert day in (0, day_of(*ymd(day)))
    if day > 60:
        real = EPOCH + datetime.timedelta(days=day)
        assert ymd(day) == (real.year, real.month, real.day)
        assert weekday(day) == real.weekday()


@given(st.text("ab*?~", max_size=8), st.text("abC", max_size=10))
def test_wildcards_are_what_they_say(pattern: str, text: str) -> None:
    def fits(p: str, t: str) -> bool:
        if p.startswith("*"):
            return any(fits(p[1:], t[i:]) for i in range(len(t) + 1))
        if not p or not t:
            return p == t
        plain = p[:2] in {"~*", "~?", "~~"}
        mark = p[1] if plain else p[0]
        return ((mark == "?" and not plain) or mark.lower() == t[0].lower()) and fits(p[1 + plain :], t[1:])

    assert wildcard(pattern).fits(text) == fits(pattern, text)


DAYS = st.integers(100, 600)


@given(DAYS, st.integers(-60, 60), st.lists(DAYS, max_size=12))
def test_working_days_are_counted_one_by_one(start: int, count: int, free: list[int]) -> None:
    holidays = Range((tuple(map(Fraction, free)),)) if free else None
    day, left, step = start, abs(count), 1 if count > 0 else -1
    while left:
        day += step
        left -= weekday(day) < 5 and day not in free
    assert workday(Fraction(start), Fraction(count), holidays) == day
    between = [d for d in range(min(start, day), max(start, day) + 1) if weekday(d) < 5 and d not in free]
    assert abs(networkdays(Fraction(start), Fraction(day), holidays)) == len(between)


POSITIVE = st.fractions(min_value=Fraction(1, 10**6), max_value=10**9, max_denominator=10**6)


@given(POSITIVE)
def test_irrational_functions_undo_each_other(value: Fraction) -> None:
    for found in (exponential(logarithm(value)), root(value) ** 2, power(power(value, Fraction(1, 3)), Fraction(3))):
        assert abs(found / value - 1) < Fraction(1, 10**30)
    assert root(value * value) == value
    assert not isinstance(root(value * value), Approximate)


@given(st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**9), st.integers(-3, 6))
def test_rounding_is_to_the_nearest(value: Fraction, digits: int) -> None:
    rounded = round_half_away(value, digits)
    step = Fraction(10) ** -digits
    assert rounded % step == 0
    assert abs(rounded - value) * 2 <= step
    tree, _ = parse("=ROUND(x, d)")
    assert tree is not None
    assert evaluate(tree, {"x": value, "d": Fraction(digits)}) == rounded

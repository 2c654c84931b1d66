"""The formula language: pairs and broken texts are lines of `formulas/*.txt`; laws are properties over random trees."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formula import (
    LEVELS,
    Array,
    Binary,
    Call,
    Column,
    ErrorValue,
    Expr,
    Missing,
    Name,
    Number,
    Text,
    Truth,
    Unary,
    parse,
    print_formula,
    walk,
)
from engine.formula.languages import writing
from engine.functions import FUNCTIONS
from engine.limits import FORMULA_DEPTH_MAX, FORMULA_HEIGHT_MAX, FORMULA_LENGTH_MAX
from engine.number import EXCEL_ERRORS

LANGUAGES = ("en", "ru", "kk")
FORMULAS = Path(__file__).parent / "formulas"


def _lines(name: str) -> list[str]:
    return [line for line in (FORMULAS / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def _pairs() -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for line in _lines("identity.txt"):
        if line.startswith("-> "):
            pairs[-1] = (pairs[-1][0], line[3:])
        else:
            pairs.append((line, line))
    return pairs


@pytest.mark.parametrize(("written", "canonical"), _pairs())
def test_prints_canonically(written: str, canonical: str) -> None:
    tree, problems = parse(written)
    assert not problems
    assert tree is not None
    assert print_formula(tree) == canonical
    assert parse(canonical)[0] == tree


@pytest.mark.parametrize("line", _lines("broken.txt"))
def test_names_what_is_wrong(line: str) -> None:
    text, code, got, expected, hint = (part.strip() for part in line.split("|"))
    tree, (problem,) = parse(text)
    pointed = text[slice(*problem.span)].strip()
    assert tree is None
    assert (problem.code, pointed, problem.expected, problem.hint) == (code, got, expected, hint)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("=" + "(" * (FORMULA_DEPTH_MAX + 1) + "1" + ")" * (FORMULA_DEPTH_MAX + 1), "formula-too-deep"),
        ("=" + "-" * (FORMULA_DEPTH_MAX + 1) + "1", "formula-too-deep"),
        ("=1" + "+1" * FORMULA_HEIGHT_MAX, "formula-too-deep"),
        ("=1" + "+1" * FORMULA_LENGTH_MAX, "formula-too-long"),
    ],
)
def test_has_limits(text: str, code: str) -> None:
    tree, (problem,) = parse(text)
    assert (tree, problem.code) == (None, code)


def test_reaches_its_limits() -> None:
    assert parse("=" + "(" * FORMULA_DEPTH_MAX + "1" + ")" * FORMULA_DEPTH_MAX)[0] == Number(Fraction(1))
    tree, _ = parse("=1" + "+1" * (FORMULA_HEIGHT_MAX - 1))
    assert tree is not None
    assert parse(print_formula(tree))[0] == tree


def test_tells_of_every_volatile_function_and_cell() -> None:
    tree, problems = parse("=NOW() + A1 + RAND()")
    assert tree is None
    assert [problem.code for problem in problems] == ["formula-volatile", "formula-a1-reference", "formula-volatile"]


def test_spans_point_into_the_text() -> None:
    text = '=IF([@a] > 1, NORM("x", kind), -b% )'
    tree, _ = parse(text)
    assert tree is not None
    pieces = [text[slice(*node.span)] for node in walk(tree)]
    assert pieces == [
        'IF([@a] > 1, NORM("x", kind), -b% )',
        "[@a] > 1",
        "[@a]",
        "1",
        'NORM("x", kind)',
        '"x"',
        "kind",
        "-b%",
        "-b",
        "b",
    ]


TAKEN = {"TRUE", "FALSE", *writing("ru").canonical, *writing("kk").canonical}
NAMES = st.from_regex(r"[а-яA-Za-z_][а-я_a-z.0-9]{2,8}[а-я_a-z]", fullmatch=True).filter(
    lambda name: name.upper() not in TAKEN and not name.lower().startswith("_xl")
)
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
COLUMN_NAMES = st.text(CHARACTERS, min_size=1, max_size=8).map(str.strip).filter(bool)
DECIMALS = st.builds(lambda whole, digits: Fraction(whole, 10**digits), st.integers(0, 10**20), st.integers(0, 9))
NUMBERS = DECIMALS.map(Number)
SIGNED = NUMBERS | DECIMALS.map(lambda value: Number(-value))
TEXTS = st.text(max_size=6).map(Text)
LITERALS = TEXTS | st.booleans().map(Truth) | st.sampled_from(EXCEL_ERRORS).map(ErrorValue)
ROWS = st.integers(1, 3).flatmap(lambda wide: st.lists(st.tuples(*[SIGNED | LITERALS] * wide), min_size=1, max_size=3))
ARRAYS = ROWS.map(lambda rows: Array(tuple(rows)))
COLUMNS = st.builds(Column, st.none() | NAMES, COLUMN_NAMES, st.booleans())
LEAVES = NUMBERS | LITERALS | ARRAYS | NAMES.map(Name) | COLUMNS
OPERATORS = st.sampled_from(sorted(op for level in LEVELS for op in level))


def _above(trees: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    args = st.lists(trees | st.just(Missing()), max_size=4).filter(lambda found: found != [Missing()]).map(tuple)
    return (
        st.builds(Unary, st.sampled_from("-+%"), trees)
        | st.builds(Binary, OPERATORS, trees, trees)
        | st.builds(Call, NAMES.map(str.upper).filter(lambda name: parse(f"{name}()")[0] is not None), args)
    )


@given(st.recursive(LEAVES, _above, max_leaves=20), st.sampled_from(LANGUAGES))
def test_printed_tree_reads_back(tree: Expr, language: str) -> None:
    assert parse(print_formula(tree)) == (tree, [])
    assert parse(print_formula(tree, language), language) == (tree, [])


@pytest.mark.parametrize("block", "\n".join(_lines("languages.txt")).split("\n\n"))
def test_speaks_three_languages(block: str) -> None:
    written = dict(zip(("en", "ru", "kk"), block.splitlines(), strict=True))
    trees = {language: parse(text, language)[0] for language, text in written.items()}
    for tree in trees.values():
        assert tree == trees["en"] is not None
        assert {language: print_formula(tree, language) for language in written} == written


def test_names_the_separator_of_the_language() -> None:
    _, (problem,) = parse("=СУММ(a, b)", "ru")
    assert (problem.code, problem.got, problem.expected, problem.hint) == ("formula-operator-expected", ",", "; )", ";")
    assert parse("=SUM(a; b)", "ru") == parse("=SUM(a, b)")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_function_has_a_name(language: str) -> None:
    names = writing(language).functions
    assert set(FUNCTIONS) == set(names) or language == "en"
    assert len({name.upper() for name in names.values()}) == len(names)
    assert all(parse(f"={name}()", language)[0] == Call(english, ()) for english, name in names.items())


@given(st.text() | st.text("=()[]{}@'\"#,;.+-*/^&<>%1aAя$:!\\ \n"), st.sampled_from(LANGUAGES))
def test_never_raises_in_any_language(text: str, language: str) -> None:
    tree, problems = parse(text, language)
    assert (tree is None) == bool(problems)
    if tree is not None:
        assert parse(print_formula(tree, language), language) == (tree, [])


@given(st.text() | st.text("=()[]{}@'\"#,;.+-*/^&<>%1aA$:! \n"))
def test_never_raises(text: str) -> None:
    tree, problems = parse(text)
    assert (tree is None) == bool(problems)
    for problem in problems:
        assert 0 <= problem.span[0] <= problem.span[1] <= max(len(text), 1)
    if tree is not None:
        assert parse(print_formula(tree)) == (tree, [])

"""The dated look-up: what is in force when, what was known, what wins; and that the flat table says the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.findings import Place
from engine.norms import (
    Classification,
    Norm,
    NormKey,
    Norms,
    NormValue,
    history,
    in_force,
    look_up,
    under,
    with_codes,
    with_values,
)
from engine.norms.dense import NONE, dense
from engine.units import PLAIN

HERE = Place("here", 1, 1)
SECTOR, YEARS = NormKey("sector", "code", "sector"), NormKey("seniority", "step", "year")
CATEGORY = NormKey("category", "code", "category")


def test_value_is_in_force_from_its_start_until_before_its_end() -> None:
    norms = one(row("2024-01-01", 1, to="2025-01-01"))
    assert [asked(norms, day) for day in ("2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01")] == [None, 1, 1, None]


def test_value_without_end_is_followed_by_the_next() -> None:
    norms = one(row("2025-01-01", 2), row("2024-01-01", 1))
    assert [asked(norms, day) for day in ("2024-12-31", "2025-01-01", "2099-01-01")] == [1, 2, 2]


def test_value_that_ended_leaves_nothing_behind() -> None:
    norms = one(row("2024-01-01", 1), row("2025-01-01", 2, to="2026-01-01"))
    assert asked(norms, "2026-01-01") is None


def test_what_was_not_yet_known_is_invisible() -> None:
    norms = one(row("2024-01-01", 1), row("2025-01-01", 2, known="2024-12-08"))
    assert asked(norms, "2025-06-01", known="2024-12-07") == 1
    assert asked(norms, "2025-06-01", known="2024-12-08") == 2
    assert asked(norms, "2025-06-01") == 2


def test_of_two_values_in_force_the_one_known_later_wins() -> None:
    first = row("2021-01-01", 1, to="2022-01-01", known="2020-12-02")
    amended = row("2021-01-01", 2, to="2022-01-01", known="2021-05-24")
    norms = one(amended, first)
    assert asked(norms, "2021-01-01", known="2021-05-23") == 1
    assert asked(norms, "2021-01-01") == 2


def test_exact_code_wins_over_any_and_the_left_one_first() -> None:
    norms = keyed([SECTOR, CATEGORY], row("2024-01-01", 1, keys=("*", "b")), row("2024-01-01", 2, keys=("a", "*")))
    assert [value(norms, keys) for keys in (("a", "b"), ("c", "b"), ("a", "c"), ("c", "c"))] == [2, 1, 2, None]


def test_step_is_the_last_threshold_not_above() -> None:
    rows = [row("2024-01-01", number, keys=("*", step)) for step, number in ((1, 10), (3, 30))]
    norms = keyed([SECTOR, YEARS], *rows)
    assert [value(norms, ("a", years)) for years in (0, 1, Fraction(29, 10), 3, 40)] == [None, 10, 10, 30, 30]


def test_step_table_is_followed_as_a_whole() -> None:
    old = [row("2024-01-01", step, keys=("a", step)) for step in (0, 3)]
    norms = keyed([SECTOR, YEARS], *old, row("2025-01-01", 7, keys=("a", 1)))
    assert [value(norms, ("a", years), "2025-01-01") for years in (0, 1, 3)] == [None, 7, 7]


def test_row_whose_number_was_not_found_is_no_value_but_names_its_act() -> None:
    norms = one(row("2024-01-01", None))
    assert asked(norms, "2024-01-01") is None
    named = in_force(norms, "n", (), date(2024, 1, 1))
    assert named is not None
    assert named.source == "act"


def test_invented_value_is_seen_only_where_no_real_one_is() -> None:
    invented = row("2024-01-01", 9, verified="training")
    assert asked(one(row("2023-01-01", 1), invented), "2024-06-01") == 1
    assert asked(one(row("2023-01-01", None), invented), "2024-06-01") == 9


def test_history_is_in_order_of_dates() -> None:
    norms = one(row("2025-01-01", 3), row("2024-01-01", 2, known="2024-05-01"), row("2024-01-01", 1))
    assert [v.value for v in history(norms, "n")] == [1, 2, 3]


def test_under_follows_parents() -> None:
    norms = keyed([SECTOR], classification=tree("sector", {"1": None, "11": "1", "111": "11", "2": None}))
    assert [under(norms, "sector", code, "1") for code in ("1", "11", "111", "2", "unheard")] == [True] * 3 + [
        False
    ] * 2


def test_digest_is_of_what_is_said_and_not_of_its_order() -> None:
    a, b = row("2024-01-01", 1), row("2025-01-01", 2)
    assert one(a, b).digest == one(b, replace(a, place=Place("there", 7, 7))).digest
    assert one(a, b).digest != one(a, replace(b, value=Fraction(3))).digest
    assert with_values(one(a), {"n": (a, b)}).digest == one(a, b).digest
    assert with_codes(one(a), "sector", {"z": {}}).digest != one(a).digest


def test_table_of_a_step_that_is_no_whole_number_is_none() -> None:
    norms = keyed([YEARS], row("2024-01-01", 1, keys=(Fraction(1, 2),)))
    assert dense(norms.norms["n"], norms, [date(2024, 1, 1)]).values is None


def test_value_that_is_no_decimal_is_a_bug() -> None:
    norms = one(replace(row("2024-01-01", 1), value=Fraction(1, 3)))
    with pytest.raises(AssertionError):
        dense(norms.norms["n"], norms, [date(2024, 1, 1)])


DAYS = st.dates(date(2020, 1, 1), date(2021, 12, 31)).map(lambda day: day.replace(day=1))
CODES = ("a", "b", "c")
CODE, STEP = st.sampled_from((*CODES, "*")), st.integers(0, 4).map(Fraction)
NUMBER = st.none() | st.decimals(-1000, 1000, places=2).map(Fraction)
LEVEL = st.sampled_from(("published", "training"))
KEYS = {"code": CODE, "step": STEP}
SHAPES = st.lists(st.sampled_from((SECTOR, CATEGORY, YEARS, replace(YEARS, name="load"))), max_size=3, unique=True)


@st.composite
def random_norms(draw: st.DrawFn) -> Norms:
    shape = draw(SHAPES)
    rows = st.builds(
        NormValue,
        keys=st.tuples(*(KEYS[key.kind] for key in shape)),
        start=DAYS,
        end=st.none() | DAYS,
        known=st.none() | DAYS,
        value=NUMBER,
        source=st.just("act"),
        verified=LEVEL,
        start_verified=st.just(True),
        note=st.just(""),
        place=st.just(HERE),
    )
    return keyed(shape, *draw(st.lists(rows, max_size=12, unique_by=lambda v: (v.keys, v.start, v.known, v.verified))))


@given(random_norms(), st.lists(DAYS, min_size=1, max_size=5), st.none() | DAYS, st.data())
def test_table_says_what_the_look_up_says(
    norms: Norms, days: list[date], known: date | None, data: st.DataObject
) -> None:
    norm = norms.norms["n"]
    table = dense(norm, norms, days, known)
    keys = [data.draw(st.sampled_from(CODES) if key.kind == "code" else st.integers(0, 6)) for key in norm.keys]
    assert table.values is not None
    assert table.missing is not None
    assert table.refs is not None
    for i, day in enumerate(days):
        named = in_force(norms, "n", keys, day, known)
        found = look_up(norms, "n", keys, day, known)
        cell = (table.versions[i], *at(keys, table.sizes))
        assert bool(table.missing[cell]) == (found is None)
        if found is not None:
            assert Fraction(int(table.values[cell]), 10**table.digits) == found.value
        assert (None if table.refs[cell] == NONE else norm.values[table.refs[cell]]) == named


def at(keys: Iterable[str | int], sizes: Iterable[int]) -> list[int]:
    return [
        CODES.index(key) if isinstance(key, str) else min(key, size - 1) for key, size in zip(keys, sizes, strict=True)
    ]


def row(
    start: str, number: int | None, to: str | None = None, keys: tuple[str | int | Fraction, ...] = (), **rest: str
) -> NormValue:
    known, verified = rest.get("known"), rest.get("verified", "published" if number is not None else "absent")
    return NormValue(
        keys=tuple(key if isinstance(key, str) else Fraction(key) for key in keys),
        start=date.fromisoformat(start),
        end=date.fromisoformat(to) if to else None,
        known=date.fromisoformat(known) if known else None,
        value=None if number is None else Fraction(number),
        source="act",
        verified=verified,
        start_verified=True,
        note="",
        place=HERE,
    )


def one(*values: NormValue) -> Norms:
    return keyed([], *values)


def keyed(keys: list[NormKey], *values: NormValue, classification: Classification | None = None) -> Norms:
    codes = {name: tree(name, dict.fromkeys(CODES)) for name in ("sector", "category")}
    if classification is not None:
        codes[classification.name] = classification
    return Norms({}, {"n": Norm("n", {}, PLAIN, tuple(keys), values, HERE)}, codes)


def tree(name: str, parents: dict[str, str | None]) -> Classification:
    blank = tuple("" for _ in parents)
    dates = tuple((None, None) for _ in parents)
    return Classification(
        name, {}, tuple(parents), tuple({} for _ in parents), tuple(parents.values()), dates, blank, blank
    )


def asked(norms: Norms, day: str, known: str | None = None) -> Fraction | None:
    found = look_up(norms, "n", (), date.fromisoformat(day), date.fromisoformat(known) if known else None)
    return found.value if found else None


def value(norms: Norms, keys: tuple[str | int | Fraction, ...], day: str = "2024-06-01") -> Fraction | None:
    found = look_up(norms, "n", keys, date.fromisoformat(day))
    return found.value if found else None

"""A republic has the same bytes every time, the sizes that were asked for, and rows that its norms can pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from api.republic import SIZES, republic, with_republic
from api.republic.draw import Draw, shares
from engine.norms import Norms, under
from engine.norms.loader import load_norms
from engine.ruleset import Ruleset
from engine.ruleset.loader import load
from engine.snapshot import column_bytes, digest
from engine.workbook import Workbook

HERE = Path(__file__).parent
DEMO_DIGEST = "f2b04308336b41a3dfc452d58252b464ba238260f7e8bd57ed8bb5f3329247f5"
"""Of the little demo republic: to change it is to change every figure that people know."""


def test_chance_is_the_raw_words_of_pcg64() -> None:
    assert Draw(2026, "a", "b").below(1000, 6).tolist() == [558, 925, 183, 787, 851, 473]
    assert Draw(2026, "a", "c").between(-3, 3, 6).tolist() == [0, 0, 0, 3, 2, 0]
    assert Draw(2026, "a").pick([1, 0, 9], 12).tolist() == [2, 2, 2, 0, 2, 2, 2, 2, 2, 0, 0, 2]


@given(st.integers(0, 10**6), st.lists(st.integers(1, 20_000), min_size=1, max_size=50))
def test_shares_add_up_and_differ_from_the_exact_ones_by_less_than_one(total: int, weights: list[int]) -> None:
    parts = shares(total, np.array(weights))
    assert int(parts.sum()) == total
    for part, weight in zip(parts.tolist(), weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


def test_a_republic_is_the_same_every_time() -> None:
    assert _digest(_little("demo")) == _digest(_made("demo")) == DEMO_DIGEST


def test_another_seed_is_another_republic() -> None:
    ruleset, norms = _parts()
    other = republic("demo", with_republic(norms, "demo", 7), ruleset, 7)
    assert _digest(other) != DEMO_DIGEST


def test_a_new_form_leaves_the_others_as_they_were() -> None:
    ruleset, norms = _parts()
    grown = replace(ruleset, forms={"more": replace(ruleset.forms["anything"], name="more"), **ruleset.forms})
    workbook = republic("demo", with_republic(norms, "demo"), grown)
    assert np.array_equal(workbook.tables["pay_civil_employees"].columns["hired"], _pay("demo")["hired"])


def test_a_form_of_groups_has_the_rows_that_the_others_give() -> None:
    ruleset, norms = _parts()
    source = ruleset.forms["anything"]
    rows = replace(source.rows, kind="group", forms=("anything",), by=("code",))
    grouped = replace(source, name="grouped", rows=rows, columns={"code": source.columns["code"]})
    beside = replace(source, name="beside", rows=replace(source.rows, kind="each", forms=("grouped",)))
    grown = replace(ruleset, forms={"beside": beside, "grouped": grouped, **ruleset.forms})
    tables = republic("demo", with_republic(norms, "demo"), grown).tables
    first = [tables[name].columns["code"][: tables[name].offsets[1]].tolist() for name in ("anything", "grouped")]
    assert first[1] == sorted(set(first[0]))
    assert tables["beside"].rows == tables["grouped"].rows == tables["beside"].columns["number"].size


@pytest.mark.parametrize("size", ["demo", "national"])
def test_it_has_the_size_that_was_asked_for(size: str) -> None:
    workbook = _little(size)
    assert workbook.submissions == SIZES[size].institutions
    assert workbook.tables["pay_civil_employees"].rows == SIZES[size].positions
    assert workbook.tables["anything"].rows == SIZES[size].others
    assert workbook.tables["listed"].rows == 2 * SIZES[size].institutions
    assert np.diff(workbook.tables["pay_civil_employees"].offsets).min() >= 1


def test_every_institution_stands_under_one_of_thirty_five_administrators() -> None:
    norms = with_republic(_parts()[1], "demo")
    institutions = norms.classifications["institution"]
    codes = [institutions.codes[position] for position in _little("demo").header["institution"]]
    above = [institutions.parent(code) for code in codes]
    assert len(set(codes)) == 60
    assert set(above) == set(norms.classifications["administrator"].codes)
    assert len(set(above)) == 35
    assert under(norms, "institution", codes[0], above[0] or "")


def test_what_is_invented_is_marked() -> None:
    _, plain = _parts()
    grown = with_republic(plain, "demo")
    for name, codes in grown.classifications.items():
        known = plain.classifications[name].codes if name in plain.classifications else ()
        assert codes.codes[: len(known)] == known
        assert set(codes.verified[len(known) :]) <= {"training"}
        assert all(set(title) == {"kk", "ru", "en"} and all(title.values()) for title in codes.titles)


def test_every_post_has_a_coefficient_and_no_more_posts_than_persons() -> None:
    norms = with_republic(_parts()[1], "demo")
    pay = _pay("demo")
    sectors, categories = norms.classifications["sector"].codes, norms.classifications["position-category"].codes
    pairs = {(sectors[s], categories[c]) for s, c in zip(pay["sector"], pay["category"], strict=True)}
    assert pairs == {("education", "B2"), ("education", "D1"), ("health", "D1")}
    assert pay["staff"].shape == (3, 3000)
    assert (pay["staff"] % 25 == 0).all()
    assert (pay["staff"] >= 25).all()
    assert (pay["staff"] <= 100 * pay["persons"]).all()
    assert (pay["staff"][0] != pay["staff"][2]).any()


def test_listed_rows_hold_what_is_listed() -> None:
    assert _little("demo").tables["listed"].columns["code"].tolist() == [1, 0] * 60


def test_sizes_are_skewed_as_in_life() -> None:
    rows = np.sort(np.diff(_little("national").tables["pay_civil_employees"].offsets))
    assert rows[-1] > 10 * np.median(rows)


def _digest(workbook: Workbook) -> str:
    columns = {(form, name): cells for form, table in workbook.tables.items() for name, cells in table.columns.items()}
    header = {("", name): cells for name, cells in workbook.header.items()}
    offsets = {(form, ""): table.offsets for form, table in workbook.tables.items()}
    return digest(column_bytes({**header, **offsets, **columns}))


def _pay(size: str) -> Mapping[str, NDArray[Any]]:
    return _little(size).tables["pay_civil_employees"].columns


@cache
def _parts() -> tuple[Ruleset, Norms]:
    ruleset, wrong = load(HERE / "little-ruleset")
    norms, slips = load_norms(HERE / "little-norms")
    assert ruleset is not None
    assert [*wrong, *slips] == []
    return ruleset, norms


def _made(size: str) -> Workbook:
    ruleset, norms = _parts()
    return republic(size, with_republic(norms, size), ruleset)


_little = cache(_made)

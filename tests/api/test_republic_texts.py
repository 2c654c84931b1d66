"""A republic written as a training set is the same republic: codes in the same places, the same values and digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from api.installation import NORMS
from api.republic import TRAINING_NORMS, with_republic
from api.republic.texts import training_set
from engine.norms import Norms, with_codes, with_values
from engine.norms.loader import load_norms


@pytest.fixture(scope="module")
def base() -> Norms:
    norms, found = load_norms(NORMS, [TRAINING_NORMS])
    assert not found
    return norms


@pytest.mark.parametrize("size", ["demo", "national"])
def test_texts_of_a_republic_give_it_back(base: Norms, size: str, tmp_path: Path) -> None:
    made = with_republic(base, size)
    again = laid_over(training_set(base, made), tmp_path)
    assert again.digest == made.digest
    assert list(again.classifications) == list(made.classifications)
    for name, codes in made.classifications.items():
        assert (again.classifications[name].codes, again.classifications[name].titles) == (codes.codes, codes.titles)
    for name, norm in made.norms.items():
        values = again.norms[name].values
        assert [(v.keys, v.start, v.value) for v in values] == [(v.keys, v.start, v.value) for v in norm.values]
        assert {v.verified for v in values[len(base.norms[name].values) :]} <= {"training"}


def test_same_republic_same_bytes(base: Norms) -> None:
    texts = training_set(base, with_republic(base, "demo"))
    assert texts == training_set(base, with_republic(base, "demo"))
    assert all(text.startswith("# TRAINING") for name, text in texts.items() if name.endswith(".yaml"))


def test_nothing_added_nothing_written(base: Norms) -> None:
    assert set(training_set(base, base)) == {"republic.yaml"}
    assert "classifications/titles.yaml" not in training_set(base, with_republic(base, "demo"))


def test_titles_may_hold_what_csv_is_made_of(base: Norms, tmp_path: Path) -> None:
    title = {"kk": 'Бір, "екі"', "ru": "Раз;\nдва", "en": " three "}
    made = with_codes(base, "region", {"Q1": title})
    again = laid_over(training_set(base, made), tmp_path)
    assert again.classifications["region"].titles[-1] == title


def test_values_are_written_exactly(base: Norms, tmp_path: Path) -> None:
    numbers = [Fraction(text) for text in ("0", "7", "-0.5", "0.0001", "12345678.25")]
    some = with_republic(base, "demo").norms["limit.base"].values[-1]
    added = [
        replace(some, keys=("*",), start=date(2031 + year, 1, 1), value=number) for year, number in enumerate(numbers)
    ]
    made = with_values(base, {"limit.base": [*base.norms["limit.base"].values, *added]})
    again = laid_over(training_set(base, made), tmp_path)
    assert [value.value for value in again.norms["limit.base"].values[-len(numbers) :]] == numbers


def laid_over(texts: Mapping[str, str], folder: Path) -> Norms:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    norms, found = load_norms(NORMS, [TRAINING_NORMS, folder])
    assert not found
    return norms

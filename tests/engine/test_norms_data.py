"""The norms that we ship: they load without a finding, say what their sources say, and have lost nothing on the way."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.findings import Finding
from engine.norms import Norms, in_force, look_up, under
from engine.norms.dense import dense
from engine.norms.loader import load_norms

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "norms"
ALLOWANCES = 45


@cache
def shipped() -> tuple[Norms, list[Finding]]:
    return load_norms(ROOT / "norms")


def expected() -> list[list[Any]]:
    return list(yaml.load((HERE / "expected.yaml").read_text(encoding="utf-8"), yaml.BaseLoader))


def test_norms_load_without_a_finding() -> None:
    assert [str(found) for found in shipped()[1]] == []


@pytest.mark.parametrize("case", expected(), ids=str)
def test_norm_says_what_its_source_says(case: list[Any]) -> None:
    name, keys, day, number, said = [*case, {}][:5]
    norms, when = shipped()[0], {"on": date.fromisoformat(day), "known": known(said)}
    value = look_up(norms, name, typed(norms, name, keys), **when)
    assert (None if value is None else value.value) == (None if number == "missing" else Fraction(number))
    if value is not None:
        assert said.get("verified", value.verified) == value.verified
        assert ("start" not in said) or not value.start_verified


def test_no_value_was_lost_or_added() -> None:
    norms = shipped()[0].norms
    counts = {name: str(len(norm.values)) for name, norm in norms.items() if not name.startswith("allowance.")}
    assert counts == yaml.load((HERE / "counts.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    assert [len(norm.values) for name, norm in norms.items() if name.startswith("allowance.")] == [1] * ALLOWANCES


def test_each_value_names_its_source_and_what_is_absent_has_no_number() -> None:
    values = [value for norm in shipped()[0].norms.values() for value in norm.values]
    assert [value.place for value in values if not value.source] == []
    assert [value.place for value in values if (value.value is None) != (value.verified == "absent")] == []
    assert [value.place for value in values if value.verified == "training"] == []


def test_absent_row_names_its_act() -> None:
    row = in_force(shipped()[0], "trip.hotel", (), date(2026, 1, 1))
    assert row is not None
    assert "No. 256 of 2018-05-11" in row.source


def test_every_norm_can_be_laid_out_as_a_table() -> None:
    norms, days = shipped()[0], [date(year, 1, 1) for year in (2026, 2027, 2028)]
    assert [name for name, norm in norms.norms.items() if dense(norm, norms, days).values is None] == []


def test_specific_stands_under_its_category() -> None:
    norms = shipped()[0]
    assert under(norms, "specific", "111", "110")
    assert under(norms, "specific", "111", "1")
    assert not under(norms, "specific", "431", "1")
    assert under(norms, "programme", "458-015", "07")


def test_codes_of_receipts_changed_their_meaning_in_2026() -> None:
    codes = shipped()[0].classifications
    old, new = codes["income-2025"], codes["income"]
    assert old.titles[old.positions["4"]]["en"] == "Receipts of transfers"
    assert new.titles[new.positions["4"]]["en"] == "Special receipts"
    assert old.valid[old.positions["4"]] == (None, date(2026, 1, 1))
    assert new.valid[new.positions["4"]] == (date(2026, 1, 1), None)


def test_title_without_kazakh_is_said_in_russian() -> None:
    codes = shipped()[0].classifications["specific"]
    assert codes.titles[codes.positions["111"]] == {"kk": "Оплата труда", "ru": "Оплата труда", "en": "Pay"}


def known(said: dict[str, str]) -> date | None:
    return date.fromisoformat(said["known"]) if "known" in said else None


def typed(norms: Norms, name: str, keys: list[str]) -> list[str | Fraction]:
    of = norms.norms[name].keys
    return [key if kind.kind == "code" else Fraction(key) for key, kind in zip(keys, of, strict=True)]

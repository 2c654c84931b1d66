"""Unit algebra as a table: tests/engine/units.txt."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.units import PLAIN, Unit, parse_unit

KNOWN = ("KZT", "FTE", "person", "month", "day", "MCI")
TABLE = Path(__file__).parent / "units.txt"
ROWS = [line.split("|") for line in TABLE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]


def read(text: str) -> Unit | None:
    unit = parse_unit(text, KNOWN)
    return unit if isinstance(unit, Unit) else None


def applied(operator: str, left: str, right: str) -> Unit | None:
    unit = read(left)
    if operator == "=" or unit is None:
        return unit
    if operator == "^":
        return unit ** int(right)
    other = read(right)
    assert other is not None
    return unit * other if operator == "*" else unit / other


@pytest.mark.parametrize("row", ROWS, ids="|".join)
def test_units(row: list[str]) -> None:
    left, operator, right, expected = (cell.strip() for cell in row)
    unit = applied(operator, left, right)
    assert ("?" if unit is None else str(unit)) == expected


units = st.dictionaries(st.sampled_from(KNOWN), st.integers(-3, 3).filter(bool)).map(
    lambda powers: Unit(tuple(sorted(powers.items())))
)


def test_a_unit_is_shown_in_the_order_in_which_it_was_declared() -> None:
    read_unit = read("KZT / person / month")
    assert read_unit is not None
    assert (read_unit.declared, str(read_unit)) == ("KZT/person/month", "KZT/month/person")
    assert read_unit == read("KZT/month/person")
    assert hash(read_unit) == hash(read("KZT/month/person"))
    assert (read_unit * Unit((("person", 1),))).declared == "KZT/month"


@given(units)
def test_what_is_printed_is_read_as_the_same(unit: Unit) -> None:
    assert parse_unit(str(unit), KNOWN) == unit


@given(units, units)
def test_division_undoes_multiplication(a: Unit, b: Unit) -> None:
    assert a * b / b == a
    assert a / a == PLAIN
    assert a * b == b * a

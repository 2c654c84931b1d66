"""Forms and totals as CSV and Parquet: exact, typed, and harmless to whoever opens them in a spreadsheet."""

from __future__ import annotations

import io
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from openpyxl import load_workbook

from api.exchange import Wish, form_file, totals_file
from api.store.held import Held
from engine.lines import Lines
from engine.plan import Plan
from tests.api.exchange.conftest import held_of
from tests.api.store.conftest import filled

AMOUNT = [Decimal(text) for text in ("22.55", "22605.00", "7700.00")]


def parquet(held: Held, wish: Wish) -> Any:
    return pyarrow.parquet.read_table(io.BytesIO(form_file(held.plan, held.workbook, wish, "parquet")))


def test_a_form_in_parquet_is_exact(village: Held) -> None:
    table = parquet(village, Wish("purchases", numbers=(1, 2, 3)))
    assert table.column("amount").to_pylist()[:3] == AMOUNT
    assert table.column("row").to_pylist() == [1, 2, 3] * 3
    assert table.column("year").to_pylist() == [2026] * 3 + [2027] * 3 + [2028] * 3
    assert table.column("institution").to_pylist() == ["2250001"] * 9
    assert str(table.schema.field("amount").type) == "decimal128(18, 2)"


def test_months_have_a_line_each(request_of_one: Held) -> None:
    table = parquet(request_of_one, Wish("pay_civil_employees", months=True))
    rows = request_of_one.workbook.tables["pay_civil_employees"].rows
    assert (table.num_rows, table.column("month").to_pylist()[-1]) == (rows * 36, 12)
    frame = table.to_pandas()
    sums = frame.groupby(["year", "row"])["monthly"].sum()
    assert [int(one.quantize(Decimal(1), ROUND_HALF_UP)) for one in sums] == _funds(request_of_one)


def test_dates_and_errors(village_plan: Plan, request_of_one: Held) -> None:
    held = held_of(village_plan, filled(village_plan, [{"name": "x", "kind": "paper", "quantity": "1", "price": ""}]))
    table = parquet(held, Wish("purchases"))
    assert table.column("amount").to_pylist() == [None] * 3
    assert table.column("errors").to_pylist() == ["amount: input-missing"] * 3
    hired = parquet(request_of_one, Wish("pay_civil_employees")).column("hired").to_pylist()
    assert all(isinstance(day, date) for day in hired)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", 'plain, and "quoted"'])
def test_no_cell_of_a_csv_is_a_formula(village_plan: Plan, text: str) -> None:
    held = held_of(
        village_plan, filled(village_plan, [{"name": text, "kind": "paper", "quantity": "1", "price": "-1"}])
    )
    data = form_file(held.plan, held.workbook, Wish("purchases"), "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(io.BytesIO(data), dtype=str)
    assert read["name"].tolist() == [text if text.startswith("plain") else f"'{text}"] * 3
    assert read["price"].tolist() == ["-1.00"] * 3


def test_a_form_without_rows(village_plan: Plan) -> None:
    held = held_of(village_plan, filled(village_plan, []))
    assert parquet(held, Wish("purchases")).num_rows == 0
    assert form_file(held.plan, held.workbook, Wish("by_kind"), "csv").count(b"\n") == 1


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_totals_with_titles(kind: str) -> None:
    amounts = np.array([2**62, 150], np.int64)
    lines = Lines({"institution": ("1", "=2")}, {"institution": np.array([0, 1])}, amounts, np.zeros(2, np.int64))
    data = totals_file(lines, ["institution"], {"institution": {"1": "School"}}, (kind, "en"))
    if kind == "csv":
        assert data.decode("utf-8-sig").splitlines()[1:] == ['"1","School",46116860184273879.04,0', '"\'=2","",1.50,0']
    elif kind == "parquet":
        table = pyarrow.parquet.read_table(io.BytesIO(data))
        assert table.column("amount").to_pylist() == [Decimal("46116860184273879.04"), Decimal("1.50")]
    else:
        sheet = load_workbook(io.BytesIO(data))["Totals"]
        assert [cell.value for cell in sheet[5]] == ["Total", None, "=SUBTOTAL(109,C3:C4)"]
        assert (sheet["A4"].value, sheet["A4"].data_type) == ("=2", "s")


def _funds(held: Held) -> list[int]:
    assert held.workbook.results is not None
    funds: list[int] = held.workbook.results.columns["pay_civil_employees", "fund"].reshape(-1).tolist()
    return funds

"""Tables for notebooks: exact figures with codes and titles, and the notebook of the README as it stands."""

from __future__ import annotations

import re
import runpy
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from api.frames import frame, load, pivot, titles, what_if
from engine.lines import roll_up
from engine.number import BLANK
from engine.scenario import State, state_of

HERE = Path(__file__).parent
NOTEBOOK = HERE / "scenarios" / "notebook.py"
README = HERE.parent.parent / "README.md"


@cache
def base() -> State:
    return load("demo")


def test_the_notebook_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(NOTEBOOK.parent)
    made = runpy.run_path(str(NOTEBOOK))
    total = {year: sum(made["by_specific"][year]) for year in ("2026", "2027", "2028")}
    assert total == {year: sum(made["causes"][year]) for year in total}
    assert all(amount > 0 for amount in total.values())
    assert made["budget"].index.names == ["administrator", "administrator_title"]


def test_the_readme_shows_the_notebook_as_it_is() -> None:
    shown = [
        block for block in re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL) if "frames" in block
    ]
    code = NOTEBOOK.read_text(encoding="utf-8").partition('"""\n\n')[2]
    assert shown in ([], [code])


def test_a_frame_holds_the_cells_of_a_form_exactly() -> None:
    posts = frame(base(), "pay_civil_employees")
    table = base().workbook.tables["pay_civil_employees"]
    assert len(posts) == table.rows * 3
    results = base().workbook.results
    assert results is not None
    assert posts["fund"].tolist() == [
        Decimal(int(cell)) for cell in results.columns["pay_civil_employees", "fund"].reshape(-1)
    ]
    assert {type(value) for name in ("persons", "staff", "fund") for value in posts[name]} == {Decimal}
    assert posts["staff"].iloc[0].as_tuple().exponent == -2


def test_a_frame_by_months_adds_up_to_the_year() -> None:
    months = frame(base(), "pay_civil_employees", months=True)
    years = frame(base(), "pay_civil_employees")
    sums = months.groupby(["institution", "row", "year"])["monthly"].sum()
    funds = years.set_index(["institution", "row", "year"])["fund"]
    assert all(abs(sums[key] - fund) <= Decimal("0.5") for key, fund in funds.items())
    assert set(months["month"]) == set(range(1, 13))


def test_sums_of_frames_are_the_budget() -> None:
    posts = frame(base(), "pay_civil_employees")
    paid = posts.groupby(["administrator", "year"])["fund"].sum()
    by = roll_up(base().lines, ["administrator", "specific", "year"]).as_dict()
    for (administrator, year), fund in paid.items():
        assert by[administrator, "111", str(year)] >= int(fund) * 100


def test_a_pivot_is_the_roll_up() -> None:
    table = pivot(base().lines, ["administrator", "specific"], "year")
    rolled = roll_up(base().lines, ["administrator", "specific", "year"]).as_dict()
    told = {(*row, year): amount for year in table.columns for row, amount in table[year].items()}
    assert {key: int(amount * 100) for key, amount in told.items() if amount} == {k: a for k, a in rolled.items() if a}
    assert {type(amount) for amount in told.values()} == {Decimal}


def test_a_pivot_without_columns_has_its_values_name() -> None:
    table = pivot(base().lines, "year")
    assert list(table.columns) == ["amount"]
    assert table.loc["2026", "amount"] == Decimal(roll_up(base().lines, ["year"]).as_dict()["2026",]) / 100
    assert pivot(base().lines, "year", values="incomplete")["incomplete"].sum() == 0


@pytest.mark.parametrize(("language", "title"), [("ru", "Оплата труда"), ("en", "Pay")])
def test_titles_stand_beside_codes(language: str, title: str) -> None:
    table = pivot(base().lines, "specific", "year", titles=titles(base(), language))
    assert ("111", title) in table.index


def test_a_number_and_a_float_do_not_mix() -> None:
    funds = frame(base(), "pay_civil_employees")["fund"]
    with pytest.raises(TypeError):
        funds * 1.1


def test_what_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ruleset-unknown"):
        load("demo", "budget-reques")
    (tmp_path / "slip.yaml").write_text("norms: {pay.bas: +1 %}")
    with pytest.raises(ValueError, match=r"slip.yaml:1:18: error norm-unknown: .*pay.base"):
        what_if(base(), tmp_path / "slip.yaml")
    (tmp_path / "slip.yaml").write_text("ruleset: nothing")
    with pytest.raises(ValueError, match="ruleset-unknown"):
        what_if(base(), tmp_path / "slip.yaml")


def test_a_blank_is_none_and_an_error_its_name() -> None:
    """No sum may take a cell that holds an error for a number."""
    plan, workbook = base().plan, base().workbook
    table = workbook.tables["pay_civil_employees"]
    persons = table.columns["persons"].copy()
    persons[0], persons[1] = BLANK, 0
    columns = {**table.columns, "persons": persons}
    tables = {**workbook.tables, "pay_civil_employees": replace(table, columns=columns)}
    months = frame(state_of(plan, replace(workbook, tables=tables, results=None)), "pay_civil_employees", months=True)
    assert months["income"].tolist()[:2] == ["input-missing", "#DIV/0!"]
    posts = frame(state_of(plan, replace(workbook, tables=tables, results=None)), "pay_civil_employees")
    assert posts["persons"].tolist()[:2] == [None, Decimal(0)]
    with pytest.raises(TypeError):
        months["income"].sum()

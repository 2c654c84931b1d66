"""Inputs as bytes and back: nothing is lost, same inputs are same bytes, and together is alone (law 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.findings import Place
from engine.norms import Classification, Norms
from engine.number import BLANK, CELL_OF_ERROR
from engine.packing import packed, structure, together, unpacked
from engine.ruleset import Column, Form, HeaderField, Rows, Ruleset, ValueType
from engine.workbook import Table, Workbook, only

HERE = Place("test.yaml", 1, 1)
TITLE = {"kk": "", "ru": "", "en": ""}
YEARS = (2026, 2027, 2028)
CODES = ("b", "a", "c", "aa")
TYPES = {"amount": ValueType("number"), "code": ValueType("code", classification="list"), "text": ValueType("text")}
COLUMNS = {name: Column(name, of, HERE) for name, of in TYPES.items()}
HEADER = {name: HeaderField(name, TYPES[name], HERE) for name in ("code", "text")}
RULESET = Ruleset("r", "1", YEARS, HEADER, {"form": Form("form", HERE, Rows("added", HERE), COLUMNS)}, "", HERE)
numbers = st.one_of(st.integers(-(2**53), 2**53), st.sampled_from([BLANK, CELL_OF_ERROR["#DIV/0!"]]))
places = st.one_of(st.integers(0, len(CODES) - 1), st.sampled_from([BLANK, CELL_OF_ERROR["code-unknown"]]))
texts = st.one_of(st.none(), st.sampled_from(["", "a", 'б"\n\\', "ү", "\x00"]), st.text(max_size=3))


@st.composite
def submissions(draw: st.DrawFn) -> Workbook:
    """One submission: a form with amounts, codes that differ by year, texts, and last cycle's months."""
    rows = draw(st.integers(0, 4))
    cells = {
        "amount": [draw(numbers) for _ in range(rows)],
        "code": [[draw(places) for _ in range(rows)] for _ in YEARS],
    }
    columns = {name: np.array(given, np.int64) for name, given in cells.items()}
    columns["text"] = np.array([None, *(draw(texts) for _ in range(rows))], object)[1:]
    previous = {"amount": np.array([[draw(numbers) for _ in range(rows)] for _ in range(12)], np.int64)}
    header = {"code": np.array([draw(places)]), "text": np.array([None, draw(texts)], object)[1:]}
    return Workbook(YEARS, header, {"form": Table(np.array([0, rows]), columns, previous)}, date(2025, 5, 15))


@given(submissions())
def test_what_is_packed_comes_back(workbook: Workbook) -> None:
    again = unpacked(RULESET, NORMS, packed(RULESET, NORMS, workbook))
    assert told(again) == told(workbook)
    assert packed(RULESET, NORMS, again) == packed(RULESET, NORMS, workbook)


@given(st.lists(submissions(), min_size=1, max_size=4))
def test_together_is_alone_for_bytes(workbooks: list[Workbook]) -> None:
    packings = [packed(RULESET, NORMS, workbook) for workbook in workbooks]
    assert len({structure(data) for data in packings}) == 1
    whole = together(RULESET, NORMS, packings)
    assert [told(only(whole, i)) for i in range(whole.submissions)] == [told(workbook) for workbook in workbooks]


@given(submissions())
def test_bytes_mean_the_same_under_a_classification_in_another_order(workbook: Workbook) -> None:
    data = packed(RULESET, NORMS, workbook)
    turned = norms_of(tuple(reversed(CODES)))
    assert packed(RULESET, turned, unpacked(RULESET, turned, data)) == data


def test_a_code_that_is_gone_is_an_error_and_not_another_code() -> None:
    fewer = norms_of(("b", "c"))
    cells = unpacked(RULESET, fewer, packed(RULESET, NORMS, some())).tables["form"].columns["code"]
    gone = CELL_OF_ERROR["code-unknown"]
    assert cells.tolist() == [[0, gone], [1, gone], [BLANK, 0]]


def test_what_the_ruleset_no_longer_has_is_left_out() -> None:
    data = packed(RULESET, NORMS, some())
    form = RULESET.forms["form"]
    fewer = replace(form, columns={"text": form.columns["text"]})
    read = unpacked(replace(RULESET, header={}, forms={"form": fewer}), NORMS, data)
    assert (set(read.header), set(read.tables["form"].columns)) == (set(), {"text"})
    assert read.tables["form"].columns["text"].tolist() == ["x", None]
    assert unpacked(replace(RULESET, forms={}), NORMS, data).tables == {}


def test_a_column_of_another_kind_is_left_out() -> None:
    form = RULESET.forms["form"]
    columns = {**form.columns, "code": replace(form.columns["code"], type=TYPES["amount"])}
    changed = replace(RULESET, forms={"form": replace(form, columns=columns)})
    read = unpacked(changed, NORMS, packed(RULESET, NORMS, some()))
    assert set(read.tables["form"].columns) == {"amount", "text"}


def some() -> Workbook:
    columns = {
        "amount": np.array([1, BLANK]),
        "code": np.array([[0, 1], [2, 1], [BLANK, 0]]),
        "text": np.array(["x", None], object),
    }
    header = {"code": np.array([3]), "text": np.array([None], object)}
    return Workbook(YEARS, header, {"form": Table(np.array([0, 2]), columns)})


def told(workbook: Workbook) -> object:
    table = workbook.tables["form"]
    parts = [workbook.header, table.columns, table.previous]
    cells = [{name: (cells.tolist(), str(cells.dtype), cells.shape) for name, cells in part.items()} for part in parts]
    return workbook.years, workbook.known, table.offsets.tolist(), cells


def norms_of(codes: tuple[str, ...]) -> Norms:
    many = len(codes)
    blanks = ("",) * many
    listed = Classification(
        "list", TITLE, codes, (TITLE,) * many, (None,) * many, ((None, None),) * many, ("training",) * many, blanks
    )
    return Norms({}, {}, {"list": listed})


NORMS = norms_of(CODES)

"""Law 2 through HTTP: what a page has, with the deltas of its answers applied, is what it would read afresh."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.http.conftest import Service

FORMS = ("purchases", "notes", "by_kind")
Page = dict[str, Any]

cells = st.one_of(
    st.builds(lambda v: ("price", None, v), st.sampled_from(["", "0", "1", "2.05", "999.99", "1000000"])),
    st.builds(
        lambda y, v: ("quantity", y, v), st.sampled_from([2026, 2027, 2028, None]), st.sampled_from("0 7 12".split())
    ),
    st.builds(lambda v: ("kind", None, v), st.sampled_from(["paper", "fuel", "seed", ""])),
    st.builds(lambda v: ("name", None, v), st.sampled_from(["", "Wood", "Жер"])),
)
actions = st.one_of(
    st.tuples(st.just("cells"), st.lists(st.tuples(st.integers(0, 5), cells), min_size=1, max_size=3)),
    st.tuples(st.just("add"), st.integers(0, 5)),
    st.tuples(st.just("copy"), st.integers(0, 5)),
    st.tuples(st.just("remove"), st.integers(0, 5)),
    st.tuples(st.just("move"), st.tuples(st.integers(0, 5), st.integers(0, 5))),
    st.tuples(st.just("undo"), st.none()),
    st.tuples(st.just("redo"), st.none()),
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(actions, min_size=1, max_size=8))
def test_state_and_delta_is_fresh_state(service: Service, wanted: list[tuple[str, Any]]) -> None:
    client, path = service.as_somebody("executor"), f"submissions/{service.submissions['2250001']}"
    page = {form: client.get(f"{path}/forms/{form}").json() for form in FORMS}
    for action, asked in wanted:
        answer = done(client, path, page["purchases"]["rows"], (action, asked))
        if answer.status_code == 200:
            apply(client, path, page, answer.json())
        else:
            assert answer.status_code in (409, 422), answer.text
        assert {form: read(client, path, form) for form in FORMS} == {form: plain(page[form]) for form in FORMS}


def done(client: TestClient, path: str, rows: list[int], wanted: tuple[str, Any]) -> Any:
    """Do one action on one of the rows that there are."""
    action, asked = wanted
    if action in ("undo", "redo"):
        return client.post(f"{path}/{action}")
    if action == "add" or not rows:
        return client.post(f"{path}/rows", json={"form": "purchases", "place": asked if action == "add" else 0})
    if action == "cells":
        told = [
            {"form": "purchases", "row": rows[i % len(rows)], "column": column, "year": year, "value": value}
            for i, (column, year, value) in asked
        ]
        return client.patch(f"{path}/cells", json={"cells": told})
    if action == "copy":
        return client.post(f"{path}/rows", json={"form": "purchases", "copies": [rows[asked % len(rows)]]})
    if action == "remove":
        return client.post(f"{path}/rows/remove", json={"form": "purchases", "rows": [rows[asked % len(rows)]]})
    first, place = asked
    body = {"form": "purchases", "rows": [rows[first % len(rows)]], "place": place}
    return client.post(f"{path}/rows/move", json=body)


def apply(client: TestClient, path: str, page: Page, answer: Page) -> None:
    """What a page does with an answer: forms that have other rows are read anew, cells are put in their places."""
    for form in answer["reshaped"]:
        page[form] = client.get(f"{path}/forms/{form}").json()
    for one in answer["cells"]:
        if one["form"] in answer["reshaped"]:
            continue
        form = page[one["form"]]
        for row, year, month, _, after in one["changes"]:
            assert month is None
            column = form["columns"][one["column"]]
            cells_of_year = column[str(year)] if isinstance(column, dict) else column
            cells_of_year[form["rows"].index(row)] = after


def read(client: TestClient, path: str, form: str) -> Page:
    return plain(client.get(f"{path}/forms/{form}").json())


def plain(form: Page) -> Page:
    """Rows and cells: totals of a form are told with the form only."""
    return {"rows": form["rows"], "columns": form["columns"]}

"""Files over HTTP: out for whoever may see, in for whoever may edit, a dry run first."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
from openpyxl import load_workbook

from tests.api.http.conftest import Service


def test_out_edited_tried_and_in(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    given = client.get(f"submissions/{number}/export", params={"language": "kk"})
    assert given.status_code == 200
    assert ".xlsx" in given.headers["content-disposition"]
    book = load_workbook(io.BytesIO(given.content))
    book["purchases"]["G3"] = 4.1
    data = saved(book)
    tried = client.post(f"submissions/{number}/import", content=data).json()
    change = {"sheet": "purchases", "cell": "G3", "form": "purchases", "row": 1, "column": "price", "year": None}
    assert tried["changes"] == [change | {"before": "2.05", "after": "4.1"}]
    assert tried["refused"] == []
    assert {one["column"] for one in tried["delta"]["cells"]} == {"price", "amount", "total"}
    assert client.get(f"submissions/{number}").json()["revision"] == tried["delta"]["revision"]
    taken = client.post(f"submissions/{number}/import", params={"dry": False}, content=data).json()
    assert taken["delta"]["revision"] == tried["delta"]["revision"] + 1
    last = client.get(f"submissions/{number}/history").json()["history"][0]
    assert last["payload"]["cells"] == [["purchases", 1, "price", None, "2.05", "4.10"]]
    again = client.post(f"submissions/{number}/import", params={"dry": False}, content=data).json()
    assert (again["changes"], again["delta"]) == ([], None)


def test_one_bad_cell_and_nothing_is_taken(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    book = load_workbook(io.BytesIO(client.get(f"submissions/{number}/export").content))
    book["purchases"]["G3"], book["purchases"]["G4"] = 4.1, "much"
    tried = client.post(f"submissions/{number}/import", content=saved(book)).json()
    (refused,) = tried["refused"]
    assert (refused["sheet"], refused["cell"], refused["finding"]["code"]) == ("purchases", "G4", "input-unreadable")
    assert set(refused["finding"]["text"]) == {"kk", "ru", "en"}
    answer = client.post(f"submissions/{number}/import", params={"dry": False}, content=saved(book))
    assert (answer.status_code, answer.json()["type"]) == (422, "input-unreadable")
    assert client.get(f"submissions/{number}").json()["revision"] == 1


def test_over_somebody_elses_edit_a_file_is_not_written(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    book = load_workbook(io.BytesIO(client.get(f"submissions/{number}/export").content))
    book["purchases"]["G3"] = 4.1
    body = {"cells": [{"form": "purchases", "row": 2, "column": "price", "value": "1"}]}
    assert client.patch(f"submissions/{number}/cells", json=body).status_code == 200
    answer = client.post(f"submissions/{number}/import", params={"dry": False, "revision": 1}, content=saved(book))
    assert (answer.status_code, answer.json()["type"]) == (409, "revision-stale")


def test_what_is_no_workbook(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    answer = client.post(f"submissions/{number}/import", content=b"PK\x03\x04")
    assert (answer.status_code, answer.json()["type"]) == (415, "import-no-workbook")
    answer = client.post(f"submissions/{number}/import", content=b"0" * (20 * 2**20 + 1))
    assert (answer.status_code, answer.json()["type"]) == (413, "attachment-too-large")


def test_forms_and_totals_as_tables(service: Service) -> None:
    client, number = service.as_somebody("analyst"), service.submissions["2250001"]
    asked = {"format": "csv", "form": "purchases"}
    read = pd.read_csv(io.BytesIO(client.get(f"submissions/{number}/export", params=asked).content))
    assert read["amount"].tolist()[:3] == [22.55, 22605.0, 7700.0]
    answer = client.get(f"submissions/{number}/export", params={"format": "parquet"})
    assert (answer.status_code, answer.json()["type"]) == (404, "form-unknown")
    totals = client.get("totals/export", params={"by": ["institution", "year"], "format": "parquet"})
    assert set(pd.read_parquet(io.BytesIO(totals.content))["institution"]) == {"2250001", "2250002"}
    book = load_workbook(io.BytesIO(client.get("totals/export", params={"by": ["year"]}).content))
    assert book["Totals"]["B6"].value == "=SUBTOTAL(109,B3:B5)"


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

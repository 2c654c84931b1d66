"""Hostile input through HTTP: every answer is a problem with findings, nothing is a failure, and nothing is kept.

What is sent stands in `hostile.yaml` where it can be written down; the rest is drawn by hypothesis.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as some

from api.store import Store
from api.store.verifying import verify
from tests.api.http.conftest import Service
from tests.api.http.test_description import hostile
from tests.api.http.test_service import problem

__all__ = ["hostile"]
CASES = yaml.safe_load(Path(__file__).with_name("hostile.yaml").read_text(encoding="utf-8"))
LARGE = {
    "deep": "[" * 100_000,
    "digits": '{"cells": [{"form": "purchases", "row": ' + "9" * 10_000 + ', "column": "price", "value": "1"}]}',
    "text": '{"body": "' + "x" * 10_001 + '"}',
}
ATTACKS = some.sampled_from(
    [
        *("=1+1", "@SUM(1)", "-2+3", "+cmd|' /C calc'!A0", "'; drop table journal; --", "../../etc/passwd", "${7*7}"),
        *("<script>alert(1)</script>", "%00", "\r\nSet-Cookie: a=b", "NaN", "1e999", "-0", "٣", "½", "2026-02-30"),
        *("9" * 400, "0." + "0" * 400 + "1", "А" * 32_767, "\u202egnp.exe", "\ufeff1", "\x7f", "\u2028", "1 000,5"),
    ]
)
TEXTS = ATTACKS | some.text(max_size=60) | some.text(some.characters(categories=["Cc", "Cs", "Cn", "Co"]), max_size=9)
NAMES = some.sampled_from(["purchases", "header", "notes", "price", "name", "quantity", "amount"]) | TEXTS
CELLS = some.fixed_dictionaries(
    {"form": NAMES, "row": some.integers(-1, 2**64), "column": NAMES, "value": TEXTS},
    optional={"year": some.none() | some.integers(2020, 10_000)},
)
ROWS = some.dictionaries(NAMES, TEXTS | some.lists(TEXTS, max_size=4), max_size=4)


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_what_nobody_should_send_is_a_problem(hostile: Service, case: dict[str, Any]) -> None:
    client = somebody(hostile, "executor")
    body = LARGE[case["large"]] if "large" in case else case.get("body", "")
    content = bytes.fromhex(case["bytes"]) if "bytes" in case else body.encode()
    headers = {"Content-Type": "application/json"} | case.get("headers", {})
    answer = client.request(case["method"], case["path"], content=content, headers=headers)
    assert problem(answer) == (case["status"], case["told"])


@given(cells=some.lists(CELLS, min_size=1, max_size=3), dry=some.booleans())
def test_a_paste_of_anything_is_taken_or_refused_with_findings(hostile: Service, cells: Any, dry: bool) -> None:
    sent(hostile, "PATCH", "cells", {"cells": cells, "dry": dry})


@given(rows=some.lists(ROWS, max_size=3), form=NAMES, place=some.none() | some.integers(-1, 2**64))
def test_rows_of_anything_are_added_or_refused(hostile: Service, rows: Any, form: str, place: Any) -> None:
    sent(hostile, "POST", "rows", {"form": form, "place": place, "rows": rows})


@given(place=some.fixed_dictionaries({}, optional={"form": NAMES, "row": some.integers(), "column": NAMES}), body=TEXTS)
def test_a_remark_of_anything_is_taken_or_refused_with_findings(hostile: Service, place: Any, body: str) -> None:
    sent(hostile, "POST", "remarks", {"place": place, "body": body})


@given(name=TEXTS, data=some.binary(max_size=200) | TEXTS.map(lambda text: text.encode(errors="replace")))
def test_a_file_of_any_name_and_content_is_kept_or_refused(hostile: Service, name: str, data: bytes) -> None:
    client, number = somebody(hostile, "executor"), hostile.submissions["2250001"]
    path = f"submissions/{number}/attachments"
    made = client.post(path, params={"name": name.encode(errors="replace").decode()}, content=data)
    if made.status_code != 201:
        assert problem(made)[0] in (413, 415, 422)
        return
    given = client.get(f"{path}/{made.json()['id']}")
    assert given.content == data
    assert given.headers["content-disposition"].isascii()
    assert not {"/", "\\", "\r", "\n"} & set(client.get(path).json()["attachments"][-1]["name"])


def test_after_all_of_it_the_journal_is_proved_and_the_workbook_opens(hostile: Service) -> None:
    """Runs last: whatever was taken above can be given out again."""
    client, number = somebody(hostile, "executor"), hostile.submissions["2250001"]
    for asked in ({}, {"format": "csv", "form": "purchases"}, {"format": "parquet", "form": "purchases"}):
        assert client.get(f"submissions/{number}/export", params=asked).status_code == 200
    with hostile.desk.database.engine.connect() as connection:
        assert verify(Store(hostile.desk.database), connection).findings == ()


def sent(hostile: Service, method: str, path: str, body: Any) -> None:
    """JSON with escapes, so that half a character arrives."""
    client, number = somebody(hostile, "executor"), hostile.submissions["2250001"]
    content, headers = json.dumps(body), {"Content-Type": "application/json"}
    answer = client.request(method, f"submissions/{number}/{path}", content=content, headers=headers)
    if answer.status_code >= 300:
        assert problem(answer)[0] in (404, 409, 422)


def somebody(hostile: Service, login: str) -> TestClient:
    """The same client each time."""
    if login not in SIGNED_IN:
        SIGNED_IN[login] = hostile.as_somebody(login)
    return SIGNED_IN[login]


SIGNED_IN: dict[str, TestClient] = {}

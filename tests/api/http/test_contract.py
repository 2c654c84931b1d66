"""What the service answers, golden: the page's TypeScript tests read the same files with the page's own readers.

`SNAP_UPDATE=1` writes them anew. What differs from day to day stands as one fixed value of its kind.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.api.http.conftest import Service

GOLDEN = Path(__file__).parent.parent.parent / "ui" / "contract"
FIXED = {
    "at": "2026-01-31T10:00:00+00:00",
    "closed_at": "2026-01-31T10:00:00+00:00",
    "digest": "0" * 64,
    "days": 100,
}
PDF = b"%PDF-1.7\n%%EOF\n"
Answers = dict[str, dict[str, Any]]


def test_answers_are_as_the_page_expects_them(service: Service) -> None:
    told = _asked(service)
    written = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in GOLDEN.glob("*.json")}
    if os.environ.get("SNAP_UPDATE"):
        for name, one in told.items():
            text = json.dumps(one, ensure_ascii=False, indent=1, sort_keys=True)
            (GOLDEN / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        written = told
    assert sorted(told) == sorted(written)
    for name, one in told.items():
        assert one == written[name], name


def _asked(service: Service) -> Answers:
    """Name → what was asked and answered; changes first, so that what is read has something of everything."""
    executor, curator = service.as_somebody("executor"), service.as_somebody("curator")
    number = service.submissions["2250001"]
    here = f"submissions/{number}"
    place = {"form": "purchases", "row": 2, "column": "price"}
    edit = {"cells": [{**place, "value": "300.25"}]}
    executor.post(f"{here}/attachments", params={"name": "offers.pdf", "form": "purchases"}, content=PDF)
    executor.post(f"{here}/remarks", json={"place": {"form": "purchases", "row": 2}, "body": "?", "blocking": True})
    executor.post(f"{here}/remarks/1/close")
    answers = {
        "cells": _put("PATCH", f"/{here}/cells", executor.patch(f"{here}/cells", json=edit)),
        "rows": _put("POST", f"/{here}/rows", executor.post(f"{here}/rows", json={"form": "purchases"})),
        "undo": _put("POST", f"/{here}/undo", executor.post(f"{here}/undo")),
        "refusal": _put("PATCH", "refused", executor.patch(f"{here}/cells", json={"revision": 1, **edit})),
    }
    figure = {"form": "purchases", "row": 2, "column": "amount", "year": 2026}
    read = {
        "session": ("session", {}), "start": ("start", {}), "search": ("search", {"words": "2"}),
        "submissions": ("submissions", {}), "submission": (here, {}), "form": (f"{here}/forms/purchases", {}),
        "form-help": (f"{here}/forms/purchases/help", {}),
        "findings": (f"{here}/findings", {}), "explain": (f"{here}/explain", figure),
        "history": (f"{here}/history", {}), "remarks": (f"{here}/remarks", {}),
        "attachments": (f"{here}/attachments", {}), "cycles": ("cycles", {}),
        "organisations": ("organisations", {}), "codes": ("classifications/goods", {}),
    }  # fmt: skip
    for name, (path, query) in read.items():
        answers[name] = _put("GET", f"/{path}", executor.get(path, params=query))
    answers["start-of-curator"] = _put("GET", "/start", curator.get("start"))
    answers["totals"] = _put("GET", "/totals", curator.get("totals", params={"by": ["institution", "year"]}))
    return answers


def _put(method: str, path: str, answer: Any) -> dict[str, Any]:
    refused = path == "refused"
    assert answer.is_success is not refused, (method, path, answer.text)
    return {"asked": f"{method} {path}", "answer": _fixed(answer.json())}


def _fixed(told: Any) -> Any:
    """The same with one value for whatever is of the moment."""
    if isinstance(told, list):
        return [_fixed(one) for one in told]
    if not isinstance(told, dict):
        return told
    return {name: FIXED[name] if one is not None and name in FIXED else _fixed(one) for name, one in told.items()}

"""What stands beside the cells: remarks, attached files, the home page, search, reference data."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from api.attachments import SIZE_MAX, media_type
from engine.findings import Finding
from tests.api.http.conftest import Service
from tests.api.http.test_service import PRICE, patched, problem

PLACE = {"form": "purchases", "row": 2, "column": "price"}


def test_a_remark_is_pinned_answered_and_closed(service: Service) -> None:
    number = service.submissions["2250001"]
    analyst, executor = service.as_somebody("analyst"), service.as_somebody("executor")
    path = f"submissions/{number}/remarks"
    made = analyst.post(path, json={"place": PLACE, "body": "Why so dear?", "blocking": True})
    assert made.status_code == 201
    executor.post(path, json={"body": "The offer is attached.", "answers": made.json()["id"]})
    assert executor.get("start").json()["open_remarks"] == 1
    assert problem(executor.post(f"{path}/{made.json()['id']}/close")) == (403, "access-refused")
    assert analyst.post(f"{path}/{made.json()['id']}/close").status_code == 200
    assert problem(analyst.post(f"{path}/{made.json()['id']}/close")) == (409, "remark-closed")
    first, second = executor.get(path).json()["remarks"]
    assert (first["place"], first["by"], first["blocking"]) == (PLACE, "analyst", True)
    assert first["closed_at"] is not None
    assert second["answers"] == first["id"]
    history = [one["action"] for one in executor.get(f"submissions/{number}/history").json()["history"]]
    assert history == ["close", "remark", "remark", "create"]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"form": "purchase"}, (404, "form-unknown")),
        ({"form": "purchases", "column": "prise"}, (422, "column-unknown")),
        ({"form": "purchases", "row": 99}, (422, "row-gone")),
    ],
)
def test_a_remark_is_not_pinned_to_nowhere(service: Service, place: dict[str, Any], expected: tuple[int, str]) -> None:
    path = f"submissions/{service.submissions['2250001']}/remarks"
    answer = service.as_somebody("analyst").post(path, json={"place": place, "body": "?"})
    assert problem(answer) == expected


def test_a_file_is_attached_listed_downloaded_and_removed(service: Service) -> None:
    number, executor = service.submissions["2250001"], service.as_somebody("executor")
    path, data = f"submissions/{number}/attachments", b"%PDF-1.7 an offer"
    made = executor.post(path, params={"name": "../offer\u202e.pdf", "specific": "149"}, content=data)
    assert made.status_code == 201
    (told,) = executor.get(path).json()["attachments"]
    assert (told["name"], told["media_type"], told["place"]) == ("_offer_.pdf", "application/pdf", {"specific": "149"})
    given = executor.get(f"{path}/{told['id']}")
    assert given.content == data
    assert given.headers["content-disposition"] == "attachment; filename*=UTF-8''_offer_.pdf"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert problem(service.as_somebody("executor-2260001").get(f"{path}/{told['id']}")) == (404, "submission-unknown")
    assert problem(service.as_somebody("curator").post(path, params={"name": "x"}, content=data)) == (
        403,
        "access-refused",
    )
    assert executor.delete(f"{path}/{told['id']}").status_code == 200
    assert executor.get(path).json()["attachments"] == []
    assert problem(executor.get(f"{path}/{told['id']}")) == (404, "attachment-unknown")


def archive(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as to:
        for name, data in files.items():
            to.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return made.getvalue()


SHEET = archive(xl__workbook_xml=b"<workbook/>")
REFUSED = {
    "a program called invoice.pdf": (b"\x7fELF\x02\x01", "attachment-type-refused"),
    "a page": (b"<html><script>alert(1)</script>", "attachment-type-refused"),
    "a drawing that runs": (b'<?xml version="1.0"?><svg onload="alert(1)"/>', "attachment-type-refused"),
    "nothing": (b"", "attachment-empty"),
    "a zip bomb": (archive(xl__workbook_xml=b"\0" * 30_000_000), "attachment-swells"),
    "a document with macros": (archive(xl__workbook_xml=b"<w/>", xl__vbaProject=b"x"), "attachment-type-refused"),
    "an archive of something": (archive(a_txt=b"hello"), "attachment-type-refused"),
    "a torn archive": (SHEET[:40], "attachment-type-refused"),
    "too much": (b"%PDF-" + b" " * SIZE_MAX, "attachment-too-large"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_is_judged_by_what_it_is(what: str) -> None:
    found = media_type(REFUSED[what][0])
    assert isinstance(found, Finding)
    assert found.code == REFUSED[what][1]


def test_files_that_people_have_are_taken() -> None:
    assert media_type(SHEET) == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert media_type("Есеп; 1\n".encode()) == "text/plain; charset=utf-8"


def test_the_home_page_says_what_waits(service: Service) -> None:
    told = service.as_somebody("executor").get("start").json()
    (one,) = told["submissions"]
    assert (one["institution"], one["may_edit"], one["deadline"]["milestone"]) == (
        "2250001",
        True,
        "institution-requests",
    )
    assert service.as_somebody("curator").get("start").json()["visible"] == 3


def test_search_finds_what_one_may_see(service: Service) -> None:
    executor = service.as_somebody("executor")
    assert executor.get("search", params={"words": "закуп"}).json()["found"] == [
        {
            "kind": "form",
            "submission": service.submissions["2250001"],
            "form": "purchases",
            "code": "",
            "column": None,
            "title": {"kk": "Сатып алу", "ru": "Закупки", "en": "Purchases"},
        }
    ]
    kinds = {one["kind"] for one in executor.get("search", params={"words": "225000"}).json()["found"]}
    assert kinds == {"submission"}
    assert executor.get("search", params={"words": "2260001"}).json()["found"] == []


def test_the_page_remembers_its_user(service: Service) -> None:
    executor = service.as_somebody("executor")
    assert executor.get("layout").json() == {"layout": {}}
    executor.put("layout", json={"layout": {"purchases": {"price": 120}}})
    assert service.as_somebody("executor").get("layout").json() == {"layout": {"purchases": {"price": 120}}}
    assert problem(executor.put("layout", json={"layout": {"x": "y" * 70_000}})) == (422, "layout-too-large")


def test_norms_and_classifications_as_at_a_day(service: Service) -> None:
    executor = service.as_somebody("executor")
    assert [norm["name"] for norm in executor.get("norms").json()["norms"]] == ["limit.base", "markup"]
    values = executor.get("norms/markup", params={"on": "2027-05-01"}).json()["values"]
    assert [(value["value"], value["from"]) for value in values] == [("1.25", "2027-01-01")]
    assert len(executor.get("norms/markup").json()["values"]) == 2
    assert problem(executor.get("norms/mark")) == (404, "norm-not-found")
    codes = executor.get("classifications/goods", params={"like": "ТОПЛ"}).json()["codes"]
    assert [code["code"] for code in codes] == ["fuel"]
    first = executor.get("classifications/goods", params={"count": 2}).json()
    rest = executor.get("classifications/goods", params={"count": 2, "after": first["next"]}).json()
    assert [code["code"] for code in (*first["codes"], *rest["codes"])] == ["paper", "fuel", "seed"]
    assert problem(executor.get("classifications/good")) == (404, "classification-not-listed")
    assert executor.get("cycles").json()["cycles"][0]["name"] == "2026-2028"
    assert len(executor.get("organisations", params={"on": "2026-01-01"}).json()["organisations"]) == 6
    assert executor.get("organisations", params={"on": "2019-01-01"}).json()["organisations"] == []


def test_a_comment_does_not_stop_an_editor(service: Service) -> None:
    number = service.submissions["2250001"]
    service.as_somebody("analyst").post(f"submissions/{number}/remarks", json={"body": "Hurry."})
    assert patched(service.as_somebody("executor"), number, PRICE).status_code == 200


def test_only_a_demo_has_something_to_practise_on(service: Service) -> None:
    assert service.as_somebody("executor").get("start").json()["practice"] == []

"""Where figures go and where they come from: readers and totals of a cell, lines of a submission and their cells."""

from __future__ import annotations

from typing import Any

from tests.api.http.conftest import Service
from tests.api.http.test_beside import SHEET
from tests.api.http.test_service import PRICE, patched, problem

AMOUNT = {"form": "purchases", "column": "amount", "row": 2, "year": 2026}


def explained(service: Service, **cell: Any) -> dict[str, Any]:
    number = service.submissions["2250001"]
    answer = service.as_somebody("executor").get(f"submissions/{number}/explain", params=AMOUNT | cell)
    told: dict[str, Any] = answer.json()
    return told


def test_a_figure_leads_down_to_its_inputs_and_up_to_what_includes_it(service: Service) -> None:
    told = explained(service)
    assert [(part["column"], part["number"]) for part in told["cell"]["parts"]] == [("quantity", 2), ("price", 2)]
    (markup,) = told["cell"]["norms"]
    assert (markup["title"]["ru"], markup["verified"], markup["from"]) == ("Наценка", "unverified", "2026-01-01")
    included = told["included"]
    assert [one["specific"] for one in included["lines"]] == ["149"]
    readers = {(one["form"], one["column"], one["row"]) for one in included["readers"]}
    assert ("by_kind", "total", None) in readers
    levels = {(one["level"], one["code"], one["specific"]): one["amount"] for one in included["totals"]}
    totals = service.as_somebody("curator").get("totals", params={"by": "specific", "where": "year:2026"}).json()
    assert levels["republic", "", "149"] == totals["rows"][0][1]
    assert ("administrator", "225", None) in levels


def test_an_input_goes_into_the_totals_that_its_row_goes_into(service: Service) -> None:
    told = explained(service, column="price")
    assert told["cell"]["input"]
    assert ("purchases", "amount", 2) in {(o["form"], o["column"], o["row"]) for o in told["included"]["readers"]}
    assert {one["level"] for one in told["included"]["totals"]} == {"institution", "administrator", "republic"}


def test_lines_as_they_are_and_as_they_were(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    path, asked = f"submissions/{number}/lines", {"by": ["specific", "year"]}
    before = client.get(path, params=asked).json()
    patched(client, number, PRICE)
    after = client.get(path, params=asked).json()
    assert after["columns"] == ["specific", "year", "amount", "incomplete"]
    assert (before["revision"], after["revision"]) == (1, 2)
    assert before["rows"] != after["rows"]
    assert client.get(path, params=asked | {"revision": 1}).json() == before
    assert problem(client.get(path, params=asked | {"revision": 9})) == (409, "revision-stale")
    assert problem(client.get(path, params={"by": "colour"})) == (422, "dimension-unknown")
    some = client.get(path, params=asked | {"where": "year:2027"}).json()["rows"]
    assert some == [row for row in after["rows"] if row[1] == "2027"]


def test_a_line_leads_to_the_cells_that_make_it(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    where = ["specific:149", "year:2026"]
    cells = client.get(f"submissions/{number}/lines/cells", params={"where": where}).json()["cells"]
    (line,) = client.get(f"submissions/{number}/lines", params={"by": "specific", "where": where}).json()["rows"]
    assert sum(int(cell["amount"]) for cell in cells) == int(line[1])
    assert (cells[0]["form"], cells[0]["column"], cells[0]["row"], cells[0]["year"]) == ("purchases", "amount", 2, 2026)
    none = client.get(f"submissions/{number}/lines/cells", params={"where": "specific:111"}).json()
    assert none["cells"] == []


def test_submissions_of_an_institution_are_found(service: Service) -> None:
    curator = service.as_somebody("curator")
    (found,) = curator.get("submissions", params={"institution": "2250002"}).json()["submissions"]
    assert found["id"] == service.submissions["2250002"]


def test_what_a_browser_shows_without_running_it_may_be_looked_at(service: Service) -> None:
    number, executor = service.submissions["2250001"], service.as_somebody("executor")
    path = f"submissions/{number}/attachments"
    pdf = executor.post(path, params={"name": "offer.pdf"}, content=b"%PDF-1.7 an offer").json()["id"]
    shown = executor.get(f"{path}/{pdf}", params={"preview": True}).headers
    assert shown["content-disposition"] == "inline"
    assert "script-src" not in shown["content-security-policy"]
    assert "default-src 'none'" in shown["content-security-policy"]
    assert executor.get(f"{path}/{pdf}").headers["content-disposition"].startswith("attachment")
    sheet = executor.post(path, params={"name": "prices.xlsx"}, content=SHEET).json()["id"]
    assert executor.get(f"{path}/{sheet}", params={"preview": True}).headers["content-disposition"].startswith("attach")


def test_limits_stand_on_every_level_and_move_with_edits(service: Service) -> None:
    client, number = service.as_somebody("executor"), service.submissions["2250001"]
    before = {(one["level"], one["year"]): one for one in client.get(f"submissions/{number}").json()["limits"]}
    assert {level for level, _ in before} == {"institution", "administrator", "republic"}
    assert before["administrator", 2026]["limit"] == str(2 * 3_000_000)
    assert before["republic", 2026]["limit"] == str(3 * 3_000_000)
    told = patched(client, number, PRICE).json()
    after = {(one["level"], one["year"]): one for one in told["limits"]}
    more = int(after["institution", 2026]["asked"]) - int(before["institution", 2026]["asked"])
    assert more > 0
    assert int(before["republic", 2026]["left"]) - int(after["republic", 2026]["left"]) == more


def test_limits_beside_totals_are_of_what_one_sees(service: Service) -> None:
    def seen(login: str) -> set[tuple[str, str]]:
        rows = service.as_somebody(login).get("totals/limits").json()["rows"]
        return {(level, code) for level, code, *_ in rows}

    assert seen("executor") == {("institution", "2250001"), ("administrator", "225"), ("republic", "")}
    assert {code for level, code in seen("analyst") if level == "institution"} == {"2250001", "2250002"}
    assert {code for level, code in seen("curator") if level == "administrator"} == {"225", "226"}


def test_totals_tell_what_their_codes_are_called(service: Service) -> None:
    asked = {"by": ["administrator", "specific"], "titles": True}
    titles = service.as_somebody("curator").get("totals", params=asked).json()["titles"]
    assert set(titles) == {"administrator", "specific"}
    assert set(titles["administrator"]) == {"225", "226"}
    assert "titles" not in service.as_somebody("curator").get("totals", params={"by": "year"}).json()

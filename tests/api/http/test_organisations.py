"""Organisations renamed, merged and split with their history, and tables of them, of staff and of past lines."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.store.verifying import Proof, verify
from tests.api.http.conftest import Service
from tests.api.http.test_service import PRICE, patched, problem
from tests.api.store.servers import by_hand

CHANGES = "organisations/changes"
ONE = 2255 + 2260500 + 770000
"""What each school asks for in 2026, in tiyn."""


def by_code(client: TestClient, on: str | None = None) -> dict[str, Any]:
    asked = {"on": on} if on else {}
    return {one["code"]: one for one in client.get("organisations", params=asked).json()["organisations"]}


def merged(client: TestClient, *, dry: bool = False, **more: Any) -> Any:
    """The two schools of administrator 225 become one, which bears a new code."""
    there = by_code(client)
    body = {
        "kind": "merge",
        "on": "2026-07-01",
        "ending": [there["2250001"]["id"], there["2250002"]["id"]],
        "beginning": {"2250009": {"kk": "Мектеп", "ru": "Школа", "en": "School"}},
        "heir": "2250009",
        "reason": "resolution 1",
        "dry": dry,
    }
    return client.post(CHANGES, json=body | more)


def proof(service: Service) -> Proof:
    with service.desk.transaction() as connection:
        return verify(service.desk.store, connection)


def totals(client: TestClient, by: list[str], **more: str) -> Any:
    return client.get("totals", params={"by": by, "where": ["year:2026", "specific:149"], **more}).json()["rows"]


def test_a_merger_keeps_what_was_and_passes_on_what_is_open(service: Service) -> None:
    keeper, executor = service.as_somebody("system-administrator"), service.as_somebody("executor-2250002")
    first, second = service.submissions["2250001"], service.submissions["2250002"]
    assert executor.get(f"submissions/{first}").status_code == 404
    told = merged(keeper).json()
    assert (told["submissions"], told["dry"]) == ([first, second], False)
    assert set(by_code(keeper, "2026-06-30")) & {"2250001", "2250002", "2250009"} == {"2250001", "2250002"}
    assert set(by_code(keeper, "2026-07-01")) & {"2250001", "2250002", "2250009"} == {"2250009"}
    old = by_code(keeper)["2250001"]
    assert (old["to"], old["successor"]) == ("2026-07-01", told["heir"])
    assert executor.get(f"submissions/{first}").status_code == 200
    assert patched(executor, second, PRICE).status_code == 200
    assert service.as_somebody("executor-2260001").get(f"submissions/{first}").status_code == 404


def test_totals_by_the_organisations_of_a_day(service: Service) -> None:
    keeper, curator = service.as_somebody("system-administrator"), service.as_somebody("curator")
    merged(keeper)
    before = [["2250001", str(ONE), "0"], ["2250002", str(ONE), "0"], ["2260001", str(ONE), "0"]]
    assert totals(curator, ["institution"]) == before
    assert totals(curator, ["institution"], organisations="2026-06-30") == before
    after = [["2250009", str(2 * ONE), "0"], ["2260001", str(ONE), "0"]]
    assert sorted(totals(curator, ["institution"], organisations="2026-07-01")) == after
    by = ["administrator", "year"]
    assert totals(curator, by, organisations="2026-07-01") == totals(curator, by)


def test_an_administrator_that_is_renamed_takes_those_below_along(service: Service) -> None:
    keeper, curator = service.as_somebody("system-administrator"), service.as_somebody("curator")
    there = by_code(keeper)
    body = {"kind": "rename", "on": "2026-07-01", "ending": [there["225"]["id"]], "beginning": {"325": {"ru": "Новое"}}}
    told = keeper.post(CHANGES, json=body | {"heir": "325", "reason": "decree", "dry": False}).json()
    now = by_code(keeper, "2026-07-01")
    assert now["2250001"]["parent"] == now["325"]["id"] == told["heir"]
    assert now["2250001"]["id"] != there["2250001"]["id"]
    rows = totals(curator, ["administrator"], organisations="2026-07-01")
    assert sorted(rows) == [["226", str(ONE), "0"], ["325", str(2 * ONE), "0"]]
    analyst = service.as_somebody("analyst")
    assert analyst.get(f"submissions/{service.submissions['2250001']}").status_code == 200


def test_a_split_leaves_the_open_submission_to_the_heir(service: Service) -> None:
    keeper = service.as_somebody("system-administrator")
    beginning = {"2260001": {"ru": "Больница"}, "2260002": {"ru": "Поликлиника"}}
    body = {"kind": "split", "on": "2026-07-01", "ending": [by_code(keeper)["2260001"]["id"]], "beginning": beginning}
    told = keeper.post(CHANGES, json=body | {"heir": "2260001", "reason": "order", "dry": False}).json()
    assert [one["code"] for one in told["begun"]] == ["2260001", "2260002"]
    doctor = service.as_somebody("executor-2260001")
    assert [one["institution"] for one in doctor.get("submissions").json()["submissions"]] == ["2260001"]
    again = keeper.post(CHANGES, json=body | {"heir": "2260001", "reason": "order", "dry": False})
    assert problem(again) == (422, "organisation-not-then")


def test_a_closed_cycle_stays_with_whose_it_was(service: Service) -> None:
    with service.desk.transaction() as connection:
        connection.execute(text("""update cycle set calendar = '{"requests": "2025-05-01"}'"""))
    assert merged(service.as_somebody("system-administrator")).json()["submissions"] == []


def test_dry_is_dry_and_a_key_is_used_once(service: Service) -> None:
    keeper = service.as_somebody("system-administrator")
    before = by_code(keeper)
    assert merged(keeper, dry=True).json()["dry"]
    assert by_code(keeper) == before
    headers = {"Idempotency-Key": "once"}
    there = by_code(keeper)
    body = {"kind": "rename", "on": "2026-07-01", "ending": [there["2260001"]["id"]], "heir": "2260001", "dry": False}
    body |= {"beginning": {"2260001": {"ru": "Иначе"}}, "reason": "order"}
    first, second = (keeper.post(CHANGES, json=body, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    listed = keeper.get(CHANGES).json()
    assert (len(listed["changes"]), listed["whole"]) == (1, True)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"ending": [999]}, "organisation-not-there"),
        ({"on": "2019-01-01"}, "organisation-not-then"),
        ({"heir": "nobody"}, "reorganisation-unclear"),
        ({"kind": "split"}, "reorganisation-unclear"),
        ({"beginning": {"2260001": {"ru": "?"}}, "heir": "2260001"}, "organisation-twice"),
    ],
)
def test_what_cannot_be_reorganised_is_told_and_nothing_is_done(service: Service, more: Any, code: str) -> None:
    keeper = service.as_somebody("system-administrator")
    before = by_code(keeper)
    assert problem(merged(keeper, **more))[1] == code
    assert by_code(keeper) == before


def test_a_change_written_over_by_hand_is_seen(service: Service) -> None:
    keeper = service.as_somebody("system-administrator")
    merged(keeper)
    assert keeper.get(CHANGES).json()["whole"]
    assert proof(service).findings == ()
    with by_hand(service.desk.database.url).connect() as connection:
        with pytest.raises(Exception, match="never changed"):
            connection.execute(text("update organisation_change set at = ''"))
        connection.execute(text("set session_replication_role = replica"))
        connection.execute(text("update organisation_change set payload = replace(payload, 'resolution', 'wish')"))
    assert not keeper.get(CHANGES).json()["whole"]
    assert [(one.code, one.args) for one in proof(service).findings] == [
        ("organisation-change-broken", {"number": "1"})
    ]


def test_only_its_keeper_reorganises_and_imports(service: Service) -> None:
    for login in ("curator", "executor", "auditor"):
        client = service.as_somebody(login)
        assert problem(merged(client)) == (403, "access-refused")
        assert problem(client.post("imports/staff", content=b"login\nx")) == (403, "access-refused")


ORGANISATIONS = """kind;code;parent;title_kk;title_ru;title_en;from
institution;2270001;227;Мұражай;Музей;Museum;2026-01-01
administrator;227;centre;;Мәдениет;;2026-01-01
institution;2250001;225;;;;2020-01-01
"""
STAFF = """login,name,role,organisation,language,password
asel,Әсел,executor,2260001,kk,secret-word
omar,Омар,curator,centre,,
"""
PAST = """institution,administrator,programme,subprogramme,specific,kind,year,stage,budget,side,amount,source
2250001,225,001,,149,base,2025,executed,republican,expense,"1234,5",report
2250001,225,001,,149,base,2024,executed,republican,expense,-7,report
"""


def taken(client: TestClient, kind: str, data: str | bytes, *, dry: bool = False) -> Any:
    content = data.encode() if isinstance(data, str) else data
    return client.post(f"imports/{kind}", params={"dry": dry}, content=content, headers={"Content-Type": "text/csv"})


def test_organisations_come_by_a_table_that_is_looked_through_first(service: Service) -> None:
    keeper = service.as_somebody("system-administrator")
    tried = taken(keeper, "organisations", ORGANISATIONS, dry=True).json()
    (wrong,) = tried["findings"]
    assert (wrong["row"], wrong["column"], wrong["finding"]["code"]) == (4, "title_ru", "import-value-missing")
    assert problem(taken(keeper, "organisations", ORGANISATIONS)) == (422, "import-value-missing")
    assert "227" not in by_code(keeper)
    sound = ORGANISATIONS.rsplit("institution", 1)[0]
    assert taken(keeper, "organisations", sound, dry=True).json()["added"] == [3, 2]
    assert "227" not in by_code(keeper)
    assert taken(keeper, "organisations", sound).json()["added"] == [3, 2]
    assert by_code(keeper)["2270001"]["parent"] == by_code(keeper)["227"]["id"]
    again = taken(keeper, "organisations", sound).json()
    assert (again["added"], again["unchanged"]) == ([], [3, 2])
    other = sound.replace("Музей", "Архив")
    assert problem(taken(keeper, "organisations", other)) == (422, "organisation-differs")


def test_staff_comes_by_a_table_and_signs_in(service: Service) -> None:
    keeper = service.as_somebody("system-administrator")
    assert taken(keeper, "staff", STAFF).json()["added"] == [2, 3]
    assert taken(keeper, "staff", STAFF).json()["unchanged"] == [2, 3]
    assert taken(keeper, "staff", STAFF.replace("Омар", "Omar")).json()["changed"] == [3]
    signed = service.client.post("session", json={"login": "asel", "password": "secret-word"})
    assert (signed.status_code, signed.json()["language"]) == (200, "kk")
    assert problem(service.client.post("session", json={"login": "omar", "password": "-"})) == (401, "sign-in-wrong")
    wrong = "login,name,role,organisation\na,A,executer,2260001\nb,B,executor,centre\n"
    found = taken(keeper, "staff", wrong, dry=True).json()["findings"]
    assert [(one["row"], one["column"]) for one in found] == [(2, "role"), (3, "organisation")]
    assert found[0]["finding"]["args"]["nearest"] == "executor"


def test_a_table_is_taken_once_with_one_key(service: Service) -> None:
    keeper = service.as_somebody("system-administrator")

    def sent(data: str, *, dry: bool = False, key: str = "k") -> Any:
        headers = {"Content-Type": "text/csv", "Idempotency-Key": key}
        return keeper.post("imports/past-lines", params={"dry": dry}, content=data.encode(), headers=headers)

    assert problem(sent(PAST.replace("-7", "seven"))) == (422, "import-value-unclear")
    assert sent(PAST, dry=True).json()["added"] == [2, 3]
    first = sent(PAST)
    assert (first.status_code, first.json()["added"]) == (200, [2, 3]), (
        "what was refused or tried may use its key again"
    )
    with service.desk.transaction() as connection:
        connection.execute(text("update past_line set amount = 1"))
    assert sent(PAST).json() == first.json()
    with service.desk.reading() as connection:
        assert set(connection.scalars(text("select amount from past_line"))) == {1}, "nothing was taken again"
    assert sent(PAST, dry=True).json()["changed"] == [2, 3]
    assert sent(PAST, key="other").json()["changed"] == [2, 3]


def test_past_lines_come_by_a_workbook_or_a_call(service: Service) -> None:
    keeper = service.as_somebody("system-administrator")
    assert taken(keeper, "past-lines", PAST).json()["added"] == [2, 3]
    assert taken(keeper, "past-lines", PAST).json()["unchanged"] == [2, 3]
    book = openpyxl.Workbook()
    for line in PAST.splitlines():
        book.active.append(line.replace('"1234,5"', "1234.5").split(","))
    out = io.BytesIO()
    book.save(out)
    assert taken(keeper, "past-lines", out.getvalue()).json()["unchanged"] == [2, 3]
    names, *lines = [line.replace('"1234,5"', "99").split(",") for line in PAST.splitlines()]
    rows = [dict(zip(names, line, strict=True)) for line in lines]
    told = keeper.post("imports/past-lines", params={"dry": False}, json=rows).json()
    assert (told["changed"], told["unchanged"]) == ([2], [3])
    with service.desk.reading() as connection:
        stored = connection.execute(text("select year, amount from past_line order by year")).all()
    assert [(row.year, int(row.amount)) for row in stored] == [("2024", -700), ("2025", 9900)]


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("organisations", "code,kind\n1,institution\n", "import-column-missing"),
        ("organisations", ORGANISATIONS.replace(";227;Мұ", ";999;Мұ"), "import-value-missing"),
        ("past-lines", PAST.replace("-7", "=1+1"), "import-value-unclear"),
        ("past-lines", PAST + PAST.splitlines()[1] + "\n", "import-key-repeated"),
        ("staff", STAFF.replace("asel", "as\x01el"), "import-no-workbook"),
        ("staff", "login\n", "import-nothing-found"),
        ("staff", b"\xff\xfe\x00", "import-no-workbook"),
        ("staff", b"PK\x03\x04", "import-no-workbook"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(service: Service, kind: str, data: Any, expected: str) -> None:
    keeper = service.as_somebody("system-administrator")
    answer = taken(keeper, kind, data)
    assert problem(answer)[1] == expected

"""A republic in the database: begun at once as one by one, whole or not at all, with somebody in each role."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text

import api.demo
import api.demo_past
import api.demo_staff
from api.access import OFFICIAL_USE, table
from api.before import past_lines, taken_over
from api.cli import main
from api.demo import RULESET, is_empty, seed
from api.installation import ROOT, load_ruleset
from api.republic.people import AHEAD, calendar_of, password
from api.sessions import sign_in
from api.store import Birth, Deed, Prepared, Store, Wish, actions
from api.store import schema as tables
from api.store.database import Database
from api.store.editions import newest
from api.store.held import Held
from api.store.loading import load_some
from api.store.memory import Asleep, Memory
from api.store.totals import Totals
from api.store.verifying import Proof, verify
from api.terminal import FOUND, OK, USAGE
from engine.norms import look_up
from engine.verdicts import findings_of
from engine.workbook import Workbook, only

from .conftest import Village, copy_of, owner_of
from .servers import Served

TODAY = date(2026, 11, 22)
IDLE = AHEAD
SCHEDULES = 33
"""Of administrators, but for the one that has yet to begin, and the one whose request is for official use."""
ALL = SCHEDULES + 59 + 3
LINES = ALL + 3 * SCHEDULES - 1
"""Of the journal: beginnings, and the steps of the schedules, one of which has not been approved."""


@pytest.fixture(scope="module")
def demo(template: Served) -> Iterator[Database]:
    """The demo republic."""
    with copy_of(template, "demo") as database:
        with database.engine.begin() as connection:
            assert is_empty(connection)
            seed(Store(database), connection, "demo", TODAY)
        yield database


def test_the_whole_demo_is_proved_by_its_journal(demo: Database) -> None:
    with demo.engine.connect() as connection:
        proof = verify(Store(demo), connection)
        assert not is_empty(connection)
    assert proof == Proof(LINES, ALL, 1, ())


def test_all_at_once_is_one_by_one(demo: Database, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def one_by_one(store: Store, connection: Connection, births: Sequence[Birth], workbook: Workbook) -> list[int]:
        return [store.create(connection, birth, only(workbook, number)) for number, birth in enumerate(births)]

    monkeypatch.setattr(api.demo, "create_all", one_by_one)
    monkeypatch.setattr(api.demo_past, "create_all", one_by_one)
    monkeypatch.setattr(api.demo_staff, "create_all", one_by_one)
    with database.engine.begin() as connection:
        seed(Store(database), connection, "demo", TODAY)
        alone = told(connection)
    with demo.engine.connect() as connection:
        together = told(connection)
    assert [len(rows) for rows in together.values()][:2] == [ALL, LINES]
    assert alone == together


def told(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All that beginning writes, but for the moments, and the digests of journal lines, which are over the moments."""
    moments = {"submission.head", "journal.at", "journal.previous", "journal.digest", "snapshot.head"}
    return {
        of.name: [
            {name: value for name, value in row.items() if f"{of.name}.{name}" not in moments}
            for row in connection.execute(select(of).order_by(*of.primary_key.columns)).mappings()
        ]
        for of in (tables.submission, tables.journal, tables.line, tables.snapshot)
    }


def test_who_stops_in_the_middle_has_made_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> list[int]:
        raise KeyboardInterrupt

    monkeypatch.setattr(api.demo, "create_all", stopped)
    with pytest.raises(KeyboardInterrupt), database.engine.begin() as connection:
        seed(Store(database), connection, "demo", TODAY)
    with database.engine.begin() as connection:
        assert [of.name for of in tables.metadata.sorted_tables if connection.execute(select(of)).first()] == []


@pytest.mark.parametrize("calculated", [False, True])
def test_loaded_at_once_is_opened_one_by_one(demo: Database, calculated: bool) -> None:
    loaded, other = Store(demo), Store(demo)
    with demo.engine.connect() as connection:
        found = load_some(loaded, connection, 0)
        assert found is not None
        assert found.count == len(loaded.memory.asleep) == ALL
        assert load_some(loaded, connection, found.last) is None
        for part in found.parts if calculated else ():
            part.calculate()
        for number in list(loaded.memory.asleep)[::7]:
            woken, opened = loaded.open(connection, number), other.open(connection, number)
            assert woken is not None
            assert opened is not None
            assert (woken.revision, woken.head, woken.rows) == (opened.revision, opened.head, opened.rows)
            assert seen(woken.workbook) == seen(opened.workbook)
    assert len(loaded.memory.asleep) == ALL - len(loaded.memory.held) == ALL - 14


def test_totals_that_are_read_at_once_are_those_of_their_lines(demo: Database) -> None:
    read = Totals()
    with demo.engine.connect() as connection:
        assert read.catch_up(connection) > 0
        official = {row.id: row.official_use for row in connection.execute(select(tables.submission))}
        cycles = {row.id: row.cycle for row in connection.execute(select(tables.submission))}
        lines = connection.execute(select(tables.line)).all()
    assert any(official.values())
    summed: dict[tuple[str, ...], list[int]] = {}
    for line in lines:
        for level, code in (("institution", line.institution), ("administrator", line.administrator), ("republic", "")):
            hidden = official[line.submission] and level != "institution"
            for specific in ("official-use" if hidden else line.specific, ""):
                place = summed.setdefault((cycles[line.submission], level, code, specific, line.year), [0, 0])
                place[0], place[1] = place[0] + int(line.amount), place[1] + line.incomplete
    assert {place: list(amount) for place, amount in read.above.items()} == summed
    for number in official:
        asked = {"kind": frozenset(["base"]), "year": frozenset(["2026"])}
        pivoted = read.beside(number, (), asked)
        assert [read.under(number, ("republic", "", "base", "2026"))[0]] == pivoted.amounts.tolist()
    assert read.administrators == {line.institution: line.administrator for line in lines}


CELLS = [("staff", 2026, "2.35"), ("staff", None, "3.15"), ("persons", None, "14"), ("persons", None, "13")]


def test_a_run_of_edits_is_replayed_as_one(demo: Database) -> None:
    with demo.engine.connect() as connection:
        lived = _lived(Store(demo), connection, -1, [_wishing(*cell) for cell in CELLS])
        anew = Store(demo).open(connection, lived.submission)
        connection.rollback()
    assert anew is not None
    assert (anew.revision, anew.head) == (lived.revision, lived.head)
    assert seen(anew.workbook) == seen(lived.workbook)


@pytest.mark.parametrize("calculated", [False, True])
def test_what_was_done_since_is_loaded_with_the_rest(demo: Database, calculated: bool) -> None:
    edits, added = [_wishing(*cell) for cell in CELLS], partial(_with_row, form="pay_civil_employees")
    store = Store(demo)
    with demo.engine.connect() as connection:
        lived = [
            _lived(store, connection, place, wishes)
            for place, wishes in ((-1, edits), (-2, [*edits[:2], added, edits[3]]))
        ]
        loaded = Store(demo)
        found = load_some(loaded, connection, 0)
        assert found is not None
        for part in found.parts if calculated else ():
            part.calculate()
        known = [loaded.memory.revision(one.submission) for one in lived]
        woken = [loaded.open(connection, one.submission) for one in lived]
        connection.rollback()
    assert known == [lived[0].revision, lived[1].revision - 2]
    for now, then in zip(woken, lived, strict=True):
        assert now is not None
        assert (now.revision, now.head, now.rows) == (then.revision, then.head, then.rows)
        assert seen(now.workbook) == seen(then.workbook)


def test_who_is_asked_for_while_others_are_read_is_as_late_as_it_says(
    demo: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken, lay_down = dict[int, Held](), Memory.lay_down

    def asked_for_at_once(memory: Memory, number: int, asleep: Asleep) -> None:
        lay_down(memory, number, asleep)
        if number == lived.submission:
            woken[number] = asleep.wake()

    monkeypatch.setattr(Memory, "lay_down", asked_for_at_once)
    with demo.engine.connect() as connection:
        lived = _lived(Store(demo), connection, -1, [_wishing(*cell) for cell in CELLS])
        load_some(Store(demo), connection, 0)
        connection.rollback()
    now = woken[lived.submission]
    assert (now.revision, now.head) == (lived.revision, lived.head)
    assert seen(now.workbook) == seen(lived.workbook)


def _lived(store: Store, connection: Connection, place: int, wishes: Sequence[Wish]) -> Held:
    """The submission that began at that place of the journal, after more actions of whoever began it."""
    number, who = connection.execute(
        select(tables.journal.c.submission, tables.journal.c.account).where(tables.journal.c.action == "create")
    ).all()[place]
    for wish in wishes:
        answer = store.act(connection, number, Deed(who, None), wish)
        assert answer is not None
        assert answer.position > 0
        store.committed(answer)
    return answer.after


def _wishing(column: str, year: int | None, given: str) -> Wish:
    return lambda held: ("cells", *actions.cells(held, [("pay_civil_employees", 1, column, year, given)]))


def _with_row(held: Held, form: str) -> Prepared:
    return "add", *actions.add_rows(held, form, 0, [{}])


def seen(workbook: Workbook) -> dict[tuple[str, str], list[Any]]:
    assert workbook.results is not None
    inputs = {(form, name): cells for form, table in workbook.tables.items() for name, cells in table.columns.items()}
    return {key: cells.tolist() for key, cells in {**inputs, **workbook.results.columns}.items()}


def test_a_part_of_it_has_a_last_cycle_and_all_of_it_a_past(demo: Database) -> None:
    of, past = tables.submission.c, tables.past_line.c
    with demo.engine.connect() as connection:
        rows = connection.execute(select(of.cycle, of.state, func.count()).group_by(of.cycle, of.state)).all()
        told = [("2025-2027", "planned", 3), ("2026-2028", "approved", SCHEDULES - 1)]
        assert sorted(tuple(row) for row in rows) == [
            *told,
            ("2026-2028", "draft", 59),
            ("2026-2028", "under-review", 1),
        ]
        began = {cycle: set(connection.scalars(select(of.organisation).where(of.cycle == cycle))) for cycle, *_ in rows}
        assert len(began["2025-2027"] - began["2026-2028"]) == 1
        stages = select(past.year, past.stage).distinct().order_by(past.year, past.stage)
        assert connection.execute(stages).all() == [("2024", "executed"), ("2025", "law"), ("2025", "specified")]
        assert set(connection.scalars(select(past.source).distinct())) == {"invented for training"}
        store = Store(demo)
        first = connection.scalar(select(func.min(of.id)).where(of.state == "draft")) or 0
        held = store.open(connection, first)
        assert held is not None
        assert taken_over(held, past_lines(connection, held))[1] == {"cells": []}


def test_requests_are_held_against_the_posts_of_approved_schedules(demo: Database) -> None:
    """The limit of an institution is the posts that it asks money for; whose schedule is not approved has another."""
    of, by = tables.submission.c, tables.organisation.c
    with demo.engine.connect() as connection:
        store = Store(demo)
        named = select(of.id, of.norms, by.code, by.kind).join(tables.organisation).where(of.cycle == "2026-2028")
        rows = connection.execute(named.order_by(of.id)).all()
        administrators = [row.code for row in rows if row.kind == "administrator"]
        requests = [row for row in rows if row.kind == "institution"]
        assert len(administrators) == SCHEDULES
        assert {"102", "208"}.isdisjoint(administrators)
        assert {row.norms for row in requests} == {newest(connection)}
        limits = []
        for row in requests:
            held = store.open(connection, row.id)
            assert held is not None
            pay = [
                held.workbook.tables[name].columns["staff"] for name in ("pay_civil_employees", "pay_civil_servants")
            ]
            value = look_up(held.plan.norms, "staff.limit", (row.code,), date(2027, 1, 1))
            assert value is not None
            limits.append(
                (row.code[:3], value.source, value.value == Fraction(sum(int(s.max(0).sum()) for s in pay), 100))
            )
            assert findings_of(held.plan, held.workbook) == []
    approved = set(administrators[:-1])
    assert {own for administrator, _, own in limits if administrator in approved} == {True}
    sources = {administrator: source for administrator, source, _ in limits}
    assert {source for code, source in sources.items() if code in approved} == {"staff-schedule 2026.1"}
    assert {source for code, source in sources.items() if code not in approved} == {"invented for training"}
    assert len(approved & sources.keys()) > 30


def test_each_role_is_somebodys_and_each_organisation_has_its_people(demo: Database) -> None:
    of, member = tables.organisation, tables.membership
    with demo.engine.connect() as connection:
        rows = connection.execute(select(member.c.role, of.c.kind, of.c.code).join(of)).all()
        organisations = connection.execute(select(of.c.kind, of.c.code)).all()
        secret = connection.scalars(select(of.c.code).join(tables.submission).where(tables.submission.c.official_use))
        assert set(secret) == {code for role, kind, code in rows if role == OFFICIAL_USE}
    held = {(role, kind) for role, kind, _ in rows if role != OFFICIAL_USE}
    assert held == set(table().levels.items())
    assert {(kind, code) for _, kind, code in rows} == {(kind, code) for kind, code in organisations}


def test_who_is_shown_may_sign_in(demo: Database) -> None:
    with demo.engine.begin() as connection:
        for login in ("curator", "analyst-102", "executor-1020001"):
            assert isinstance(sign_in(connection, login, password(), IDLE), str)


def test_the_calendar_has_each_deadline_of_the_process_in_its_order() -> None:
    ruleset, _ = load_ruleset(RULESET)
    assert ruleset is not None
    calendar = calendar_of(2026, TODAY)
    deadlines = [row.deadline for row in ruleset.workflow if row.deadline]
    assert list(dict.fromkeys(deadlines)) == list(calendar)
    assert list(calendar.values()) == sorted(calendar.values())
    assert date.fromisoformat(calendar["institution-requests"]) == TODAY + AHEAD


# As commands


def esep(database: Database, *words: str) -> int:
    return main([*words, "--database", database.url.render_as_string(hide_password=False)])


@pytest.mark.parametrize(("language", "word"), [("kk", "Дәлелденді"), ("ru", "Доказано"), ("en", "Proved")])
def test_verify_proves_in_three_languages(
    demo: Database, capsys: pytest.CaptureFixture[str], language: str, word: str
) -> None:
    assert esep(demo, "verify", "--lang", language) == OK
    assert capsys.readouterr().out.startswith(word)


def test_verify_names_what_is_wrong(village: Village, capsys: pytest.CaptureFixture[str]) -> None:
    with owner_of(village.database).connect() as connection:
        connection.execute(text("update line set amount = amount + 1"))
    assert esep(village.database, "verify", "--json") == FOUND
    told = json.loads(capsys.readouterr().out)
    assert (told["submissions"], [one["code"] for one in told["findings"]]) == (1, ["lines-differ"])


def test_a_demo_is_made_once(demo: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert esep(demo, "demo", "--no-serve", "--json") == OK
    told = json.loads(capsys.readouterr().out)
    assert {one["role"] for one in told["people"]} == set(table().roles)
    assert [one["login"] for one in told["people"]][-1] == "head-1020003"
    assert esep(demo, "demo", "--no-serve", "--lang", "kk") == OK
    assert told["password"] in capsys.readouterr().out
    with demo.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.submission)) == ALL


def test_a_demo_leaves_alone_what_is_no_demo(village: Village, capsys: pytest.CaptureFixture[str]) -> None:
    assert esep(village.database, "demo", "--no-serve", "--lang", "en") == FOUND
    assert "database-occupied" in capsys.readouterr().out


def test_a_production_installation_refuses_a_demo(
    database: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESEP_PRODUCTION", "1")
    assert esep(database, "demo", "--no-serve", "--lang", "en") == FOUND
    assert "demo-in-production" in capsys.readouterr().out
    with database.engine.begin() as connection:
        assert is_empty(connection)


def test_a_demo_killed_in_the_middle_has_made_nothing(database: Database) -> None:
    """Killed while it holds its transaction open, with rows already written."""
    address = database.url.render_as_string(hide_password=False)
    words = [sys.executable, "-m", "api.cli", "demo", "--no-serve", "--database", address]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        while not _writing(database):
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    with database.engine.begin() as connection:
        assert is_empty(connection)
        assert [of.name for of in tables.metadata.sorted_tables if connection.execute(select(of)).first()] == []


def _writing(database: Database) -> bool:
    """Whether somebody's open transaction has written."""
    asked = text("select 1 from pg_stat_activity where datname = current_database() and backend_xid is not null")
    with owner_of(database).connect() as connection:
        return connection.execute(asked).first() is not None


@pytest.mark.parametrize("words", [["verify"], ["demo", "--no-serve"]])
def test_a_database_that_does_not_answer_is_a_finding(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--database", "postgresql://nobody@127.0.0.1:1/none", "--lang", "en"]) == FOUND
    assert "database-unreachable" in capsys.readouterr().out


def test_where_there_is_no_database_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--folder", str(tmp_path / "none"), "--lang", "en"]) == FOUND
    assert "database-missing" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["nonsense", "sqlite:///x", "http://a/b"])
def test_an_address_of_something_else_is_a_slip(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--database", address]) == USAGE
    assert "option-value-no-database" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert main(["serve", "--port", str(other.getsockname()[1]), "--lang", "en"]) == FOUND
    assert "port-unusable" in capsys.readouterr().out
    assert main(["serve", "--port", "70000", "--lang", "en"]) == FOUND

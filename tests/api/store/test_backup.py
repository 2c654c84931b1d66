"""Backups: consistent while others write, whole or refused, and at home in a newer version."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Connection, MetaData, create_engine, func, insert, select, text
from sqlalchemy.engine import URL

import api.store.backup
from api.cli import main
from api.store import Store, journal
from api.store.backup import BackupError, back_up, restore
from api.store.database import Database, version_of, versions
from api.store.schema import account
from api.store.verifying import verify
from api.terminal import FOUND, OK

from .conftest import Village, copy_of
from .servers import Served
from .test_store import ROW_ACTIONS, act, cells

FIRST = Path(__file__).parent / "backups" / "village-0001.backup"
"""A village of five journal lines under a checkpoint, backed up at the first version of the schema."""


@pytest.fixture
def empty(template: Served) -> Iterator[URL]:
    """A database without any tables, as its owner reaches it."""
    maker = create_engine(template.maker, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    with maker.connect() as connection:
        connection.execute(text("create database empty template template0"))
    yield template.maker.set(database="empty")
    with maker.connect() as connection:
        connection.execute(text("drop database empty with (force)"))


@pytest.fixture
def lived(village: Village) -> Village:
    act(village, cells(("purchases", 2, "price", None, "1.5")))
    act(village, ROW_ACTIONS["copy"])
    with village.database.engine.begin() as connection:
        journal.make_checkpoint(connection)
    act(village, cells(("header", 0, "reason", None, "tab\t, line\n, «қ» and \\N")))
    return village


def rows_of(url: URL) -> dict[str, Any]:
    """All that there is, table by table."""
    metadata, engine = MetaData(), create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        metadata.reflect(connection)
        return {of.name: sorted(map(repr, connection.execute(select(of)))) for of in metadata.sorted_tables}


def proved(connection: Connection, url: URL) -> bool:
    proof = verify(Store(Database(connection.engine, url)), connection)
    return proof.findings == () and proof.lines > 0


def address(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def test_what_is_restored_is_what_was_backed_up(lived: Village, empty: URL, tmp_path: Path) -> None:
    made = back_up(lived.database.url, tmp_path / "a")
    assert restore(empty, tmp_path / "a") == made
    assert rows_of(empty) == rows_of(lived.database.url)
    with create_engine(empty, poolclass=sqlalchemy.NullPool).begin() as connection:
        assert proved(connection, empty)
        row = {"login": "new", "name": "new", "password": "-"}
        added = connection.execute(insert(account).values(row).returning(account.c.id)).scalar_one()
        assert added == connection.scalar(select(func.count()).select_from(account))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_backup_is_of_one_moment_while_others_write(lived: Village, empty: URL, tmp_path: Path) -> None:
    stop = threading.Event()

    def edit() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            act(lived, cells(("purchases", 2, "price", None, f"{number}.25")))

    editor = threading.Thread(target=edit)
    editor.start()
    try:
        for name in "abc":
            made = back_up(lived.database.url, tmp_path / name)
    finally:
        stop.set()
        editor.join()
    restore(empty, tmp_path / "c")
    with create_engine(empty, poolclass=sqlalchemy.NullPool).begin() as connection:
        assert proved(connection, empty)
        lines = {table.name: table.rows for table in made.tables}["journal"]
        assert connection.scalar(text("select count(*) from journal")) == lines


def test_only_an_empty_database_takes_a_backup(lived: Village, tmp_path: Path) -> None:
    before = rows_of(lived.database.url)
    back_up(lived.database.url, tmp_path / "a")
    with pytest.raises(BackupError) as refused:
        restore(lived.database.url, tmp_path / "a")
    assert refused.value.told.code == "restore-not-empty"
    assert rows_of(lived.database.url) == before


def test_tables_of_somebody_else_are_not_written_over(village: Village, empty: URL, tmp_path: Path) -> None:
    back_up(village.database.url, tmp_path / "a")
    with create_engine(empty, poolclass=sqlalchemy.NullPool).begin() as connection:
        connection.execute(text("create table theirs as select 1 as one"))
    with pytest.raises(BackupError) as refused:
        restore(empty, tmp_path / "a")
    assert refused.value.told.code == "restore-not-empty"


def rewritten(file: Path, name: str, change: Any) -> None:
    """The archive with one member changed."""
    with zipfile.ZipFile(file) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for one, data in members.items():
            if (kept := change(data) if one == name else data) is not None:
                archive.writestr(one, kept)


DAMAGES: dict[str, Any] = {
    "a digit of the journal": lambda file: rewritten(file, "journal.copy", lambda data: data.replace(b"1.50", b"9.50")),
    "a table that is gone": lambda file: rewritten(file, "line.copy", lambda _: None),
    "a table cut short": lambda file: rewritten(file, "line.copy", lambda data: data[: data.index(b"\n") + 1]),
    "no manifest": lambda file: rewritten(file, "manifest.json", lambda _: None),
    "a manifest of something else": lambda file: rewritten(file, "manifest.json", lambda _: b'{"format": "x"}'),
    "a manifest that is no JSON": lambda file: rewritten(file, "manifest.json", lambda _: b"\xff"),
    "a file cut short": lambda file: file.write_bytes(file.read_bytes()[:-100]),
    "a flipped bit": lambda file: file.write_bytes(file.read_bytes().replace(b"\x01", b"\x00", 40)),
    "no archive": lambda file: file.write_text("dump"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_leaves_nothing(lived: Village, empty: URL, tmp_path: Path, damage: str) -> None:
    back_up(lived.database.url, tmp_path / "a")
    DAMAGES[damage](tmp_path / "a")
    with pytest.raises(BackupError) as refused:
        restore(empty, tmp_path / "a")
    assert refused.value.told.code == "backup-damaged"
    assert {name for name, rows in rows_of(empty).items() if rows} <= {"alembic_version"}


def test_a_backup_of_a_version_to_come_is_refused(village: Village, empty: URL, tmp_path: Path) -> None:
    made = back_up(village.database.url, tmp_path / "a")
    newer = lambda data: data.replace(f'"{made.version}"'.encode(), b'"9999"')  # noqa: E731
    rewritten(tmp_path / "a", "manifest.json", newer)
    with pytest.raises(BackupError) as refused:
        restore(empty, tmp_path / "a")
    assert refused.value.told.code == "backup-too-new"


def test_a_backup_of_the_first_version_is_upgraded_with_its_data(empty: URL) -> None:
    assert restore(empty, FIRST).version == "0001"
    with create_engine(empty, poolclass=sqlalchemy.NullPool).begin() as connection:
        assert version_of(connection) == versions()[0] != "0001"
        assert proved(connection, empty)


def test_the_command_upgrades_with_data_and_proves(
    empty: URL, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(api.store.backup, "upgrade", lambda _: None)
    restore(empty, FIRST)
    with create_engine(empty, poolclass=sqlalchemy.NullPool).begin() as connection:
        assert version_of(connection) == "0001"
    assert main(["upgrade", "--database", address(empty), "--lang", "en"]) == OK
    told = capsys.readouterr().out
    assert f"0001 → {versions()[0]}" in told
    assert "Proved: 5 lines" in told
    assert main(["upgrade", "--database", address(empty), "--json"]) == OK
    assert json.loads(capsys.readouterr().out)["lines"] == 5


def test_backup_and_restore_as_commands(
    lived: Village, empty: URL, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, source, target = str(tmp_path / "a"), address(lived.database.url), address(empty)
    assert main(["backup", file, "--database", target, "--lang", "en"]) == FOUND
    assert "backup-of-nothing" in capsys.readouterr().out
    assert main(["backup", file, "--database", source, "--json"]) == OK
    told = json.loads(capsys.readouterr().out)
    assert (told["version"], told["tables"]["journal"]) == (versions()[0], 4)
    assert main(["restore", file, "--database", target, "--lang", "ru"]) == OK
    told = capsys.readouterr().out
    assert "восстановлен" in told
    assert "Доказано: строк журнала 4" in told
    assert main(["restore", file, "--database", target, "--lang", "kk"]) == FOUND
    assert "restore-not-empty" in capsys.readouterr().out
    assert main(["restore", str(tmp_path / "none"), "--database", target]) == FOUND


def test_what_is_there_is_not_made_to_be_backed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(tmp_path / "a"), "--folder", str(tmp_path / "none"), "--lang", "en"]
    assert main(["backup", *words]) == FOUND
    assert "database-missing" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_schema_with_nothing_in_it_is_a_backup_too(template: Served, empty: URL, tmp_path: Path) -> None:
    with copy_of(template, "bare") as bare:
        made = back_up(bare.url, tmp_path / "a")
    assert made.rows == 0
    restore(empty, tmp_path / "a")
    assert set(rows_of(empty)) >= {table.name for table in made.tables}

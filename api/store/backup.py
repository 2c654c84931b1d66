"""A backup: one file with all tables as they were at one moment, which any PostgreSQL of any later version takes back.

The file is a zip: `manifest.json` names the schema's version and each table with its columns, its rows and the digest
of its bytes, then each table follows as COPY wrote it. A restore makes the schema of that version, copies, and then
upgrades: so a backup of an old version is at home in a new one, and an upgrade is tried with data. Nothing but the
database's own owner is needed, and no program beside it. Sessions are left out: people sign in again.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy
from sqlalchemy import Connection, MetaData, Table, create_engine, text
from sqlalchemy.engine import URL

from api.store.database import migrate, version_of, versions
from api.store.upgrading import upgrade
from engine.findings import Finding, finding

FORMAT = "esep-backup-1"
MANIFEST = "manifest.json"
LEFT_OUT = {"alembic_version", "session"}
UNREADABLE = (KeyError, ValueError, EOFError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What reading a damaged archive may end with, from a missing part to a flipped bit."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A table of a backup: its columns in order, how many rows, and the SHA-256 of its bytes."""

    name: str
    columns: list[str]
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: `digest` is over its manifest, and with that over everything."""

    version: str
    at: str
    tables: list[Stored]
    digest: str

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)


class BackupError(Exception):
    """A backup that cannot be made or taken back; `told` says why."""

    def __init__(self, told: Finding) -> None:
        super().__init__(str(told))
        self.told = told


def back_up(owner: URL, file: Path) -> Backup:
    """Write all tables as they are at one moment; the file appears under its name when it is whole."""
    unfinished = file.with_name(file.name + ".unfinished")
    with _alone(owner) as connection:
        connection.execute(text("set transaction isolation level repeatable read, read only"))
        version = version_of(connection)
        if version is None:
            raise BackupError(finding("backup-of-nothing", None))
        try:
            with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
                tables = [_written(connection, archive, table) for table in _tables(connection)]
                told = {"format": FORMAT, "version": version, "at": datetime.now(UTC).isoformat(timespec="seconds")}
                manifest = json.dumps(told | {"tables": [asdict(table) for table in tables]}, indent=1).encode()
                archive.writestr(MANIFEST, manifest)
            _sync(unfinished)
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
    return _read(manifest)


def restore(owner: URL, file: Path) -> Backup:
    """Put a backup into an empty database, all of it or nothing, and bring its schema up to date."""
    with _opened(file) as archive:
        backup = manifest_of(archive)
        if backup.version not in versions():
            raise BackupError(finding("backup-too-new", None, version=backup.version))
        with _alone(owner) as connection:
            if (version_of(connection) is not None or _tables(connection)) and not _is_empty(connection):
                raise BackupError(finding("restore-not-empty", None))
            found = version_of(connection)
        if found not in (None, backup.version):
            raise BackupError(finding("restore-version-differs", None, got=found, expected=backup.version))
        migrate(owner, backup.version)
        with _alone(owner) as connection:
            for table in backup.tables:
                _copied(connection, archive, table)
            _count_on(connection)
            connection.commit()
    upgrade(owner)
    return backup


def manifest_of(archive: zipfile.ZipFile) -> Backup:
    """What an archive says that it holds."""
    try:
        return _read(archive.read(MANIFEST))
    except (TypeError, *UNREADABLE) as error:
        raise BackupError(finding("backup-damaged", None, part=MANIFEST)) from error


@contextmanager
def _alone(owner: URL) -> Iterator[Connection]:
    engine = create_engine(owner, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        yield connection


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise BackupError(finding("backup-damaged", None, part=file.name)) from error
    with archive:
        yield archive


def _tables(connection: Connection) -> list[Table]:
    """All tables that a backup holds, those that others refer to first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]


def _is_empty(connection: Connection) -> bool:
    return not any(connection.execute(sqlalchemy.select(table).limit(1)).first() for table in _tables(connection))


def _written(connection: Connection, archive: zipfile.ZipFile, table: Table) -> Stored:
    columns, digest = [column.name for column in table.columns], hashlib.sha256()
    with archive.open(f"{table.name}.copy", "w", force_zip64=True) as to, _cursor(connection) as cursor:
        with cursor.copy(f"copy {_listed(table.name, columns)} to stdout") as copy:
            for part in copy:
                digest.update(part)
                to.write(part)
        rows = cursor.rowcount
    return Stored(table.name, columns, rows, digest.hexdigest())


def _copied(connection: Connection, archive: zipfile.ZipFile, table: Stored) -> None:
    """A table's rows; what is not as the manifest says ends the whole transaction."""
    digest = hashlib.sha256()
    try:
        with archive.open(f"{table.name}.copy") as stored, _cursor(connection) as cursor:
            with cursor.copy(f"copy {_listed(table.name, table.columns)} from stdin") as copy:
                while part := stored.read(1 << 20):
                    digest.update(part)
                    copy.write(part)
            rows = cursor.rowcount
    except (psycopg.DataError, *UNREADABLE) as error:
        raise BackupError(finding("backup-damaged", None, part=table.name)) from error
    if (digest.hexdigest(), rows) != (table.digest, table.rows):
        raise BackupError(finding("backup-damaged", None, part=table.name))


def _count_on(connection: Connection) -> None:
    """Numbers that the database gives go on after those that are there."""
    for table in _tables(connection):
        for column in table.columns:
            if column.identity is not None:
                last = f"(select max({_quoted(column.name)}) from {_quoted(table.name)})"
                named = {"of": _quoted(table.name), "column": column.name}
                asked = f"select setval(pg_get_serial_sequence(:of, :column), {last}) where {last} is not null"
                connection.execute(text(asked), named)


def _cursor(connection: Connection) -> Any:
    driver = connection.connection.driver_connection
    assert driver is not None
    return driver.cursor()


def _listed(table: str, columns: list[str]) -> str:
    return f"{_quoted(table)} ({', '.join(map(_quoted, columns))})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _read(manifest: bytes) -> Backup:
    told: Mapping[str, Any] = json.loads(manifest)
    if told["format"] != FORMAT:
        raise ValueError(told["format"])
    tables = [Stored(**table) for table in told["tables"]]
    return Backup(told["version"], told["at"], tables, hashlib.sha256(manifest).hexdigest())


def _sync(file: Path) -> None:
    with file.open("rb+") as written:
        os.fsync(written.fileno())

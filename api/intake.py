"""Organisations, staff and past years' lines from a table: looked through row by row first, then taken in one
transaction, all or nothing.

A row is known by its key, so the same table twice changes nothing the second time. An organisation that is there and
differs is not changed: that is what reorganisations are for, which keep what was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from api.access import table
from api.sessions import hashed
from api.store.schema import account, membership, organisation, past_line
from api.table_file import Row
from engine.findings import LANGUAGES, Finding, finding
from engine.lines import DIMENSIONS
from engine.text.nearest import nearest

KINDS = ("centre", "administrator", "institution")
NOBODY = "-"
"""The password of somebody who has none yet: nothing hashes to it, so nobody signs in."""
AMOUNT = re.compile(r"-?\d{1,24}(?:[.,]\d{1,2})?", re.ASCII)


@dataclass
class Report:
    """What became of a table, or would: rows added, changed and as they were, by line, and what is wrong."""

    added: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    wrong: list[tuple[int, str | None, Finding]] = field(default_factory=list)

    def refuse(self, line: int, column: str | None, told: Finding) -> None:
        """A row is not taken because of one of its cells, or as a whole."""
        self.wrong.append((line, column, told))


Take = Callable[[Connection, Sequence[Row], Report], None]


@dataclass(frozen=True, slots=True)
class Intake:
    """One kind of table: the columns that it must have, those that make its key, and how it is taken."""

    columns: tuple[str, ...]
    needed: tuple[str, ...]
    key: tuple[str, ...]
    take: Take


def taken(connection: Connection, kind: str, rows: Sequence[Row]) -> Report:
    """Take a table in the caller's transaction; where anything is wrong the caller takes all of it back."""
    intake, report = INTAKES[kind], Report()
    there = {name for _, row in rows for name in row}
    for name in intake.columns:
        if name not in there:
            report.refuse(1, name, finding("import-column-missing", None, column=name))
    if report.wrong:
        return report
    seen: dict[tuple[str, ...], int] = {}
    sound = []
    for line, row in rows:
        missing = [name for name in intake.needed if not row.get(name)]
        for name in missing:
            report.refuse(line, name, finding("import-value-missing", None, row=line, column=name))
        key = tuple(row.get(name, "") for name in intake.key)
        first = seen.setdefault(key, line)
        if first != line:
            report.refuse(line, None, finding("import-key-repeated", None, row=line, first=first))
        elif not missing:
            sound.append((line, row))
    intake.take(connection, sound, report)
    return report


def _organisations(connection: Connection, rows: Sequence[Row], report: Report) -> None:
    """Higher levels first, so that who stands above is there when those below come."""
    for line, row in sorted(rows, key=lambda one: KINDS.index(one[1]["kind"]) if one[1]["kind"] in KINDS else 0):
        if row["kind"] not in KINDS:
            report.refuse(line, "kind", _unknown(line, "kind", row["kind"], KINDS))
        elif (starts := _day(row["from"])) is None:
            report.refuse(line, "from", _unclear(line, "from", row["from"]))
        else:
            _organisation(connection, (line, row), starts, report)


def _organisation(connection: Connection, one: Row, starts: date, report: Report) -> None:
    (line, row), of = one, organisation.c
    rank = KINDS.index(row["kind"])
    above = {code: number for code, number, _ in _live(connection, KINDS[rank - 1])} if rank else {"": None}
    if row["parent"] not in above:
        report.refuse(line, "parent", _unknown(line, "parent", row["parent"], above))
        return
    titles = {language: row.get(f"title_{language}") or row["title_ru"] for language in LANGUAGES}
    there = connection.execute(
        select(organisation).where(of.kind == row["kind"], of.code == row["code"], of.ends.is_(None))
    ).first()
    if there is None:
        values = {"kind": row["kind"], "code": row["code"], "parent": above[row["parent"]], "titles": titles}
        connection.execute(insert(organisation).values(**values, starts=starts))
        report.added.append(line)
    elif (there.titles, there.parent, there.starts) == (titles, above[row["parent"]], starts):
        report.unchanged.append(line)
    else:
        report.refuse(line, "code", finding("organisation-differs", None, got=row["code"]))


def _staff(connection: Connection, rows: Sequence[Row], report: Report) -> None:
    """Accounts by login, and their roles; a password is set where one is given to somebody new."""
    homes = {(kind, code): number for kind in KINDS for code, number, _ in _live(connection, kind)}
    known = {one.login: one for one in connection.execute(select(account))}
    of = membership.c
    roles = {tuple(one) for one in connection.execute(select(of.account, of.organisation, of.role))}
    for line, row in rows:
        home = _home(line, row, homes, report)
        if home is None:
            continue
        there = known.get(row["login"])
        now = {"name": row["name"], "language": row.get("language") or "ru"}
        if there is None:
            password = hashed(row["password"]) if row.get("password") else NOBODY
            write = insert(account).values(login=row["login"], password=password, **now).returning(account)
            there = known[row["login"]] = connection.execute(write).one()
            report.added.append(line)
        elif (there.name, there.language) != tuple(now.values()) or (there.id, home, row["role"]) not in roles:
            connection.execute(update(account).where(account.c.id == there.id).values(now))
            report.changed.append(line)
        else:
            report.unchanged.append(line)
        if (there.id, home, row["role"]) not in roles:
            roles.add((there.id, home, row["role"]))
            connection.execute(insert(membership).values(account=there.id, organisation=home, role=row["role"]))


def _home(line: int, row: Mapping[str, str], homes: Mapping[tuple[str, str], int], report: Report) -> int | None:
    """Where somebody has a role, which is on the role's own level; None where that is told to be wrong."""
    levels, language = table().levels, row.get("language") or "ru"
    level = levels.get(row["role"])
    if level is None:
        report.refuse(line, "role", _unknown(line, "role", row["role"], levels))
        return None
    if language not in LANGUAGES:
        report.refuse(line, "language", _unknown(line, "language", language, LANGUAGES))
        return None
    home = homes.get((level, row["organisation"]))
    if home is None:
        codes = [code for kind, code in homes if kind == level]
        report.refuse(line, "organisation", _unknown(line, "organisation", row["organisation"], codes))
    return home


def _past_lines(connection: Connection, rows: Sequence[Row], report: Report) -> None:
    """Amounts in tenge of earlier years, kept in tiyn; a line that is there gets the new amount and source."""
    of = past_line.c
    stored = connection.execute(select(*(of[name] for name in DIMENSIONS), of.amount, of.source))
    there = {tuple(row[:-2]): (int(row.amount), row.source) for row in stored}
    for line, row in rows:
        if not AMOUNT.fullmatch(row["amount"]):
            report.refuse(line, "amount", _unclear(line, "amount", row["amount"]))
            continue
        key = tuple(row.get(name, "") for name in DIMENSIONS)
        values = (int(Decimal(row["amount"].replace(",", ".")) * 100), row["source"])
        if there.get(key) == values:
            report.unchanged.append(line)
            continue
        (report.changed if key in there else report.added).append(line)
        told = dict(zip(DIMENSIONS, key, strict=True)) | {"amount": values[0], "source": values[1]}
        write = upsert(past_line).values(told)
        now = {"amount": write.excluded.amount, "source": write.excluded.source}
        connection.execute(write.on_conflict_do_update(index_elements=list(DIMENSIONS), set_=now))


def _live(connection: Connection, kind: str) -> Iterator[tuple[str, int, date]]:
    of = organisation.c
    for row in connection.execute(select(of.code, of.id, of.starts).where(of.kind == kind, of.ends.is_(None))):
        yield row.code, row.id, row.starts


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _unknown(line: int, column: str, got: str, known: Any) -> Finding:
    near = nearest(got, list(known)) or ""
    return finding("import-value-unknown", None, row=line, column=column, got=got, nearest=near)


def _unclear(line: int, column: str, got: str) -> Finding:
    return finding("import-value-unclear", None, row=line, column=column, got=got)


_ORGANISATION = ("kind", "code", "parent", "title_ru", "from")
_PERSON = ("login", "name", "role", "organisation")
_SUMS = ("amount", "source")
INTAKES: Mapping[str, Intake] = {
    "organisations": Intake(_ORGANISATION, ("kind", "code", "title_ru", "from"), ("kind", "code"), _organisations),
    "staff": Intake(_PERSON, _PERSON, ("login", "role", "organisation"), _staff),
    "past-lines": Intake((*DIMENSIONS, *_SUMS), ("institution", "year", "stage", *_SUMS), DIMENSIONS, _past_lines),
}

"""Editors who change cells of their own submissions, and the proof afterwards that each edit was made once.

Every edit bears a key of its own and sets a value that the cell did not hold, so that the journal tells of each by one
line. What was acknowledged must stand there at the revision and the position that were told, with the text that was
sent; no line may stand there that nobody sent, or twice.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import select, text

from api.store import Store, journal
from api.store.database import Database
from api.store.held import Held, text_at
from api.store.schema import journal as journal_table
from api.store.verifying import verify
from benchmarks._calls import Asked, request
from benchmarks._republic_served import Person

Cell = tuple[str, int, str, int | None]
"""Form, row's number, column, year of an input that differs by year."""


@dataclass
class Editor:
    """Somebody with a submission: the rows that may be edited, and what each number in them is now."""

    person: Person
    columns: dict[str, list[tuple[str, int, bool]]]
    """Form → the inputs that are numbers: name, digits, whether they differ by year."""
    rows: list[tuple[str, int]]
    years: Sequence[int]
    now: dict[Cell, int] = field(default_factory=dict)
    """The last digit counts 1."""

    @property
    def size(self) -> int:
        """Rows of all forms together."""
        return len(self.rows)


@dataclass
class Editing:
    """All editors, and what they have sent."""

    editors: list[Editor]
    since: int
    """The journal's position before the first edit."""
    sent: dict[str, tuple[Asked, Cell, str]] = field(default_factory=dict)
    last: dict[tuple[int, Cell], Asked] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=count)

    def draw(self, drawn: random.Random) -> tuple[int, Asked]:
        """Somebody's next edit: a number one more or one less than it was, in a cell of which it is known."""
        caller = drawn.randrange(len(self.editors))
        editor = self.editors[caller]
        cell, digits = _cell(editor, drawn)
        while (earlier := self.last.get((caller, cell))) is not None and not 200 <= earlier.status < 300:
            cell, digits = _cell(editor, drawn)
        less = editor.now[cell] >= 10**digits and drawn.random() < 0.5
        value = editor.now[cell] + (-1 if less else 1) * 10**digits
        written = f"{value // 10**digits}.{value % 10**digits:0{digits}}" if digits else str(value)
        editor.now[cell] = value
        key = f"bench-{self.since}-{next(self._numbers)}"
        form, row, column, year = cell
        wanted = {"form": form, "row": row, "column": column, "value": written}
        body = json.dumps({"cells": [wanted | ({} if year is None else {"year": year})]}).encode()
        path = f"submissions/{editor.person.submission}/cells"
        asked = Asked(request("PATCH", path, editor.person.token, body, key))
        self.sent[key] = self.last[caller, cell], *_ = asked, cell, written
        return caller, asked

    def proof(self, database: Database) -> dict[str, Any]:
        """What the journal says of all that was sent, and whether the whole database follows from its journal."""
        lines = select(journal_table).where(journal_table.c.position > self.since)
        with database.engine.connect() as connection:
            connection.execute(text("set transaction isolation level repeatable read"))
            found: dict[str, list[Any]] = {}
            for line in connection.execute(lines):
                found.setdefault(str(line.key), []).append(line)
            proof = verify(Store(database), connection)
        acknowledged = {key: one for key, one in self.sent.items() if 200 <= one[0].status < 300}
        lost = [key for key, one in acknowledged.items() if not any(_told(one, line) for line in found.get(key, ()))]
        strange = sum(len(lines) for key, lines in found.items() if key not in self.sent)
        doubled = strange + sum(len(lines) - 1 for key, lines in found.items() if key in self.sent)
        told = {
            "acknowledged": len(acknowledged),
            "lost": len(lost),
            "doubled": doubled,
            "verified": not proof.findings,
        }
        told |= {"verified": not proof.findings, "journal_lines": proof.lines, "checkpoints": proof.checkpoints}
        return told | ({"findings": [str(one) for one in proof.findings[:5]]} if proof.findings else {})


def editing(store: Store, people: Sequence[Person]) -> Editing:
    """Editors of their own submissions, which are read as they are now."""
    with store.database.engine.connect() as connection:
        held = [store.open(connection, person.submission or 0) for person in people]
        since = journal.last_position(connection)
    return Editing([_editor(person, one) for person, one in zip(people, held, strict=True) if one is not None], since)


def _editor(person: Person, held: Held) -> Editor:
    forms = [form for form in held.plan.ruleset.forms.values() if form.rows.kind == "added"]
    columns = {
        form.name: [
            (column.name, column.digits or 0, column.by_year)
            for column in form.columns.values()
            if column.formula is None and column.type.kind == "number"
        ]
        for form in forms
    }
    columns = {name: found for name, found in columns.items() if found}
    rows = [(name, number) for name in columns for number in held.rows[name].order]
    editor = Editor(person, columns, rows, held.plan.years)
    for form, number in rows:
        place = held.place(form, number)
        assert place is not None
        for column, digits, by_year in columns[form]:
            for year in editor.years if by_year else (None,):
                written = text_at(held, form, column, (place, year)) or "0"
                whole, _, part = written.partition(".")
                editor.now[form, number, column, year] = abs(int(whole + part.ljust(digits, "0")))
    return editor


def _cell(editor: Editor, drawn: random.Random) -> tuple[Cell, int]:
    form, row = drawn.choice(editor.rows)
    column, digits, by_year = drawn.choice(editor.columns[form])
    return (form, row, column, drawn.choice(editor.years) if by_year else None), digits


def _told(one: tuple[Asked, Cell, str], line: Any) -> bool:
    """Whether a line of the journal is what was sent, and stands where the answer said."""
    asked, (form, row, column, year), written = one
    cells = [(*cell[:4], cell[5]) for cell in journal.payload_of(line)["cells"]]
    same = [cell for cell in cells if cell[:4] == (form, row, column, year) and _number(cell[4]) == _number(written)]
    return (
        bool(same) and asked.place is not None and asked.place[0] >= line.revision and asked.place[1] >= line.position
    )


def _number(written: str) -> str:
    return written.rstrip("0").rstrip(".") if "." in written else written

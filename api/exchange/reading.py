"""A workbook read back: what it would change in a submission, cell by cell, and what cannot be.

Read are typed cells only, by the numbers of their rows. Sheets are known by a form's name, code or title, or by their
headings; columns by their technical names or their titles in any language. A file is judged before it is opened, is
read without resolving entities, and no further than so many lines and columns.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from api.attachments import OFFICE, media_type
from api.exchange.layout import FIRST_LINE, HEADER, ROW_NAME, Layout, Slot, is_key
from api.exchange.sheets import unique, without_controls
from api.exchange.texts import typed_text
from api.exchange.words import words
from api.exchange.writing import heading
from api.store.actions import Wanted
from api.store.held import HEADER as HEADER_FORM
from api.store.held import Held, plain, readable, text_at
from engine.findings import LANGUAGES, Finding, finding
from engine.limits import EDITS_MAX
from engine.number import EXCEL_ERRORS
from engine.ruleset import Form

LINES_MAX = 200_000
COLUMNS_MAX = 1_000
SHEETS_MAX = 500
UNPACKED_MAX = 64 * 2**20
"""Bytes; reading them takes seconds."""
HEADING_LINES = 20
"""Headings stand in one of the first lines."""
RECOGNISED_MIN = 2
"""So many headings of a form make a sheet its table."""
XLSX = OFFICE["xl/workbook.xml"]


@dataclass(frozen=True, slots=True)
class Changed:
    """A cell of the file that differs from the submission's."""

    sheet: str
    cell: str
    wanted: Wanted
    before: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A cell of the file that cannot be taken, and why."""

    sheet: str
    cell: str
    why: Finding


@dataclass
class Report:
    """All that a file says about a submission."""

    changes: list[Changed] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    forms: dict[str, str] = field(default_factory=dict)
    """sheet → the form as which it was read"""
    unread: list[str] = field(default_factory=list)


Line = Sequence[Any]
Headings = Mapping[str, Slot | None]
"""A heading without case → the column; None is that of the rows' numbers."""


def read_changes(held: Held, data: bytes) -> Report | Finding:
    """What a file would change, or why it cannot be read at all."""
    found = media_type(data)
    if isinstance(found, Finding):
        return found if found.code != "attachment-type-refused" else finding("import-no-workbook")
    if found != XLSX:
        return finding("import-no-workbook")
    size = sum(member.file_size for member in zipfile.ZipFile(io.BytesIO(data)).infolist())
    if size > UNPACKED_MAX:
        return finding("attachment-swells", None, size=size, limit=UNPACKED_MAX)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        reading = _Reading(held)
        for sheet in book.worksheets[:SHEETS_MAX]:
            reading.sheet(sheet.title, sheet.iter_rows(max_row=LINES_MAX + 1, max_col=COLUMNS_MAX, values_only=True))
    except Exception:  # a hostile file may make any part of the reader fail, and all of it means the same
        return finding("import-no-workbook")
    if not reading.report.forms:
        return finding("import-nothing-found")
    if len(reading.report.changes) > EDITS_MAX:
        return finding("too-many-edits", None, count=len(reading.report.changes), limit=EDITS_MAX)
    return reading.report


class _Reading:
    def __init__(self, held: Held) -> None:
        self.held, self.report = held, Report()
        numbers = {name: numbers.order for name, numbers in held.rows.items()}
        self.layout = Layout(held.plan, held.workbook, numbers)
        self.headings = {form.name: self._headings(form) for form in held.plan.ruleset.forms.values()}

    def sheet(self, title: str, lines: Iterable[Line]) -> None:
        """Read one sheet, if it is the header's or a form's."""
        if title == HEADER:
            self.report.forms[title] = HEADER_FORM
            for at, line in enumerate(lines, 1):
                self._field(title, at, line)
            return
        numbered = enumerate(lines, 1)
        first = [(at, line) for _, (at, line) in zip(range(HEADING_LINES), numbered, strict=False)]
        form, top = self._form(title, first)
        if form is None:
            self.report.unread.append(title)
            return
        self.report.forms[title] = form.name
        columns = dict(self._columns(form, first[top][1]))
        seen: set[int] = set()
        for at, line in first[top + 1 :]:
            self._line((title, form), (at, line), columns, seen)
        for at, line in numbered:
            self._line((title, form), (at, line), columns, seen)

    def _field(self, title: str, at: int, line: Line) -> None:
        name = line[0] if len(line) > 2 and at >= FIRST_LINE else None
        if isinstance(name, str) and name in self.held.plan.ruleset.header:
            self._cell((title, f"C{at}"), (HEADER_FORM, 0, name, None), line[2])

    def _line(
        self, of: tuple[str, Form], numbered: tuple[int, Line], columns: Mapping[int, Slot | None], seen: set[int]
    ) -> None:
        (title, form), (at, line) = of, numbered
        key = next(i for i, slot in columns.items() if slot is None)
        filled = [i for i, slot in columns.items() if slot is not None and i < len(line) and line[i] not in (None, "")]
        given = line[key] if key < len(line) else None
        where = f"{get_column_letter(key + 1)}{at}"
        if at > LINES_MAX:
            found = finding("too-many-rows", None, count=at, limit=LINES_MAX)
            self.report.refused.append(Refused(title, where, found))
            return
        if _folded(given) in self.headings[form.name]:
            return
        row = _whole(given)
        if row is None:
            if filled:
                self.report.refused.append(Refused(title, where, finding("import-row-unnumbered", None, row=at)))
            return
        if row in seen or self.held.place(form.name, row) is None:
            why = "import-row-twice" if row in seen else "row-gone"
            self.report.refused.append(Refused(title, where, finding(why, None, row=row)))
            return
        seen.add(row)
        for i, slot in columns.items():
            if slot is not None and i < len(line):
                cell = f"{get_column_letter(i + 1)}{at}"
                self._cell((title, cell), (form.name, row, slot.column.name, slot.moment[0]), line[i])

    def _cell(self, at: tuple[str, str], of: tuple[str, int, str, int | None], value: Any) -> None:
        """Compare one cell with what the submission holds."""
        form, row, column, year = of
        ruleset = self.held.plan.ruleset
        declared = ruleset.header[column] if form == HEADER_FORM else ruleset.forms[form].columns[column]
        if isinstance(value, str) and value in EXCEL_ERRORS:
            self.report.refused.append(Refused(*at, finding("import-cell-error", None, error=value)))
            return
        text = typed_text(value, declared.type.kind)
        place = self.held.place(form, row)
        before = text_at(self.held, form, column, (place or 0, year))
        if text == before or _as_stored(text) == _as_stored(without_controls(before)):
            return
        edit = readable(self.held, (form, row, column, year, before, text))
        if isinstance(edit, Finding):
            self.report.refused.append(Refused(*at, edit))
        elif declared.type.kind == "text" or plain(self.held, form, column, text) != before:
            self.report.changes.append(Changed(*at, (form, row, column, year, text), before))

    def _form(self, title: str, first: Sequence[tuple[int, Line]]) -> tuple[Form | None, int]:
        """The form whose table a sheet is, and in which of its first lines the headings stand."""
        forms = self.held.plan.ruleset.forms.values()
        named = [form for form in forms if title.casefold() in self._names(form)]
        best: tuple[int, Form | None, int] = (RECOGNISED_MIN - 1, None, 0)
        for form in named or forms:
            for top, (_, line) in enumerate(first):
                known = [name for name in map(_folded, line) if name in self.headings[form.name]]
                if len(set(known)) > best[0] and any(self.headings[form.name][name] is None for name in known):
                    best = (len(set(known)), form, top)
        return best[1], best[2]

    def _names(self, form: Form) -> set[str]:
        return {self.layout.sheets[form.name, False].casefold(), form.name, form.code} | {
            title.casefold() for title in form.title.values()
        }

    def _headings(self, form: Form) -> Headings:
        slots = self.layout.slots[form.name, False]
        found: dict[str, Slot | None] = {}
        for slot in slots:
            if slot.column.by_year:
                every = Slot(slot.column, (None, None))
                found |= {_folded(heading(every, language)): every for language in LANGUAGES}
                found[slot.column.name.casefold()] = every
        for language in LANGUAGES:
            told = unique([words()["row"][language], *(heading(slot, language) for slot in slots)])
            found |= {name.casefold(): slot for name, slot in zip(told, (None, *slots), strict=True)}
        return found | {slot.name.casefold(): slot for slot in slots} | {ROW_NAME: None}

    def _columns(self, form: Form, line: Line) -> Iterator[tuple[int, Slot | None]]:
        """Which places of a line are typed columns of the form, or the rows' numbers."""
        first = self.held.plan.years[0]
        for i, name in enumerate(map(_folded, line)):
            if name not in self.headings[form.name]:
                continue
            slot = self.headings[form.name][name]
            if slot is None or (
                slot.column.formula is None
                and not is_key(form, slot.column)
                and not (slot.moment[0] is not None and slot.moment[0] < first)
            ):
                yield i, slot


def _folded(value: Any) -> str:
    return " ".join(value.split()).casefold() if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else None


def _as_stored(text: str) -> str:
    """What a file keeps of a text: line ends are one sign."""
    return text.replace("\r\n", "\n").replace("\r", "\n")

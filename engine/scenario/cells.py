"""The cells of a scenario as edits: who is meant, in which row, and the text read as the column's type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.findings import Cell, Finding, Place, finding
from engine.inputs import read_cell
from engine.plan import Plan
from engine.ruleset import Column, HeaderField
from engine.scenario.state import header_codes, speakers
from engine.scenario.text import CELL_KEYS, CellOverride, Scenario
from engine.text.nearest import nearest
from engine.text.source import Word
from engine.workbook import Edit, Workbook

HEADER = "header"
"""As a form: the fields that are filled once."""
Placed = tuple[Place, Edit]
"""An edit, and where the scenario says it."""


def edits_of(plan: Plan, workbook: Workbook, scenario: Scenario) -> tuple[list[Placed], list[Finding]]:
    """The cells of a scenario as edits, and those that are none."""
    writing = _Writing(plan, workbook)
    edits = [edit for override in scenario.cells if (edit := writing.edit(override)) is not None]
    return edits, writing.found


def refusals(edits: Sequence[Placed], found: Sequence[Finding]) -> Iterator[Finding]:
    """The findings about edits that were refused, at their places in the scenario."""
    places: dict[Cell, Place] = {}
    for place, edit in edits:
        row = (edit.row, edit.year) if edit.form is not None else (None, None)
        places[Cell(edit.submission, edit.form or HEADER, edit.column, *row)] = place
    for one in found:
        known = places.get(one.cell) if one.cell else None
        yield replace(one, place=known, cell=None if known else one.cell)


@dataclass
class _Writing:
    """Cells of a scenario as edits of a workbook."""

    plan: Plan
    workbook: Workbook
    found: list[Finding] = field(default_factory=list)
    _submissions: dict[str, list[int]] = field(default_factory=dict)
    _fields: dict[str, list[str]] = field(default_factory=dict)

    def edit(self, override: CellOverride) -> Placed | None:
        """One cell, or None after a finding."""
        slips = len(self.found)
        where, words = override.where, {key: word.text for key, word in override.where.items()}
        self._check_keys(where)
        submission = self._submission(where["submission"], where)
        declared = self._declared(override.place, words)
        row, year = self._whole(where, "row", 1), self._whole(where, "year", 0)
        if declared is None or submission is None or len(self.found) > slips:
            return None
        value = read_cell(words["value"], declared.type, declared.digits, self.plan.norms)
        if value is None and words["value"]:
            self.found.append(self._unreadable(where["value"], declared))
            return None
        form = None if words.get("form", HEADER) == HEADER else words["form"]
        return override.place, Edit(submission, form, words["column"], row - 1, value, year or None)

    def _unreadable(self, word: Word, declared: Column | HeaderField) -> Finding:
        kind, digits = declared.type.kind, declared.digits or 0
        if kind != "code":
            return finding("input-unreadable", word.place, got=word.text, kind=kind, digits=digits)
        codes = self.plan.norms.classifications[declared.type.classification or ""]
        told = {"got": word.text, "nearest": nearest(word.text, codes.codes)}
        return finding("norm-code-unknown", word.place, classification=codes.name, **told)

    def _check_keys(self, where: Mapping[str, Word]) -> None:
        known = (*CELL_KEYS, *self.plan.ruleset.header)
        for key, word in where.items():
            if key not in known:
                facts = {"nearest": nearest(key, known), "known": ", ".join(known)}
                self.found.append(finding("key-unknown", word.place, key=key, **facts))

    def _submission(self, code: Word, where: Mapping[str, Word]) -> int | None:
        """The only submission of that institution and these header fields."""
        if not self._submissions:
            for i, speaker in enumerate(speakers(self.plan, self.workbook)):
                self._submissions.setdefault(speaker, []).append(i)
        fields = {name: self._codes(name) for name in self.plan.ruleset.header if name in where}
        found = self._submissions.get(code.text, [])
        known = [i for i in found if all(codes[i] == where[name].text for name, codes in fields.items())]
        if not found:
            told = nearest(code.text, self._submissions)
            self.found.append(finding("institution-unknown", code.place, got=code.text, nearest=told))
        elif len(known) != 1:
            told = ", ".join(name for name in self.plan.ruleset.header if name not in fields)
            facts = {"got": code.text, "count": len(known), "known": told}
            self.found.append(finding("scenario-submission-unclear", code.place, **facts))
        return known[0] if len(known) == 1 else None

    def _codes(self, name: str) -> list[str]:
        """A header field of all submissions, each field read once."""
        if name not in self._fields:
            self._fields[name] = header_codes(self.plan, self.workbook, name)
        return self._fields[name]

    def _declared(self, place: Place, words: Mapping[str, str]) -> Column | HeaderField | None:
        """The column or field; one that there is not is refused like any other edit."""
        name, column = words.get("form", HEADER), words.get("column", "")
        forms = self.plan.ruleset.forms
        known: Mapping[str, Column | HeaderField] = self.plan.ruleset.header if name == HEADER else {}
        if name != HEADER and name not in forms:
            self.found.append(finding("column-unknown", place, got=name, expected=nearest(name, forms)))
            return None
        known = known or forms[name].columns
        if column not in known:
            self.found.append(finding("column-unknown", place, got=column, expected=nearest(column, known)))
        return known.get(column)

    def _whole(self, where: Mapping[str, Word], key: str, least: int) -> int:
        word = where.get(key)
        if word is None or not word.text:
            return least
        if re.fullmatch(r"\d{1,7}", word.text, re.ASCII) and int(word.text) >= least:
            return int(word.text)
        self.found.append(finding("scenario-number-unclear", word.place, key=key, got=word.text, least=least))
        return least

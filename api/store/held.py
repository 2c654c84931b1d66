"""A submission as a process holds it: its workbook, recalculated, and what each journal action does to it.

Rows that users add bear numbers of their own, never used twice, so that an edit names the same row wherever it has
moved to. Values in a journal line are plain texts (`engine.inputs`): they mean the same under a later classification.
`performed` is the only way a submission changes, as one types and when the journal is replayed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from engine.editing import edited
from engine.editions import Move, difference, moved
from engine.evaluate import recalculate
from engine.findings import Cell, Finding, finding
from engine.inputs import cell_text, read_cell
from engine.losses import refitted
from engine.number import BLANK
from engine.plan import Plan
from engine.reshaping import added
from engine.rows import NEW, rearranged
from engine.ruleset import Column, HeaderField
from engine.text.nearest import nearest
from engine.workbook import Delta, Edit, Workbook

HEADER = "header"
"""The form's name under which the header's fields are edited."""
Payload = Mapping[str, Any]
Given = str | list[str]
"""One text, or one for each plan year."""
EDITION = "edition"
"""The action after which a submission is under other texts: a payload's `to` has the digests of ruleset and norms."""
Plans = Callable[[str, str], Plan]
"""The plan of a published ruleset under published norms, by their digests."""
CELLS = frozenset({"cells", "before"})
"""Actions that only give inputs other texts."""
SHAPING = frozenset({"add", "remove", "move", EDITION})
"""Actions after which forms may have other rows, or columns; any other only gives inputs other texts, if that."""
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that neither a database nor a workbook can hold."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of a form's rows in their order, and the next one that is free."""

    order: tuple[int, ...]
    next: int

    @cached_property
    def places(self) -> dict[int, int]:
        """Where each stands."""
        return {number: place for place, number in enumerate(self.order)}


@dataclass(frozen=True, slots=True)
class Held:
    """A submission at a revision; `rows` has the forms whose rows users add."""

    submission: int
    revision: int
    head: str
    plan: Plan
    workbook: Workbook
    rows: Mapping[str, Numbers]
    amounts: dict[str, list[int]] = field(default_factory=dict, compare=False, repr=False)
    """What forms put in the budget, as far as somebody has asked; what a change does not reach goes on holding."""
    ahead: list[Move] = field(default_factory=list, compare=False, repr=False)
    """What it would be under another plan, while somebody moves many who found that out of all at once."""

    def towards(self, plan: Plan) -> Move | None:
        """What is known of it under another plan, as it is now."""
        return next((move for move in self.ahead if move.plan is plan and move.before is self.workbook), None)

    def place(self, form: str, row: int) -> int | None:
        """Where the row of that number stands; None if it is gone. Rows of other forms are numbered as they stand."""
        root = self.plan.roots.get(form, form)
        if root not in self.rows:
            return row if form == HEADER or 0 <= row < self.workbook.tables[root].rows else None
        return self.rows[root].places.get(row)

    def number(self, form: str, place: int) -> int:
        """The number of the row that stands there."""
        return self.numbers(form, (place,))[0]

    def numbers(self, form: str, places: Iterable[int]) -> list[int]:
        """The numbers of the rows that stand there."""
        numbers = self.rows.get(self.plan.roots.get(form, form))
        return list(places) if numbers is None else [numbers.order[place] for place in places]


def numbered(plan: Plan, workbook: Workbook) -> dict[str, Numbers]:
    """Rows of a new submission, numbered as they stand."""
    added = [form.name for form in plan.ruleset.forms.values() if form.rows.kind == "added"]
    counts = {name: workbook.tables[name].rows for name in added}
    return {name: Numbers(tuple(range(1, count + 1)), count + 1) for name, count in counts.items()}


def numbers_of(order: Mapping[str, Sequence[int]]) -> dict[str, Numbers]:
    """Rows as a snapshot keeps them: form → the next free number, then the numbers in their order."""
    return {form: Numbers(tuple(numbers), free) for form, (free, *numbers) in order.items()}


def text_at(held: Held, form: str, column: str, at: tuple[int, int | None]) -> str:
    """An input's text at (row's place, year); without a year the first of an input that differs by year."""
    declared, cells = _declared(held, form, column), _inputs(held, form, column)
    place, year = at
    cell = cells[held.plan.years.index(year) if year else 0, place] if cells.ndim == 2 else cells[place]
    return cell_text(cell if cells.dtype == object else int(cell), declared.type, declared.digits, held.plan.norms)


def performed(held: Held, action: str, payload: Payload, plans: Plans) -> tuple[Held, Delta]:
    """What an action makes of a submission, before it has a line in the journal; it has been found possible."""
    if action == EDITION:
        return under(held, plans(*payload["to"]))
    after, delta = _performed(held, action, payload)
    reached = {form for part in delta.cells for form, _ in part.keys} | set(delta.reshaped)
    kept = {form: amounts for form, amounts in list(held.amounts.items()) if form not in reached}
    return replace(after, amounts=kept), delta


def under(held: Held, plan: Plan) -> tuple[Held, Delta]:
    """A submission under another plan of its cycle; of one that is not calculated, there is nothing to tell."""
    added = [form.name for form in plan.ruleset.forms.values() if form.rows.kind == "added"]
    rows = {name: held.rows.get(name, Numbers((), 1)) for name in added}
    if held.workbook.results is None:
        return replace(held, plan=plan, rows=rows, workbook=refitted(held.plan, held.workbook, plan)[0]), _NOTHING
    if (move := held.towards(plan)) is not None:
        return replace(held, plan=plan, rows=rows, workbook=move.after, amounts={}, ahead=[]), move.delta
    workbook = moved(held.plan, held.workbook, plan)
    delta, _ = difference((held.plan, held.workbook), (plan, workbook))
    return replace(held, plan=plan, rows=rows, workbook=workbook, amounts={}, ahead=[]), delta


def _performed(held: Held, action: str, payload: Payload) -> tuple[Held, Delta]:
    if action in CELLS:
        return _with_cells(held, payload["cells"])
    match action:
        case "add":
            return _with_added(held, payload)
        case "remove":
            gone = set(payload["rows"])
            return _with_order(held, payload["form"], [n for n in held.rows[payload["form"]].order if n not in gone])
        case "move":
            return _with_order(held, payload["form"], _inserted(held.rows[payload["form"]].order, payload))
    return held, _NOTHING


_NOTHING = Delta((), {}, ())


def readable(held: Held, cell: Sequence[Any]) -> Edit | Finding:
    """One wanted cell (form, row, column, year, before, text) as an edit, or why it cannot be one."""
    form, row, column, year, _, text = cell
    where = Cell(0, form, column, None, year)
    declared = _declared_or_none(held, form, column)
    if declared is None:
        return finding("input-name-unknown", where, got=f"{form}.{column}", nearest=_nearest(held, form, column))
    place = held.place(form, row)
    if place is None:
        return finding("row-gone", where, row=row)
    if UNWRITABLE.search(text):
        return finding("text-unusable", replace(where, row=place))
    value = read_cell(text, declared.type, declared.digits, held.plan.norms)
    if value is None and declared.type.kind != "text":
        told = {"got": text, "kind": declared.type.kind, "digits": declared.digits or 0}
        return finding("input-unreadable", replace(where, row=place), **told)
    return Edit(0, None if form == HEADER else form, column, place, value, year)


def edits_of(held: Held, cells: Iterable[Sequence[Any]]) -> list[Edit]:
    """Wanted cells as edits, but for those that cannot be any."""
    return [edit for cell in cells if isinstance(edit := readable(held, cell), Edit)]


def unreadable(held: Held, form: str, column: str, texts: Given) -> Finding | None:
    """Why an input of a new row cannot be so, if it cannot."""
    declared, where = _declared_or_none(held, form, column), Cell(0, form, column)
    if not isinstance(declared, Column):
        return finding("input-name-unknown", where, got=column, nearest=nearest(column, _inputs_of(held, form)))
    if declared.formula is not None or column in held.plan.ruleset.forms[form].rows.by:
        return finding("edit-refused-computed", where, column=column)
    expected = len(held.plan.years) if declared.by_year else 1
    if not isinstance(texts, str) and (len(texts) != expected or not declared.by_year):
        return finding("input-years-uneven", where, got=len(texts), expected=expected)
    for text in [texts] if isinstance(texts, str) else texts:
        if UNWRITABLE.search(text):
            return finding("text-unusable", where)
        value = read_cell(text, declared.type, declared.digits, held.plan.norms)
        if value is None and declared.type.kind != "text":
            told = {"got": text, "kind": declared.type.kind, "digits": declared.digits or 0}
            return finding("input-unreadable", where, **told)
    return None


def plain(held: Held, form: str, column: str, text: str) -> str:
    """A text that can be read as the one text of its value: 7 is 7.00 at two digits."""
    declared, norms = _declared(held, form, column), held.plan.norms
    return cell_text(read_cell(text, declared.type, declared.digits, norms), declared.type, declared.digits, norms)


def cells_of_rows(held: Held, form: str, places: Sequence[int]) -> dict[str, dict[str, list[Given]]]:
    """All inputs of some rows of a root and of the forms that share them: form → column → a text (or texts) a row."""
    found: dict[str, dict[str, list[Given]]] = {}
    for name in (name for name in held.plan.ruleset.forms if held.plan.roots[name] == form):
        inputs = [c for c in held.plan.ruleset.forms[name].columns.values() if c.formula is None]
        found[name] = {column.name: [_given(held, name, column, place) for place in places] for column in inputs}
    return {name: columns for name, columns in found.items() if columns}


def _given(held: Held, form: str, column: Column, place: int) -> Given:
    if not column.by_year:
        return text_at(held, form, column.name, (place, None))
    return [text_at(held, form, column.name, (place, year)) for year in held.plan.years]


def _with_cells(held: Held, cells: Sequence[Sequence[Any]], *, afresh: bool = False) -> tuple[Held, Delta]:
    """Where nothing has been calculated yet, only inputs change, and there is nothing to tell; `afresh` is told as by
    `recalculate`."""
    edits = edits_of(held, cells)
    if held.workbook.results is None:
        return replace(held, workbook=edited(held.plan, held.workbook, edits)[0]), _NOTHING
    workbook, delta = recalculate(held.plan, held.workbook, edits, afresh=afresh)
    return replace(held, workbook=workbook), delta


def _with_added(held: Held, payload: Payload) -> tuple[Held, Delta]:
    longer, first = _with_order(held, payload["form"], _inserted(held.rows[payload["form"]].order, payload))
    cells = [
        [name, number, column, year, "", text]
        for name, columns in payload["cells"].items()
        for column, given in columns.items()
        for number, texts in zip(payload["rows"], given, strict=True)
        for year, text in _by_year(held, texts)
        if text
    ]
    filled, second = _with_cells(longer, cells, afresh=True)  # nobody has been told of a row that is still blank
    kept = tuple(changes for changes in (*first.cells, *second.cells) if changes.keys[0][0] not in first.reshaped)
    lines, incomplete = added(first.lines, second.lines), added(first.incomplete, second.incomplete)
    return filled, Delta(kept, lines, second.findings, first.reshaped, incomplete)


def _by_year(held: Held, texts: Given) -> list[tuple[int | None, str]]:
    return [(None, texts)] if isinstance(texts, str) else list(zip(held.plan.years, texts, strict=True))


def _with_order(held: Held, form: str, order: Sequence[int]) -> tuple[Held, Delta]:
    at = held.rows[form].places
    workbook, delta = rearranged(held.plan, held.workbook, form, [at.get(number, NEW) for number in order])
    free = max([held.rows[form].next, *(number + 1 for number in order)])
    return replace(held, workbook=workbook, rows={**held.rows, form: Numbers(tuple(order), free)}), delta


def _inserted(order: Sequence[int], payload: Payload) -> list[int]:
    """The order with rows put in so that each stands at its place, or at the end."""
    found = [number for number in order if number not in set(payload["rows"])]
    for number, place in sorted(zip(payload["rows"], payload["places"], strict=True), key=lambda pair: pair[1]):
        found.insert(place, number)
    return found


def _declared(held: Held, form: str, column: str) -> Column | HeaderField:
    declared = _declared_or_none(held, form, column)
    assert declared is not None, f"{form}.{column} is not declared"
    return declared


def _declared_or_none(held: Held, form: str, column: str) -> Column | HeaderField | None:
    if form == HEADER:
        return held.plan.ruleset.header.get(column)
    declared = held.plan.ruleset.forms.get(form)
    return declared.columns.get(column) if declared else None


def _nearest(held: Held, form: str, column: str) -> str:
    """What was probably meant by a form or column that is not there."""
    if form == HEADER:
        return nearest(column, held.plan.ruleset.header)
    forms = held.plan.ruleset.forms
    return nearest(column, _inputs_of(held, form)) if form in forms else nearest(form, forms)


def _inputs_of(held: Held, form: str) -> list[str]:
    return [column.name for column in held.plan.ruleset.forms[form].columns.values() if column.formula is None]


def _inputs(held: Held, form: str, column: str) -> np.ndarray[Any, Any]:
    if form == HEADER:
        return held.workbook.header[column]
    table = held.workbook.tables[form]
    if column in table.columns:
        return table.columns[column]
    declared = held.plan.ruleset.forms[form].columns[column]
    blank = None if declared.type.kind == "text" else BLANK
    return np.full(table.rows, blank, dtype=object if blank is None else np.int64)

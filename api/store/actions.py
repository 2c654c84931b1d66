"""What people ask of a submission, made into the payload of a journal line, and that payload turned round for undo.

A payload says all that is needed to do the action again and to undo it: cells with their texts before and after, rows
with their numbers, places and inputs. What cannot be done is a finding, and then nothing is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api.store.held import HEADER, Given, Held, Payload, cells_of_rows, plain, readable, text_at, unreadable
from engine.editing import refusal, too_many
from engine.findings import Cell, Finding, finding
from engine.limits import ROWS_MAX

Wanted = tuple[str, int, str, int | None, str]
"""A cell that somebody wants changed: form, row number, column, year or None for all, its new text."""
INVERSE = {"cells": "cells", "add": "remove", "remove": "add", "move": "move"}
"""What undoes an action; another cannot be undone."""


def cells(held: Held, wanted: Sequence[Wanted]) -> tuple[Payload, list[Finding]]:
    """New texts for inputs, and for each that cannot be the reason why."""
    if (wrong := too_many(wanted)) is not None:
        return {"cells": []}, [wrong]
    found = [wrong for cell in wanted if (wrong := _impossible(held, cell)) is not None]
    if found:
        return {"cells": []}, found
    plainly = [(*cell[:4], plain(held, cell[0], cell[2], cell[4])) for cell in wanted]
    changes = [change for cell in plainly for change in _changes(held, cell)]
    changes = [change for change in changes if change[4] != change[5]]
    told = [_told_before(change) for change in changes if is_told_before(held, change[0], change[2])]
    return {"cells": [] if told else [list(change) for change in changes]}, told


def is_told_before(held: Held, form: str, column: str) -> bool:
    """Whether lines of earlier years fill a column, and nobody types in it."""
    declared = held.plan.ruleset.forms.get(form)
    return declared is not None and declared.columns[column].before is not None


def _told_before(change: tuple[str, int, str, int | None, str, str]) -> Finding:
    form, row, column, year, *_ = change
    return finding("edit-refused-before", Cell(0, form, column, row, year), column=column)


def add_rows(
    held: Held, form: str, place: int | None, rows: Sequence[Mapping[str, Given]]
) -> tuple[Payload, list[Finding]]:
    """New rows before a place, or at the end, each with the texts of its inputs by column."""
    if (wrong := _fixed(held, form)) is not None:
        return {}, [wrong]
    numbers = held.rows[form]
    if len(numbers.order) + len(rows) > ROWS_MAX:
        return {}, [finding("too-many-rows", Cell(0, form), count=len(rows), limit=ROWS_MAX)]
    at = len(numbers.order) if place is None else max(0, min(place, len(numbers.order)))
    columns = sorted({name for row in rows for name in row})
    filled, refused = _filling(held, form, {name: [row.get(name, "") for row in rows] for name in columns})
    return {
        "form": form,
        "rows": [numbers.next + i for i in range(len(rows))],
        "places": [at + i for i in range(len(rows))],
        "cells": {form: filled} if filled else {},
    }, refused


def copy_rows(held: Held, form: str, rows: Sequence[int], place: int | None) -> tuple[Payload, list[Finding]]:
    """The same rows once more, with all their inputs."""
    places, wrong = _places(held, form, rows)
    if wrong:
        return {}, wrong
    payload, wrong = add_rows(held, form, place, [{} for _ in rows])
    return ({**payload, "cells": cells_of_rows(held, form, places)}, wrong) if not wrong else (payload, wrong)


def remove_rows(held: Held, form: str, rows: Sequence[int]) -> tuple[Payload, list[Finding]]:
    """Rows taken away; the payload keeps their inputs."""
    places, wrong = _places(held, form, rows)
    if wrong:
        return {}, wrong
    return {"form": form, "rows": list(rows), "places": places, "cells": cells_of_rows(held, form, places)}, []


def move_rows(held: Held, form: str, rows: Sequence[int], place: int) -> tuple[Payload, list[Finding]]:
    """Rows put together at a place among the others."""
    places, wrong = _places(held, form, rows)
    if wrong:
        return {}, wrong
    first = max(0, min(place, len(held.rows[form].order) - len(rows)))
    return {"form": form, "rows": list(rows), "places": [first + i for i in range(len(rows))], "from": places}, []


def inverse(action: str, payload: Payload) -> tuple[str, Payload]:
    """What undoes an action."""
    if action == "cells":
        swapped = [[*cell[:4], cell[5], cell[4]] for cell in reversed(payload["cells"])]
        return "cells", {"cells": swapped}
    if action == "move":
        return "move", {**_plain(payload), "places": payload["from"], "from": payload["places"]}
    return INVERSE[action], _plain(payload)


def conflicts(held: Held, action: str, payload: Payload) -> list[Finding]:
    """Why an action turned round would overwrite what others did since; an empty list where it would not."""
    if action == "cells":
        return [wrong for cell in payload["cells"] if (wrong := _overwrites(held, cell)) is not None]
    form, order = payload["form"], held.rows[payload["form"]].order
    if action == "add":
        return [finding("undo-conflict", Cell(0, form), row=n) for n in payload["rows"] if n in order]
    gone = [finding("row-gone", Cell(0, form), row=number) for number in payload["rows"] if number not in order]
    if gone or action == "move":
        return gone
    now = cells_of_rows(held, form, [order.index(number) for number in payload["rows"]])
    return [] if _filled(now) == _filled(payload["cells"]) else [finding("undo-conflict", Cell(0, form), row="")]


def _impossible(held: Held, cell: Wanted) -> Finding | None:
    edit = readable(held, (*cell[:4], "", cell[4]))
    return edit if isinstance(edit, Finding) else refusal(held.plan, held.workbook, edit)


def _filling(
    held: Held, form: str, columns: Mapping[str, Sequence[Given]]
) -> tuple[dict[str, list[Given]], list[Finding]]:
    """The inputs of new rows as plain texts, and why some cannot be."""
    found: list[Finding] = []
    filled: dict[str, list[Given]] = {}
    for name, given in columns.items():
        wrong = [one for texts in given if (one := unreadable(held, form, name, texts)) is not None]
        found += wrong
        if not wrong:
            filled[name] = [_plainly(held, form, name, texts) for texts in given]
    return filled, found


def _plainly(held: Held, form: str, column: str, texts: Given) -> Given:
    by_year = held.plan.ruleset.forms[form].columns[column].by_year
    if isinstance(texts, str):
        one = plain(held, form, column, texts)
        return [one for _ in held.plan.years] if by_year else one
    return [plain(held, form, column, text) for text in texts]


def _overwrites(held: Held, cell: Sequence[Any]) -> Finding | None:
    form, row, column, year, before, _ = cell
    place = held.place(form, row)
    if place is None:
        return finding("row-gone", Cell(0, form, column, None, year), row=row)
    now = text_at(held, form, column, (place, year))
    return None if now == before else finding("undo-conflict", Cell(0, form, column, place, year), row=row)


def _filled(cells_of: Mapping[str, Mapping[str, Sequence[Given]]]) -> dict[str, dict[str, list[Given]]]:
    """What is not blank of rows' inputs."""
    plain = {
        form: {name: list(given) for name, given in columns.items() if any(_any(texts) for texts in given)}
        for form, columns in cells_of.items()
    }
    return {form: columns for form, columns in plain.items() if columns}


def _any(texts: Given) -> bool:
    return bool(texts) if isinstance(texts, str) else any(texts)


def _plain(payload: Payload) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in {"undoes", "redoes", "why"}}


def _changes(held: Held, cell: Wanted) -> Iterator[tuple[str, int, str, int | None, str, str]]:
    """A wanted cell with its text before; an input that differs by year, set for all of them, year by year."""
    form, row, column, year, text = cell
    place = held.place(form, row)
    assert place is not None, "only cells that can be written are asked"
    by_year = form != HEADER and held.plan.ruleset.forms[form].columns[column].by_year
    for when in held.plan.years if by_year and year is None else (year,):
        yield form, row, column, when, text_at(held, form, column, (place, when)), text


def _fixed(held: Held, form: str) -> Finding | None:
    return None if form in held.rows else finding("rows-fixed", Cell(0, form), form=form)


def _places(held: Held, form: str, rows: Sequence[int]) -> tuple[list[int], list[Finding]]:
    """Where rows stand, or which of them are gone."""
    if (wrong := _fixed(held, form)) is not None:
        return [], [wrong]
    at = held.rows[form].places
    gone = [finding("row-gone", Cell(0, form), row=number) for number in rows if number not in at]
    return ([] if gone else [at[number] for number in rows]), gone

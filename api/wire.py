"""How cells, deltas and findings look on the wire, the same in an answer, an event and a file for a notebook.

A number is the whole number of its column's last digit (7963650 at two digits is 79 636.50): exact in JSON, in a
browser and in Python. A date is text, 2026-01-31; a code or text is itself; a blank is null; an error is
{"error": its code}.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.columns import moved_sums
from api.store.held import Held
from api.store.totals import Above, Amount
from engine.findings import Finding
from engine.norms import Norms
from engine.number import BLANK, ERROR_OF_CELL, SPECIAL, from_serial
from engine.ruleset import ValueType
from engine.workbook import Changes, Delta

Wire = dict[str, Any]


def value(cell: int | str | None, type_: ValueType, norms: Norms) -> Any:
    """One cell."""
    if not isinstance(cell, (int, np.integer)):
        return cell
    held = int(cell)
    if held == BLANK:
        return None
    if held in ERROR_OF_CELL:
        return {"error": ERROR_OF_CELL[held]}
    if type_.classification is not None:
        return norms.classifications[type_.classification].codes[held] if held >= 0 else None
    if type_.kind == "date":
        return from_serial(held).isoformat()
    return bool(held) if type_.kind == "bool" else held


def values(cells: NDArray[Any], type_: ValueType, norms: Norms) -> list[Any]:
    """A row of cells; numbers that are all plain go out as they are."""
    if type_.kind == "number" and _plain(cells):
        plain: list[Any] = cells.tolist()
        return plain
    return [value(cell, type_, norms) for cell in cells.tolist()]


def delta_of(held: Held, delta: Delta) -> Wire:
    """What changed in a submission: cells by form and column, forms to be read anew, moved sums, and findings."""
    changed: dict[tuple[str, str], list[Sequence[Any]]] = {}
    for part in delta.cells:
        for key, changes in _by_column(held, part):
            changed.setdefault(key, []).extend(changes)
    return {
        "cells": [{"form": key[0], "column": key[1], "changes": changed[key]} for key in sorted(changed)],
        "reshaped": list(delta.reshaped),
        "findings": findings(held, delta.findings),
        **moved_sums(held, changed, delta.reshaped),
    }


def changed(held: Held, cells: Iterable[Changes], most: int) -> list[Wire]:
    """How many cells of each column differ, and the first of them."""
    found = ((key, list(changes)) for part in cells for key, changes in _by_column(held, part))
    return [
        {"form": key[0], "column": key[1], "count": len(changes), "changes": changes[:most]} for key, changes in found
    ]


def findings(held: Held | None, found: Iterable[Finding]) -> list[Wire]:
    """What there is to tell; a cell names its row by number and place."""
    return [_finding(held, one) for one in found]


def totals(places: Mapping[Above, Amount]) -> list[Wire]:
    """Totals, amounts in tiyn as text: a sum may pass what JSON holds; `incomplete` counts the rows left out of it."""
    return [
        {"level": level, "code": code, "specific": specific or None, "year": int(year)}
        | {"amount": str(amount), "incomplete": left_out}
        for (level, code, specific, year), (amount, left_out) in places.items()
    ]


def _by_column(held: Held, part: Changes) -> Iterator[tuple[tuple[str, str], Iterable[Sequence[Any]]]]:
    """The changes of each column: row's number, year, month, before, after."""
    cells = part.cells
    starts = [0, *(np.flatnonzero(cells.columns[1:] != cells.columns[:-1]) + 1).tolist(), len(part)]
    numbers, months = held.numbers(part.keys[0][0], cells.rows.tolist()), [m or None for m in cells.months.tolist()]
    before, after = cells.before.tolist(), cells.after.tolist()
    whole = list(zip(numbers, cells.years.tolist(), months, before, after, strict=True))
    plain = _plain(cells.before) and _plain(cells.after)
    for start, end in pairwise(starts):
        key = part.keys[cells.columns[start]]
        type_, told = held.plan.column(key).type, whole[start:end]
        if not plain or type_.kind != "number":
            read = partial(value, type_=type_, norms=held.plan.norms)
            told = [(*place, read(old), read(new)) for *place, old, new in told]
        yield key, told


def _plain(cells: NDArray[Any]) -> bool:
    """Whether all of them are numbers; there are none but in columns of numbers."""
    return cells.dtype != object and (not cells.size or bool(cells.min() >= SPECIAL))


def _finding(held: Held | None, one: Finding) -> Wire:
    told: Wire = {"code": one.code, "severity": one.severity, "text": dict(one.texts), "args": dict(one.args)}
    if one.place is not None:
        told["place"] = {"file": one.place.file, "line": one.place.line, "column": one.place.column}
    if one.cell is not None:
        cell = one.cell
        number = None if held is None or cell.row is None else _number(held, cell.form, cell.row)
        told["cell"] = {"form": cell.form, "column": cell.column, "row": number, "place": cell.row}
        told["cell"] |= {"year": cell.year, "month": cell.month}
    return told


def _number(held: Held, form: str, place: int) -> int | None:
    root = held.plan.roots.get(form)
    rows = held.rows.get(root) if root else None
    return rows.order[place] if rows is not None and place < len(rows.order) else place

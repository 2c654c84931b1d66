"""Where the figures of a submission go, and where its budget lines come from.

A cell goes into the cells that read it: of its own row, or of whole columns, and through its row's amounts into budget
lines and all the totals above them. A line comes from the cells that are its amounts. Nothing here calculates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from api import wire
from api.store.held import Held
from api.store.totals import Totals
from engine.lines import DIMENSIONS, Lines, keyed_rows, lines_of, roll_up
from engine.number import SPECIAL
from engine.ruleset import Form, LineRule

CELLS_MAX = 500
"""Of one line."""
Node = tuple[str, str]
Key = tuple[str, ...]


def included(held: Held, totals: Totals, node: Node, at: tuple[int | None, int]) -> dict[str, Any]:
    """What a cell (form and column; row's place and year) goes into: readers, the nearest first, and totals."""
    place, year = at
    assert place is not None, "a cell that was explained has a row"
    roots = held.plan.roots
    told, seen, queue = [], {node}, [(node, True)]
    for of, same_row in queue:
        for reader, this_row in held.plan.readers.get(of, ()):
            by_row = this_row and roots[reader[0]] == roots[of[0]]
            if reader not in seen:
                seen.add(reader)
                queue.append((reader, same_row and by_row))
                if of == node:
                    number = held.number(reader[0], place) if by_row else None
                    told.append({"form": reader[0], "column": reader[1], "row": number, "year": year})
    keys = dict.fromkeys(
        key for (form, column), by_row in queue if by_row for key in _keys(held, form, column, (place, year))
    )
    lines = [dict(zip(DIMENSIONS, key, strict=True)) for key in keys]
    return {"readers": told, "lines": lines, "totals": wire.totals(totals.over(held.submission, list(keys)))}


def lines_by(held: Held, by: list[str], where: Mapping[str, set[str]]) -> Lines:
    """The sums of a submission's own lines along some dimensions."""
    lines = lines_of(held.plan.ruleset, held.plan.norms, held.workbook)
    chosen = np.ones(len(lines), bool)
    for name, codes in where.items():
        wanted = [at for at, code in enumerate(lines.labels[name]) if code in codes]
        chosen &= np.isin(lines.keys[name], wanted)
    rows = np.flatnonzero(chosen)
    keys = {name: positions[rows] for name, positions in lines.keys.items()}
    return roll_up(Lines(lines.labels, keys, lines.amounts[rows], lines.incomplete[rows]), by)


def cells_of(held: Held, where: Mapping[str, set[str]]) -> list[wire.Wire]:
    """The cells that make the lines with some codes, the largest amounts first; amounts in tiyn as text."""
    found: list[tuple[int, wire.Wire]] = []
    for form in held.plan.ruleset.forms.values():
        for rule in form.lines:
            found += _amounts(held, form, rule, where)
    found.sort(key=lambda one: -abs(one[0]))
    return [cell | {"amount": str(amount)} for amount, cell in found[:CELLS_MAX]]


def _keys(held: Held, form: str, column: str, at: tuple[int, int]) -> Iterator[Key]:
    """The keys of the lines that a row's column is the amount of, in a year."""
    declared, (place, year) = held.plan.ruleset.forms[form], at
    for rule in declared.lines:
        if rule.amount == column:
            keyed = keyed_rows(held.plan.ruleset, held.plan.norms, held.workbook, (declared, rule))
            rows = len(keyed) // len(held.plan.years)
            yield keyed.key(held.plan.years.index(year) * rows + place)


def _amounts(held: Held, form: Form, rule: LineRule, where: Mapping[str, set[str]]) -> Iterator[tuple[int, wire.Wire]]:
    plan, years = held.plan, held.plan.years
    keyed = keyed_rows(plan.ruleset, plan.norms, held.workbook, (form, rule))
    rows = len(keyed) // len(years)
    scale = 10 ** (2 - (form.columns[rule.amount].digits or 0))
    cells = np.broadcast_to(_cells(held, form, rule.amount), (len(years), rows)).ravel()
    chosen = (cells >= SPECIAL) & (cells != 0)
    for name, codes in where.items():
        wanted = [at for at, code in enumerate(keyed.labels[name]) if code in codes]
        chosen &= np.isin(keyed.keys[name], wanted)
    for at in np.flatnonzero(chosen).tolist():
        number = held.number(form.name, at % rows)
        cell = {"form": form.name, "column": rule.amount, "row": number, "year": years[at // rows]}
        yield int(cells[at]) * scale, cell


def _cells(held: Held, form: Form, name: str) -> Any:
    if form.columns[name].formula is None:
        return held.workbook.tables[form.name].columns[name]
    results = held.workbook.results
    assert results is not None, "a submission that is held has been recalculated"
    return results.columns[form.name, name]

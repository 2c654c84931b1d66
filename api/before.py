"""What was executed, approved and specified before: lines of other stages and years, beside a submission's amounts.

They are kept apart from the lines that submissions put in the budget (`past_line`). A column that a ruleset declares
with `before:` is filled from them, by an action of the journal, so that a submission is what it is without them too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select

from api.store import Prepared, Store
from api.store.held import HEADER, Held, text_at
from api.store.schema import past_line
from engine.lines import DIMENSIONS
from engine.number import BLANK, CELL_OF_ERROR, decimal_text, to_cell
from engine.plan import Plan
from engine.rolling import origins
from engine.ruleset import STATED, Form, LineRule

OF_HEADER = ("institution", "administrator", "programme", "subprogramme")
"""What of a header tells whose lines these are; its kind is only what rows are unless they say otherwise."""
TIYN = 2
"""Digits of a tenge."""


def past_lines(connection: Connection, held: Held) -> list[Row[Any]]:
    """The lines of earlier years of a submission's institution, programme and subprogramme."""
    wanted = select(past_line).where(past_line.c.side == STATED["side"])
    for name in OF_HEADER:
        if name in held.plan.ruleset.header:
            wanted = wanted.where(past_line.c[name] == text_at(held, HEADER, name, (0, None)))
    return list(connection.execute(wanted.order_by(past_line.c.specific, past_line.c.year, past_line.c.stage)))


def taken_over(held: Held, lines: Sequence[Row[Any]]) -> Prepared:
    """The action that fills what lines of earlier years say, with no cells where all of it is so already."""
    cells = [list(cell) for form in held.plan.ruleset.forms.values() for cell in _told(held, form, lines)]
    return "before", {"cells": cells}, []


def by_rows(held: Held, lines: Sequence[Row[Any]]) -> Iterator[dict[str, Any]]:
    """For each row that puts something in the budget under a specific, what lines of earlier years say of that."""
    sums = _sums(lines)
    for form in held.plan.ruleset.forms.values():
        for rule in form.lines:
            for number, specific in _specifics(held, form, rule):
                if specific in sums:
                    yield {"form": form.name, "amount": rule.amount, "row": number, "specific": specific}


def last_cycle(store: Store, connection: Connection, plan: Plan, origin: tuple[int, int]) -> list[dict[str, Any]]:
    """For each row that came from the last cycle's submission, by the number that it was born with, what was asked for
    it then, year by year: always the same, since both submissions began so."""
    past = store.at(connection, *origin)
    if past is None:
        return []
    assert past.workbook.results is not None, "an opened submission is calculated"
    found = []
    for form, places in origins(past.plan, past.workbook, plan).items():
        declared, born = past.plan.ruleset.forms.get(form), plan.ruleset.forms[plan.roots[form]].rows.kind == "added"
        for rule in declared.lines if declared else ():
            assert declared is not None
            pairs = ((before, now + born) for now, before in enumerate(places.tolist()) if before >= 0)
            found += [_asked_before(past, (declared, rule), *pair) for pair in pairs]
    return [one for one in found if one["years"]]


def still_there(held: Held, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of rows, told by form and number, that have not been removed."""
    there = {form: set(numbers.order) for form, numbers in held.rows.items()}
    roots = held.plan.roots
    return [one for one in rows if roots[one["form"]] not in there or one["row"] in there[roots[one["form"]]]]


def specifics(lines: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """By specific, year and stage, in tiyn as text."""
    return [
        {"specific": specific, "year": int(year), "stage": stage, "amount": str(amount)}
        for specific, stages in _sums(lines).items()
        for (year, stage), amount in stages.items()
    ]


def _sums(lines: Sequence[Row[Any]]) -> dict[str, dict[tuple[str, str], int]]:
    sums: dict[str, dict[tuple[str, str], int]] = {}
    for line in lines:
        of = sums.setdefault(line.specific, {})
        of[line.year, line.stage] = of.get((line.year, line.stage), 0) + int(line.amount)
    return sums


def _told(held: Held, form: Form, lines: Sequence[Row[Any]]) -> Iterator[tuple[str, int, str, None, str, str]]:
    """The cells of a form that lines of earlier years change: form, row, column, year, text before and after."""
    told = [column for column in form.columns.values() if column.before is not None]
    own = [name for name in DIMENSIONS if name in form.columns] if told else []
    for place in range(held.workbook.tables[form.name].rows if told else 0):
        codes = {name: text_at(held, form.name, name, (place, None)) for name in own}
        for column in told:
            assert column.before is not None
            year = str(held.plan.years[0] - column.before.years)
            mine = [one for one in lines if (one.year, one.stage) == (year, column.before.stage) and _has(one, codes)]
            amount = Fraction(sum(int(one.amount) for one in mine), 10**TIYN)
            digits = column.digits or 0
            nothing = decimal_text(0, digits)
            after = decimal_text(to_cell(amount, digits), digits) if mine else ""
            before = text_at(held, form.name, column.name, (place, None))
            if (before or nothing) != (after or nothing):
                yield form.name, held.number(form.name, place), column.name, None, before, after


def _has(line: Row[Any], codes: Mapping[str, str]) -> bool:
    return all(getattr(line, name) == code for name, code in codes.items())


def _specifics(held: Held, form: Form, rule: LineRule) -> Iterator[tuple[int, str]]:
    """The number of each row and the specific under which a rule puts it, where that is the same in all years."""
    key, rows = rule.keys.get("specific", ""), held.workbook.tables[held.plan.roots[form.name]].rows
    if not key.startswith("="):
        yield from ((held.number(form.name, place), key) for place in range(rows))
        return
    column = form.columns[key[1:]]
    if column.formula is None:
        yield from (
            (held.number(form.name, place), text_at(held, form.name, column.name, (place, None)))
            for place in range(rows)
        )


def _asked_before(past: Held, of: tuple[Form, LineRule], place: int, number: int) -> dict[str, Any]:
    form, rule = of
    digits = form.columns[rule.amount].digits or 0
    held = past.workbook.tables[form.name].columns if form.columns[rule.amount].formula is None else {}
    assert past.workbook.results is not None
    cells = held[rule.amount] if held else past.workbook.results.columns[form.name, rule.amount]
    cells = np.broadcast_to(cells, (len(past.plan.years), cells.shape[-1]))[:, place].tolist()
    scale, wrong = 10 ** (TIYN - digits), {BLANK, *CELL_OF_ERROR.values()}
    years = {year: str(cell * scale) for year, cell in zip(past.plan.years, cells, strict=True) if cell not in wrong}
    return {"form": form.name, "amount": rule.amount, "row": number, "years": years}

"""What a demo republic has behind it: the last cycle's submissions of a few institutions, and for all of them what was
executed, approved and specified before. Invented like the rest of it, and marked so.

The last of those institutions has not begun in the new cycle: whoever signs in as its executor may roll its last
submission forward.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from sqlalchemy import Connection

from api.installation import RULESETS
from api.republic.institutions import Institutions
from api.store import Birth, Store
from api.store.calendars import arrange
from api.store.founding import copy_rows, create_all
from api.store.schema import past_line
from api.store.texts import publish, ruleset_files
from engine.lines import DIMENSIONS
from engine.number import BLANK
from engine.plan import Plan
from engine.reshaping import picked
from engine.workbook import Workbook

FEW = 3
"""Institutions that have a last cycle."""
STATE = "planned"
"""How far its submissions have come."""
SOURCE = "invented for training"
APPROVED_PERCENT = 97
"""Of what was specified later: what the law had approved."""
TIYN = 100
A_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Present:
    """The new cycle as it was drawn: its plan, name and calendar, all its inputs, whose they are."""

    plan: Plan
    name: str
    calendar: Mapping[str, str]
    workbook: Workbook
    births: Sequence[Birth]
    institutions: Institutions


def not_begun(institutions: Institutions) -> int:
    """The place of the institution that has yet to begin in the new cycle."""
    return _few(institutions)[-1]


def seed_past(store: Store, connection: Connection, present: Present) -> int:
    """Write it all, and say how many submissions of the last cycle there are."""
    copy_rows(connection, past_line, (*DIMENSIONS, "amount", "source"), _lines(present))
    return _seed_last_cycle(store, connection, present)


def _few(institutions: Institutions) -> list[int]:
    """The first institutions of the administrator that has the most."""
    owners = list(institutions.administrators)
    most = max(dict.fromkeys(owners), key=owners.count)
    return [place for place, owner in enumerate(owners) if owner == most][:FEW]


def _seed_last_cycle(store: Store, connection: Connection, present: Present) -> int:
    years = tuple(year - 1 for year in present.plan.years)
    last = f"{years[0]}-{years[-1]}"
    days = {name: (date.fromisoformat(day) - A_YEAR).isoformat() for name, day in present.calendar.items()}
    arrange(connection, last, days)
    name, version = present.plan.ruleset.name, present.plan.ruleset.version
    older = version.replace(str(present.plan.years[0]), str(years[0]))
    files = {
        path: text.replace(f"cycle: {present.name}", f"cycle: {last}").replace(
            f"version: {version}", f"version: {older}"
        )
        for path, text in ruleset_files(RULESETS / name).items()
    }
    rules = publish(connection, "ruleset", (name, older), files)
    places = _few(present.institutions)
    births = [replace(present.births[place], cycle=last, ruleset=rules, state=STATE) for place in places]
    workbook = replace(picked(present.workbook, np.array(places)), years=years)
    create_all(store, connection, births, _untold(present.plan, workbook))
    return len(births)


def _untold(plan: Plan, workbook: Workbook) -> Workbook:
    """The same without what lines of earlier years said: those of the last cycle's own past are not kept."""
    tables = dict(workbook.tables)
    for name, form in plan.ruleset.forms.items():
        told = [column.name for column in form.columns.values() if column.before is not None]
        if told:
            blank = {column: np.full_like(tables[name].columns[column], BLANK) for column in told}
            tables[name] = replace(tables[name], columns={**tables[name].columns, **blank})
    return replace(workbook, tables=tables)


def _lines(present: Present) -> Iterator[tuple[str | int, ...]]:
    """Lines of earlier years, so that the columns which they fill hold what was drawn there."""
    for name, form in present.plan.ruleset.forms.items():
        for column in form.columns.values():
            if column.before is not None:
                stage, year = column.before.stage, str(present.plan.years[0] - column.before.years)
                for place, specific, amount in _drawn(present, name, column.name):
                    of = _whose(present, place)
                    yield *of, specific, "base", year, stage, "", "expense", amount * TIYN, SOURCE
                    if stage == "specified":
                        approved = amount * APPROVED_PERCENT // 100 * TIYN
                        yield *of, specific, "base", year, "law", "", "expense", approved, SOURCE


def _drawn(present: Present, form: str, column: str) -> Iterator[tuple[int, str, int]]:
    """Institution's place, specific and tenge of each row of a form that has something there."""
    table, fixed = present.workbook.tables[form], present.plan.ruleset.forms[form].rows.fixed
    assert present.plan.ruleset.forms[form].columns[column].digits == 0, "tenge without tiyn are drawn"
    for row, amount in enumerate(table.columns[column].tolist()):
        if amount > 0:
            place, number = table.place(row)
            yield place, fixed[number]["specific"], amount


def _whose(present: Present, place: int) -> tuple[str, str, str, str]:
    of = present.institutions
    return of.codes[place], of.administrators[place], of.programmes[place], of.subprogrammes[place]

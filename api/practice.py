"""Planted errors to practise on: a demo has them in the requests of the institutions that it names.

They are ordinary edits, each institution's by its own executor, and stand in the journal as such. Whether one has been
corrected is not remembered anywhere: the findings of the moment say it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy import Connection, select

from api import wire
from api.demo import guests
from api.store import Deed, Store, actions
from api.store.held import Held, Payload
from api.store.schema import account, organisation, submission
from engine.findings import Finding

PLANTED = Path(__file__).with_name("practice.yaml")


@dataclass(frozen=True, slots=True)
class Slip:
    """One mistyped cell, and the code of the finding that tells of it."""

    institution: int
    form: str
    row: int
    column: str
    value: str
    finding: str


@cache
def slips() -> tuple[Slip, ...]:
    """All that is planted."""
    read = yaml.load(PLANTED.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return tuple(Slip(**one | {"institution": int(one["institution"]), "row": int(one["row"])}) for one in read)


def practising(connection: Connection) -> dict[str, list[Slip]]:
    """Code of an institution → what is planted there."""
    codes = list(dict.fromkeys(one.code for one in guests(connection) if one.kind == "institution"))
    planted = {code: [slip for slip in slips() if slip.institution == at] for at, code in enumerate(codes)}
    return {code: some for code, some in planted.items() if some}


def plant(store: Store, connection: Connection) -> None:
    """Make the errors, in the caller's transaction."""
    for code, planted in practising(connection).items():
        mine = select(submission.c.id).join(organisation).where(organisation.c.code == code)
        number = connection.scalar(mine.order_by(submission.c.cycle.desc()).limit(1))
        executor = connection.scalar(select(account.c.id).where(account.c.login == f"executor-{code}"))
        if number is None or executor is None:
            continue

        def wish(held: Held, planted: list[Slip] = planted) -> tuple[str, Payload, list[Finding]]:
            there = [slip for slip in planted if number_of(held, slip) is not None]
            wanted = [(slip.form, number_of(held, slip) or 0, slip.column, None, slip.value) for slip in there]
            return "cells", *actions.cells(held, wanted)

        answer = store.act(connection, number, Deed(executor, None), wish)
        assert answer is not None, "a submission that was found exists"
        assert answer.position, wire.findings(answer.before, answer.findings)


def told(held: Held, planted: Iterable[Slip], found: Iterable[Finding]) -> list[wire.Wire]:
    """How it stands with what was planted in a submission: the finding's text, or that it has been corrected."""
    telling: Mapping[tuple[str, str, int | None], Finding] = {
        (one.code, one.cell.form, one.cell.row): one for one in found if one.cell is not None
    }
    answer = []
    for slip in planted:
        one = telling.get((slip.finding, slip.form, slip.row - 1)) or telling.get((slip.finding, slip.form, None))
        form, number = held.plan.ruleset.forms[slip.form], number_of(held, slip)
        place = {"submission": held.submission, "form": slip.form, "row": number, "column": slip.column}
        about = {"title": form.title, "code": form.code, "corrected": one is None}
        answer.append(place | about | {"finding": wire.findings(held, [one])[0] if one else None})
    return answer


def number_of(held: Held, slip: Slip) -> int | None:
    """The number of the row of a slip, which stays when rows move; none where the form has no such row."""
    rows = held.workbook.tables[held.plan.roots[slip.form]].rows
    return held.number(slip.form, slip.row - 1) if slip.row <= rows else None

"""Whether what is stored of submissions follows from their journals: made again from the beginning, and compared.

Beginnings are unpacked and calculated together; a submission that has changed since goes through its journal alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from api.store import Amounts, Store, amounts_in, amounts_of, inputs_of, journal, order_of, replayed
from api.store.held import Held, numbered
from api.store.rolling import rolled_from
from api.store.schema import journal as journal_table
from api.store.schema import line, snapshot
from api.store.texts import expanded
from engine.evaluate import recalculate
from engine.findings import Finding, finding
from engine.lines import DIMENSIONS, lines_apart
from engine.packing import packed, structure, together
from engine.plan import Plan
from engine.renorm import WORTH_COMPILING
from engine.workbook import Workbook, only

TOGETHER_MAX = 500
"""Submissions whose inputs are in memory at once."""


@dataclass
class _Case:
    """One submission: its row, how it began, its budget lines as stored, and what was found."""

    row: Row[Any]
    began: Row[Any]
    """The first line of its journal."""
    kept: Row[Any] | None
    """Its first snapshot."""
    lines: Amounts = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)

    @property
    def texts(self) -> tuple[str, str]:
        """The digests of the ruleset and norms that it began under."""
        told = journal.payload_of(self.began)
        return told["ruleset"], told["norms"]

    def differs(self, revision: int) -> None:
        """The snapshot of that revision is not what the journal says."""
        self.found.append(finding("snapshot-differs", None, submission=self.row.id, revision=revision))


def replays(store: Store, connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[Finding]:
    """Findings for submissions whose journals are whole, in the order of their rows."""
    for start in range(0, len(rows), TOGETHER_MAX):
        cases = _cases(connection, rows[start : start + TOGETHER_MAX])
        alike: dict[tuple[str, str, bytes], list[tuple[_Case, bytes]]] = {}
        for case in cases:
            data = _beginning(case)
            if data is not None:
                alike.setdefault((*case.texts, structure(data)), []).append((case, data))
        for (ruleset, norms, _), some in alike.items():
            plan = store.texts.plan(connection, ruleset, norms)
            workbook = together(plan.ruleset, plan.norms, [data for _, data in some])
            _replay(store, connection, (plan, workbook), [case for case, _ in some])
        yield from (wrong for case in cases for wrong in (*case.found, *_rolled(store, connection, case)))


def _rolled(store: Store, connection: Connection, case: _Case) -> Iterator[Finding]:
    """Whether a submission began as its origin, rolled forward."""
    told = journal.payload_of(case.began)
    if (origin := told.get("origin")) is None:
        return
    plan = store.texts.plan(connection, *case.texts)
    workbook = rolled_from(store, connection, plan, origin)
    inputs = b"" if workbook is None else packed(plan.ruleset, plan.norms, workbook)
    if origin[0] != case.row.origin or hashlib.sha256(inputs).hexdigest() != told["inputs"]:
        yield finding("roll-forward-differs", None, submission=case.row.id, origin=origin[0])


def _cases(connection: Connection, rows: Sequence[Row[Any]]) -> list[_Case]:
    numbers = [row.id for row in rows]
    first = (snapshot.c.submission.in_(numbers)) & (snapshot.c.revision == 1)
    kept = {one.submission: one for one in connection.execute(select(snapshot).where(first))}
    lines = (journal_table.c.submission.in_(numbers)) & (journal_table.c.revision == 1)
    began = {one.submission: one for one in connection.execute(select(journal_table).where(lines))}
    cases = {row.id: _Case(row, began[row.id], kept.get(row.id)) for row in rows}
    stored = select(line.c.submission, *(line.c[name] for name in DIMENSIONS), line.c.amount, line.c.incomplete)
    stored = stored.where(line.c.submission.in_(numbers), (line.c.amount != 0) | (line.c.incomplete != 0))
    for number, *key, amount, left_out in connection.execute(stored):
        cases[number].lines[tuple(key)] = (int(amount), left_out)
    return list(cases.values())


def _beginning(case: _Case) -> bytes | None:
    """The bytes that a submission began with, if they are those that its journal tells of."""
    data = _bytes(case.kept) if case.kept is not None else None
    if case.kept is None or data is None or case.kept.digest != journal.payload_of(case.began)["inputs"]:
        case.differs(1)
        return None
    return data


def _bytes(kept: Row[Any]) -> bytes | None:
    """What a snapshot holds, if that is what its digest says."""
    try:
        data = expanded(kept.inputs, kept.size)
    except (OSError, ValueError):  # bytes that somebody changed need not be zstd any more
        return None
    return data if hashlib.sha256(data).hexdigest() == kept.digest else None


def _replay(store: Store, connection: Connection, began: tuple[Plan, Workbook], cases: Sequence[_Case]) -> None:
    """Go through the journals of some submissions, whose beginnings stand in one workbook in the same order."""
    plan, workbook = began
    amounts = _amounts(plan, workbook)
    for number, case in enumerate(cases):
        alone = only(workbook, number)
        held = Held(case.row.id, 1, case.began.digest, plan, alone, numbered(plan, alone))
        assert case.kept is not None
        if (order_of(held), held.head) != (case.kept.rows, case.kept.head):
            case.differs(1)
        ends = amounts[number] if case.row.revision == 1 else amounts_of(_lived(store, connection, case, held))
        if ends != case.lines:
            case.found.append(finding("lines-differ", None, submission=case.row.id))


def _amounts(plan: Plan, workbook: Workbook) -> list[Amounts]:
    """The budget lines of each submission, as it began."""
    calculated, _ = recalculate(plan, workbook, compiled=WORTH_COMPILING)
    amounts: list[Amounts] = [{} for _ in range(workbook.submissions)]
    for (number, *key), told in amounts_in(lines_apart(plan.ruleset, plan.norms, calculated)).items():
        amounts[int(number)][tuple(key)] = told
    return amounts


def _lived(store: Store, connection: Connection, case: _Case, began: Held) -> Held:
    """A submission after all of its journal; on the way each later snapshot is compared."""
    held, plans = began, store.plans(connection)
    lines = journal.of_submission(connection, case.row.id, 1)
    later = select(snapshot).where(snapshot.c.submission == case.row.id, snapshot.c.revision > 1)
    for kept in connection.execute(later.order_by(snapshot.c.revision)).all():
        held = replayed(held, [one for one in lines if held.revision < one.revision <= kept.revision], plans)
        if (inputs_of(held), order_of(held), held.head) != (_bytes(kept), kept.rows, kept.head):
            case.differs(kept.revision)
    return replayed(held, [one for one in lines if held.revision < one.revision], plans)

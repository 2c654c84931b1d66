"""What the administrators of a demo republic did before institutions asked: staff schedules, approved, whose limits of
posts the requests are held against.

Posts are those that the institutions ask money for; what a schedule limits is all of them, of state servants too. Each
schedule goes its way as its ruleset says, step by step, by the people whose steps they are. One is still looked at, for
the head of the centre to approve; the administrator with most institutions has not begun. An institution whose request
is for official use stands in no schedule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, select, update

from api.access import table
from api.republic.institutions import Institutions
from api.republic.people import official_use
from api.store import Birth, Store, journal
from api.store.editions import Edition, declared_of, followed
from api.store.founding import create_all
from api.store.schema import submission
from api.workflow import written
from engine.evaluate import recalculate
from engine.norms import Norms
from engine.number import BLANK, serial
from engine.plan import Plan
from engine.publishing import published
from engine.renorm import WORTH_COMPILING
from engine.ruleset import Transition
from engine.workbook import Table, Workbook

WAY = ("sign", "examine", "approve")
"""The steps of a schedule from its beginning to its approval."""
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Asked:
    """The requests as they are to be, in which cycle, and who is there to begin a schedule before them."""

    cycle: str
    institutions: Institutions
    requests: Workbook
    organisations: Mapping[tuple[str, str], int]
    accounts: Mapping[str, int]


def seed_staff(
    store: Store, connection: Connection, asked: Asked, texts: tuple[str, Edition], today: date
) -> tuple[Edition, int]:
    """Write the schedules under a ruleset and norms; the norms that there are after their approvals, and how many
    schedules there are."""
    ruleset, edition = texts
    plan = store.texts.plan(connection, ruleset, edition.digest)
    owners = _begun(asked.institutions)
    births = [
        Birth(asked.cycle, ruleset, edition.digest, asked.organisations["administrator", owner], analyst)
        for owner in owners
        for analyst in [asked.accounts[f"analyst-{owner}"]]
    ]
    schedules, _ = recalculate(plan, _schedules(plan, asked, owners), compiled=WORTH_COMPILING)
    _assert_right(plan, schedules)
    numbers = create_all(store, connection, births, schedules)
    heads = {row.id: row.head for row in connection.execute(select(submission.c.id, submission.c.head))}
    states = []
    for place, (owner, number) in enumerate(zip(owners, numbers, strict=True)):
        way = _Way(plan, schedules, place, (number, 1, heads[number]), edition)
        for step in _steps(plan, WAY if owner != owners[-1] else WAY[:-1]):
            who = asked.accounts[step.role if _is_central(step) else f"{step.role}-{owner}"]
            way.step(connection, step, who, today)
        edition = way.edition
        states.append({"number": number, "came_to": way.state})
    moved = update(submission).where(submission.c.id == bindparam("number")).values(state=bindparam("came_to"))
    connection.execute(moved, states)
    return edition, len(numbers)


@dataclass
class _Way:
    """A schedule on its way: which of all it is, its last line of the journal, its state, the newest norms."""

    plan: Plan
    schedules: Workbook
    place: int
    line: tuple[int, int, str]
    """Submission, revision and digest."""
    edition: Edition
    state: str = ""

    def step(self, connection: Connection, row: Transition, account: int, today: date) -> None:
        """Take a step as somebody, on a day."""
        number, revision, head = self.line
        payload = written(row, "")
        if row.publishes:
            values = declared_of(self.plan.norms, published(self.plan, self.schedules, self.place, today))
            self.edition = followed(self.edition, self.plan.norms, values, (number, revision + 1), today)
            self.edition.keep(connection, account)
            payload |= {"published": self.edition.told}
        entry = journal.Entry(number, revision + 1, head, account, "step", payload, [])
        self.line = (number, revision + 1, journal.write(connection, entry).digest)
        self.state = row.to


def _assert_right(plan: Plan, schedules: Workbook) -> None:
    """What must hold before a step, holds."""
    conditions = {row.condition for row in plan.ruleset.workflow}
    assert schedules.results is not None, "they have been calculated"
    for (form, check), cells in schedules.results.checks.items():
        assert check not in conditions or (cells == 1).all(), f"{form}.{check}"


def _begun(institutions: Institutions) -> list[str]:
    """The administrators that have a schedule, in their order; the last one's is not approved yet."""
    owners, secret = institutions.administrators, official_use()[0]
    most = max(dict.fromkeys(owners), key=owners.count)
    seen = (owner for code, owner in zip(institutions.codes, owners, strict=True) if code != secret)
    return [owner for owner in dict.fromkeys(seen) if owner != most]


def _steps(plan: Plan, actions: Iterable[str]) -> list[Transition]:
    """The rows of the workflow that these steps are, one after another."""
    rows = {(row.state, row.action): row for row in plan.ruleset.workflow}
    state, found = plan.ruleset.workflow[0].state, list[Transition]()
    for action in actions:
        found.append(rows[state, action])
        state = found[-1].to
    return found


def _is_central(step: Transition) -> bool:
    return table().levels[step.role] == "centre"


def _schedules(plan: Plan, asked: Asked, owners: Sequence[str]) -> Workbook:
    """A schedule for each of the owners: the posts of their institutions' requests."""
    of = asked.institutions
    secret, _ = official_use()
    place = {owner: i for i, owner in enumerate(owners)}
    told = zip(of.codes, of.administrators, strict=True)
    schedule_of = np.array([-1 if code == secret else place.get(owner, -1) for code, owner in told])
    first, there = _first_institution(plan.norms, of), np.flatnonzero(schedule_of >= 0)
    positions, posts = _positions(asked.requests, schedule_of, (len(owners), serial(date(plan.years[0], 1, 1))))
    listed = {"institution": first + there, "limit": posts[there]}
    positions.columns["institution"][:] += first
    moves = {name: np.zeros(0, np.int64) for name in ("date", "institution", "change")} | {"order": np.zeros(0, object)}
    administrators = plan.norms.classifications["administrator"].positions
    return Workbook(
        plan.years,
        {"administrator": np.array([administrators[owner] for owner in owners])},
        {
            "positions": positions,
            "moves": Table(np.zeros(len(owners) + 1, np.int64), moves),
            "schedule": Table(_offsets(schedule_of[there], len(owners)), listed),
        },
    )


def _first_institution(norms: Norms, institutions: Institutions) -> int:
    """What a cell holds for the first institution; the others follow it."""
    positions = norms.classifications["institution"].positions
    first = positions[institutions.codes[0]]
    assert positions[institutions.codes[-1]] == first + len(institutions.codes) - 1, "they were added one after another"
    return first


def _positions(requests: Workbook, schedule_of: Whole, of: tuple[int, int]) -> tuple[Table, Whole]:
    """A post for each row of the requests' pay, the most of three years, its institution by place; and by institution
    all posts, of state servants too. `of`: how many schedules, and the first day of the plan."""
    count, first_day = of
    pay, servants = (requests.tables[name] for name in ("pay_civil_employees", "pay_civil_servants"))
    whose, most = _whose(pay), pay.columns["staff"].max(axis=0)
    posts = np.bincount(whose, most, len(schedule_of)) + np.bincount(
        _whose(servants), servants.columns["staff"].max(axis=0), len(schedule_of)
    )
    rows = np.flatnonzero(schedule_of[whose] >= 0)
    hired = pay.columns["hired"][rows]
    vacant = hired >= first_day
    columns: dict[str, NDArray[Any]] = {name: pay.columns[name][rows] for name in ("position", "sector", "category")}
    columns |= {"institution": whose[rows], "unit": np.full(len(rows), None, object), "posts": most[rows]}
    columns |= {"vacant": vacant.astype(np.int64), "service_from": np.where(vacant, BLANK, hired)}
    columns |= {"starts": np.where(vacant, hired, BLANK), "ends": np.full(len(rows), BLANK, np.int64)}
    return Table(_offsets(schedule_of[whose[rows]], count), columns), posts.astype(np.int64)


def _whose(table: Table) -> Whole:
    """(rows,): the institution of each row, by its place."""
    return np.repeat(np.arange(len(table.offsets) - 1), np.diff(table.offsets))


def _offsets(schedules: Whole, count: int) -> Whole:
    """Where the rows of each schedule begin, of rows that stand in the order of their schedules."""
    return np.concatenate([[0], np.cumsum(np.bincount(schedules, minlength=count))]).astype(np.int64)

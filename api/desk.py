"""What every route works with: the open database, its store and totals, and who is asking.

A route is three steps: may this user do it (`Desk.subject`, `Desk.allow`), what follows from it (the engine, through
the store), and what to answer. `Desk.act` is those steps for whatever changes a submission.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any
from weakref import WeakValueDictionary

import orjson
from fastapi import Cookie, Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection, Row, Select, Text, bindparam, func, select

from api import sessions, wire
from api.access import Subject, User, refusal
from api.ceilings import limits_left
from api.live import Live
from api.problems import Problem
from api.sessions import Doorkeeper
from api.settings import Settings
from api.store import Answer, Deed, Store, Wish
from api.store.database import Database
from api.store.held import Held
from api.store.journal import DONE, Along, Move, Overtaken
from api.store.schema import cycle, organisation, submission
from api.store.statement import Errands, Statement
from api.store.texts import compressed
from api.store.totals import Totals
from api.turns import Turn, refuse_a_crowd, refuse_who_waited
from engine.findings import finding
from engine.plan import Plan

STANDINGS_MAX = 10_000
LIGHT_ROWS = 20_000
"""Rows of a submission in which no edit takes time that others would miss."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One process's hold on everything."""

    settings: Settings
    database: Database
    store: Store
    totals: Totals
    live: Live
    errands: Errands
    """What is asked of the database by those who are answered at once."""
    doorkeeper: Doorkeeper = field(default_factory=Doorkeeper)
    remembered: dict[str, Any] = field(default_factory=dict)
    """What routes keep from one request to the next."""
    standings: dict[int, Any] = field(default_factory=dict)
    """Rows of submissions as they were when somebody last wanted to edit them."""
    turn: Turn = field(default_factory=Turn)
    """Of those who are answered at once."""
    in_hand: MutableMapping[int, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """Submissions of which they have one in hand: the next change of it waits, for it would be overtaken."""
    looking: threading.Lock = field(default_factory=threading.Lock)
    """Held by the one who reads anew what of the totals is seen by whom."""

    @property
    def idle(self) -> timedelta:
        """How long a session lives unused."""
        return timedelta(minutes=self.settings.idle_minutes)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that is certain when the block has ended."""
        with self.database.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading, each statement for itself."""
        with self.database.reading.connect() as connection:
            yield connection

    def allow(self, connection: Connection, user: User, action: str, number: int, *, lock: bool = False) -> Row[Any]:
        """Let a user act on a submission, or refuse; nobody learns of a submission that is not theirs to see."""
        row: Row[Any] = _allowed(self._found(connection, number, lock), user, action, number)
        return row

    def row(self, connection: Connection, number: int, *, lock: bool = False) -> Row[Any]:
        """A submission's row of `subjects`, whoever asks."""
        row: Row[Any] | None = self._found(connection, number, lock)
        assert row is not None, "only of submissions that there are"
        return row

    def opened(self, connection: Connection, user: User, number: int) -> Held:
        """A submission that the user may see."""
        return self.store.caught_up(connection, self.allow(connection, user, "see", number))

    def act(self, user: User, number: int, deed: Deed, wish: Wish) -> wire.Wire:
        """Change a submission as its user wishes, and answer with all that moved."""
        return self._act(user, number, deed, lambda _: wish)

    async def act_at_once(self, user: User, number: int, deed: Deed, wish: Wish) -> wire.Wire | None:
        """The same on the loop's own thread, which does one thing after another and waits for nobody: calculate, asking
        nothing before, and write. The submission is taken to stand as it was last seen to, and nothing is written
        unless it does. None: it does not, or there is anything to be told but that it was done; nothing has been."""
        refuse_a_crowd(self.errands.waiting)
        came = time.monotonic()
        async with self.in_hand.setdefault(number, asyncio.Lock()):
            async with self.turn:
                refuse_who_waited(came)
                found = self._foreseen(user, number, deed, wish)
            if found is None:
                return None
            foreseen, told, along = found
            try:
                answer = await self.store.write_on(self.errands, foreseen, along)
            except Overtaken:
                self.standings.pop(number, None)
                return None
            self.store.committed(answer)
        if answer.leaves_more:
            await run_in_threadpool(self._keep, answer)
        if not self._follows(answer):
            await run_in_threadpool(self._catch_up)
        return self._answered(answer, told)

    def undo(self, user: User, number: int, deed: Deed, *, again: bool) -> wire.Wire:
        """Take back the user's own last action, or do it again."""
        return self._act(user, number, deed, lambda connection: self.store.undo(connection, user.account, again=again))

    def _foreseen(self, user: User, number: int, deed: Deed, wish: Wish) -> tuple[Answer, wire.Wire, Along] | None:
        row, held = self.standings.get(number), self.store.memory.get(number)
        if row is None or held is None or sum(table.rows for table in held.workbook.tables.values()) > LIGHT_ROWS:
            return None
        try:
            _allowed(row, user, "edit", number)
        except Problem:
            return None
        answer = self.store.made(held, deed, wish, _no_other_plan)
        if answer.entry is None:
            return None
        return answer, *self._telling(answer, row.standing)

    def _act(self, user: User, number: int, deed: Deed, wishing: Callable[[Connection], Wish]) -> wire.Wire:
        """Calculate and write, holding nothing meanwhile; if somebody else was faster, once more with the submission
        held."""
        asked = {"number": number, "account": user.account, "key": deed.key}
        try:
            with self.reading() as connection:
                row = _allowed(_KEYED.row(connection, asked), user, "edit", number)
                self._stands(number, row)
                answer, told = self.done(connection, row, deed, wishing(connection))
        except Overtaken:
            with self.transaction() as connection:
                row = self.allow(connection, user, "edit", number, lock=True)
                answer, told = self.done(connection, row, deed, wishing(connection))
        self.store.committed(answer)
        return self._answer(answer, told)

    def done(
        self, connection: Connection, row: Row[Any], deed: Deed, wish: Wish, more: wire.Wire | None = None
    ) -> tuple[Answer, wire.Wire]:
        """Do what has been allowed and leave the delta for others who look, with what `more` there is to tell them, in
        one statement; or refuse."""
        answer = self.store.calculated(connection, row, deed, wish)
        if answer.position == 0 and answer.entry is None and answer.findings:
            raise Problem(answer.findings, answer.before)
        told, along = self._telling(answer, getattr(row, "standing", None), more)
        return self.store.write(connection, answer, along), told

    def tried(self, user: User, number: int, deed: Deed, wish: Wish) -> wire.Wire:
        """What a change would do and what of it would be refused; nothing is kept."""
        with self.reading() as connection:
            row = self.allow(connection, user, "edit", number)
            answer = self.store.calculated(connection, row, deed, wish)
        told = wire.delta_of(answer.after, answer.delta)
        if answer.entry is None:
            told["findings"] = wire.findings(answer.before, answer.findings)
        return {"revision": answer.before.revision, "position": None, **told, "totals": [], "limits": []}

    def _telling(self, answer: Answer, standing: str | None, more: wire.Wire | None = None) -> tuple[wire.Wire, Along]:
        told = wire.delta_of(answer.after, answer.delta) | (more or {})
        delta, size = _told(answer, told)
        return told, Along(delta, size, standing, self.totals.position if self.totals.loaded else None)

    def _keep(self, answer: Answer) -> None:
        with self.transaction() as connection:
            self.store.keep(connection, answer)

    def _stands(self, number: int, row: Any) -> None:
        if len(self.standings) >= STANDINGS_MAX:
            self.standings.clear()
        self.standings[number] = row

    def _found(self, connection: Connection, number: int, lock: bool) -> Any:
        return (_LOCKED if lock else _SUBJECT).row(connection, {"number": number})

    def _answer(self, answer: Answer, told: wire.Wire) -> wire.Wire:
        if not self._follows(answer):
            self._catch_up()
        return self._answered(answer, told)

    def _follows(self, answer: Answer) -> bool:
        """Whether totals come to an answer by what is known with it."""
        entry = answer.entry
        mine = () if entry is None else [Move(answer.position, answer.after.submission, "", entry.moved)]
        return self.totals.follow(answer.position, (*answer.since, *mine))

    def _catch_up(self) -> None:
        with self.reading() as connection:
            self.totals.catch_up(connection)

    def _answered(self, answer: Answer, told: wire.Wire) -> wire.Wire:
        moved = [] if answer.entry is None else answer.entry.moved
        return {
            "revision": answer.after.revision,
            "position": max(self.totals.position, answer.position),
            **told,
            "totals": wire.totals(self.totals.over(answer.after.submission, (tuple(key) for key, *_ in moved))),
            "limits": limits_left(self.totals, answer.after),
        }


def subjects() -> Select[Any]:
    """All submissions with what decides who may do what with them: whose they are, their stage, their calendar."""
    above, top = organisation.alias("above"), organisation.alias("top")
    path = above.c.id.label("above"), top.c.id.label("top")
    return (
        select(submission, cycle.c.calendar, organisation.c.code, organisation.c.titles, *path)
        .join(cycle, cycle.c.name == submission.c.cycle)
        .join(organisation, organisation.c.id == submission.c.organisation)
        .outerjoin(above, above.c.id == organisation.c.parent)
        .outerjoin(top, top.c.id == above.c.parent)
    )


_NUMBERED = subjects().where(submission.c.id == bindparam("number"))
_SUBJECT = Statement(_NUMBERED)
_LOCKED = Statement(_NUMBERED.with_for_update(of=submission))
_KEYED = Statement(
    _NUMBERED.add_columns(
        DONE.scalar_subquery().label("done"), func.esep_standing(submission.c.id, type_=Text).label("standing")
    )
)


def _allowed(row: Any, user: User, action: str, number: int) -> Any:
    """A row of `subjects`, if the user may do that to it; there may be none."""
    if row is None or refusal(user, "see", subject_of(row)) is not None:
        raise Problem([finding("submission-unknown", None, got=number)])
    refused = refusal(user, action, subject_of(row), calendar_of(row), date.today())
    if refused is not None:
        raise Problem([refused])
    return row


def subject_of(row: Any) -> Subject:
    """What a row of `subjects` is to the table of access."""
    path = tuple(one for one in (row.organisation, row.above, row.top) if one is not None)
    return Subject(path, row.state, row.official_use)


def may_edit(user: User, row: Any) -> bool:
    """Whether a user may change the submission of a row of `subjects` today."""
    return refusal(user, "edit", subject_of(row), calendar_of(row), date.today()) is None


def calendar_of(row: Any) -> dict[str, date]:
    """The milestones of a row of `subjects`."""
    return {name: date.fromisoformat(day) for name, day in row.calendar.items()}


def visible(connection: Connection, user: User, wanted: Select[Any] | None = None) -> Iterator[Any]:
    """The rows of `subjects` that a user may see, in the order of their numbers."""
    asked = subjects() if wanted is None else wanted
    for row in connection.execute(asked.order_by(submission.c.id)):
        if refusal(user, "see", subject_of(row)) is None:
            yield row


def _told(answer: Answer, told: wire.Wire) -> tuple[bytes, int]:
    """The delta as others who look are told of it."""
    body = {
        "revision": answer.after.revision,
        **told,
        "lines": [] if answer.entry is None else [key for key, *_ in answer.entry.moved],
    }
    data = orjson.dumps(body)
    return compressed(data), len(data)


def _no_other_plan(ruleset: str, norms: str) -> Plan:
    raise AssertionError("who moves to another edition asks the database")


async def desk_of(request: Request) -> Desk:
    """The desk of this process."""
    desk: Desk = request.app.state.desk
    return desk


Served = Annotated[Desk, Depends(desk_of)]


async def signed_in(request: Request, desk: Served, esep_session: Annotated[str | None, Cookie()] = None) -> User:
    """Who is asking; whoever has not signed in is told so."""
    user = desk.doorkeeper.know(esep_session)
    if user is None:
        user = await run_in_threadpool(let_in, desk, esep_session)
    request.state.account = user.account
    return user


def let_in(desk: Desk, token: str | None) -> User:
    """Whose session it is, as `signed_in` tells."""
    known, age = desk.doorkeeper.know(token), desk.doorkeeper.age
    if known is not None:
        return known
    with desk.reading() as connection:
        user = sessions.user_of(connection, token, desk.idle)
    if user is None:
        raise Problem([finding("signed-out", None)])
    desk.doorkeeper.meet(token, user, age)
    return user


Signed = Annotated[User, Depends(signed_in)]

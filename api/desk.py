"""What every route works with: the open database, its store and totals, and who is asking.

A route is three steps: may this user do it (`Desk.subject`, `Desk.allow`), what follows from it (the engine, through
the store), and what to answer. `Desk.act` is those steps for whatever changes a submission.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Cookie, Depends, Request
from sqlalchemy import Connection, Row, Select, insert, select

from api import sessions, wire
from api.access import Subject, User, refusal
from api.ceilings import limits_left
from api.live import Live
from api.problems import Problem
from api.settings import Settings
from api.store import Answer, Deed, Store, Wish, moved_by
from api.store.database import Database
from api.store.held import Held
from api.store.schema import cycle, organisation, outbox, submission
from api.store.texts import compressed
from api.store.totals import Totals
from engine.findings import finding


@dataclass(frozen=True, slots=True)
class Desk:
    """One process's hold on everything."""

    settings: Settings
    database: Database
    store: Store
    totals: Totals
    live: Live
    remembered: dict[str, Any] = field(default_factory=dict)
    """What routes keep from one request to the next."""

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
        wanted = subjects().where(submission.c.id == number)
        row = connection.execute(wanted.with_for_update(of=submission) if lock else wanted).first()
        if row is None or refusal(user, "see", subject_of(row)) is not None:
            raise Problem([finding("submission-unknown", None, got=number)])
        refused = refusal(user, action, subject_of(row), calendar_of(row), date.today())
        if refused is not None:
            raise Problem([refused])
        return row

    def row(self, connection: Connection, number: int, *, lock: bool = False) -> Row[Any]:
        """A submission's row of `subjects`, whoever asks."""
        wanted = subjects().where(submission.c.id == number)
        return connection.execute(wanted.with_for_update(of=submission) if lock else wanted).one()

    def opened(self, connection: Connection, user: User, number: int) -> Held:
        """A submission that the user may see."""
        self.allow(connection, user, "see", number)
        held = self.store.open(connection, number)
        assert held is not None, "a submission that may be seen exists"
        return held

    def act(self, user: User, number: int, deed: Deed, wish: Wish) -> wire.Wire:
        """Change a submission as its user wishes, and answer with all that moved."""
        return self._act(user, number, deed, lambda _: wish)

    def undo(self, user: User, number: int, deed: Deed, *, again: bool) -> wire.Wire:
        """Take back the user's own last action, or do it again."""
        return self._act(user, number, deed, lambda connection: self.store.undo(connection, user.account, again=again))

    def _act(self, user: User, number: int, deed: Deed, wishing: Callable[[Connection], Wish]) -> wire.Wire:
        with self.transaction() as connection:
            row = self.allow(connection, user, "edit", number, lock=True)
            answer, told = self.done(connection, row, deed, wishing(connection))
        self.store.committed(answer)
        return self._answer(answer, told)

    def done(
        self, connection: Connection, row: Row[Any], deed: Deed, wish: Wish, more: wire.Wire | None = None
    ) -> tuple[Answer, wire.Wire]:
        """Do what has been allowed and leave the delta for others who look, with what `more` there is to tell them, in
        one transaction; or refuse."""
        answer = self.store.act_on(connection, row, deed, wish)
        if answer.position == 0 and answer.findings:
            raise Problem(answer.findings, answer.before)
        told = wire.delta_of(answer.after, answer.delta) | (more or {})
        if answer.after is not answer.before:
            _tell(connection, answer, told)
        return answer, told

    def tried(self, user: User, number: int, deed: Deed, wish: Wish) -> wire.Wire:
        """What a change would do and what of it would be refused; nothing is kept."""
        with self.database.engine.connect() as connection:
            row = self.allow(connection, user, "edit", number, lock=True)
            answer = self.store.act_on(connection, row, deed, wish)
            connection.rollback()
        told = wire.delta_of(answer.after, answer.delta)
        if answer.position == 0:
            told["findings"] = wire.findings(answer.before, answer.findings)
        return {"revision": answer.before.revision, "position": None, **told, "totals": [], "limits": []}

    def _answer(self, answer: Answer, told: wire.Wire) -> wire.Wire:
        with self.reading() as connection:
            position = self.totals.catch_up(connection)
        lines = [tuple(key) for key, *_ in moved_by(answer.delta)]
        return {
            "revision": answer.after.revision,
            "position": max(position, answer.position),
            **told,
            "totals": wire.totals(self.totals.over(answer.after.submission, lines)),
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


def _tell(connection: Connection, answer: Answer, told: wire.Wire) -> None:
    """Leave the delta for others who look, in the same transaction."""
    body = {"revision": answer.after.revision, **told, "lines": [key for key, *_ in moved_by(answer.delta)]}
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    row = {
        "position": answer.position,
        "submission": answer.after.submission,
        "body": compressed(data),
        "size": len(data),
    }
    connection.execute(insert(outbox).values(row))


def desk_of(request: Request) -> Desk:
    """The desk of this process."""
    desk: Desk = request.app.state.desk
    return desk


Served = Annotated[Desk, Depends(desk_of)]


def signed_in(request: Request, desk: Served, esep_session: Annotated[str | None, Cookie()] = None) -> User:
    """Who is asking; whoever has not signed in is told so."""
    with desk.reading() as connection:
        user = sessions.user_of(connection, esep_session, desk.idle)
    if user is None:
        raise Problem([finding("signed-out", None)])
    request.state.account = user.account
    return user


Signed = Annotated[User, Depends(signed_in)]

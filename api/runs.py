"""Calculations that take longer than a request: one thread of a process, one after another, one at a time a user.

What a run gave is kept in the database under the digest of all that it rested on, so that the same question is answered
at once, by any process, and one whose process is gone is made again by whichever is asked for it.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from fastapi import Response
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from api.access import User
from api.bases import Base, Standing
from api.desk import Desk
from api.problems import Problem
from api.store.schema import comparison
from api.store.texts import compressed, expanded
from engine.findings import Finding, finding, has_errors

KEPT = 4
"""Answers that a process remembers itself."""
FORGOTTEN_AFTER = timedelta(days=7)
PATIENCE = 1.0
"""Seconds that a run may take until the answer is to ask again."""
NOT_YET: dict[int | str, dict[str, Any]] = {202: {"description": "Still being made"}}


class Question(Protocol):
    """What is asked of a run."""

    @property
    def digest(self) -> str:
        """Of all that the answer follows from."""

    def stored(self) -> dict[str, Any]:
        """As JSON."""

    def answered(self, desk: Desk, runs: Runs, run: Run) -> dict[str, Any]:
        """The answer, in the thread of the runs."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of questions: the field by which a stored one is known, the question that it is, the field of an answer,
    and what is told of a digest under which nobody has asked."""

    known_by: str
    question: Callable[[dict[str, Any]], Question]
    answer: str
    unknown: str


@dataclass
class Run:
    """An answer that is being made or has been."""

    account: int
    future: Future[dict[str, Any]] | None = None
    done: int = 0
    of: int = 1
    """Steps taken, of how many."""


@dataclass
class Runs:
    """All runs of a process, the one asked for last at the end."""

    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="scenario"))
    runs: OrderedDict[str, Run] = field(default_factory=OrderedDict)
    guard: threading.Lock = field(default_factory=threading.Lock)
    last: Standing | None = None
    """The base that was looked at last."""

    def asked(self, desk: Desk, user: User, question: Question, *, again: bool = True) -> tuple[str, Run]:
        """The run that answers a question, begun if nobody has asked it yet, or if it failed and is asked for `again`;
        one at a time for each user."""
        digest = question.digest
        with self.guard:
            run = self.runs.get(digest)
            if run is None or (again and _failed(run)):
                if any(one.account == user.account and not _over(one) for one in self.runs.values()):
                    raise Problem([finding("scenario-running", None)])
                run = self.runs[digest] = Run(user.account)
                run.future = self.pool.submit(_kept, desk, self, question, run)
            self.runs.move_to_end(digest)
            for old in [key for key, one in self.runs.items() if _over(one)][:-KEPT]:
                del self.runs[old]
        return digest, run

    def standing(self, base: Base) -> Standing:
        """What the submissions of a base are; in the thread of the runs."""
        if self.last is None or self.last.base != base:
            self.last = None  # two at once are too much
            self.last = Standing(base)
        return self.last


def runs_of(desk: Desk) -> Runs:
    """Those of this process."""
    found: Runs = desk.remembered.setdefault("scenarios", Runs())
    return found


def begin(desk: Desk, user: User, question: Question) -> None:
    """Remember for all processes that a question was asked; questions of long ago are forgotten."""
    row = {"digest": question.digest, "account": user.account, "question": question.stored()}
    now = datetime.now(UTC)
    with desk.transaction() as connection:
        connection.execute(delete(comparison).where(comparison.c.begun_at < now - FORGOTTEN_AFTER))
        connection.execute(upsert(comparison).values(row | {"begun_at": now}).on_conflict_do_nothing())


def told(desk: Desk, user: User, asked: tuple[Kind, str], response: Response, *, again: bool) -> dict[str, Any]:
    """The answer to what this user has asked (kind and digest) as it is kept, else how far the run is that makes it,
    here and now if no process is known to, with 202; `again` as in `Runs.asked`."""
    (kind, digest), of = asked, comparison.c
    mine = (of.digest == digest) & (of.account == user.account) & of.question.has_key(kind.known_by)
    with desk.reading() as connection:
        row = connection.execute(select(comparison).where(mine)).first()
    if row is None:
        raise Problem([finding(kind.unknown, None, got=digest[:16])])
    if row.answer:
        return {"digest": digest, "done": 1, "of": 1, kind.answer: json.loads(expanded(row.answer, row.size))}
    _, run = runs_of(desk).asked(desk, user, kind.question(row.question), again=again)
    answer = _waited(run)
    if answer is None:
        response.status_code = 202
    return {"digest": digest, "done": run.of if answer else run.done, "of": run.of, kind.answer: answer}


def _waited(run: Run) -> dict[str, Any] | None:
    """The answer, if it is not long in coming."""
    assert run.future is not None, "a run that was asked for has begun"
    if not wait([run.future], PATIENCE).done:
        return None
    wrong = _errors(run)
    if wrong is not None:
        raise Problem(wrong)
    return run.future.result()


def _kept(desk: Desk, runs: Runs, question: Question, run: Run) -> dict[str, Any]:
    """The whole answer, and it is kept."""
    answer = question.answered(desk, runs, run)
    data = json.dumps(answer, ensure_ascii=False).encode()
    with desk.transaction() as connection:
        values = {"answer": compressed(data), "size": len(data)}
        connection.execute(update(comparison).where(comparison.c.digest == question.digest).values(values))
    return answer


def _over(run: Run) -> bool:
    return run.future is not None and run.future.done()


def _failed(run: Run) -> bool:
    return run.future is not None and run.future.done() and run.future.exception() is not None


def _errors(run: Run) -> Sequence[Finding] | None:
    """Why a run that is over came to nothing."""
    assert run.future is not None, "a run that was asked for has begun"
    problem = run.future.exception()
    if isinstance(problem, Problem) and has_errors(problem.found):
        return problem.found
    if problem is not None:
        raise problem
    return None

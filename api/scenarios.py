"""What if, over the republic as it stood at a position of the journal: scenarios side by side with their base.

The base is what the asking user sees of a cycle, whole submissions only: what is for official use to them is left out
and counted. A run takes one thread of the process, one after another, one at a time a user; what it gave is kept in
the database under the digest of all that it rested on, so that the same question is answered at once, by any process,
and one whose process is gone is made again by whichever is asked for it.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from api.access import User
from api.causes import causes
from api.desk import Desk
from api.editions import pinned_before
from api.installation import rewritten
from api.problems import Problem
from api.sights import sight_of
from api.store import inputs_of
from api.store.schema import comparison, journal, snapshot, submission, text_version
from api.store.texts import compressed, expanded, files_of
from engine.findings import Finding, finding, has_errors
from engine.joining import joined
from engine.lines import DIMENSIONS, Lines, roll_up
from engine.number import plain_text
from engine.packing import structure, together
from engine.plan import Plan, compile_plan
from engine.ruleset import Ruleset
from engine.scenario import Scenario, State, applied, explained, parse_scenario, state_of
from engine.scenario.ceilings import Breach, breaches

KEPT = 4
"""Answers that a process remembers itself."""
FORGOTTEN_AFTER = timedelta(days=7)
CAUSES_MAX = 500
BREACHES_MAX = 500


@dataclass(frozen=True, slots=True)
class Base:
    """What a comparison rests on: a cycle at a position, the submissions in it, how many of those seen are left out."""

    cycle: str
    position: int
    numbers: frozenset[int]
    left_out: int


@dataclass(frozen=True, slots=True)
class Question:
    """Scenarios over a base, compared along dimensions."""

    base: Base
    scenarios: tuple[tuple[str, str], ...]
    """The link and the body of each."""
    by: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Of all that the answer follows from."""
        base = [self.base.cycle, self.base.position, sorted(self.base.numbers), self.base.left_out]
        told = json.dumps([base, self.scenarios, self.by], ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        base = [self.base.cycle, self.base.position, sorted(self.base.numbers), self.base.left_out]
        return {"base": base, "scenarios": self.scenarios, "by": self.by}


def question_of(stored: dict[str, Any]) -> Question:
    """A question of its JSON."""
    cycle, position, numbers, left_out = stored["base"]
    scenarios = tuple((link, body) for link, body in stored["scenarios"])
    return Question(Base(cycle, position, frozenset(numbers), left_out), scenarios, tuple(stored["by"]))


@dataclass
class Run:
    """A comparison that is being made or has been."""

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
    base: tuple[Base, State, int, str] | None = None
    """The base that was calculated last, how many of its submissions it leaves out, and the digest of its ruleset."""

    def asked(self, desk: Desk, user: User, question: Question) -> tuple[str, Run]:
        """The run that answers a question, begun if nobody has asked it yet; one at a time for each user."""
        digest = question.digest
        with self.guard:
            run = self.runs.get(digest)
            if run is None or (run.future is not None and run.future.done() and run.future.exception() is not None):
                if any(one.account == user.account and not _over(one) for one in self.runs.values()):
                    raise Problem([finding("scenario-running", None)])
                run = self.runs[digest] = Run(user.account)
                run.future = self.pool.submit(_kept, desk, self, question, run)
            self.runs.move_to_end(digest)
            for old in [key for key, one in self.runs.items() if _over(one)][:-KEPT]:
                del self.runs[old]
        return digest, run


def runs_of(desk: Desk) -> Runs:
    """Those of this process."""
    found: Runs = desk.remembered.setdefault("scenarios", Runs())
    return found


def read_body(body: str) -> Scenario:
    """A scenario of its text, or what is wrong with it; a file beside it there is none."""
    scenario, found = parse_scenario(body, "scenario.yaml")
    if scenario is None:
        raise Problem(found)
    return scenario


def base_of(desk: Desk, connection: Connection, user: User, cycle: str, position: int) -> Base:
    """What a user sees of a cycle as it stood at a position."""
    sight = sight_of(desk, connection, user, cycle)
    mine = select(submission.c.id).where(submission.c.cycle == sight.cycle)
    numbers = [number for number in connection.scalars(mine) if sight.seen is None or number in sight.seen]
    return Base(sight.cycle, position, frozenset(numbers) - sight.hidden, len(sight.hidden & set(numbers)))


def _over(run: Run) -> bool:
    return run.future is not None and run.future.done()


def begin(desk: Desk, user: User, question: Question) -> None:
    """Remember for all processes that a question was asked; questions of long ago are forgotten."""
    row = {"digest": question.digest, "account": user.account, "question": question.stored()}
    now = datetime.now(UTC)
    with desk.transaction() as connection:
        connection.execute(delete(comparison).where(comparison.c.begun_at < now - FORGOTTEN_AFTER))
        connection.execute(upsert(comparison).values(row | {"begun_at": now}).on_conflict_do_nothing())


def answer_of(desk: Desk, user: User, digest: str) -> tuple[Question, dict[str, Any] | None]:
    """A question that this user has asked, and its answer if there is one yet."""
    mine = (comparison.c.digest == digest) & (comparison.c.account == user.account)
    with desk.reading() as connection:
        row = connection.execute(select(comparison).where(mine)).first()
    if row is None:
        raise Problem([finding("scenario-unknown", None, got=digest[:16])])
    return question_of(row.question), json.loads(expanded(row.answer, row.size)) if row.answer else None


def _kept(desk: Desk, runs: Runs, question: Question, run: Run) -> dict[str, Any]:
    """The whole comparison, and it is kept."""
    told = _answered(desk, runs, question, run)
    data = json.dumps(told, ensure_ascii=False).encode()
    with desk.transaction() as connection:
        values = {"answer": compressed(data), "size": len(data)}
        connection.execute(update(comparison).where(comparison.c.digest == question.digest).values(values))
    return told


def _answered(desk: Desk, runs: Runs, question: Question, run: Run) -> dict[str, Any]:
    """The whole comparison, in the thread of the runs."""
    run.of = 2 + 2 * len(question.scenarios)
    scenarios = [read_body(body) for _, body in question.scenarios]
    if runs.base is None or runs.base[0] != question.base:
        runs.base = None
        runs.base = (question.base, *_calculated(desk, question.base))
    _, base, left_out, own = runs.base
    with desk.reading() as connection:
        rulesets = [_ruleset(desk, connection, scenario, own) for scenario in scenarios]
    run.done += 1
    links = [link for link, _ in question.scenarios]
    sides = [_side(base, run, link, (scenarios[i], rulesets[i])) for i, link in enumerate(links)]
    lines = [base.lines, *(state.lines for state, *_ in sides)]
    told = {"cycle": question.base.cycle, "position": question.base.position, "by": list(question.by)}
    told |= {"submissions": base.workbook.submissions, "left_out": left_out}
    told |= {"rows": _beside(lines, question.by), "limits": [_breach(one) for one in breaches(base)[:BREACHES_MAX]]}
    return told | {"scenarios": [side for _, side in sides]}


def _side(base: State, run: Run, link: str, given: tuple[Scenario, Ruleset | None]) -> tuple[State, dict[str, Any]]:
    """One scenario's state, and what there is to tell of it."""
    scenario, ruleset = given
    state, found = applied(base, scenario, ruleset)
    if state is None:
        raise Problem(found)
    run.done += 1
    explanation, slips = explained(base, state)
    if explanation is None:
        raise Problem(slips)
    run.done += 1
    told: dict[str, Any] = {"link": link, "name": scenario.name, "title": dict(scenario.title)}
    told["causes"] = list(causes(explanation, (base, state)))[:CAUSES_MAX]
    told["limits"] = [_breach(one) for one in breaches(state)[:BREACHES_MAX]]
    told["findings"] = [{"code": one.code, "severity": one.severity, "text": dict(one.texts)} for one in found]
    return state, told


def judge(desk: Desk, connection: Connection, scenario: Scenario, cycle: str) -> None:
    """Refuse rules that a scenario has written and that are no ruleset, before it is kept; over those, and under the
    norms, which most submissions of the cycle have."""
    pinned = (submission.c.ruleset, submission.c.norms)
    most = select(*pinned).where(submission.c.cycle == cycle).group_by(*pinned).order_by(func.count().desc()).limit(1)
    texts = connection.execute(most).first() if scenario.rules else None
    ruleset = _ruleset(desk, connection, scenario, texts.ruleset) if texts else None
    if ruleset is not None and texts is not None:
        plan, found = compile_plan(ruleset, desk.store.texts.norms_of(connection, texts.norms))
        if plan is None:
            raise Problem([one for one in found if one.severity == "error"])


def _ruleset(desk: Desk, connection: Connection, scenario: Scenario, own: str) -> Ruleset | None:
    """The ruleset that a scenario is calculated under, if not its base's `own`: the one that it names, with the files
    that it writes otherwise."""
    if not scenario.has_ruleset:
        return None
    digest = _published(connection, scenario.ruleset, own) if scenario.ruleset else own
    if not scenario.rules:
        return desk.store.texts.ruleset_of(connection, digest)
    ruleset, found = rewritten(files_of(connection, digest), scenario)
    if ruleset is None or has_errors(found):
        raise Problem([one for one in found if one.severity == "error"])
    return ruleset


def _published(connection: Connection, word: str, own: str) -> str:
    """The digest of a published ruleset by that, by its name and version, or by the version of one that is called as
    the base's `own`."""
    of = text_version.c
    name = select(of.name).where(of.digest == own).scalar_subquery()
    called = (of.name + " " + of.version == word) | ((of.name == name) & (of.version == word))
    found = select(of.digest).where(of.kind == "ruleset", called | (of.digest == word))
    digest: str | None = connection.scalars(found.order_by(of.published_at.desc())).first()
    if digest is None:
        rulesets = connection.execute(select(of.name, of.version).where(of.kind == "ruleset"))
        known = sorted({f"{row.name} {row.version}" for row in rulesets})
        raise Problem([finding("ruleset-unpublished", None, got=word, known=", ".join(known))])
    return digest


def _calculated(desk: Desk, base: Base) -> tuple[State, int, str]:
    """The base calculated, how many submissions it leaves out (hidden ones, and those under other rules), and the
    digest of the ruleset of the others."""
    alike: dict[tuple[str, str], list[bytes]] = {}
    with desk.reading() as connection:
        for pinned, data in _inputs(desk, connection, base):
            alike.setdefault(pinned, []).append(data)
        if not alike:
            raise Problem([finding("scenario-base-empty", None, cycle=base.cycle)])
        texts, most = max(alike.items(), key=lambda pair: len(pair[1]))
        plan = desk.store.texts.plan(connection, *texts)
    others = sum(len(data) for data in alike.values()) - len(most)
    return state_of(plan, joined(list(_together(plan, most)))), base.left_out + others, texts[0]


def _together(plan: Plan, packings: Sequence[bytes]) -> Iterator[Any]:
    alike: dict[bytes, list[bytes]] = {}
    for data in packings:
        alike.setdefault(structure(data), []).append(data)
    for some in alike.values():
        yield together(plan.ruleset, plan.norms, some)


def _inputs(desk: Desk, connection: Connection, base: Base) -> Iterator[tuple[tuple[str, str], bytes]]:
    """The inputs of each submission as it stood at the position, if it was there, and the digests of the ruleset and
    norms that it was under."""
    last = select(journal.c.submission, func.max(journal.c.revision)).group_by(journal.c.submission)
    at = {row[0]: row[1] for row in connection.execute(last.where(journal.c.position <= base.position))}
    rows = {row.id: row for row in connection.execute(select(submission).where(submission.c.id.in_(base.numbers)))}
    kept = select(snapshot.c.submission, snapshot.c.revision, snapshot.c.inputs, snapshot.c.size)
    kept = kept.where(snapshot.c.submission.in_(base.numbers))
    stored = {(row.submission, row.revision): row for row in connection.execute(kept)}
    since = pinned_before(connection, base.numbers, base.position)
    for number in sorted(base.numbers & at.keys()):
        found = stored.get((number, at[number]))
        texts = since.get(number, (rows[number].ruleset, rows[number].norms))
        if found is not None:
            yield texts, expanded(found.inputs, found.size)
        elif (held := desk.store.at(connection, number, at[number])) is not None:
            yield texts, inputs_of(held)


def _beside(lines: Sequence[Lines], by: Sequence[str]) -> list[list[str]]:
    """Codes, then the base's sum and each scenario's, in tiyn as text."""
    sums = [roll_up(each, by).as_dict() for each in lines]
    keys = sorted({key for each in sums for key in each})
    return [[*key, *(str(each.get(key, 0)) for each in sums)] for key in keys]


def _breach(breach: Breach) -> dict[str, Any]:
    told = {"check": breach.ceiling.key[1], "norm": breach.ceiling.norm, "of": breach.speaker, "year": breach.year}
    figures = {"figure": breach.figure, "limit": breach.limit, "above": breach.excess}
    return told | {name: plain_text(value) for name, value in figures.items()} | {"unit": str(breach.unit)}


def refuse_dimensions(by: Sequence[str]) -> None:
    """Only dimensions of lines are compared along."""
    for name in by:
        if name not in DIMENSIONS:
            raise Problem([finding("dimension-unknown", None, got=name, known=", ".join(DIMENSIONS))])


def errors_of(run: Run) -> Sequence[Finding] | None:
    """Why a run that is over came to nothing."""
    assert run.future is not None, "a run that was asked for has begun"
    problem = run.future.exception()
    if isinstance(problem, Problem) and has_errors(problem.found):
        return problem.found
    if problem is not None:
        raise problem
    return None

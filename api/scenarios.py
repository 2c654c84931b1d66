"""What if, over the republic as it stood at a position of the journal: scenarios side by side with their base.

The base is what the asking user sees of a cycle, whole submissions only: what is for official use to them is left out
and counted, and so are those that are not under the texts that most of the others are under.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from api.bases import Base, base_from
from api.causes import causes
from api.desk import Desk
from api.installation import rewritten
from api.problems import Problem
from api.runs import Run, Runs
from api.store.schema import submission, text_version
from api.store.texts import files_of
from engine.findings import finding, has_errors
from engine.lines import DIMENSIONS, Lines, roll_up
from engine.number import plain_text
from engine.plan import compile_plan
from engine.ruleset import Ruleset
from engine.scenario import Scenario, State, applied, explained, parse_scenario
from engine.scenario.ceilings import Breach, breaches

CAUSES_MAX = 500
BREACHES_MAX = 500


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
        told = json.dumps([self.base.stored(), self.scenarios, self.by], ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return {"base": self.base.stored(), "scenarios": self.scenarios, "by": self.by}

    def answered(self, desk: Desk, runs: Runs, run: Run) -> dict[str, Any]:
        """The whole comparison, in the thread of the runs."""
        run.of = 2 + 2 * len(self.scenarios)
        scenarios = [read_body(body) for _, body in self.scenarios]
        base, left_out, own = _standing(desk, runs, self.base)
        with desk.reading() as connection:
            rulesets = [_ruleset(desk, connection, scenario, own) for scenario in scenarios]
        run.done += 1
        links = [link for link, _ in self.scenarios]
        sides = [_side(base, run, link, (scenarios[i], rulesets[i])) for i, link in enumerate(links)]
        lines = [base.lines, *(state.lines for state, *_ in sides)]
        told = {"cycle": self.base.cycle, "position": self.base.position, "by": list(self.by)}
        told |= {"submissions": base.workbook.submissions, "left_out": left_out}
        told |= {"rows": _beside(lines, self.by), "limits": [_breach(one) for one in breaches(base)[:BREACHES_MAX]]}
        return told | {"scenarios": [side for _, side in sides]}


def question_of(stored: dict[str, Any]) -> Question:
    """A question of its JSON."""
    scenarios = tuple((link, body) for link, body in stored["scenarios"])
    return Question(base_from(stored["base"]), scenarios, tuple(stored["by"]))


def read_body(body: str) -> Scenario:
    """A scenario of its text, or what is wrong with it; a file beside it there is none."""
    scenario, found = parse_scenario(body, "scenario.yaml")
    if scenario is None:
        raise Problem(found)
    return scenario


def _standing(desk: Desk, runs: Runs, base: Base) -> tuple[State, int, str]:
    """The base calculated, how many submissions it leaves out (hidden ones, and those that put lines in the budget
    under other texts), and the digest of the ruleset of the others."""
    with desk.reading() as connection:
        groups = runs.standing(base).read(desk, connection)
        if not groups:
            raise Problem([finding("scenario-base-empty", None, cycle=base.cycle)])
        most, *others = groups
        state = most.calculated(desk, connection)
    return state, base.left_out + sum(len(group) for group in others if group.budgets), most.texts[0]


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

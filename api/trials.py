"""What publishing texts would do to every budget of a cycle, told before anybody publishes.

Each submission that somebody sees is put where `POST /cycles/{cycle}/editions` would put it, were the texts published:
under the newest norms and the newest edition of its ruleset, all at once. Of what depends on nothing that changed,
nothing is calculated. One that the move would refuse stays as it is, and says why. What is for official use to the
asking user is left out and counted.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row

from api import wire
from api.access import User, refusal
from api.bases import Base, Group, base_from
from api.declarations import differences
from api.desk import Desk, calendar_of, subject_of, subjects
from api.problems import Problem
from api.publications import Candidate, Draft, candidate, named, newest_rulesets, warnings
from api.runs import Run, Runs
from api.store import publications
from api.store.editions import newest
from api.store.schema import submission
from api.store.texts import files_of
from engine.findings import Finding, finding
from engine.limits import FINDINGS_TOLD_MAX
from engine.lines import SUBMISSION, Lines, delta, joined, lines_apart, roll_up
from engine.losses import Losses, losses_of, refitted_each
from engine.norms import Norms
from engine.plan import Key, Plan, compile_plan
from engine.scenario import State
from engine.scenario.state import moved_to

MOVERS_TOLD = 20
REFUSED_TOLD = 100
DIFFERENCES_TOLD = 1_000
BY = ("administrator", "specific", "year")
Sums = dict[tuple[str, ...], int]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Trial:
    """A draft over a base, after so many publications; `movable` are the submissions that the asking user may move."""

    base: Base
    draft: Draft
    after: int
    movable: frozenset[int]

    @property
    def digest(self) -> str:
        """Of all that the answer follows from."""
        return hashlib.sha256(json.dumps(self.stored(), ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        rest = {"after": self.after, "movable": sorted(self.movable)}
        return {"base": self.base.stored(), "draft": self.draft.stored()} | rest

    def answered(self, desk: Desk, runs: Runs, run: Run) -> dict[str, Any]:
        """The whole answer, in the thread of the runs."""
        with desk.reading() as connection:
            made = candidate(desk, connection, self.draft)
            run.of, run.done = 3, 1
            told = _told(desk, connection, made)
            standing = runs.standing(self.base).read(desk, connection)
            rows = {row.id: row for row in connection.execute(subjects().where(submission.c.id.in_(self.base.numbers)))}
            effect = Effect(self.movable, rows)
            for group in standing:
                if (plan := _plan(desk, connection, made, group)) is not None:
                    effect.put(group, group.calculated(desk, connection), plan)
                    effect.counts["behind"] += len(group) if _is_behind(desk, connection, group) else 0
        told |= {"cycle": self.base.cycle, "position": self.base.position, "left_out": self.base.left_out}
        return told | effect.told()


def trial_of(desk: Desk, connection: Connection, user: User, base: Base, draft: Draft) -> Trial:
    """What is asked of a run."""
    rows = connection.execute(subjects().where(submission.c.id.in_(base.numbers)))
    case = ((row.id, (subject_of(row), calendar_of(row))) for row in rows)
    movable = frozenset(number for number, of in case if refusal(user, "edition", *of, date.today()) is None)
    return Trial(base, draft, len(publications.lines(connection)), movable)


def trial_from(stored: Mapping[str, Any]) -> Trial:
    """A trial of its JSON."""
    draft = stored["draft"]
    made = Draft(draft["over"], draft["files"], tuple(draft["removed"]))
    return Trial(base_from(stored["base"]), made, stored["after"], frozenset(stored["movable"]))


@dataclass
class Effect:
    """What is added up, group by group."""

    movable: frozenset[int]
    rows: Mapping[int, Row[Any]]
    counts: Counter[str] = field(default_factory=Counter)
    before: Sums = field(default_factory=dict)
    after: Sums = field(default_factory=dict)
    now: Sums = field(default_factory=dict)
    """By how much what may be moved today would move, by year."""
    incomplete: list[int] = field(default_factory=lambda: [0, 0])
    movers: list[tuple[int, int, int]] = field(default_factory=list)
    """Submission, tiyn before and after."""
    refused: dict[int, list[Finding]] = field(default_factory=dict)
    reasons: dict[tuple[str, str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    """Code of the finding, form and column → submissions, cells."""
    checks: dict[tuple[Key, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def put(self, group: Group, before: State, plan: Plan) -> None:
        """Submissions under the same texts, and the plan that they would be under."""
        inputs, lost = refitted_each(before.plan, before.workbook, plan)
        stay = self._refused(group, plan, lost)
        after = moved_to(before, plan, inputs, checks=True)
        sides = [lines_apart(state.ruleset, state.norms, state.workbook) for state in (before, after)]
        sides[1] = joined([_of(sides[0], stay), _of(sides[1], ~stay)])
        moves = delta(*sides)
        moved = {int(key[0]) for key in roll_up(moves, (SUBMISSION,)).as_dict()}
        may = np.array([number in self.movable for number in group.numbers])
        self.counts.update(submissions=len(group.numbers), changed=len(moved), movable=int(may.sum()))
        for sums, lines, by in (
            (self.before, sides[0], BY),
            (self.after, sides[1], BY),
            (self.now, _of(moves, may), BY[2:]),
        ):
            _add(sums, roll_up(lines, by))
        self.incomplete = [n + int(side.incomplete.sum()) for n, side in zip(self.incomplete, sides, strict=True)]
        was, now = (roll_up(side, (SUBMISSION,)).as_dict() for side in sides)
        found = [(group.numbers[n], was.get((str(n),), 0), now.get((str(n),), 0)) for n in moved]
        self.movers = sorted([*self.movers, *found], key=lambda one: (-abs(one[2] - one[1]), one[0]))[:MOVERS_TOLD]
        self._judge((before, after), stay)

    def _refused(self, group: Group, plan: Plan, lost: Losses) -> Mask:
        """Which submissions the plan has no place for."""
        states = {transition.state for transition in plan.ruleset.workflow}
        losing = np.zeros(len(group.numbers), np.bool_)
        for cells in lost.values():
            losing |= cells > 0
        for place, number in enumerate(group.numbers):
            found = losses_of(lost, place) if losing[place] else []
            if states and (state := self.rows[number].state) not in states:
                found.insert(0, finding("edition-state-unknown", None, state=state))
            if found:
                self.refused[number] = found
                for one in found:
                    reason = self.reasons[one.code, one.cell.form if one.cell else "", one.args.get("column", "")]
                    reason[0], reason[1] = reason[0] + 1, reason[1] + int(one.args.get("count", 0))
        return np.array([number in self.refused for number in group.numbers], np.bool_)

    def _judge(self, states: tuple[State, State], stay: Mask) -> None:
        """At how many places each check fails; who stays is judged as before."""
        was, now = map(_failing, states)
        zeros = np.zeros(len(stay), np.int64)
        for key in was.keys() | now.keys():
            old, new = (counts.get(key, zeros) for counts in (was, now))
            form = next(s.ruleset.forms[key[0]] for s in reversed(states) if key in s.plan.checks)
            tally = self.checks[key, form.checks[key[1]].severity]
            tally[0], tally[1] = tally[0] + int(old.sum()), tally[1] + int(np.where(stay, old, new).sum())

    def told(self) -> wire.Wire:
        """As JSON; amounts in tiyn as text."""
        counts = {name: self.counts[name] for name in ("submissions", "changed", "movable", "behind")}
        reasons = [
            {"code": code, "form": form or None, "column": column or None, "submissions": count, "cells": cells}
            for (code, form, column), (count, cells) in sorted(
                self.reasons.items(), key=lambda one: (-one[1][0], one[0])
            )
        ]
        refused = [
            {"id": number, "institution": self.rows[number].code, "findings": wire.findings(None, found)}
            for number, found in sorted(self.refused.items())[:REFUSED_TOLD]
        ]
        return {
            **counts,
            "refused": {"submissions": len(self.refused), "reasons": reasons, "first": refused},
            "years": self._years(),
            "rows": list(self._rows()),
            "incomplete": {"before": self.incomplete[0], "after": self.incomplete[1]},
            "movers": [
                {"id": number, "institution": self.rows[number].code, "before": str(old), "after": str(new)}
                for number, old, new in self.movers
            ],
            "checks": [
                {"form": key[0], "check": key[1], "severity": severity, "before": old, "after": new}
                for (key, severity), (old, new) in sorted(self.checks.items())
                if old != new
            ],
        }

    def _years(self) -> list[wire.Wire]:
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for side, amounts in enumerate((self.before, self.after)):
            for key, amount in amounts.items():
                sums[key[2]][side] += amount
        return [
            {"year": int(year), "before": str(old), "after": str(new), "movable": str(self.now.get((year,), 0))}
            for year, (old, new) in sorted(sums.items())
        ]

    def _rows(self) -> Iterator[list[str]]:
        """What differs: administrator, specific, year, before, after."""
        for key in sorted(self.before.keys() | self.after.keys()):
            sides = self.before.get(key, 0), self.after.get(key, 0)
            if sides[0] != sides[1]:
                yield [*key, *map(str, sides)]


def _told(desk: Desk, connection: Connection, made: Candidate) -> wire.Wire:
    """The texts themselves: which declarations differ, and what a keeper of them should look at."""
    found = warnings(desk, connection, made)
    told = differing(files_of(connection, made.over.digest), made.files)
    label = {"kind": made.over.kind, "name": made.label[0], "version": made.label[1], "over": made.over.digest}
    return label | told | {"findings": wire.findings(None, found[:FINDINGS_TOLD_MAX])}


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> wire.Wire:
    """The declarations that differ between two editions, the first of them, and how many there are."""
    found = [asdict(one) for one in differences(before, after)]
    return {"differences": found[:DIFFERENCES_TOLD], "count": len(found)}


def _plan(desk: Desk, connection: Connection, made: Candidate, group: Group) -> Plan | None:
    """What submissions would be under if a candidate were the newest edition; None where it is none of theirs."""
    texts = desk.store.texts
    own = named(texts.ruleset_of(connection, group.texts[0]))
    if isinstance(made.read, Norms):
        ruleset, norms = texts.ruleset_of(connection, newest_rulesets(desk, connection)[own]), made.read
    elif own == named(made.read):
        ruleset, norms = made.read, texts.norms_of(connection, newest(connection))
    else:
        return None
    plan, found = compile_plan(ruleset, norms, texts.plan(connection, *group.texts))
    if plan is None:
        raise Problem([one for one in found if one.severity == "error"])
    return plan


def _is_behind(desk: Desk, connection: Connection, group: Group) -> bool:
    """Whether something newer than what submissions are under has been published already."""
    own = named(desk.store.texts.ruleset_of(connection, group.texts[0]))
    return group.texts != (newest_rulesets(desk, connection)[own], newest(connection))


def _failing(state: State) -> dict[Key, NDArray[np.int64]]:
    """How often each check does not hold in each submission."""
    results, found = state.workbook.results, dict[Key, NDArray[np.int64]]()
    assert results is not None, "a state is calculated"
    for key, cells in results.checks.items():
        failed = (cells == 0).reshape(-1, cells.shape[-1]).sum(axis=0)
        if state.ruleset.forms[key[0]].checks[key[1]].by_row:
            offsets = state.workbook.tables[state.plan.roots[key[0]]].offsets
            sums = np.concatenate([[0], np.cumsum(failed)])
            failed = sums[offsets[1:]] - sums[offsets[:-1]]
        found[key] = failed
    return found


def _of(lines: Lines, chosen: Mask) -> Lines:
    """The lines of some submissions."""
    numbers = np.array([int(number) for number in lines.labels[SUBMISSION]], np.int64)
    kept = chosen[numbers[lines.keys[SUBMISSION]]] if len(lines) else np.zeros(0, np.bool_)
    keys = {name: positions[kept] for name, positions in lines.keys.items()}
    return Lines(lines.labels, keys, lines.amounts[kept], lines.incomplete[kept])


def _add(sums: Sums, lines: Lines) -> None:
    for key, amount in lines.as_dict().items():
        sums[key] = sums.get(key, 0) + amount

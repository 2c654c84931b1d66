"""The one place that decides who may do what: the table `access.yaml`, read by people and asked by every route.

A `User` has memberships: a role in an organisation. A `Subject` is what is to be acted on: whose it is (an organisation
and those above it), its stage, and whether it is for official use. Submissions for official use are seen by a named few
only, whatever else a role allows; to all others they are part of totals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from engine.findings import Finding, finding
from engine.ruleset import Title

OFFICIAL_USE = "official-use"
"""The membership that lets somebody see what is for official use, below its organisation."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A role that somebody has in an organisation."""

    organisation: int
    role: str


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who has signed in."""

    account: int
    login: str
    name: str
    language: str
    memberships: tuple[Membership, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What somebody wants to act on; `path` is its organisation and those above, the nearest first."""

    path: tuple[int, ...]
    stage: str
    official_use: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table for one action."""

    role: str
    action: str
    whose: str
    stages: frozenset[str] | None
    until: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """The whole of `access.yaml`."""

    roles: Mapping[str, Title]
    levels: Mapping[str, str]
    actions: Mapping[str, Title]
    rules: tuple[Rule, ...]
    by_action: Mapping[str, Sequence[Rule]]


@cache
def table() -> Table:
    """The table that is asked."""
    told = yaml.safe_load((Path(__file__).parent / "access.yaml").read_text(encoding="utf-8"))
    rules = [
        Rule(row["role"], action, row["whose"], _stages(row["stages"]), row.get("until"))
        for row in told["rules"]
        for action in row["may"]
    ]
    roles = {name: role["title"] for name, role in told["roles"].items()}
    by_action = {action: [rule for rule in rules if rule.action == action] for action in told["actions"]}
    levels = {name: role["level"] for name, role in told["roles"].items()}
    return Table(roles, levels, told["actions"], tuple(rules), by_action)


def refusal(
    user: User,
    action: str,
    subject: Subject | None,
    calendar: Mapping[str, date] | None = None,
    today: date | None = None,
) -> Finding | None:
    """Why a user may not do this, or None where a line of the table allows it."""
    allowed = [rule for rule in table().by_action[action] if _holds(user, rule, subject)]
    if subject is not None and subject.official_use and not _named(user, subject):
        return finding("access-refused", None, action=table().actions[action])
    if any(_in_time(rule, calendar, today) for rule in allowed):
        return None
    if allowed and calendar is not None:
        ends = max(day for rule in allowed for name, day in calendar.items() if name == rule.until)
        return finding("access-too-late", None, action=table().actions[action], until=ends.isoformat())
    return finding("access-refused", None, action=table().actions[action])


def acts_as(user: User, role: str, subject: Subject) -> bool:
    """Whether a user has a role of the workflow over a subject: an institution's own, an administrator's below it, the
    centre's over all."""
    if subject.official_use and not _named(user, subject):
        return False
    whose = {"institution": "own", "administrator": "below"}.get(table().levels[role], "all")
    rule = Rule(role, "", whose, None, None)
    return any(member.role == role and _reaches(rule, member, subject) for member in user.memberships)


def _stages(told: str | list[str]) -> frozenset[str] | None:
    return None if told == "all" else frozenset(told)


def _holds(user: User, rule: Rule, subject: Subject | None) -> bool:
    if subject is None:
        return any(rule.role in ("all", member.role) for member in user.memberships)
    if rule.stages is not None and subject.stage not in rule.stages:
        return False
    return any(rule.role in ("all", member.role) and _reaches(rule, member, subject) for member in user.memberships)


def _reaches(rule: Rule, member: Membership, subject: Subject) -> bool:
    if rule.whose == "all":
        return True
    return member.organisation in (subject.path[:1] if rule.whose == "own" else subject.path)


def _named(user: User, subject: Subject) -> bool:
    return any(member.role == OFFICIAL_USE and member.organisation in subject.path for member in user.memberships)


def _in_time(rule: Rule, calendar: Mapping[str, date] | None, today: date | None) -> bool:
    if rule.until is None or calendar is None or today is None or rule.until not in calendar:
        return True
    return today <= calendar[rule.until]

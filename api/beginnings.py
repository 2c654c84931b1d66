"""How a submission begins in a cycle: empty, or rolled forward from the last cycle's.

Which ruleset a cycle has, its text says; the newest published one counts, under the newest published norms. A programme
of an institution is asked for once in a cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from api.access import Subject, User, refusal, table
from api.desk import Desk, subject_of, subjects
from api.problems import Problem
from api.store import Birth
from api.store.editions import listing, newest
from api.store.held import HEADER, Held, text_at
from api.store.rolling import rolled_from
from api.store.schema import cycle, organisation, submission, text_version
from engine.findings import Finding, finding
from engine.inputs import workbook_of
from engine.plan import Plan
from engine.ruleset import Ruleset
from engine.workbook import Workbook

_BEGINNERS = {rule.role for rule in table().rules if rule.action == "begin"}
_THERE = organisation.c.ends.is_(None)
TOLD_APART_BY = ("programme", "subprogramme")
"""What of the header an institution has one submission for."""
FILLED: Sequence[tuple[str, Callable[[Ruleset], bool]]] = (
    ("administrator", lambda ruleset: "institution" not in ruleset.header and "administrator" in ruleset.header),
    ("institution", lambda ruleset: "institution" in ruleset.header),
)
"""Kinds of organisations that are reminded to begin, and of what: each of the rulesets whose header names them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A submission that somebody wants to begin: whose (an institution, or an administrator that fills the ruleset), in
    which cycle, from what, and its header if from nothing."""

    institution: str
    cycle: str
    ruleset: str
    rolled: bool
    origin: int | None
    header: Mapping[str, str]


def begun(desk: Desk, connection: Connection, user: User, wanted: Wanted) -> int:
    """Begin a submission, and give its number; the caller's transaction makes it so."""
    ruleset, norms = texts_of(desk, connection, wanted.cycle, wanted.ruleset)
    owner = _owner(connection, user, wanted, _filled_by(desk.store.texts.ruleset_of(connection, ruleset)))
    norms = listing(desk.store.texts, connection, norms)
    plan = desk.store.texts.plan(connection, ruleset, norms)
    origin = _origin(connection, user, wanted, owner) if wanted.rolled else None
    workbook = _empty(plan, wanted, owner) if origin is None else rolled_from(desk.store, connection, plan, origin)
    assert workbook is not None, "what is rolled forward was found"
    _refuse_twice(desk, connection, wanted, owner, _header_of(plan, workbook))
    secret = select(func.bool_or(submission.c.official_use)).where(submission.c.organisation == owner.id)
    official = bool(connection.scalar(secret))
    birth = Birth(wanted.cycle, ruleset, norms, owner.id, user.account, first_state(plan), official, origin)
    return desk.store.create(connection, birth, workbook)


def unbegun(desk: Desk, connection: Connection, user: User) -> list[tuple[Row[Any], list[Ruleset]]]:
    """Who has not begun in the last cycle that has rulesets what the user may begin there still, and that: the user's
    own administrators first, each with the rulesets that it fills and has not begun, then the institutions that have
    nothing at all."""
    own = [one.organisation for one in user.memberships if one.role in _BEGINNERS]
    last, rulesets = _last_ruled(desk, connection) if own else (None, {})
    if last is None:
        return []
    near = organisation.c.id.in_(own) | organisation.c.parent.in_(own)
    filling = organisation.c.kind.in_([name for name, _ in FILLED])
    read = _owners().add_columns(cycle.c.name.label("cycle"), cycle.c.calendar)
    read = read.join(cycle, cycle.c.name == last)
    rows = connection.execute(
        read.where(near, filling, _THERE).order_by(organisation.c.kind, organisation.c.code)
    ).all()
    open_to = [row for row in rows if _refused(user, row, row.calendar) is None]
    return _still(connection, open_to, rulesets) if open_to else []


def _last_ruled(desk: Desk, connection: Connection) -> tuple[str | None, dict[str, list[Ruleset]]]:
    """The last cycle that has rulesets, and those: the next one is opened before its own are published."""
    for name in connection.scalars(select(cycle.c.name).order_by(cycle.c.name.desc())).all():
        rulesets = _rulesets(desk, connection, name)
        if any(rulesets.values()):
            return name, rulesets
    return None, {}


def _still(
    connection: Connection, owners: Sequence[Row[Any]], rulesets: Mapping[str, Sequence[Ruleset]]
) -> list[tuple[Row[Any], list[Ruleset]]]:
    """Of the rulesets those that each owner fills and has not begun; an institution asks for its programmes one by one,
    and is reminded of the first only."""
    of, name = submission.c, text_version.c.name
    begun = select(of.organisation, name).join(text_version, text_version.c.digest == of.ruleset)
    numbers = [owner.id for owner in owners]
    rows = connection.execute(begun.where(of.cycle == owners[0].cycle, of.organisation.in_(numbers)).distinct())
    has = {(row.organisation, row.name) for row in rows}
    busy = {number for number, _ in has}
    found = []
    for owner in owners:
        mine = [one for one in rulesets[owner.kind] if (owner.id, one.name) not in has]
        if mine and (owner.kind != "institution" or owner.id not in busy):
            found.append((owner, mine))
    return found


def offered(
    desk: Desk, connection: Connection, user: User, of: tuple[Row[Any], Sequence[Ruleset]]
) -> Iterator[dict[str, Any]]:
    """What an owner of `unbegun` may begin: by ruleset, with the submissions of the cycle before that it may start
    from, and with the fields of the header that it is asked for if it starts from none."""
    owner, rulesets = of
    nameless = dict.fromkeys(TOLD_APART_BY)
    for ruleset in rulesets:
        rows = _origins(connection, user, Wanted(owner.code, owner.cycle, ruleset.name, True, None, {}), owner)
        held = [(row, desk.store.open(connection, row.id)) for row in rows]
        origins = [
            {"id": row.id, "cycle": row.cycle} | nameless | _told_apart(one) for row, one in held if one is not None
        ]
        told = {"ruleset": ruleset.name, "ruleset_title": dict(ruleset.title), "cycle": owner.cycle}
        told |= {"institution": owner.code, "title": owner.titles, "administrator": owner.administrator}
        yield told | {"asks": [name for name in TOLD_APART_BY if name in ruleset.header], "origins": origins}


def _rulesets(desk: Desk, connection: Connection, of: str) -> dict[str, list[Ruleset]]:
    """A cycle's rulesets, one of each name, by the kind of organisation that fills them."""
    newest = text_version.c.name, text_version.c.published_at.desc()
    found = select(text_version.c.digest).where(text_version.c.kind == "ruleset").order_by(*newest)
    rulesets = [desk.store.texts.ruleset_of(connection, digest) for digest in connection.scalars(found).all()]
    named: dict[str, Ruleset] = {}
    for one in rulesets:
        if _cycle_of(one) == of:
            named.setdefault(one.name, one)
    return {kind: [one for one in named.values() if fills(one)] for kind, fills in FILLED}


def _cycle_of(ruleset: Ruleset) -> str:
    return f"{ruleset.years[0]}-{ruleset.years[-1]}"


def first_state(plan: Plan) -> str:
    """Where a submission's way begins."""
    return plan.ruleset.workflow[0].state if plan.ruleset.workflow else "draft"


def texts_of(desk: Desk, connection: Connection, of: str, name: str) -> tuple[str, str]:
    """The digests of the newest ruleset of that name for a cycle, and of the newest norms."""
    known = select(text_version.c.digest).order_by(text_version.c.published_at.desc())
    found = known.where(text_version.c.kind == "ruleset", text_version.c.name == name)
    for digest in connection.scalars(found).all():
        if _cycle_of(desk.store.texts.ruleset_of(connection, digest)) == of:
            return digest, newest(connection)
    cycles = connection.scalars(select(cycle.c.name).order_by(cycle.c.name))
    raise Problem([finding("cycle-unknown", None, got=of, known=", ".join(cycles))])


def _filled_by(ruleset: Ruleset) -> tuple[str, ...]:
    """The kinds of organisations that fill a ruleset: institutions; if it names none, an administrator for all its own
    too."""
    return ("institution",) if "institution" in ruleset.header else ("administrator", "institution")


def _owner(connection: Connection, user: User, wanted: Wanted, kinds: Sequence[str]) -> Row[Any]:
    """The organisation, locked, if the user may begin something for it."""
    calendar = connection.scalar(select(cycle.c.calendar).where(cycle.c.name == wanted.cycle))
    if calendar is None:
        known = connection.scalars(select(cycle.c.name).order_by(cycle.c.name))
        raise Problem([finding("cycle-unknown", None, got=wanted.cycle, known=", ".join(known))])
    mine = _owners().where(organisation.c.code == wanted.institution, organisation.c.kind.in_(kinds), _THERE)
    row = connection.execute(mine.order_by(organisation.c.kind).with_for_update(of=organisation)).first()
    if row is None:
        raise Problem([finding("organisation-unknown", None, got=wanted.institution)])
    if (refused := _refused(user, row, calendar)) is not None:
        raise Problem([refused])
    return row


def _owners() -> Select[Any]:
    """Organisations with those above them."""
    above, top = organisation.alias("above"), organisation.alias("top")
    read = select(organisation, above.c.id.label("above"), above.c.code.label("administrator"), top.c.id.label("top"))
    return read.outerjoin(above, above.c.id == organisation.c.parent).outerjoin(top, top.c.id == above.c.parent)


def _refused(user: User, owner: Row[Any], calendar: Mapping[str, str]) -> Finding | None:
    path = tuple(one for one in (owner.id, owner.above, owner.top) if one is not None)
    until = {name: date.fromisoformat(day) for name, day in calendar.items()}
    return refusal(user, "begin", Subject(path, "draft"), until, date.today())


def _origin(connection: Connection, user: User, wanted: Wanted, owner: Row[Any]) -> tuple[int, int]:
    """The last cycle's submission that this one starts from, at its revision."""
    found = [row for row in _origins(connection, user, wanted, owner) if wanted.origin in (None, row.id)]
    if not found:
        raise Problem([finding("origin-missing", None, organisation=wanted.institution, cycle=wanted.cycle)])
    if len(found) > 1:
        raise Problem([finding("origin-unclear", None, found=", ".join(str(row.id) for row in found))])
    return found[0].id, found[0].revision


def _origins(connection: Connection, user: User, wanted: Wanted, owner: Row[Any]) -> list[Row[Any]]:
    """What of the last cycle nothing was rolled forward from yet, as far as the user sees it."""
    taken = select(submission.c.origin).where(submission.c.cycle == wanted.cycle, submission.c.origin.is_not(None))
    read = subjects().where(submission.c.organisation == owner.id, submission.c.cycle < wanted.cycle)
    rows = connection.execute(read.where(submission.c.id.not_in(taken)).order_by(submission.c.id)).all()
    seen = [row for row in rows if refusal(user, "see", subject_of(row)) is None and _named(connection, row, wanted)]
    last = max((row.cycle for row in seen), default="")
    return [row for row in seen if row.cycle == last]


def _named(connection: Connection, row: Row[Any], wanted: Wanted) -> bool:
    name = select(text_version.c.name).where(text_version.c.digest == row.ruleset)
    return connection.scalar(name) == wanted.ruleset


def _empty(plan: Plan, wanted: Wanted, owner: Row[Any]) -> Workbook:
    own = {"administrator": owner.administrator or "", owner.kind: wanted.institution}
    header = {name: text for name, text in {**wanted.header, **own}.items() if name in plan.ruleset.header}
    workbook, found = workbook_of(plan.ruleset, plan.norms, plan.years, header, {})
    if found:
        raise Problem(found)
    return workbook


def _header_of(plan: Plan, workbook: Workbook) -> dict[str, str]:
    return _told_apart(Held(0, 0, "", plan, workbook, {}))


def _told_apart(held: Held) -> dict[str, str]:
    names = (name for name in TOLD_APART_BY if name in held.plan.ruleset.header)
    return {name: text_at(held, HEADER, name, (0, None)) for name in names}


def _refuse_twice(
    desk: Desk, connection: Connection, wanted: Wanted, owner: Row[Any], header: Mapping[str, str]
) -> None:
    mine = (submission.c.organisation == owner.id) & (submission.c.cycle == wanted.cycle)
    for number in connection.scalars(select(submission.c.id).where(mine)).all():
        held = desk.store.open(connection, number)
        if held is not None and held.plan.ruleset.name == wanted.ruleset and _told_apart(held) == header:
            raise Problem([finding("submission-exists", None, cycle=wanted.cycle, existing=number)])

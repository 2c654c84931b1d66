"""Newer editions of rules and norms for submissions already begun: which there are, and moving a submission to them.

A submission is pinned to the digests of the ruleset and norms under which it began. Whoever may edit it, or the
methodologist while it is in work, moves it to editions that were published later: norms follow norms, a ruleset one of
its name and cycle. What a move changes is told first (dry), and is then one line of the journal with the digests before
and after. Nothing that people wrote is lost: where the other edition has no place for it, the move is refused. It is
not undone; what was done before it stays in the former edition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from api import wire
from api.access import Subject, User, refusal
from api.ceilings import limits_left
from api.desk import Desk, calendar_of, subject_of, subjects, visible
from api.problems import Problem
from api.store import Answer, Deed, Wish, journal
from api.store.held import EDITION, Held, Payload
from api.store.schema import journal as lines
from api.store.schema import submission, text_version
from engine.editions import difference, moves
from engine.findings import Finding, finding
from engine.losses import refitted
from engine.verdicts import findings_of

NEWEST, SAME = "newest", "same"
"""What may stand in place of a digest: the edition published last, and the present one."""
CHANGES_TOLD = 20
"""Of one column."""
Texts = tuple[str, str]
"""The digests of a ruleset and of norms."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The editions that a submission is to move to, each a digest, `newest` or `same`; on which revision, and why."""

    ruleset: str
    norms: str
    revision: int | None
    note: str


def editions_of(desk: Desk, connection: Connection, row: Row[Any]) -> wire.Wire:
    """What a submission (a row of `subjects`) is under, and what was published since, the newest first."""
    now = {one.digest: _edition(one) for one in connection.execute(_texts([row.ruleset, row.norms]))}
    newer = {"ruleset": _rulesets(desk, connection, row), "norms": _norms(connection, row)}
    since = {name: [_edition(one) for one in found] for name, found in newer.items()}
    return {"ruleset": now[row.ruleset], "norms": now[row.norms], "newer": since}


def moved(desk: Desk, connection: Connection, who: tuple[User, int], wanted: Wanted, *, dry: bool) -> Answer:
    """Move a submission in the caller's transaction, or only see what it would be."""
    user, number = who
    row = desk.allow(connection, user, "edition", number, lock=not dry)
    desk.totals.catch_up(connection)
    to, deed = _target(desk, connection, row, wanted), Deed(user.account, wanted.revision)
    wish = _wish(desk, connection, row, (to, wanted.note))
    if dry:
        answer = desk.store.calculated(connection, row, deed, wish)
        if answer.entry is None:
            raise Problem(answer.findings, answer.before)
    else:
        more = {"edition": {"ruleset": to[0], "norms": to[1]}}
        answer, _ = desk.done(connection, row, deed, wish, more)
    return answer


def movable(desk: Desk, connection: Connection, user: User, of: tuple[str, str, int]) -> Iterator[Row[Any]]:
    """The submissions of a cycle under a ruleset of that name, after a number, for which there is something newer and
    which a user may move now."""
    cycle, name, after = of
    named = select(text_version.c.digest).where(text_version.c.kind == "ruleset", text_version.c.name == name)
    wanted = subjects().where(submission.c.cycle == cycle, submission.c.id > after, submission.c.ruleset.in_(named))
    newest: dict[Texts, Texts] = {}
    for row in list(visible(connection, user, wanted)):
        pinned = row.ruleset, row.norms
        if pinned not in newest:
            newest[pinned] = _target(desk, connection, row, Wanted(NEWEST, NEWEST, None, ""))
        if newest[pinned] != pinned and refusal(user, "edition", *_case(row), date.today()) is None:
            yield row


def look_ahead(desk: Desk, connection: Connection, rows: Sequence[Row[Any]]) -> list[Held]:
    """Find out what submissions would be under the newest editions, of all that are under the same texts at once; each
    knows it then (`Held.ahead`) until it is told to forget it."""
    alike: dict[Texts, list[tuple[Row[Any], Held]]] = {}
    for row in rows:
        if (held := desk.store.open(connection, row.id)) is not None:
            alike.setdefault((row.ruleset, row.norms), []).append((row, held))
    for texts, some in alike.items():
        to = _target(desk, connection, some[0][0], Wanted(NEWEST, NEWEST, None, ""))
        if to == texts or desk.store.texts.misfits(connection, *to):
            continue
        last, plan = (desk.store.texts.plan(connection, *pair) for pair in (texts, to))
        helds = [held for _, held in some if held.plan is last]
        for held, move in zip(helds, moves(last, [held.workbook for held in helds], plan), strict=False):
            held.ahead.append(move)
    return [held for some in alike.values() for _, held in some]


def pinned_before(connection: Connection, numbers: frozenset[int], position: int) -> dict[int, Texts]:
    """Of submissions that moved after a position of the journal: what they were under then."""
    since = (lines.c.action == EDITION) & (lines.c.position > position) & lines.c.submission.in_(numbers)
    found: dict[int, Texts] = {}
    for row in connection.execute(select(lines).where(since).order_by(lines.c.position)):
        ruleset, norms = journal.payload_of(row)["from"]
        found.setdefault(row.submission, (ruleset, norms))
    return found


def _case(row: Row[Any]) -> tuple[Subject, dict[str, date]]:
    return subject_of(row), calendar_of(row)


def _wish(desk: Desk, connection: Connection, row: Row[Any], to: tuple[Texts, str]) -> Wish:
    texts, note = to

    def wish(held: Held) -> tuple[str, Payload, Sequence[Finding]]:
        payload = {"from": [row.ruleset, row.norms], "to": list(texts), "note": note}
        return EDITION, payload, list(_refused(desk, connection, (row, held), texts))

    return wish


def _refused(desk: Desk, connection: Connection, of: tuple[Row[Any], Held], to: Texts) -> Iterator[Finding]:
    """Why a submission cannot be under these texts."""
    row, held = of
    if to == (row.ruleset, row.norms):
        yield finding("edition-same", None)
        return
    if wrong := desk.store.texts.misfits(connection, *to):
        yield from wrong
        return
    plan = desk.store.texts.plan(connection, *to)
    states = {transition.state for transition in plan.ruleset.workflow}
    if states and row.state not in states:
        yield finding("edition-state-unknown", None, state=row.state)
    move = held.towards(plan)
    yield from refitted(held.plan, held.workbook, plan)[1] if move is None else move.lost


def _target(desk: Desk, connection: Connection, row: Row[Any], wanted: Wanted) -> Texts:
    ruleset = _chosen(wanted.ruleset, row.ruleset, _rulesets(desk, connection, row))
    return ruleset, _chosen(wanted.norms, row.norms, _norms(connection, row))


def _chosen(word: str, now: str, newer: Sequence[Row[Any]]) -> str:
    if word in (SAME, now):
        return now
    if word == NEWEST:
        return str(newer[0].digest) if newer else now
    if word not in {one.digest for one in newer}:
        raise Problem([finding("edition-unknown", None, got=word[:16])])
    return word


def _rulesets(desk: Desk, connection: Connection, row: Row[Any]) -> list[Row[Any]]:
    """Those of the same name and years that were published after the present one, the newest first."""
    now = connection.execute(_texts([row.ruleset])).one()
    texts = desk.store.texts
    years = texts.ruleset_of(connection, row.ruleset).years
    since = (text_version.c.name == now.name) & (text_version.c.published_at > now.published_at)
    found = connection.execute(_newest("ruleset").where(since)).all()
    return [one for one in found if texts.ruleset_of(connection, one.digest).years == years]


def _norms(connection: Connection, row: Row[Any]) -> list[Row[Any]]:
    """Those that were published after the present ones, the newest first."""
    now = connection.execute(_texts([row.norms])).one()
    return list(connection.execute(_newest("norms").where(text_version.c.published_at > now.published_at)))


def _newest(kind: str) -> Any:
    return _texts().where(text_version.c.kind == kind).order_by(text_version.c.published_at.desc())


def _texts(digests: Sequence[str] | None = None) -> Any:
    """What there is to tell of texts, but not the texts."""
    of = text_version.c
    read = select(of.digest, of.name, of.version, of.published_at)
    return read if digests is None else read.where(of.digest.in_(digests))


def _edition(row: Row[Any]) -> wire.Wire:
    published_at = row.published_at.isoformat()
    return {"digest": row.digest, "name": row.name, "version": row.version, "published_at": published_at}


def findings_moved(answer: Answer) -> tuple[list[wire.Wire], list[wire.Wire]]:
    """The findings that come with a move, and those that go."""
    was, now = (wire.findings(of, findings_of(of.plan, of.workbook)) for of in (answer.before, answer.after))
    return [one for one in now if one not in was], [one for one in was if one not in now]


def told(desk: Desk, answer: Answer) -> wire.Wire:
    """Everything that a move changes or would change."""
    before, after, entry = answer.before, answer.after, answer.entry
    assert entry is not None, "a move that is not refused has a line"
    _, cells = difference((before.plan, before.workbook), (after.plan, after.workbook))
    found, resolved = findings_moved(answer)
    (old, new), moves = (entry.payload["from"], entry.payload["to"]), entry.moved
    return {
        "revision": after.revision,
        "position": answer.position or None,
        "from": {"ruleset": old[0], "norms": old[1]},
        "to": {"ruleset": new[0], "norms": new[1]},
        "reshaped": list(answer.delta.reshaped),
        "changed": wire.changed(after, cells, CHANGES_TOLD),
        "findings": found,
        "resolved": resolved,
        "totals": wire.totals(desk.totals.supposed(after.submission, moves)),
        "limits": limits_left(desk.totals, after, moves),
    }

"""`esep verify`: proves the journal and that all that is stored follows from it, or names each line that is not right.

Whoever changes the database by hand is found: a changed line no longer answers to its digest, a missing one leaves a
gap, one put elsewhere breaks its chain, one cut off at the end is missed by the submission's head or by a checkpoint.
Changes of organisations are a chain of their own; so is the record of what was published, where each text has its line
and answers to its digest, and the record of calendars, where each stands as its last line says. Then each submission is
replayed from its beginning (`replaying`): inputs, row numbers and budget lines must come out as stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from api.store import Store, calendars, journal, publications
from api.store import chain as chained
from api.store.editions import differing
from api.store.held import EDITION
from api.store.replaying import replays
from api.store.schema import checkpoint, organisation_change, submission, text_version
from api.store.texts import sound
from api.store.totals import REBORN
from engine.findings import Finding, finding


@dataclass(frozen=True, slots=True)
class Proof:
    """What was looked at, and what is not right; nothing in `findings` means that all is proved."""

    lines: int
    submissions: int
    checkpoints: int
    findings: tuple[Finding, ...]


@dataclass
class _Chain:
    """The journal as read so far: the last position, each submission's revision, head and state, all digests."""

    position: int = 0
    heads: dict[int, tuple[int, str]] = field(default_factory=dict)
    states: dict[int, str] = field(default_factory=dict)
    digests: list[str] = field(default_factory=list)
    texts: dict[int, list[str]] = field(default_factory=dict)
    """Digests of the rulesets and norms that each submission was under, those of now at the end."""


def verify(store: Store, connection: Connection) -> Proof:
    """Prove everything; the connection should see one moment of the database (repeatable read)."""
    chain, found = _Chain(), list[Finding]()
    for row in journal.lines(connection):
        found += _of_line(chain, row)
    found += _of_checkpoints(connection, chain)
    changes = list(connection.execute(select(organisation_change).order_by(organisation_change.c.number)))
    found += [finding("organisation-change-broken", None, number=number) for number in chained.broken(changes)]
    changed = {digest for digest in connection.scalars(select(text_version.c.digest)) if not sound(connection, digest)}
    found += [finding("text-changed", None, digest=digest) for digest in sorted(changed)]
    found += [*publications.differing(connection), *calendars.differing(connection)]
    rows = list(connection.execute(select(submission).order_by(submission.c.id)))
    found += [wrong for row in rows for wrong in _of_head(chain, row)]
    broken = {int(f.args["submission"]) for f in found if "submission" in f.args}
    whole = [row for row in rows if row.id not in broken and not changed.intersection(chain.texts[row.id])]
    found += replays(store, connection, whole)
    numbers = {row.id for row in whole}
    steps = (row for row in journal.steps(connection) if row.submission in numbers)
    found += [wrong for row in steps for wrong in differing(store, connection, row)]
    checkpoints = len(connection.execute(select(checkpoint.c.number)).all())
    return Proof(len(chain.digests), len(rows), checkpoints, tuple(found))


def _of_line(chain: _Chain, row: Row[Any]) -> Iterator[Finding]:
    for missing in range(chain.position + 1, row.position):
        yield finding("journal-line-missing", None, position=missing)
        chain.digests.append("")
    where = {"position": row.position, "submission": row.submission, "revision": row.revision}
    who = (row.account, row.at, row.action)
    if journal.digest_of(row.previous, row.submission, row.revision, who, row.payload) != row.digest:
        yield finding("journal-line-changed", None, **where)
    revision, head = chain.heads.get(row.submission, (0, journal.START))
    if (row.revision, row.previous) != (revision + 1, head):
        yield finding("journal-chain-broken", None, **where)
    if row.action in REBORN:
        payload = journal.payload_of(row)
        chain.states[row.submission] = payload.get("to" if row.action == "step" else "state", "draft")
    if row.action in ("create", EDITION):
        payload = journal.payload_of(row)
        told = payload.get("to", ()) if row.action == EDITION else map(payload.get, ("ruleset", "norms"))
        chain.texts.setdefault(row.submission, []).extend(map(str, told))
    chain.position = row.position
    chain.heads[row.submission] = (row.revision, row.digest)
    chain.digests.append(row.digest)


def _of_checkpoints(connection: Connection, chain: _Chain) -> Iterator[Finding]:
    previous, since = journal.START, 0
    for number, row in enumerate(connection.execute(select(checkpoint).order_by(checkpoint.c.number)), 1):
        expected = journal.checkpoint_row(number, row.position, previous, chain.digests[since : row.position])
        if any(getattr(row, name) != value for name, value in expected.items()):
            yield finding("checkpoint-differs", None, number=row.number, position=row.position)
        previous, since = row.digest, row.position


def _of_head(chain: _Chain, row: Row[Any]) -> Iterator[Finding]:
    revision, head = chain.heads.get(row.id, (0, journal.START))
    if revision == 0 or (revision, head) != (row.revision, row.head):
        yield finding("journal-head-differs", None, submission=row.id, revision=row.revision, got=revision)
    if row.id in chain.texts and [row.ruleset, row.norms] != chain.texts[row.id][-2:]:
        yield finding("edition-differs", None, submission=row.id)
    if row.state != (expected := chain.states.get(row.id, row.state)):
        yield finding("state-differs", None, submission=row.id, got=row.state, expected=expected)

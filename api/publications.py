"""A methodologist's texts over a published edition: judged, then published as the edition that follows it.

What is wrong with the texts is found as `esep check` and `esep norms lint` find it, at file and line. Norms have to fit
the newest edition of each ruleset, a ruleset the newest norms; both have to be made from the newest edition that there
is, so that nobody's publication is written over. What approvals have published is not changed by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from api.desk import Desk
from api.problems import Problem
from api.store import publications
from api.store.editions import following, newest
from api.store.publications import PUBLISHED, Why, alone
from api.store.schema import text_version
from api.store.texts import (
    PUBLISHED as MADE,
)
from api.store.texts import (
    TEXT_FILES,
    digest_of,
    files_of,
    label_of,
    layers_of,
    publish,
    read_norms,
    read_ruleset,
)
from engine.check import check
from engine.findings import Finding, finding, has_errors
from engine.limits import TEXTS_BYTES_MAX
from engine.lint import lint, with_loader
from engine.norms import Norms
from engine.plan import compile_plan
from engine.ruleset import Ruleset

FOLDERS_MAX = 4
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
Named = tuple[str, tuple[int, ...]]
"""A ruleset's name and plan years: its editions follow one another."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Files written otherwise, or not there any more, over an edition."""

    over: str
    files: Mapping[str, str]
    removed: tuple[str, ...] = ()

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return {"over": self.over, "files": dict(self.files), "removed": self.removed}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Texts without errors that may follow the edition `over`: either a ruleset or norms."""

    over: Row[Any]
    files: Mapping[str, str]
    label: tuple[str, str]
    read: Ruleset | Norms
    found: tuple[Finding, ...]
    """What the loader said."""


def candidate(desk: Desk, connection: Connection, draft: Draft) -> Candidate:
    """What a draft makes of its edition, or what is wrong with it."""
    over = connection.execute(publications.labels(draft.over)).first()
    if over is None:
        raise Problem([finding("edition-unknown", None, got=draft.over[:16])])
    files = _laid(files_of(connection, draft.over), draft, over.kind)
    known = connection.execute(publications.labels(digest_of(files))).first()
    if known is not None:
        raise Problem([finding("publication-same", None, version=known.version, at=known.published_at.isoformat())])
    if over.kind == "norms":
        return _norms(desk, connection, over, files)
    return _ruleset(desk, connection, over, files)


def published(desk: Desk, connection: Connection, draft: Draft, by: tuple[int, str]) -> Row[Any]:
    """Publish what a draft makes, in the caller's transaction; by whom and why. The line of the record."""
    alone(connection)
    made, (account, reason) = candidate(desk, connection, draft), by
    publish(connection, made.over.kind, made.label, made.files, Why(PUBLISHED, account, draft.over, reason))
    return publications.lines(connection)[-1]


def warnings(desk: Desk, connection: Connection, made: Candidate) -> list[Finding]:
    """What a keeper of the texts should look at and did not have to before."""
    over = files_of(connection, made.over.digest)
    if isinstance(made.read, Norms):
        rulesets = [desk.store.texts.ruleset_of(connection, one) for one in newest_rulesets(desk, connection).values()]
        before, said = read_norms(over)
        old = with_loader(said, lint(before, rulesets, date.today()))
        new = with_loader(made.found, lint(made.read, rulesets, date.today()))
    else:
        norms = desk.store.texts.norms_of(connection, newest(connection))
        ruleset, said = read_ruleset(over)
        assert ruleset is not None, "what was published can be read"
        old, new = (*said, *check(ruleset, norms)), (*made.found, *check(made.read, norms))
    known = {(one.code, str(one.args)) for one in old}
    return [one for one in new if (one.code, str(one.args)) not in known]


def newest_rulesets(desk: Desk, connection: Connection) -> dict[Named, str]:
    """The digest of the last edition of each ruleset, by its name and plan years."""
    of, found = text_version.c, dict[Named, str]()
    for row in connection.execute(publications.labels().where(of.kind == "ruleset").order_by(of.published_at)):
        found[named(desk.store.texts.ruleset_of(connection, row.digest))] = row.digest
    return found


def named(ruleset: Ruleset) -> Named:
    """What the editions of a ruleset have in common."""
    return ruleset.name, ruleset.years


def _laid(before: Mapping[str, str], draft: Draft, kind: str) -> dict[str, str]:
    """The files of an edition with those of a draft, if each may stand where it says."""
    size = sum(len(text.encode()) for text in draft.files.values())
    if size > TEXTS_BYTES_MAX:
        raise Problem([finding("request-too-large", None, limit=TEXTS_BYTES_MAX)])
    unclear = [name for name in draft.files if not _may_stand(name, before, kind)]
    wrong = [finding("publication-file-unclear", None, file=name) for name in unclear]
    missing = [name for name in draft.removed if name not in before or name.startswith(f"{MADE}/")]
    wrong += [finding("publication-file-missing", None, file=name) for name in missing]
    files = {name: text for name, text in before.items() if name not in draft.removed} | dict(draft.files)
    folders = {name.rsplit("/", depth)[0] for name in files for depth in range(1, name.count("/") + 1)}
    wrong += [finding("publication-file-unclear", None, file=name) for name in sorted(folders & files.keys())]
    if wrong:
        raise Problem(wrong)
    return files


def _may_stand(name: str, before: Mapping[str, str], kind: str) -> bool:
    """Whether a file of that name can be one of an edition: in a layer that norms have, and a text."""
    parts = name.split("/")
    if len(parts) > FOLDERS_MAX or not all(map(_PART.fullmatch, parts)):
        return False
    text = any(name.endswith(ending) for ending in TEXT_FILES)
    return text and (kind == "ruleset" or (len(parts) > 1 and parts[0] in layers_of(before)))


def _norms(desk: Desk, connection: Connection, over: Row[Any], files: Mapping[str, str]) -> Candidate:
    last = newest(connection)
    if over.digest != last:
        raise _overtaken(connection, over.digest, last)
    if not any(name.startswith("0/") for name in files):
        raise Problem([finding("publication-file-missing", None, file="0/units.yaml")])
    norms, found = read_norms(files)
    _refuse(found)
    _refuse(list(_misfits(desk, connection, (last, norms))))
    mark = f"p{len(publications.lines(connection)) + 1}"
    return Candidate(over, files, following(connection, over.digest, mark), norms, tuple(found))


def _misfits(desk: Desk, connection: Connection, norms: tuple[str, Norms]) -> Iterator[Finding]:
    """What forbids rulesets under other norms that had nothing against the last ones."""
    texts, (last, new) = desk.store.texts, norms
    for digest in newest_rulesets(desk, connection).values():
        if not texts.misfits(connection, digest, last):
            like = texts.plan(connection, digest, last)
            yield from compile_plan(like.ruleset, new, like)[1]


def _ruleset(desk: Desk, connection: Connection, over: Row[Any], files: Mapping[str, str]) -> Candidate:
    ruleset, found = read_ruleset(files)
    _refuse(found)
    assert ruleset is not None, "a ruleset that cannot be read has a finding"
    editions = newest_rulesets(desk, connection)
    last = editions.get(named(ruleset)) or editions[named(desk.store.texts.ruleset_of(connection, over.digest))]
    if over.digest != last:
        raise _overtaken(connection, over.digest, last)
    of = text_version.c
    taken = select(of.digest).where(of.kind == "ruleset", of.name == ruleset.name, of.version == ruleset.version)
    if connection.scalars(taken).first() is not None:
        raise Problem([finding("publication-version-taken", ruleset.place, name=ruleset.name, version=ruleset.version)])
    _refuse(compile_plan(ruleset, desk.store.texts.norms_of(connection, newest(connection)))[1])
    return Candidate(over, files, (ruleset.name, ruleset.version), ruleset, tuple(found))


def _overtaken(connection: Connection, got: str, last: str) -> Problem:
    row = label_of(connection, last)
    facts = {"got": got[:16], "version": row.version, "newest": row.digest, "at": row.published_at.isoformat()}
    return Problem([finding("publication-overtaken", None, **facts)])


def _refuse(found: Sequence[Finding]) -> None:
    if has_errors(found):
        raise Problem([one for one in found if one.severity == "error"])

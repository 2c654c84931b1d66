"""Editions of the norms: what an approved submission publishes follows the norms that there were, under a new digest.

An edition is the whole text of the one before it and one file more, `published/DAY-SUBMISSION-REVISION.yaml`, with the
values that the submission's ruleset says it `publishes:`, known from the day of the approval. The line of the journal
that approves tells both digests, so that replay gives the same file again. Submissions stay under the edition in which
they began; those that begin later read the new one. What is for official use publishes nothing.

An organisation that came after the norms, by import or reorganisation, is in no classification of theirs. When the
first of such begins a submission, an edition follows in which all of them have their codes (`listing`).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import yaml
from sqlalchemy import Connection, Row, select

from api.store import Store, journal
from api.store.held import Held
from api.store.publications import APPROVED, ORGANISATIONS, Why, alone
from api.store.schema import organisation, text_version
from api.store.texts import PUBLISHED, Files, Texts, digest_of, files_of, label_of, publish
from engine.findings import LANGUAGES, Finding, finding
from engine.norms import Norms, NormValue
from engine.norms.dense import unholdable
from engine.norms.loader import overlaps
from engine.number import plain_text
from engine.publishing import published, with_published

LISTED = ("code", *(f"title_{language}" for language in LANGUAGES), "from", "verified", "source")
"""What a classification's table says of an organisation."""
Values = Mapping[str, Sequence[NormValue]]
_SWIFT = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_ALIKE = re.compile("[ -~\u0400-\u04ff]*")
"""Texts that the swift writer of YAML writes as the other does."""


@dataclass(frozen=True)
class Edition:
    """Norms as they are published: over which, with which texts, and how many values they add."""

    over: str
    label: tuple[str, str]
    files: Files
    values: int = 0
    known: date | None = None
    number: tuple[int, int] | None = None
    """The submission, and its revision that approves."""

    @cached_property
    def digest(self) -> str:
        """Under which they are kept."""
        return digest_of(self.files)

    @property
    def told(self) -> dict[str, Any]:
        """As the journal keeps it."""
        return {"norms": self.digest, "over": self.over, "known": str(self.known), "values": self.values}

    def keep(self, connection: Connection, account: int) -> None:
        """Publish it, in the transaction in which somebody approves."""
        publish(connection, "norms", self.label, self.files, Why(APPROVED, account, self.over, "", self.number))


def newest(connection: Connection) -> str:
    """The digest of the norms that were published last."""
    found = select(text_version.c.digest).where(text_version.c.kind == "norms")
    return str(connection.scalars(found.order_by(text_version.c.published_at.desc()).limit(1)).one())


def edition_of(texts: Texts, connection: Connection, held: Held, known: date) -> Edition | Finding | None:
    """The norms with what a submission publishes when its next revision approves it on a day, or why that cannot be;
    None where it has nothing to publish. Until the transaction ends, nobody else publishes."""
    alone(connection)
    over = newest(connection)
    norms = texts.norms_of(connection, over)
    number = held.submission, held.revision + 1
    values = declared_of(norms, published(held.plan, held.workbook, 0, known))
    if not values:
        return None
    after = with_published(norms, values)
    for name in values:
        if next(overlaps(after.norms[name]), None) is not None:
            return finding("norm-published-today", None, norm=name, known=str(known))
        if (slip := next(unholdable(after.norms[name]), None)) is not None:
            return slip
    before = label_of(connection, over)
    former = Edition("", (before.name, before.version), files_of(connection, over))
    return followed(former, norms, values, number, known)


def followed(former: Edition, declared: Norms, values: Values, number: tuple[int, int], known: date) -> Edition:
    """The edition after another: with values of norms that are declared, which a submission publishes at a revision
    that approves it on a day."""
    files = {**former.files, _file(known, number): _text(declared, values, number)}
    label = _following(former.label, f"{number[0]}.{number[1]}")
    return Edition(former.digest, label, files, sum(map(len, values.values())), known, number)


def following(connection: Connection, over: str, mark: str) -> tuple[str, str]:
    """Name and version of norms that follow others: the same version, and a mark of what came to it."""
    before = label_of(connection, over)
    return _following((before.name, before.version), mark)


def _following(before: tuple[str, str], mark: str) -> tuple[str, str]:
    return before[0], f"{before[1].split('+')[0]}+{mark}"


def declared_of(norms: Norms, found: Values) -> Values:
    """Of what is published, what is declared: nobody can look up others."""
    return {name: values for name, values in found.items() if values and name in norms.norms}


def listing(texts: Texts, connection: Connection, over: str) -> str:
    """The digest of norms whose classifications name all organisations there are: these, or an edition that follows."""
    if not _unlisted(texts.norms_of(connection, over), connection):
        return over
    alone(connection)
    over = newest(connection)
    files = dict(files_of(connection, over))
    unlisted = _unlisted(texts.norms_of(connection, over), connection)
    for kind, rows in unlisted.items():
        name = f"{PUBLISHED}/classifications/{kind}.csv"
        files[name] = files.get(name, ",".join(LISTED) + "\n") + table_text(rows)
    if not unlisted:
        return over
    return publish(
        connection, "norms", following(connection, over, "organisations"), files, Why(ORGANISATIONS, None, over)
    )


def _unlisted(norms: Norms, connection: Connection) -> dict[str, list[list[str]]]:
    """Kind → the organisations of which its classification has no code, as its table has them."""
    of, found = organisation.c, dict[str, list[list[str]]]()
    for row in connection.execute(select(organisation).where(of.ends.is_(None)).order_by(of.id)):
        listed = norms.classifications.get(row.kind)
        if listed is not None and row.code not in listed.positions:
            titles = [row.titles.get(language) or row.titles.get("ru") or row.code for language in LANGUAGES]
            found.setdefault(row.kind, []).append([row.code, *titles, str(row.starts), "unverified", "organisations"])
    return found


def table_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV."""
    text_of = io.StringIO()
    csv.writer(text_of, lineterminator="\n").writerows(rows)
    return text_of.getvalue()


def differing(store: Store, connection: Connection, row: Row[Any]) -> Iterator[Finding]:
    """Whether the norms that a line of the journal published follow from the submission as it was then."""
    told = journal.payload_of(row).get("published") if row.action == "step" else None
    if told is None:
        return
    held, known = store.at(connection, row.submission, row.revision), date.fromisoformat(told["known"])
    assert held is not None, "a submission whose journal is whole can be opened at each revision"
    kept = connection.scalars(
        select(text_version.c.digest).where(text_version.c.digest.in_([told["norms"], told["over"]]))
    )
    if len(list(kept)) == 2:
        files, number = files_of(connection, told["over"]), (row.submission, row.revision)
        norms = store.texts.declared(files)
        more = {
            _file(known, number): _text(
                norms, declared_of(norms, published(held.plan, held.workbook, 0, known)), number
            )
        }
        if digest_of({**files, **more}) == told["norms"]:
            return
    yield finding("published-differs", None, submission=row.submission, revision=row.revision)


def _file(known: date, number: tuple[int, int]) -> str:
    """In the order of days."""
    return f"{PUBLISHED}/{known}-{number[0]:09d}-{number[1]:09d}.yaml"


def _text(norms: Norms, values: Values, number: tuple[int, int]) -> str:
    note = f"submission {number[0]}, revision {number[1]}"
    told = {
        name: [_value([key.name for key in norms.norms[name].keys], value, note) for value in some]
        for name, some in sorted(values.items())
    }
    alike = all(_ALIKE.fullmatch(text) for some in told.values() for one in some for text in one.values())
    dumped: str = yaml.dump(told, Dumper=_SWIFT if alike else yaml.SafeDumper, allow_unicode=True, sort_keys=False)
    return dumped


def _value(keys: Sequence[str], value: NormValue, note: str) -> dict[str, str]:
    assert value.value is not None, "what is published has a value"
    told = dict(zip(keys, map(str, value.keys), strict=True)) | {"from": str(value.start), "known": str(value.known)}
    return told | {
        "value": plain_text(value.value),
        "source": value.source,
        "verified": value.verified,
        "note": note,
    }

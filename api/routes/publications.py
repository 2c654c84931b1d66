"""Publishing texts of norms and rulesets: what it would do, doing it, and what was published by whom and why."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection, Row, select

from api.access import User, refusal
from api.bases import base_of
from api.desk import Desk, Served, Signed
from api.listing import Part
from api.once import AskedOnce
from api.problems import Problem
from api.publications import Draft, published
from api.runs import NOT_YET, Kind, begin
from api.runs import told as told_of
from api.store import journal, publications
from api.store.chain import broken
from api.store.schema import account
from api.store.schema import cycle as cycle_table
from api.store.texts import files_of
from api.tags import follows_from
from api.trials import differing, trial_from, trial_of
from engine.findings import finding
from engine.text.nearest import nearest

router = APIRouter(tags=["publications"])
TRIALS = Kind("draft", trial_from, "tried", "trial-unknown")
FILES_MAX = 1_000
Name = Annotated[str, Field(max_length=300)]
Digest = Annotated[str, Field(max_length=64)]


class Texts(BaseModel):
    """Files over an edition, each whole: what is not named stays as it was."""

    over: Digest = Field(description="the newest edition, by its digest, from which the texts were made")
    files: dict[Name, str] = Field(
        max_length=FILES_MAX,
        description="name and text; of norms the name begins with the layer",
        examples=[{"0/indices.yaml": "mci:\n  title: {kk: АЕК, ru: МРП, en: MCI}\n  type: KZT/MCI\n  values: []\n"}],
    )
    removed: list[Name] = Field([], max_length=FILES_MAX, description="files that are not there any more")

    def draft(self) -> Draft:
        """What the body says."""
        return Draft(self.over, self.files, tuple(sorted(set(self.removed))))


class Trying(Texts):
    """The same, and over which cycle's submissions it is tried; without one, the ruleset's own or the newest."""

    cycle: str | None = Field(None, max_length=20, examples=["2026-2028"])


class Publishing(Texts):
    """The same, and why."""

    reason: str = Field(min_length=1, max_length=10_000, examples=["Law of 2026-12-01, MCI from 2027"])


class OfText(BaseModel):
    """Which file of an edition."""

    name: str = Field(max_length=300, examples=["0/indices.yaml"])


class Since(BaseModel):
    """Since which edition; without one, since the one over which it was published."""

    since: str | None = Field(None, max_length=64)


@router.post("/publications/try", responses=NOT_YET)
def attempt(desk: Served, user: Signed, body: Trying, response: Response) -> dict[str, Any]:
    """What publishing these texts would do: which declarations differ, what in them is to be looked at, and every
    budget of the cycle under them. Texts with errors are refused, each error at its file and line. What takes longer
    than a second is answered with 202 and the digest under which to ask again."""
    _allow(user)
    with desk.reading() as connection:
        cycle = _cycle(desk, connection, body)
        base = base_of(desk, connection, user, cycle, journal.last_position(connection))
        trial = trial_of(desk, connection, user, base, body.draft())
    begin(desk, user, trial)
    return told_of(desk, user, (TRIALS, trial.digest), response, again=True)


@router.get("/publications/tried/{digest}", responses=NOT_YET)
def tried(desk: Served, user: Signed, digest: str, response: Response) -> dict[str, Any]:
    """What a trial has come to: 202 while it is being made."""
    _allow(user)
    return told_of(desk, user, (TRIALS, digest), response, again=False)


@router.post("/publications", status_code=201)
def publish(desk: Served, user: Signed, body: Publishing, once: AskedOnce) -> dict[str, Any]:
    """Publish these texts as the edition that follows the one from which they were made; if somebody else has published
    since, nothing is kept (409). Submissions that begin later are under it; those in work stay where they are until
    they are moved."""
    _allow(user)
    with desk.transaction() as connection:
        if (known := once.answer(connection)) is not None:
            return known
        line = published(desk, connection, body.draft(), (user.account, body.reason))
        return once.keep(connection, _told(line, {user.account: user.name}))


@router.get("/publications")
def all_published(desk: Served, user: Signed, part: Annotated[Part, Query()]) -> dict[str, Any]:
    """What was published, the first first: which texts, when, by whom, over which edition and why; and whether the
    chain of these lines is whole."""
    with desk.reading() as connection:
        lines = publications.lines(connection)
        names = {row.id: row.name for row in connection.execute(select(account.c.id, account.c.name))}
    shown = [_told(line, names) for line in lines if line.number > part.after][: part.count]
    more = bool(shown) and shown[-1]["number"] < len(lines)
    whole = not broken(lines)
    return {"publications": shown, "whole": whole, "next": shown[-1]["number"] if more else None}


@router.get("/editions/{digest}")
def edition(desk: Served, user: Signed, digest: str) -> dict[str, Any]:
    """An edition of norms or of a ruleset, and the names of its files."""
    with desk.reading() as connection:
        label = _label(connection, digest)
        follows_from(digest)
        files = files_of(connection, digest)
    told = {"digest": label.digest, "kind": label.kind, "name": label.name, "version": label.version}
    told |= {"published_at": label.published_at.isoformat()}
    return told | {"files": [{"name": name, "size": len(text.encode())} for name, text in files.items()]}


@router.get("/editions/{digest}/text")
def text_of(desk: Served, user: Signed, digest: str, of: Annotated[OfText, Query()]) -> dict[str, Any]:
    """A file of an edition, as it was published."""
    with desk.reading() as connection:
        _label(connection, digest)
        files = files_of(connection, digest)
    if of.name not in files:
        raise Problem([finding("edition-file-unknown", None, got=of.name, nearest=nearest(of.name, files))])
    return {"digest": digest, "name": of.name, "text": files[of.name]}


@router.get("/editions/{digest}/differences")
def differences(desk: Served, user: Signed, digest: str, asked: Annotated[Since, Query()]) -> dict[str, Any]:
    """Which declarations of an edition differ from those of another, each at its place in the text; a first edition
    has none."""
    with desk.reading() as connection:
        label = _label(connection, digest)
        since = asked.since or _over(connection, digest)
        if since is not None and _label(connection, since).kind != label.kind:
            raise Problem([finding("edition-unknown", None, got=since[:16])])
        after = files_of(connection, digest)
        before = after if since is None else files_of(connection, since)
    return {"digest": digest, "since": since} | differing(before, after)


def _allow(user: User) -> None:
    refused = refusal(user, "publish", None)
    if refused is not None:
        raise Problem([refused])


def _cycle(desk: Desk, connection: Connection, body: Trying) -> str:
    """The one that is asked for, else the ruleset's own, else the newest."""
    known = list(connection.scalars(select(cycle_table.c.name).order_by(cycle_table.c.name)))
    of = connection.execute(publications.labels(body.over)).first()
    years = desk.store.texts.ruleset_of(connection, body.over).years if of and of.kind == "ruleset" else ()
    own = f"{years[0]}-{years[-1]}" if years else ""
    name = body.cycle or (own if own in known else desk.totals.last_cycle()) or max(known, default="")
    if name not in known:
        raise Problem([finding("cycle-unknown", None, got=name, known=", ".join(known))])
    return name


def _label(connection: Connection, digest: str) -> Row[Any]:
    found: Row[Any] | None = connection.execute(publications.labels(digest)).first()
    if found is None:
        raise Problem([finding("edition-unknown", None, got=digest[:16])])
    return found


def _over(connection: Connection, digest: str) -> str | None:
    """The edition over which one was published."""
    told = (journal.payload_of(line) for line in publications.lines(connection))
    over: str | None = next((one["over"] for one in told if one["digest"] == digest), None)
    return over


def _told(line: Row[Any], names: dict[int, str]) -> dict[str, Any]:
    """A line of the record."""
    said = dict(journal.payload_of(line))
    approved = said.pop("approved")
    who = {"number": line.number, "at": line.at, "by": None if line.account is None else names[line.account]}
    return who | said | {"approved": approved and {"submission": approved[0], "revision": approved[1]}}

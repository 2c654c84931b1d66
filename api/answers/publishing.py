"""Answers about publishing: what it would do, what was published, and the texts themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.answers.problem import Answer, Told

Kind = Literal["ruleset", "norms"]


class Approved(Answer):
    """The submission of which an approval made norms, and at which revision."""

    submission: int
    revision: int


class Publication(Answer):
    """A line of the record: a text, over which edition, when, by whom (null: nobody, the database began or was
    upgraded) and why."""

    number: int
    at: datetime
    by: str | None
    kind: Kind
    name: str
    version: str
    digest: str
    over: str | None
    cause: Literal["begun", "upgraded", "approved", "organisations", "published"]
    reason: str
    approved: Approved | None
    published_at: datetime


class Publications(Answer):
    """Lines of the record, and whether their chain is whole; `next` continues the list."""

    publications: list[Publication]
    whole: bool
    next: int | None


class File(Answer):
    """A file of an edition, and how many bytes it has."""

    name: str
    size: int


class Edition(Answer):
    """An edition of norms or of a ruleset."""

    digest: str
    kind: Kind
    name: str
    version: str
    published_at: datetime
    files: list[File]


class Text(Answer):
    """A file of an edition."""

    digest: str
    name: str
    text: str


class Difference(Answer):
    """A declaration before and after (null: it is not there), and by which keys one comes to it; the line is of the
    text after, of what is gone of the text before."""

    file: str
    line: int
    path: list[str]
    before: str | None
    after: str | None


class Differences(Answer):
    """The first declarations that differ between two editions, and how many there are."""

    digest: str
    since: str | None
    differences: list[Difference]
    count: int


class Reason(Answer):
    """Why submissions would be refused a move: how many, and how many cells have no place."""

    code: str
    form: str | None
    column: str | None
    submissions: int
    cells: int


class RefusedOne(Answer):
    """A submission that would be refused."""

    id: int
    institution: str
    findings: list[Told]


class Refused(Answer):
    """How many submissions would be refused a move, why, and the first of them."""

    submissions: int
    reasons: list[Reason]
    first: list[RefusedOne]


class Year(Answer):
    """The republic's sum in tiyn; `movable` is what of the difference may be moved today."""

    year: int
    before: str
    after: str
    movable: str


class Incomplete(Answer):
    """Rows that errors leave out of the sums."""

    before: int
    after: int


class Mover(Answer):
    """A submission's sum over all years, in tiyn."""

    id: int
    institution: str
    before: str
    after: str


class CheckMoved(Answer):
    """At how many places a check fails."""

    form: str
    check: str
    severity: Literal["error", "warning", "note"]
    before: int
    after: int


class Effect(Answer):
    """What publishing would do: the declarations that differ, what in them is to be looked at, and every budget of a
    cycle as it would be. Rows are those that differ: administrator, specific, year, tiyn before and after. `movable`
    submissions may be moved by the asking user today; `behind` are under older editions than the newest, and would get
    what came since too; `left_out` are for official use."""

    kind: Kind
    name: str
    version: str
    over: str
    differences: list[Difference]
    count: int
    findings: list[Told]
    cycle: str
    position: int
    left_out: int
    submissions: int
    changed: int
    movable: int
    behind: int
    refused: Refused
    years: list[Year]
    rows: list[tuple[str, str, str, str, str]]
    incomplete: Incomplete
    movers: list[Mover]
    checks: list[CheckMoved]


class Tried(Answer):
    """How far a trial is, and what it has come to, once it has."""

    digest: str = Field(description="under which to ask again")
    done: int
    of: int
    tried: Effect | None

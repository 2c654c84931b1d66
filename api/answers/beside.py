"""Answers about what stands beside the cells: who one is, the first page, search, history, remarks, files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from api.answers.problem import Answer, Told, Words


class Role(Answer):
    """A role that somebody has in an organisation."""

    organisation: int
    role: str
    title: Words


class Who(Answer):
    """Who one is."""

    login: str
    name: str
    language: str
    roles: list[Role]


class Health(Answer):
    """That the service lives, and the journal's position."""

    alive: bool
    position: int


class Ready(Answer):
    """That the service should be sent requests, whether its first edits are as fast as any, the journal's position."""

    ready: bool
    rehearsed: bool
    position: int


class Limit(Answer):
    """A limit, what is asked under it and what is left; above an institution it is the sum of those below."""

    limit_of: str
    level: Literal["institution", "administrator", "republic"]
    code: str
    institution: str | None = None
    kind: str
    year: int
    limit: str
    asked: str
    left: str
    incomplete: int


class Deadline(Answer):
    """The next milestone of a calendar."""

    milestone: str
    date: date
    days: int


class FormNamed(Answer):
    """What a form is called."""

    title: Words
    code: str | None


class FoundHere(Told):
    """A finding on the first page, with its form."""

    form: FormNamed | None


class FoundAll(Answer):
    """How many findings of each severity a submission has, and the first of them."""

    counts: dict[str, int]
    first: list[FoundHere]


class Practice(Answer):
    """An error that was planted to practise on, and how it stands with it."""

    submission: int
    form: str
    row: int | None
    column: str
    title: Words
    code: str | None
    corrected: bool
    finding: Told | None


class Waiting(Answer):
    """A submission on the first page; of few, and of those that one may edit, what is within."""

    id: int
    institution: str
    title: Words
    state: str
    may_edit: bool
    open_remarks: int
    ruleset_title: Words
    deadline: Deadline | None
    findings: FoundAll | None = None
    limits: list[Limit] | None = None
    limits_exceeded: list[Limit] | None = None


class Origin(Answer):
    """A submission of the cycle before that a new one may start from; one of each programme."""

    id: int
    cycle: str
    programme: str | None = None
    subprogramme: str | None = None


class Opening(Answer):
    """A submission that an institution or administrator has not begun in the last cycle."""

    institution: str
    title: Words
    administrator: str | None
    cycle: str
    ruleset: str
    ruleset_title: Words
    asks: list[Literal["programme", "subprogramme"]]
    origins: list[Origin]


class Start(Answer):
    """What waits for a user; of `unbegun` organisations the first few are told in `beginnings`."""

    submissions: list[Waiting]
    visible: int
    open_remarks: int
    stages: dict[str, int]
    beginnings: list[Opening]
    unbegun: int
    calendar: list[Deadline]
    practice: list[Practice]


class FoundSubmission(Answer):
    """A submission that was searched for."""

    kind: Literal["submission"]
    id: int
    code: str
    title: Words


class FoundName(Answer):
    """A form or a column of one that was searched for."""

    kind: Literal["form", "column"]
    submission: int
    code: str | None
    form: str
    column: str | None
    title: Words


class Found(Answer):
    """What a search found."""

    found: list[FoundSubmission | FoundName]
    more: bool


class Layout(Answer):
    """What the page remembers of its user."""

    layout: dict[str, Any]


class Happened(Answer):
    """A line of the journal."""

    revision: int
    at: datetime
    by: str
    action: str
    payload: dict[str, Any]
    digest: str
    position: int


class History(Answer):
    """What happened, the last first; `next` continues the list."""

    history: list[Happened]
    next: int | None


class Spot(BaseModel):
    """Where something is pinned; nothing is the whole submission."""

    form: str | None = None
    row: int | None = None
    column: str | None = None
    year: int | None = None
    specific: str | None = None


class Remark(Answer):
    """A remark."""

    id: int
    place: Spot
    by: str
    at: datetime
    body: str
    blocking: bool
    answers: int | None
    closed_at: datetime | None


class Remarks(Answer):
    """Remarks of a submission, the first first; `next` continues the list."""

    remarks: list[Remark]
    next: int | None


class Done(Answer):
    """What became of something beside the cells: its number, the submission's revision, the place in the journal."""

    id: int
    revision: int
    position: int


class File(Answer):
    """An attached file."""

    id: int
    name: str
    place: Spot
    media_type: str
    size: int
    digest: str
    by: str
    at: datetime


class Files(Answer):
    """The files of a submission; `next` continues the list."""

    attachments: list[File]
    next: int | None


class Attached(Answer):
    """A file that has been taken."""

    id: int
    digest: str
    media_type: str
    revision: int

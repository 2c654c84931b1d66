"""Answers about the life of a submission: beginning it, what was before it, and the steps of its way."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from api.answers.beside import Limit
from api.answers.forms import Total
from api.answers.problem import Answer, Told, Words


class Begun(Answer):
    """A submission that has begun; `origin` is what it was rolled forward from."""

    id: int
    institution: str
    cycle: str
    state: str
    origin: int | None
    revision: int


class Spent(Answer):
    """What lines of earlier years say of a specific, in tiyn."""

    specific: str
    year: int
    stage: str
    amount: str


class Under(Answer):
    """A row of a form, which amount of it is meant, and the specific that it stands under."""

    form: str
    amount: str
    row: int
    specific: str


class AskedBefore(Answer):
    """What a row that came from the last cycle asked for then, in tiyn by year."""

    form: str
    amount: str
    row: int
    years: dict[str, str]


class Before(Answer):
    """What was before a submission; `differing` cells are [form, row, column, null, text now, text of the lines]."""

    revision: int
    specifics: list[Spent]
    rows: list[Under]
    sources: list[str]
    last_cycle: list[AskedBefore]
    origin: int | None
    differing: list[tuple[str, int, str, None, str, str]]


class Signature(Answer):
    """By what right a step is to be signed, and whether it was."""

    right: str
    title: Words
    signed: bool


class Until(Answer):
    """A milestone of the cycle's calendar, and its day if it has one."""

    milestone: str
    date: date | None


class Step(Answer):
    """What may be done next, by whom, under what condition, and why not now."""

    action: str
    to: str
    role: str
    role_title: Words
    condition: str | None
    remarks_closed: bool
    not_by: list[str]
    signature: Signature | None
    deadline: Until | None
    may: bool
    why: list[Told]


class Steps(Answer):
    """The steps that lead on from a submission's state."""

    state: str
    revision: int
    steps: list[Step]


class Published(Answer):
    """The norms that an approval made: their digest and that of those before, known since when, values added."""

    norms: str
    over: str
    known: date
    values: int


class Stepped(Answer):
    """Where a step has led."""

    revision: int
    position: int
    state: str
    published: Published | None
    signature: Signature | None


class Edition(Answer):
    """A published ruleset, or published norms."""

    digest: str
    name: str
    version: str
    published_at: datetime


class Newer(Answer):
    """What was published since, the newest first."""

    ruleset: list[Edition]
    norms: list[Edition]


class Editions(Answer):
    """Under which ruleset and norms a submission stands, and what it may be moved to."""

    ruleset: Edition
    norms: Edition
    newer: Newer
    may: bool


class Pinned(Answer):
    """The digests of a ruleset and of norms."""

    ruleset: str
    norms: str


class ChangedColumn(Answer):
    """How many cells of a column differ, and the first of them: [row, year, month, before, after]."""

    form: str
    column: str
    count: int
    changes: list[tuple[int, int, int | None, Any, Any]]


class Moved(Answer):
    """What moving to other editions changed, or would: forms to be read anew, cells, findings that came and went, and
    the totals and limits as they are then."""

    dry: bool
    revision: int
    position: int | None
    from_: Pinned = Field(alias="from")
    to: Pinned
    reshaped: list[str]
    changed: list[ChangedColumn]
    findings: list[Told]
    resolved: list[Told]
    totals: list[Total]
    limits: list[Limit]


class MovedOne(Answer):
    """What became of one of many: why it was refused, by how much it asks for more, in tiyn by year, and how many
    findings came and went."""

    id: int
    institution: str
    refused: list[Told]
    moved: dict[str, str]
    findings: int
    resolved: int


class MovedMany(Answer):
    """Some of a cycle's submissions, moved or as they would be."""

    dry: bool
    submissions: list[MovedOne]
    next: int | None


class Scenario(Answer):
    """A scenario: overrides over the republic as it stood at a position of the journal."""

    link: str
    title: str
    by: str
    mine: bool
    shared: str
    cycle: str
    position: int
    revision: int
    changed_at: datetime


class WholeScenario(Scenario):
    """A scenario with its overrides, YAML."""

    body: str


class Scenarios(Answer):
    """Somebody's scenarios."""

    scenarios: list[Scenario]


class FormNamed(Answer):
    """The form in which something stands."""

    code: str | None
    title: Words


class Cause(Answer):
    """What moved the sums, in tiyn by year."""

    cause: str
    what: str
    part: str
    title: Words | None
    form: FormNamed | None
    amounts: dict[str, str]


class Breach(Answer):
    """A request above its limit."""

    check: str
    norm: str
    of: str
    year: int
    figure: str
    limit: str
    above: str
    unit: str


class Noted(Answer):
    """What there is to say of a scenario that could be applied all the same."""

    code: str
    severity: str
    text: Words


class Side(Answer):
    """One scenario beside the base."""

    link: str
    name: str
    title: Words
    causes: list[Cause]
    limits: list[Breach]
    findings: list[Noted]


class Comparison(Answer):
    """Scenarios beside their base: a row is codes, then the base's sum and each scenario's, in tiyn."""

    cycle: str
    position: int
    by: list[str]
    submissions: int
    left_out: int
    rows: list[list[str]]
    limits: list[Breach]
    scenarios: list[Side]


class Compared(Answer):
    """A comparison, or how far it has come."""

    digest: str
    done: int
    of: int
    compared: Comparison | None

"""Answers about the life of a submission: beginning it, what was before it, and the steps of its way."""

from __future__ import annotations

from datetime import date, datetime

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


class Cause(Answer):
    """What moved the sums, in tiyn by year."""

    cause: str
    what: str
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

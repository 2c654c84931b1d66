"""Answers about reference data: norms, classifications, cycles, organisations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from api.answers.problem import Answer, Told, Words


class Key(Answer):
    """A key of a norm."""

    name: str
    kind: str
    of: str | None


class Norm(Answer):
    """A norm, and how many values it has."""

    name: str
    title: Words
    unit: str | None
    keys: list[Key]
    values: int


class Norms(Answer):
    """Norms, as published under a digest; `next` continues the list."""

    digest: str
    norms: list[Norm]
    next: str | None


class Value(Answer):
    """A value of a norm with its act and its dates."""

    keys: dict[str, str]
    value: str | None
    source: str | None
    verified: str
    note: str | None
    from_: date | None = Field(alias="from")
    to: date | None
    known: date | None
    from_verified: bool


class NormValues(Answer):
    """A norm with its values."""

    name: str
    title: Words
    unit: str | None
    keys: list[Key]
    basis: Words | str | None
    values: list[Value]


class Classification(Answer):
    """A classification, and how many codes it has."""

    name: str
    title: Words
    codes: int


class Classifications(Answer):
    """All classifications."""

    classifications: list[Classification]


class Code(Answer):
    """A code of a classification and when it is valid."""

    code: str
    title: Words
    parent: str | int | None
    from_: date | None = Field(alias="from")
    to: date | None
    verified: str | None


class Codes(Answer):
    """Some codes of a classification; `next` continues the list."""

    name: str
    title: Words
    codes: list[Code]
    next: int | None


class Cycle(Answer):
    """A plan period and the days of its milestones."""

    name: str
    calendar: dict[str, date]


class Cycles(Answer):
    """The plan periods; `next` continues the list."""

    cycles: list[Cycle]
    next: str | None


class CycleChange(Answer):
    """A calendar that was set: when, of which plan period, why."""

    number: int
    at: datetime
    digest: str
    cycle: str
    calendar: dict[str, date]
    reason: str


class Arranged(Cycle):
    """A plan period with the calendar it has now, and the line of the record, if anything changed."""

    change: CycleChange | None


class CycleChanges(Answer):
    """The calendars that were set, and whether the chain of these lines is whole; `next` continues the list."""

    changes: list[CycleChange]
    whole: bool
    next: int | None


class Organisation(Answer):
    """An organisation as it was between two days, the second not included."""

    id: int
    code: str
    kind: Literal["centre", "administrator", "institution"]
    parent: int | None
    title: Words
    from_: date = Field(alias="from")
    to: date | None
    successor: int | None


class Organisations(Answer):
    """Organisations; `next` continues the list."""

    organisations: list[Organisation]
    next: int | None


class Named(Answer):
    """An organisation by number and code."""

    id: int
    code: str


class Change(Answer):
    """A reorganisation: who ended, who began, whose the open submissions became; numbers of submissions and roles."""

    number: int
    at: datetime
    digest: str
    kind: Literal["rename", "merge", "split"]
    on: date
    ended: list[Named]
    begun: list[Named]
    heir: int
    reason: str
    submissions: list[int]
    roles: int


class Changed(Change):
    """A reorganisation that was done, or dry only tried."""

    dry: bool


class Changes(Answer):
    """Reorganisations, and whether the chain of their lines is whole; `next` continues the list."""

    changes: list[Change]
    whole: bool
    next: int | None


class RowFinding(Answer):
    """What is wrong with a row of a table, and in which column."""

    row: int
    column: str | None
    finding: Told


class Taken(Answer):
    """What became of the rows of a table, by their lines in it, and what is wrong."""

    dry: bool
    added: list[int]
    changed: list[int]
    unchanged: list[int]
    findings: list[RowFinding]

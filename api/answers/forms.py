"""Answers about submissions: their forms, cells, changes, lines, files read back, and totals."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from api.answers.beside import Limit
from api.answers.problem import Answer, Told, Words

Cell = Any
"""A number of its column's last digits, a text, a date, a truth, nothing, or {"error": code}."""
Years = dict[str, str]
"""year → tiyn"""


class Listed(Answer):
    """A submission in a list."""

    id: int
    institution: str
    title: Words
    state: str
    cycle: str
    revision: int
    ruleset_title: Words


class Submissions(Answer):
    """Some submissions; `next` continues the list."""

    submissions: list[Listed]
    next: int | None


class Type(Answer):
    """What a cell may hold."""

    kind: str
    classification: str | None
    unit: str | None


class HeaderField(Answer):
    """A field of a header, with its value."""

    name: str
    title: Words
    type: Type
    digits: int | None
    value: Cell


class NormRead(Answer):
    """A norm that a column's formula looks up, and the acts that set its values of the plan years."""

    norm: str
    title: Words
    acts: list[str]


class Column(Answer):
    """A column of a form."""

    name: str
    title: Words | None
    type: Type
    digits: int | None
    by_year: bool
    per_month: bool
    optional: bool
    input: bool
    total: bool
    doubtful: bool


class ColumnHelp(Answer):
    """What a column means."""

    name: str
    help: Words | None
    formula: str | None
    formulas: Words | None
    norms: list[NormRead]


class FormHelp(Answer):
    """What a form and its columns mean."""

    form: str
    help: Words | None
    basis: Words | str | None
    columns: list[ColumnHelp]


class Form(Answer):
    """A form of a submission, without its cells."""

    name: str
    code: str | None
    title: Words
    rows: int
    kind: str
    columns: list[Column]
    amounts: Years


class Ruleset(Answer):
    """What a submission is calculated by."""

    name: str
    version: str
    title: Words
    digest: str


class Submission(Answer):
    """A submission without its cells."""

    id: int
    state: str
    cycle: str
    revision: int
    position: int
    institution: str
    title: Words
    may_edit: bool
    ruleset: Ruleset
    years: list[int]
    header: list[HeaderField]
    forms: list[Form]
    whole: Years
    units: dict[str, Words]
    limits: list[Limit]


class Sum(Answer):
    """A column's sum, and the rows left out of it because they are errors."""

    sum: str
    incomplete: int


class Rows(Answer):
    """Some rows of a form: a column is a list a row, by year {year: list}, by month {year: a list a month}."""

    form: str
    revision: int
    rows: list[int]
    total_rows: int
    columns: dict[str, list[Cell] | dict[str, list[Cell]]]
    totals: dict[str, dict[str, Sum]]


class Findings(Answer):
    """What the checks say."""

    revision: int
    findings: list[Told]


class Story(BaseModel):
    """A figure with all its parts, each told likewise."""

    form: str
    column: str
    row: int
    year: int
    value: Any
    input: bool


class Reader(Answer):
    """A column that reads a cell; `row` where it reads that of its own row."""

    form: str
    column: str
    row: int | None
    year: int


class Total(Answer):
    """A total above what changed, as it is now."""

    level: Literal["institution", "administrator", "republic"]
    code: str
    specific: str | None
    year: int
    amount: str
    incomplete: int


class ColumnSums(Answer):
    """The sums of a column, year by year."""

    form: str
    column: str
    years: dict[str, Sum]


class FormAmounts(Answer):
    """What a form puts in the budget, year by year."""

    form: str
    years: Years


class Included(Answer):
    """What a cell goes into: cells, budget lines by their dimensions, and totals."""

    readers: list[Reader]
    lines: list[dict[str, str]]
    totals: list[Total]


class Explained(Answer):
    """Why a figure is what it is, as parts and in sentences (how deep, what), and what it goes into."""

    revision: int
    cell: Story
    text: dict[str, list[Any]]
    included: Included


class Changed(Answer):
    """Cells of a column that changed: [row, year, month, before, after]."""

    form: str
    column: str
    changes: list[tuple[int, int | None, int | None, Cell, Cell]]


class Delta(Answer):
    """All that moved by a change; of `findings`, those that were not there before, or not in these words. `position` is
    its place in the journal, null of a dry run."""

    revision: int
    position: int | None
    cells: list[Changed]
    reshaped: list[str]
    findings: list[Told]
    sums: list[ColumnSums]
    amounts: list[FormAmounts]
    whole: Years
    totals: list[Total]
    limits: list[Limit]


class Written(Answer):
    """A cell that a file changes."""

    sheet: str
    cell: str
    form: str
    row: int
    column: str
    year: int | None
    before: str
    after: str


class Refused(Answer):
    """A cell of a file that is not taken, and why."""

    sheet: str
    cell: str
    finding: Told


class Imported(Answer):
    """What a file changes, what of it is refused, which sheets were read as which forms, and which were not."""

    delta: Delta | None
    changes: list[Written]
    refused: list[Refused]
    forms: dict[str, str]
    unread: list[str]


class Lines(Answer):
    """Sums of a submission's budget lines along dimensions: codes, then the amount and the rows left out of it."""

    revision: int
    columns: list[str]
    rows: list[list[str]]


class Source(Answer):
    """A cell that makes a budget line."""

    form: str
    column: str
    row: int
    year: int
    amount: str


class Sources(Answer):
    """The cells that make some budget lines, the largest first."""

    revision: int
    cells: list[Source]


class Totals(Answer):
    """Sums along dimensions: codes, then the amount and the rows left out of it; what codes are called, if asked.
    Limits have the same shape: level, code, kind, year and amount."""

    position: int
    cycle: str
    columns: list[str]
    rows: list[list[str]]
    titles: dict[str, dict[str, Words]] | None = None

"""What a ruleset may declare, as plain immutable values; `loader.load` makes them of text, `check` judges them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.findings import Finding, Place
from engine.formula import Expr
from engine.units import PLAIN, Unit

Title = Mapping[str, str]
"""kk, ru and en."""


@dataclass(frozen=True, slots=True)
class ValueType:
    """`kind` is number, text, date, bool or code (`unknown` after a finding of the loader); a number has a unit, a code
    its classification."""

    kind: str
    unit: Unit = PLAIN
    classification: str | None = None
    place: Place | None = field(compare=False, default=None)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as written and as a tree; `place` is where its `=` stands. A text that is no formula has a finding, and
    the tree is an `ErrorValue`. `runs` are (first character, line, column): from where on the text stands where."""

    text: str
    tree: Expr
    place: Place
    runs: tuple[tuple[int, int, int], ...] = field(compare=False, default=())

    def at(self, position: int) -> Place:
        """Where in the file a character of the formula stands, quotes and folded lines reckoned with."""
        start, line, column = (0, self.place.line, self.place.column)
        for run in self.runs:
            if run[0] <= position:
                start, line, column = run
        return Place(self.place.file, line, column + position - start)


STAGES = ("limit", "request", "conclusion", "decision", "draft-law", "law", "specified", "corrected", "executed")
"""How far a budget line has come."""


@dataclass(frozen=True, slots=True)
class Before:
    """Lines of the budget of a stage, so many years before the first plan year."""

    stage: str
    years: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a form; without a formula it is an input. Numbers are held to `digits` decimals."""

    name: str
    type: ValueType
    place: Place
    digits: int | None = None
    by_year: bool = False
    """An input that may differ in each plan year (`by: year`)."""
    per_month: bool = False
    """Twelve values a year (`per: month`)."""
    formula: Formula | None = None
    optional: bool = False
    """A blank input counts as 0, as in Excel, and is no finding."""
    total: bool = False
    """`total: sum`."""
    title: Title = field(default_factory=dict)
    help: Title = field(default_factory=dict)
    before: Before | None = None
    """An input that no one types: lines of the budget say it, those whose codes are the row's and the header's."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Where rows come from: kind `added` by the user; `fixed`, a list of values by column; `each` row of forms[0];
    `group`: one for each distinct combination of the columns `by` over `forms`, in code order."""

    kind: str
    place: Place
    fixed: tuple[Mapping[str, str], ...] = ()
    forms: tuple[str, ...] = ()
    by: tuple[str, ...] = ()


STATED = {"stage": "request", "side": "expense"}
"""What a submission's line is where neither its rule nor its header says."""


@dataclass(frozen=True, slots=True)
class LineRule:
    """What a form puts in the budget: `amount` is a column; each entry of `keys` (specific, programme, subprogramme,
    kind, side, …) is either `=column` of this form, a literal code, or absent, and then the header's."""

    amount: str
    keys: Mapping[str, str]
    place: Place


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that must hold: `asserts` asked of every row if it reads `[@…]`, else once of the form."""

    name: str
    asserts: Formula
    severity: str
    message: Title
    given: Mapping[str, Formula]
    """`with:` the values that the message shows."""
    place: Place
    by_row: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A table of a submission."""

    name: str
    place: Place
    rows: Rows
    columns: Mapping[str, Column]
    code: str = ""
    title: Title = field(default_factory=dict)
    help: Title = field(default_factory=dict)
    basis: str = ""
    lines: tuple[LineRule, ...] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeaderField:
    """A value filled once for a submission; formulas use its bare name."""

    name: str
    type: ValueType
    place: Place
    default: str | None = None
    digits: int | None = None
    title: Title = field(default_factory=dict)


EDIT = "edit"
"""Beside the actions of the workflow table: to begin a submission, or to change its cells and rows."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the workflow table."""

    state: str
    action: str
    to: str
    role: str
    place: Place
    condition: str | None = None
    """The name of a check that must hold."""
    signed: str | None = None
    """By what right of signature, if any (`head`, `signatory`, `employee`)."""
    deadline: str | None = None
    """A milestone of the cycle's calendar."""
    remarks_closed: bool = False
    """Whether no blocking remark may be open (`remarks: closed`)."""
    publishes: bool = False
    """Whether it makes the norms known that the ruleset publishes (`norms: published`)."""
    not_by: tuple[str, ...] = ()
    """Four eyes: who has done one of these with the same submission (`edit`: began or changed it; else an action of the
    table) may not take the step."""


@dataclass(frozen=True, slots=True)
class PublishedNorm:
    """A norm that an approved submission's column becomes for other rulesets."""

    norm: str
    form: str
    keys: tuple[str, ...]
    value: str
    start: Formula
    place: Place


@dataclass(frozen=True, slots=True)
class Limit:
    """A norm by institution that is the ceiling of what it asks under this ruleset, of one kind of expenditure."""

    norm: str
    kind: str
    place: Place


@dataclass(frozen=True, slots=True)
class RollForward:
    """How a submission starts from the last cycle's: rows dropped where the condition holds, columns indexed."""

    drop: Mapping[str, Formula] = field(default_factory=dict)
    index: Mapping[str, Mapping[str, Formula]] = field(default_factory=dict)
    """form → column → factor"""


@dataclass(frozen=True, slots=True)
class Page:
    """A form's file as it was read: for who reads the ruleset again after a change of another."""

    content: bytes | None
    form: Form | None
    found: tuple[Finding, ...]
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Ruleset:
    """The versioned text of forms, formulas, checks and workflow; `digest` is the SHA-256 of its files."""

    name: str
    version: str
    years: tuple[int, ...]
    header: Mapping[str, HeaderField]
    forms: Mapping[str, Form]
    digest: str
    place: Place
    title: Title = field(default_factory=dict)
    basis: str = ""
    workflow: tuple[Transition, ...] = ()
    limits: Mapping[str, Limit] = field(default_factory=dict)
    """By the name of the norm."""
    publishes: Mapping[str, PublishedNorm] = field(default_factory=dict)
    roll_forward: RollForward = field(default_factory=RollForward)
    final: tuple[str, ...] = ()
    """States after which nothing follows: rows of the workflow that have a state and no action."""
    places: Mapping[str, Place] = field(compare=False, repr=False, default_factory=dict)
    """Where each declaration stands, by its path: `forms/pay/columns/fund/digits`."""
    pages: Mapping[str, Page] = field(compare=False, repr=False, default_factory=dict)
    """By its name, what was read of each form's file."""

    @property
    def asks(self) -> bool:
        """Whether its submissions ask for money: whether a form puts anything in the budget."""
        return any(form.lines for form in self.forms.values())

"""Judges the life of a submission: limits, the workflow table, what approval publishes, what rolls on to the next
cycle."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from engine.check.declarations import MONEY
from engine.check.review import NormShape, Review, published_shape
from engine.check.words import of_column, of_form, of_kind, of_type, owner
from engine.findings import Place
from engine.ruleset import EDIT, Form, PublishedNorm, Transition
from engine.text.nearest import nearest

ROLES = (
    "executor", "head", "analyst", "administrator-head", "curator", "central-head", "state-planning", "informatization",
    "commission-body", "commission", "treasury", "methodologist", "auditor",
)  # fmt: skip
SIGNATURES = ("head", "signatory", "employee")
_ROW_PATH = re.compile(r"workflow/[0-9]+")


def check_process(review: Review) -> None:
    """Add what is wrong with limits, workflow, published norms and rolling forward."""
    _limits(review)
    _workflow(review)
    for published in review.ruleset.publishes.values():
        _published(review, published)
    _roll_forward(review)


def _limits(review: Review) -> None:
    """A limit is money by institution, and a kind of expenditure has one."""
    kinds: dict[str, str] = {}
    for limit in review.ruleset.limits.values():
        words = owner(("limits", limit.norm))
        at = review.at(f"limits/{limit.norm}", limit.place)
        review.code(limit.kind, "kind", at)
        if (other := kinds.setdefault(limit.kind, limit.norm)) != limit.norm:
            review.finding("limit-kind-twice", at, kind=limit.kind, norm=limit.norm, other=other)
        shape = review.shapes.get(limit.norm)
        if shape is None:
            likely = nearest(limit.norm, review.shapes)
            review.finding("norm-unknown", limit.place, owner=words, got=limit.norm, nearest=likely)
        elif [key.of for key in shape.keys] != ["institution"]:
            keys = ", ".join(key.of for key in shape.keys) or "–"
            review.finding("limit-not-by-institution", limit.place, owner=words, got=keys)
        elif shape.unit != MONEY:
            got = of_kind("number", shape.unit)
            review.finding("type-mismatch", limit.place, owner=words, got=got, expected=of_kind("number", MONEY))


def _workflow(review: Review) -> None:
    rows, final = review.ruleset.workflow, review.ruleset.final
    if not rows:
        return
    at = _places(review)
    states = list(dict.fromkeys([row.state for row in rows] + list(final)))
    acts = [EDIT, *dict.fromkeys(row.action for row in rows)]
    conditions = [name for form in review.ruleset.forms.values() for name in form.checks]
    seen: dict[tuple[str, str, str, str | None], Place] = {}
    for row in rows:
        review.known("state-unknown", row.to, states, at(row, "to"))
        review.known("role-unknown", row.role, ROLES, at(row, "role"))
        if row.condition is not None:
            review.known("condition-unknown", row.condition, conditions, at(row, "condition"))
        if row.signed is not None and row.signed not in SIGNATURES:
            likely, expected = nearest(row.signed, SIGNATURES), ", ".join(SIGNATURES)
            review.finding("word-unknown", at(row, "signed"), got=row.signed, expected=expected, nearest=likely)
        for i, action in enumerate(row.not_by):
            place = at(row, f"not-by/{i}")
            review.known("not-by-unknown", action, acts, place if place != row.place else at(row, "not-by"))
        key = (row.state, row.action, row.role, row.condition)
        if key in seen:
            review.finding("transition-twice", row.place, state=row.state, action=row.action, first=seen[key])
        seen.setdefault(key, row.place)
    _publishing(review, at)
    _ways(review, at)


def _publishing(review: Review, at: Callable[[Transition, str], Place]) -> None:
    """What is published, a step publishes."""
    steps = [row for row in review.ruleset.workflow if row.publishes]
    for row in steps if not review.ruleset.publishes else ():
        review.finding("step-publishes-nothing", at(row, "norms"), action=row.action)
    for norm in review.ruleset.publishes.values() if not steps else ():
        review.finding("published-by-no-step", norm.place, norm=norm.norm)


def _places(review: Review) -> Callable[[Transition, str], Place]:
    paths = {place: path for path, place in review.ruleset.places.items() if _ROW_PATH.fullmatch(path)}
    return lambda row, key: review.at(f"{paths.get(row.place)}/{key}", row.place)


def _ways(review: Review, at: Callable[[Transition, str], Place]) -> None:
    """Every state must be reached from the first row's, and must have a way to an end; a misspelled state counts as the
    one that was meant."""
    first: dict[str, Transition] = {}
    forth: dict[str, set[str]] = {}
    back: dict[str, set[str]] = {}
    states = {row.state for row in review.ruleset.workflow} | set(review.ruleset.final)
    for row in review.ruleset.workflow:
        to = row.to if row.to in states else nearest(row.to, sorted(states)) or row.to
        first.setdefault(row.state, row)
        forth.setdefault(row.state, set()).add(to)
        back.setdefault(to, set()).add(row.state)
    start = next(iter(first))
    reached = _reached({start}, forth)
    ends = _reached(set(review.ruleset.final) | (set(back) - set(first)), back)
    for state, row in first.items():
        if state not in reached:
            review.finding("state-unreachable", at(row, "state"), state=state, start=start)
        elif state not in ends:
            review.finding("state-dead-end", at(row, "state"), state=state)
    for state in review.ruleset.final:
        if state not in reached:
            review.finding("state-unreachable", review.at("workflow", review.ruleset.place), state=state, start=start)


def _reached(start: set[str], ways: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(start)
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += ways.get(state, ())
    return reached


def _published(review: Review, published: PublishedNorm) -> None:
    path = f"publishes/{published.norm}"
    at_form = review.at(f"{path}/form", published.place)
    if not review.known("form-unknown", published.form, review.ruleset.forms, at_form):
        return
    form = review.ruleset.forms[published.form]
    value = review.column(form, published.value, review.at(f"{path}/value", published.place))
    if value is not None and value.type.kind not in {"number", "unknown"}:
        place = review.at(f"{path}/value", published.place)
        told = {"got": of_type(value.type), "expected": of_kind("number")}
        review.finding("type-mismatch", place, owner=of_column(form, value), **told)
    if value is not None and value.per_month:
        at = review.at(f"{path}/value", published.place)
        review.finding("published-by-month", at, owner=of_column(form, value))
    for i, key in enumerate(published.keys):
        place = review.at(f"{path}/key/{i}", review.at(f"{path}/key", published.place))
        _published_key(review, form, published, (key, place))
    _published_twice(review, published)


def _published_key(review: Review, form: Form, published: PublishedNorm, key: tuple[str, Place]) -> None:
    name, place = key
    declared = form.columns.get(name) or review.ruleset.header.get(name)
    words = owner(("publishes", published.norm))
    if declared is None:
        likely = nearest(name, (*form.columns, *review.ruleset.header))
        review.finding("published-key-unknown", place, owner=words, got=name, nearest=likely)
    elif declared.type.kind not in {"code", "unknown"}:
        review.finding("published-key-no-code", place, owner=words, key=name, got=of_type(declared.type))


def _published_twice(review: Review, published: PublishedNorm) -> None:
    """A norm has one publisher; where `norms/` declares it too, unit and keys are the same."""
    shape = review.shapes[published.norm]
    own = published_shape(review.ruleset, published)
    if shape.publisher not in {"", review.ruleset.name}:
        review.finding("norm-published-twice", published.place, norm=published.norm, other=shape.publisher)
    elif (shape.unit, [key.of for key in shape.keys]) != (own.unit, [key.of for key in own.keys]):
        words = owner(("publishes", published.norm))
        review.finding("type-mismatch", published.place, owner=words, got=_shown(own), expected=_shown(shape))


def _shown(shape: NormShape) -> str:
    return f"{shape.unit} ({', '.join(key.of for key in shape.keys)})" if shape.keys else str(shape.unit)


def _roll_forward(review: Review) -> None:
    rolled = review.ruleset.roll_forward
    for part, forms in (("drop", rolled.drop), ("index", rolled.index)):
        for name in forms:
            at = review.at(f"roll-forward/{part}/{name}", review.ruleset.place)
            if review.known("form-unknown", name, review.ruleset.forms, at) and part == "drop":
                root = review.ruleset.forms[review.root(name)]
                if root.rows.kind != "added":
                    review.finding(
                        "drop-of-derived-rows", at, owner=of_form(review.ruleset.forms[name], "roll-forward")
                    )
    for name, factors in rolled.index.items():
        form = review.ruleset.forms.get(name)
        for column_name in factors if form else ():
            assert form is not None
            place = review.at(f"roll-forward/index/{name}/{column_name}", review.ruleset.place)
            column = review.column(form, column_name, place)
            if column is not None and (column.formula or column.type.kind != "number"):
                review.finding("index-of-no-input", place, owner=of_column(form, column))

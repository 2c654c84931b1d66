"""Reads one form: its columns, where its rows come from, its lines and its checks."""

from __future__ import annotations

from collections.abc import Iterator

from engine.findings import Place
from engine.formula import Call, Expr, children
from engine.formula import Column as Reference
from engine.functions import CLOSING, of_role
from engine.ruleset import STAGES, Before, Check, Column, Form, Formula, LineRule, Rows
from engine.ruleset.reading import Reading
from engine.text.source import Branch, Listing, Tree, Word

FORM_KEYS = ("form", "code", "title", "help", "basis", "rows", "columns", "lines", "checks")
COLUMN_KEYS = ("type", "digits", "by", "per", "formula", "optional", "total", "title", "help", "before")
LINE_KEYS = ("institution", "administrator", "programme", "subprogramme", "specific", "kind", "stage", "budget", "side")
CHECK_KEYS = ("assert", "severity", "message", "with")


def read_form(reading: Reading, tree: Tree, fallback: str) -> Form:
    """A form of its file's tree; `fallback` names one that forgot to."""
    branch = reading.branch(tree, FORM_KEYS)
    name = reading.word(reading.needed(branch, "form", fallback)) or fallback
    columns = dict(_columns(reading, branch, name))
    rows = _rows(reading, reading.needed(branch, "rows", name), _place(branch, "rows"), columns)
    names = {*columns, *rows.by}
    return Form(
        name=name,
        place=_place(branch, "form"),
        rows=rows,
        columns=columns,
        code=reading.word(branch.entries.get("code")),
        title=reading.title(branch.entries.get("title")),
        help=reading.title(branch.entries.get("help")),
        basis=reading.word(branch.entries.get("basis")),
        lines=tuple(_line(reading, item, names) for item in reading.items(branch.entries.get("lines"))),
        checks=_checks(reading, reading.branch(branch.entries.get("checks"))),
    )


def _columns(reading: Reading, branch: Branch, form: str) -> Iterator[tuple[str, Column]]:
    columns = reading.branch(reading.needed(branch, "columns", form))
    for name, tree in columns.entries.items():
        entries = reading.branch(tree, COLUMN_KEYS)
        place = columns.keys[name]
        get = entries.entries.get
        yield (
            name,
            Column(
                name=name,
                type=reading.type(reading.needed(Branch(entries.entries, entries.keys, place), "type", name)),
                place=place,
                digits=reading.whole(get("digits")),
                by_year=reading.choice(get("by"), ("year",)) == "year",
                per_month=reading.choice(get("per"), ("month",)) == "month",
                formula=reading.formula(get("formula")),
                optional=reading.flag(get("optional")),
                total=reading.choice(get("total"), ("sum",)) == "sum",
                title=reading.title(get("title")),
                help=reading.title(get("help")),
                before=_before(reading, get("before"), name),
            ),
        )


def _before(reading: Reading, tree: Tree | None, column: str) -> Before | None:
    if tree is None:
        return None
    branch = reading.branch(tree, ("stage", "years"))
    stage = reading.choice(reading.needed(branch, "stage", column), STAGES)
    return Before(stage, reading.whole(reading.needed(branch, "years", column)) or 0)


def _rows(reading: Reading, tree: Tree | None, place: Place, columns: dict[str, Column]) -> Rows:
    if isinstance(tree, Listing):
        return Rows("fixed", place, fixed=tuple(_fixed(reading, item, next(iter(columns), "")) for item in tree.items))
    if isinstance(tree, Branch):
        branch = reading.branch(tree, ("each", "group", "by"))
        if "each" in branch.entries:
            return Rows("each", place, forms=reading.words(branch.entries["each"])[:1])
        forms = reading.words(reading.needed(branch, "group", "rows"))
        return Rows("group", place, forms=forms, by=reading.words(reading.needed(branch, "by", "rows")))
    reading.choice(tree, ("added",))
    return Rows("added", place)


def _fixed(reading: Reading, item: Tree, first: str) -> dict[str, str]:
    if isinstance(item, Word):
        return {first: item.text}
    return {column: reading.word(value) for column, value in reading.branch(item).entries.items()}


def _line(reading: Reading, tree: Tree, columns: set[str]) -> LineRule:
    branch = reading.branch(tree, ("amount", *LINE_KEYS))
    keys = {key: reading.word(value) for key, value in branch.entries.items() if key in LINE_KEYS}
    return LineRule(
        amount=reading.word(reading.needed(branch, "amount", "lines")),
        keys={key: f"={word}" if word in columns else word for key, word in keys.items()},
        place=branch.place,
    )


def _checks(reading: Reading, checks: Branch) -> dict[str, Check]:
    read = {}
    for name, tree in checks.entries.items():
        branch = reading.branch(tree, CHECK_KEYS)
        at_name = Branch(branch.entries, branch.keys, checks.keys[name])
        asserts = reading.formula(reading.needed(at_name, "assert", name))
        message = reading.title(reading.needed(at_name, "message", name))
        if asserts is not None:
            read[name] = Check(
                name=name,
                asserts=asserts,
                severity=reading.word(branch.entries.get("severity")) or "error",
                message=message,
                given=formulas(reading, branch.entries.get("with")),
                place=checks.keys[name],
                by_row=_by_row(asserts.tree),
            )
    return read


def formulas(reading: Reading, tree: Tree | None, bare: bool = False) -> dict[str, Formula]:
    """A mapping of names to formulas; `bare`: they may be written without their `=`."""
    read = {key: reading.formula(value, bare) for key, value in reading.branch(tree).entries.items()}
    return {key: formula for key, formula in read.items() if formula is not None}


def _by_row(tree: Expr, aggregated: bool = False) -> bool:
    """Whether a formula is asked of every row: it reads `[@…]`, or a population function gives it this row's value."""
    match tree:
        case Reference(this_row=True):
            return True
        case Call(name) if name in of_role("population"):
            return not aggregated
        case Call(name):
            aggregated = aggregated or name in CLOSING
    return any(_by_row(child, aggregated) for child in children(tree))


def _place(branch: Branch, key: str) -> Place:
    return branch.keys.get(key, branch.place)

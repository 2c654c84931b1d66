"""Judges what is declared, formulas apart: names, types, digits, translations, rows, lines."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from engine.check.review import RESERVED, Review
from engine.check.words import Owner, of_column, of_form, of_kind, of_type, owner, titled
from engine.findings import LANGUAGES, SEVERITIES, Place
from engine.formula import Text
from engine.limits import COLUMNS_MAX, DIGITS_MAX
from engine.ruleset import Check, Column, Form, HeaderField, LineRule, Title, ValueType
from engine.text.nearest import letters_mixed, nearest
from engine.units import Unit

TYPE_WORDS = ("text", "date", "bool", "code")
MONEY = Unit((("KZT", 1),))
LINE_DIGITS_MAX = 2
_NAME = re.compile(r"[^\W\d]\w*")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def check_declarations(review: Review) -> None:
    """Add what is wrong with the declarations of a ruleset."""
    ruleset = review.ruleset
    whole = owner(("ruleset", titled(ruleset.title, ruleset.name)))
    _title(review, ruleset.title, "title", whole, ruleset.place)
    for field in ruleset.header.values():
        _header_field(review, field)
    for form in review.unsure():
        _form(review, form)


def _header_field(review: Review, field: HeaderField) -> None:
    words = owner(("header", titled(field.title, field.name)))
    path = f"header/{field.name}"
    _name(review, field.name, field.place, reserved=True)
    _type(review, field.type, field.place)
    _digits(review, words, field, path)
    if field.title:
        _title(review, field.title, f"{path}/title", words, field.place)
    if field.default is not None:
        _value(review, words, field.type, field.default, review.at(f"{path}/default", field.place))


def _form(review: Review, form: Form) -> None:
    _name(review, form.name, form.place, reserved=True)
    words = owner(("form", titled(form.title, form.name)))
    _title(review, form.title, f"forms/{form.name}/title", words, form.place)
    if form.help:
        _title(review, form.help, f"forms/{form.name}/help", words, form.place)
    if len(form.columns) > COLUMNS_MAX:
        review.finding("too-many-columns", form.place, got=len(form.columns), limit=COLUMNS_MAX)
    for column in form.columns.values():
        if column.place != form.rows.place:
            _column(review, form, column)
    _rows(review, form)
    for i, rule in enumerate(form.lines):
        _line(review, form, rule, f"forms/{form.name}/lines/{i}")
    for check in form.checks.values():
        _check(review, form, check)


def _column(review: Review, form: Form, column: Column) -> None:
    words, path = of_column(form, column), f"forms/{form.name}/columns/{column.name}"
    _name(review, column.name, column.place)
    _type(review, column.type, column.place)
    _digits(review, words, column, path)
    _title(review, column.title, f"{path}/title", words, column.place)
    if column.help:
        _title(review, column.help, f"{path}/help", words, column.place)
    if column.formula and column.by_year:
        review.finding("by-year-of-formula", review.at(f"{path}/by", column.place), owner=words)
    if column.formula and column.optional:
        review.finding("optional-of-formula", review.at(f"{path}/optional", column.place), owner=words)
    if column.per_month and not column.formula:
        review.finding("month-of-input", review.at(f"{path}/per", column.place), owner=words)
    if column.before and not _may_be_told(form, column):
        review.finding("before-of-no-input", review.at(f"{path}/before", column.place), owner=words)
    if column.total and column.type.kind not in {"number", "unknown"}:
        got = of_type(column.type)
        review.finding("total-of-no-number", review.at(f"{path}/total", column.place), owner=words, got=got)


def _may_be_told(form: Form, column: Column) -> bool:
    """Whether lines of the budget can fill a column: money of rows that are always there, which may stay blank."""
    money = column.type.kind in {"number", "unknown"}
    return money and column.optional and not column.by_year and form.rows.kind == "fixed"


def _name(review: Review, name: str, place: Place, reserved: bool = False) -> None:
    if reserved and name in RESERVED:
        review.finding("name-reserved", place, name=name)
    elif letters_mixed(name):
        review.finding("name-letters-mixed", place, name=name)
    elif not _NAME.fullmatch(name):
        review.finding("name-unclear", place, name=name)


def _type(review: Review, type_: ValueType, otherwise: Place) -> None:
    place = type_.place or otherwise
    if type_.classification is not None:
        review.classification(type_.classification, place)
    for unit, _ in type_.unit.powers:
        if unit not in review.norms.units:
            likely = nearest(unit, (*review.norms.units, *TYPE_WORDS))
            review.finding("unit-unknown", place, got=unit, nearest=likely)


def _digits(review: Review, words: Owner, declared: Column | HeaderField, path: str) -> None:
    type_, digits = declared.type, declared.digits
    place, told = review.at(f"{path}/digits", declared.place), f"{path}/digits" in review.ruleset.places
    if type_.kind == "number" and digits is None:
        if not told:
            review.finding("digits-missing", place, owner=words)
    elif type_.kind not in {"number", "unknown"} and digits is not None:
        review.finding("digits-of-no-number", place, owner=words, got=of_type(type_))
    elif digits is not None and digits > DIGITS_MAX:
        review.finding("digits-too-many", place, owner=words, got=digits, limit=DIGITS_MAX)


def _title(review: Review, title: Title, path: str, words: Owner, otherwise: Place) -> None:
    missing = [language for language in LANGUAGES if not title.get(language)]
    told = not title and path in review.ruleset.places
    if missing and not told:
        review.finding("translation-missing", review.at(path, otherwise), owner=words, languages=", ".join(missing))


def _value(review: Review, words: Owner, type_: ValueType, text: str, place: Place) -> None:
    """A literal value of a type: a default, or a cell of a fixed row."""
    if type_.kind == "code" and type_.classification:
        review.code(text, type_.classification, place)
    elif type_.kind not in {"text", "unknown"} and text and not _reads_as(type_.kind, text):
        review.finding("value-of-other-type", place, owner=words, got=text, expected=of_type(type_))


def _reads_as(kind: str, text: str) -> bool:
    try:
        if kind == "date":
            datetime.date.fromisoformat(text)
        elif kind == "number":
            return Decimal(text).is_finite()
    except (ValueError, InvalidOperation):
        return False
    return kind != "bool" or text in {"true", "false"}


def _rows(review: Review, form: Form) -> None:
    path = f"forms/{form.name}/rows"
    for number, row in enumerate(form.rows.fixed):
        for name, text in row.items():
            at = review.at(f"{path}/{number}/{name}", review.at(f"{path}/{number}", form.rows.place))
            _fixed(review, form, (name, text), at)
    sources = []
    for i, name in enumerate(form.rows.forms):
        at = review.at(f"{path}/{form.rows.kind}/{i}", review.at(f"{path}/{form.rows.kind}", form.rows.place))
        if review.known("form-unknown", name, review.ruleset.forms, at):
            sources.append(review.ruleset.forms[name])
    for i, name in enumerate(form.rows.by):
        at = review.at(f"{path}/by/{i}", review.at(f"{path}/by", form.rows.place))
        _grouped_by(review, form, sources, name, at)
    cycle = _circle(review.ruleset.forms, form.name)
    if cycle and min(cycle) == form.name:
        review.finding("rows-circular", form.rows.place, path=" → ".join(cycle))


def _fixed(review: Review, form: Form, cell: tuple[str, str], place: Place) -> None:
    column = review.column(form, cell[0], place)
    if column is None:
        return
    if column.formula:
        review.finding("row-value-of-formula", place, owner=of_column(form, column), got=cell[1])
    _value(review, of_column(form, column), column.type, cell[1], place)


def _grouped_by(review: Review, form: Form, sources: Sequence[Form], name: str, place: Place) -> None:
    own, field = form.columns.get(name), review.ruleset.header.get(name)
    if own is not None and own.formula:
        review.finding("row-value-of-formula", place, owner=of_column(form, own), got=name)
    found: list[Column | HeaderField] = []
    for source in sources:
        column = source.columns.get(name)
        if column is not None:
            _group_key(review, source, column, place)
            found.append(column)
        elif field is not None:
            found.append(field)
        else:
            review.column(source, name, place)
    for other in [*found[1:], *([own] if own else [])]:
        if (other.type, other.digits) != (found[0].type, found[0].digits) if found else False:
            got, expected = (_with_digits(declared) for declared in (other, found[0]))
            review.finding("group-types-differ", place, column=name, got=got, expected=expected)


def _group_key(review: Review, form: Form, column: Column, place: Place) -> None:
    """Rows are grouped before anything is computed and for all years at once."""
    if column.by_year:
        review.finding("group-key-by-year", place, owner=of_column(form, column))
    if column.formula and not (column.type.kind == "code" and isinstance(column.formula.tree, Text)):
        review.finding("group-key-computed", place, owner=of_column(form, column))


def _with_digits(declared: Column | HeaderField) -> Owner:
    places = f" ({declared.digits})" if declared.digits else ""
    return {language: words + places for language, words in of_type(declared.type).items()}


def _circle(forms: Mapping[str, Form], start: str) -> list[str]:
    """The way from a form through those its rows come from back to itself, if there is one."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for name in forms[way[-1]].rows.forms:
            if name == start:
                return [*way, start]
            if name in forms and name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _line(review: Review, form: Form, rule: LineRule, path: str) -> None:
    place = review.at(f"{path}/amount", rule.place)
    column = review.column(form, rule.amount, place) if rule.amount else None
    if column is not None and column.type.kind != "unknown":
        _amount(review, form, column, place)
    for key, word in rule.keys.items():
        _line_key(review, form, (key, word), review.at(f"{path}/{key}", rule.place))


def _amount(review: Review, form: Form, column: Column, place: Place) -> None:
    words = of_column(form, column)
    if column.type != ValueType("number", MONEY):
        review.finding("line-amount-of-other-unit", place, owner=words, got=of_type(column.type), expected=MONEY)
    elif (column.digits or 0) > LINE_DIGITS_MAX:
        review.finding("digits-too-many", place, owner=words, got=column.digits, limit=LINE_DIGITS_MAX)
    if column.per_month:
        review.finding("line-amount-by-month", place, owner=words)


def _line_key(review: Review, form: Form, entry: tuple[str, str], place: Place) -> None:
    key, word = entry
    if not word.startswith("="):
        review.code(word, key, place)
        return
    column = form.columns.get(word[1:])
    if column is None:
        return
    if column.type.kind not in {"code", "unknown"}:
        got = of_type(column.type)
        review.finding("line-key-no-code", place, owner=of_column(form, column), key=key, got=got)
    elif key in review.norms.classifications and column.type.classification != key:
        words, got = of_column(form, column), of_type(column.type)
        review.finding("type-mismatch", place, owner=words, got=got, expected=of_kind("code", None, key))


def _check(review: Review, form: Form, check: Check) -> None:
    path, words = f"forms/{form.name}/checks/{check.name}", of_form(form, "check", check.name)
    at = review.at(f"{path}/severity", check.place)
    if check.severity not in SEVERITIES:
        likely, expected = nearest(check.severity, SEVERITIES), ", ".join(SEVERITIES)
        review.finding("word-unknown", at, got=check.severity, expected=expected, nearest=likely)
    if check.message:
        _title(review, check.message, f"{path}/message", words, check.place)
    used: set[str] = set()
    for language, text in check.message.items():
        place = review.at(f"{path}/message/{language}", check.place)
        for name in _PLACEHOLDER.findall(text):
            used.add(name)
            if name not in check.given:
                likely = nearest(name, check.given)
                review.finding("placeholder-unknown", place, owner=words, got="{" + name + "}", nearest=likely)
    for name in check.given:
        if name not in used:
            at = review.at(f"{path}/with/{name}", check.place)
            review.finding("placeholder-unused", at, owner=words, got="{" + name + "}")

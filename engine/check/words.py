"""What findings call declarations and types, in three languages.

An `Owner` is a declaration that a finding speaks of, named as its readers know it, by titles: «форма «Должности», графа
«Фонд оплаты»». Units are called by their names, which are the same in all languages.
"""

from __future__ import annotations

from engine.findings import LANGUAGES
from engine.ruleset import Column, Form, Title, ValueType
from engine.units import PLAIN, Unit

Owner = Title

_OWNERS = {
    "ruleset": {"kk": "«{}» әдістемесі", "ru": "методика «{}»", "en": "ruleset “{}”"},
    "form": {"kk": "«{}» нысаны", "ru": "форма «{}»", "en": "form “{}”"},
    "column": {"kk": "«{}» бағаны", "ru": "графа «{}»", "en": "column “{}”"},
    "check": {"kk": "«{}» бақылауы", "ru": "контроль «{}»", "en": "check “{}”"},
    "header": {"kk": "тақырыптағы «{}» өрісі", "ru": "поле заголовка «{}»", "en": "header field “{}”"},  # kk: check
    "publishes": {"kk": "жарияланатын «{}» нормативі", "ru": "публикуемый норматив «{}»", "en": "published norm “{}”"},
    "limits": {"kk": "«{}» лимиті", "ru": "лимит «{}»", "en": "limit “{}”"},
    "roll-forward": {"kk": "келесі кезеңге көшіру", "ru": "перенос на следующий период", "en": "rolling forward"},
}
_TYPES = {
    "text": {"kk": "мәтін", "ru": "текст", "en": "text"},
    "date": {"kk": "күн", "ru": "дата", "en": "date"},
    "bool": {"kk": "иә/жоқ", "ru": "да/нет", "en": "true/false"},
    "code": {"kk": "«{}» сыныптамасының коды", "ru": "код классификации «{}»", "en": "code of “{}”"},
    "plain": {"kk": "бірліксіз сан", "ru": "число без единицы", "en": "number without a unit"},
}


def owner(*parts: tuple[str, Title | str]) -> Owner:
    """A declaration in words, from the widest part to the narrowest, with a capital at the start."""
    said = {}
    for language in LANGUAGES:
        names = [(kind, named if isinstance(named, str) else named[language]) for kind, named in parts]
        text = ", ".join(_OWNERS[kind][language].format(name) for kind, name in names)
        said[language] = text[:1].upper() + text[1:]
    return said


def titled(title: Title, name: str) -> Title:
    """A title in each language, the name in those where it is missing."""
    return {language: title.get(language) or name for language in LANGUAGES}


def of_column(form: Form, column: Column) -> Owner:
    """A column of a form, in words."""
    return owner(("form", titled(form.title, form.name)), ("column", titled(column.title, column.name)))


def of_form(form: Form, kind: str, name: str = "") -> Owner:
    """Something else in a form, in words: a check, its rolling forward."""
    return owner(("form", titled(form.title, form.name)), (kind, name))


def of_type(type_: ValueType) -> Title:
    """A declared type in words."""
    return of_kind(type_.kind, type_.unit, type_.classification)


def of_kind(kind: str, unit: Unit | None = None, classification: str | None = None) -> Title:
    """A kind of value in words; a number is called by its unit."""
    if kind == "number" and unit not in {None, PLAIN}:
        return dict.fromkeys(LANGUAGES, str(unit))
    words = _TYPES.get("plain" if kind == "number" else kind, {})
    return {language: words.get(language, kind).format(classification) for language in LANGUAGES}

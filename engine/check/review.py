"""What all checks of one ruleset share: the ruleset with what stands around it, and the findings so far.

A `Review` finds things by their names, and says which name was probably meant where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date

from engine.check.words import titled
from engine.findings import Finding, Place, finding
from engine.limits import FINDINGS_TOLD_MAX
from engine.norms import Classification, Norm, NormKey, Norms
from engine.ruleset import Column, Form, PublishedNorm, Ruleset, ValueType
from engine.text.nearest import nearest
from engine.units import Unit, parse_unit

RESERVED = ("year", "month", "lines")
"""Names that mean something in every formula."""


@dataclass(frozen=True, slots=True)
class NormShape:
    """What a formula must know of a norm, declared in `norms/` or published by a ruleset."""

    unit: Unit
    keys: tuple[NormKey, ...]
    declared: Norm | None = None
    publisher: str = ""


@dataclass(slots=True)
class Review:
    """One ruleset under judgement; `found` grows as the checks go."""

    ruleset: Ruleset
    norms: Norms
    others: tuple[Ruleset, ...] = ()
    sound: Set[str] = frozenset()
    """Forms that are known to be without fault."""
    found: list[Finding] = field(default_factory=list)
    shapes: dict[str, NormShape] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)
    """Forms of which something was found."""

    def __post_init__(self) -> None:
        self.shapes = {norm.name: NormShape(norm.unit, norm.keys, norm) for norm in self.norms.norms.values()}
        for ruleset in (*self.others, self.ruleset):
            for published in ruleset.publishes.values():
                own = published_shape(ruleset, published)
                known = self.shapes.setdefault(published.norm, own)
                self.shapes[published.norm] = replace(known, publisher=known.publisher or ruleset.name)

    @property
    def fine(self) -> frozenset[str]:
        """Forms of which nothing was found."""
        return frozenset(self.ruleset.forms.keys() - self.faulty)

    def unsure(self) -> Iterator[Form]:
        """The forms that are to be judged, one after another."""
        for form in self.ruleset.forms.values():
            if form.name not in self.sound:
                before = len(self.found)
                yield form
                if len(self.found) > before:
                    self.faulty.add(form.name)

    def finding(self, code: str, place: Place, **args: object) -> None:
        """Add a finding."""
        self.found.append(finding(code, place, **args))

    def at(self, path: str, otherwise: Place) -> Place:
        """Where a declaration stands, `forms/pay/columns/fund/digits`."""
        return self.ruleset.places.get(path, otherwise)

    def known(self, code: str, name: str, names: Iterable[str], place: Place) -> bool:
        """Whether a name is among those there are; else the finding with the nearest of them."""
        names = list(names)
        if name not in names:
            self.finding(code, place, got=name, nearest=nearest(name, names))
        return name in names

    def column(self, form: Form, name: str, place: Place) -> Column | None:
        """A form's column; else the finding `column-not-in-form`."""
        if name not in form.columns:
            likely = nearest(name, form.columns)
            self.finding("column-not-in-form", place, column=name, form=titled(form.title, form.name), nearest=likely)
        return form.columns.get(name)

    def classification(self, name: str, place: Place) -> Classification | None:
        """A classification; else the finding `classification-unknown`."""
        self.known("classification-unknown", name, self.norms.classifications, place)
        return self.norms.classifications.get(name)

    def code(self, text: str, classification: str, place: Place, compared: bool = False) -> None:
        """Judge a literal code: it is in its classification (`compared`: but for case) and in force in the cycle."""
        codes = self.norms.classifications.get(classification)
        if codes is None or not codes.codes or text == "":
            return
        position = next((i for i, code in enumerate(codes.codes) if code == text), None)
        if position is None and compared:
            position = next((i for i, code in enumerate(codes.codes) if code.casefold() == text.casefold()), None)
        if position is None:
            likely = nearest(text, codes.codes) if len(self.found) < FINDINGS_TOLD_MAX else ""
            self.finding("code-not-in-classification", place, got=text, classification=classification, nearest=likely)
        elif self.ruleset.years and not _in_force(codes.valid[position], self.ruleset.years):
            years = f"{self.ruleset.years[0]}-{self.ruleset.years[-1]}"
            self.finding("code-not-in-force", place, got=text, classification=classification, years=years)

    def root(self, form: str) -> str:
        """The form whose rows a form shares: itself, unless its rows are those of `each` row of another."""
        seen: set[str] = set()
        while form in self.ruleset.forms and form not in seen:
            seen.add(form)
            rows = self.ruleset.forms[form].rows
            if rows.kind != "each" or not rows.forms or rows.forms[0] not in self.ruleset.forms:
                break
            form = rows.forms[0]
        return form


def step_unit(key: NormKey) -> Unit:
    """The unit of a step key; a name that is none counts as one of its own."""
    unit = parse_unit(key.of)
    return unit if isinstance(unit, Unit) else Unit(((key.of, 1),))


def published_shape(ruleset: Ruleset, published: PublishedNorm) -> NormShape:
    """The unit and keys of a norm that a ruleset publishes: those of the columns and header fields it names."""
    form = ruleset.forms.get(published.form)
    types: Mapping[str, ValueType] = {
        **{name: column.type for name, column in (form.columns if form else {}).items()},
        **{name: header.type for name, header in ruleset.header.items() if not form or name not in form.columns},
    }
    keys = tuple(NormKey(key, "code", types[key].classification or "") for key in published.keys if key in types)
    unit = types[published.value].unit if published.value in types else Unit()
    return NormShape(unit, keys, None, ruleset.name)


def _in_force(valid: tuple[date | None, date | None], years: tuple[int, ...]) -> bool:
    start, end = valid
    return (start is None or start.year <= years[-1]) and (end is None or end > date(years[0], 1, 1))

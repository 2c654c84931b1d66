"""Random rulesets as text, and what becomes of a text: a folder of YAML files, read and checked as a methodologist's.

Units say nothing of values and are kept plain, so the findings about units alone are passed over; any other finding of
severity error is a slip of the grammar and fails the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import strategies as st

from engine.check import check
from engine.norms import Norms
from engine.norms.loader import load_norms
from engine.plan import Plan, planned
from engine.ruleset import Ruleset
from engine.ruleset.loader import load
from tests.properties.formulas import Draw, Grammar, Known, Scope, Sheet

HERE = Path(__file__).parent
OF_UNITS = set(
    "unit-mismatch parts-of-other-units stock-summed number-without-unit-expected line-amount-of-other-unit "
    "norm-key-of-other-type days-expected argument-of-other-type".split()
)
TYPES = {
    "number": "1",
    "date": "date",
    "bool": "bool",
    "grade": "code grade",
    "place": "code place",
    "specific": "code specific",
}
Texts = Mapping[str, Mapping[str, Any]]
"""What each YAML file of a ruleset's folder says: `ruleset.yaml` and `forms/*.yaml`."""


@cache
def norms() -> Norms:
    """The invented norms of these tests."""
    read, found = load_norms(HERE / "norms")
    assert [str(each) for each in found] == []
    return read


def read_ruleset(texts: Texts) -> Ruleset:
    """The ruleset that these files say, free of errors."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "made"
        (folder / "forms").mkdir(parents=True)
        for name, content in texts.items():
            (folder / name).write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
        ruleset, found = load(folder)
    assert ruleset is not None
    told = [*found, *check(ruleset, norms())]
    slips = [f"{each}: {_line(texts, each)}" for each in told if each.severity == "error" and each.code not in OF_UNITS]
    assert not slips, "\n".join(slips)
    return ruleset


def plan_of(texts: Texts) -> Plan:
    """The plan of the ruleset that these files say."""
    return planned(read_ruleset(texts), norms())


@dataclass
class _Form:
    name: str
    rows: Any
    columns: dict[str, dict[str, Any]]


@st.composite
def rulesets(draw: Draw, depth: int = 3) -> Texts:
    """A ruleset of one to four forms."""
    return _Writing(draw, depth).texts()


class _Writing:
    def __init__(self, draw: Draw, depth: int) -> None:
        self.draw, self.depth, self.sheet = draw, depth, Sheet()
        self.forms: list[_Form] = []

    def texts(self) -> Texts:
        """All the files: first the inputs of all forms, then computed columns of any, each over those before."""
        for i in range(self.draw(st.integers(1, 4))):
            self._form(f"f{i}")
        made = [self._computed(i) for i in range(self.draw(st.integers(3, 9)))]
        self.sheet.every = self.sheet.columns + made
        for column in made:
            self._write(column)
        forms = {f"forms/{form.name}.yaml": self._text(form) for form in self.forms}
        return {"ruleset.yaml": self._head(), **forms}

    def _head(self) -> dict[str, Any]:
        header = {"institution": "code institution", "pot": "1", "since": "date", "open": "bool", "rank": "code grade"}
        fields = {name: {"type": type_} | ({"digits": "2"} if type_ == "1" else {}) for name, type_ in header.items()}
        years = self.draw(st.sampled_from(["2026", "2026-2027", "2026-2028"]))
        return {
            "ruleset": "made",
            "version": "1",
            "cycle": years,
            "header": fields,
            "forms": [f.name for f in self.forms],
        }

    def _form(self, name: str) -> None:
        kind = self.draw(st.sampled_from(["added", "added", "each", "fixed", "group"])) if self.forms else "added"
        first = self.forms[0].name if self.forms else name
        source = self.draw(st.sampled_from([f.name for f in self.forms])) if self.forms else name
        rows = {
            "added": "added",
            "each": {"each": source},
            "fixed": [{"g0": "A"}, {"g0": "C"}, {"g0": "A"}],
            "group": {"group": [first], "by": ["g0"]},
        }[kind]
        self.sheet.roots[name] = self.sheet.roots[source] if kind == "each" else name
        self.forms.append(_Form(name, rows, self._inputs(name, kind)))

    def _inputs(self, form: str, kind: str) -> dict[str, dict[str, Any]]:
        counts = {
            "added": {"n": (1, 3), "g": (1, 2), "p": (0, 1), "d": (0, 2), "b": (0, 1), "s": (0, 1)},
            "each": {"n": (0, 1), "d": (0, 1)},
            "fixed": {"g": (1, 1), "n": (1, 1)},
            "group": {"g": (1, 1)},
        }[kind]
        kinds = {"n": "number", "g": "grade", "p": "place", "d": "date", "b": "bool", "s": "specific"}
        names = [f"{letter}{i}" for letter, span in counts.items() for i in range(self.draw(st.integers(*span)))]
        for name in names:
            type_ = kinds[name[0]]
            code = type_ in ("grade", "place", "specific")
            self.sheet.columns.append(Known(form, name, "code" if code else type_, type_ if code else ""))
        inputs = {name: self._input(kinds[name[0]], name == "g0") for name in names}
        return {"unused": {"type": "text"}} if kind == "group" else inputs

    def _input(self, kind: str, key: bool) -> dict[str, Any]:
        declared: dict[str, Any] = {"type": TYPES[kind]}
        if kind == "number":
            declared["digits"] = str(self.draw(st.sampled_from([0, 0, 1, 2, 2, 2, 3, 4, 6])))
        if not key and self.draw(st.integers(0, 3)) == 0:
            declared["by"] = "year"
        if not key and self.draw(st.integers(0, 2)) == 0:
            declared["optional"] = "true"
        return declared

    def _computed(self, i: int) -> Known:
        form = self.draw(st.sampled_from(self.forms))
        kind = self.draw(st.sampled_from(["number"] * 6 + ["bool", "date", "code"]))
        monthly = self.draw(st.sampled_from([False, False, True]))
        return Known(form.name, f"c{i}", kind, "grade" if kind == "code" else "", monthly)

    def _write(self, column: Known) -> None:
        scope = Scope(column.form, month=column.monthly, yearly=not column.monthly)
        depth = min(self.draw(st.sampled_from([1, 1, 2, 2, 3])), self.depth)
        formula = Grammar(self.draw, self.sheet).formula(column.kind, column.of, scope, depth)
        declared: dict[str, Any] = {"type": TYPES[column.of or column.kind]}
        if column.kind == "number":
            declared["digits"] = str(self.draw(st.sampled_from([0, 1, 2, 2, 3, 5])))
        declared |= {"per": "month"} if column.monthly else {}
        form = next(form for form in self.forms if form.name == column.form)
        form.columns[column.name] = declared | {"formula": formula}
        self.sheet.columns.append(column)

    def _text(self, form: _Form) -> dict[str, Any]:
        columns = {name: declared | {"title": _title(name)} for name, declared in form.columns.items()}
        made = {"form": form.name, "title": _title(form.name), "rows": form.rows, "columns": columns}
        amounts = [n for n, d in columns.items() if d["type"] == "1" and int(d["digits"]) <= 2 and "per" not in d]
        if amounts and self.draw(st.booleans()):
            specific = self.draw(st.sampled_from(["111", *["s0"] * ("s0" in columns)]))
            made["lines"] = [{"specific": specific, "amount": self.draw(st.sampled_from(amounts))}]
        checks = {f"k{i}_{form.name}": self._check(form, i) for i in range(self.draw(st.integers(0, 2)))}
        return made | ({"checks": checks} if checks else {})

    def _check(self, form: _Form, i: int) -> dict[str, Any]:
        scope = Scope(form.name, row=self.draw(st.booleans()))
        formula = Grammar(self.draw, self.sheet).formula("bool", "", scope, self.depth - 1)
        return {"assert": formula, "severity": "error", "message": _title("failed")}


def _title(text: str) -> dict[str, str]:
    return dict.fromkeys(("kk", "ru", "en"), text)


def _line(texts: Texts, told: Any) -> str:
    """The YAML line of a finding, for whoever mends the grammar."""
    name = told.place.file.removeprefix("made/") if told.place else ""
    lines = yaml.safe_dump(texts.get(name, {}), sort_keys=False, allow_unicode=True).splitlines()
    return lines[told.place.line - 1] if told.place and told.place.line <= len(lines) else ""

"""The story of a figure in words, in Kazakh, Russian or English: one sentence a line, deeper steps further in.

The sentences stand in `words.yaml`; a cell that was told already is named and not told again. Figures have their
thousands apart and their unit by its title, in the order in which it was declared; formulas stay as they were written.
How far each norm was verified stands before it, and all of them are counted under the figure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from engine.explain import Block, HeaderStep, NormStep, Step
from engine.explain.numbers import exact_text, grouped
from engine.findings import LANGUAGES
from engine.norms import VERIFIED, Norms
from engine.ruleset import Form, Ruleset, Title, ValueType
from engine.units import PLAIN, Unit

Sentence = tuple[int, str]
"""How far in, and the words."""
_NAME = re.compile(r"[^\W\d]\w*")
_SHORT = re.compile(r"\((.+)\)")
"""The short form of a unit at the end of its title: `Month (mo)`."""
_STOPS = re.compile(r"(?<=[^\W\d])\.\.(?=\s|$)")


def sentences(step: Step, ruleset: Ruleset, norms: Norms, language: str) -> list[Sentence]:
    """The whole story, from the figure down to inputs and acts."""
    return list(_Teller(ruleset, norms.units, language).step(step, 0))


@cache
def words() -> dict[str, dict[str, str]]:
    """The sentences by name and language."""
    text = (Path(__file__).parent / "words.yaml").read_text(encoding="utf-8")
    read: dict[str, dict[str, str]] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return read


@dataclass
class _Teller:
    ruleset: Ruleset
    units: Mapping[str, Title]
    language: str
    told: set[tuple[object, ...]] = field(default_factory=set)

    def step(self, step: Step, depth: int) -> Iterator[Sentence]:
        """A cell, how it came about, and what it was made of."""
        key = (step.form, step.column.name, step.row, step.year, step.months)
        again = key in self.told and step.formula is not None
        self.told.add(key)
        yield depth, self._head(step) + (f" {self._say('again')}" if again else "")
        if again:
            return
        if step.formula is not None and step.value:
            yield depth + 1, self._say("formula", formula=step.formula)
            if step.numbers and step.numbers != step.formula:
                yield depth + 1, self._say("numbers", numbers=step.numbers)
            yield from ((depth + 1, text) for text in self._notes(step, depth))
        for field_read in step.header:
            yield depth + 1, self._header(field_read)
        for use in step.norms:
            yield depth + 1, self._norm(use)
        for part in step.parts:
            yield from self._block(part, depth + 1) if isinstance(part, Block) else self.step(part, depth + 1)

    def _head(self, step: Step) -> str:
        sentence = "cell" if step.value else "cell-months"
        if step.formula is None:
            sentence = "input-error" if step.error else self._origin(step)
        where = {"column": self._column(step.column.title, step.column.name), "form": self._form(step.form)}
        value = step.value if step.error else self._value(step.value, step.column.type) + self._of(step.title)
        return self._say(sentence, **where, row=str(step.row + 1), when=self._when(step), value=value)

    def _origin(self, step: Step) -> str:
        """Who wrote a cell without a formula: the ruleset, the rows that are grouped, or a person."""
        rows = self.ruleset.forms[step.form].rows
        if rows.kind == "fixed" and step.column.name in rows.fixed[step.row]:
            return "given"
        return "grouped" if step.column.name in rows.by else "input"

    def _notes(self, step: Step, depth: int) -> Iterator[str]:
        if step.error:
            yield self._say("error", value=step.value)
        elif step.column.type.kind == "number" and depth == 0:
            yield self._say("rounded", digits=str(step.column.digits or 0))
        if step.approximate:
            yield self._say("approximate")
        if depth == 0 and (counts := self._verification(step)):
            yield self._say("rests-on", counts=counts)

    def _verification(self, step: Step) -> str:
        """How many norms below a figure were verified how far, with their names."""
        uses = {(use.norm.name, use.row.verified) for use in _norms(step) if use.row}
        counts = Counter(verified for _, verified in uses)
        names = {verified: ", ".join(sorted(name for name, v in uses if v == verified)) for verified in counts}
        told = [f"{self._verified(v)} {counts[v]} ({names[v]})" for v in VERIFIED if v in counts]
        return "; ".join(told)

    def _block(self, block: Block, depth: int) -> Iterator[Sentence]:
        where = {"column": self._column(block.column.title, block.column.name), "form": self._form(block.form)}
        rows = {"rows": str(block.rows), "year": str(block.year)}
        total = (
            "" if block.total is None else self._say("block-total", total=self._value(block.total, block.column.type))
        )
        errors = self._say("block-errors", errors=str(block.errors)) if block.errors else ""
        yield depth, " ".join(filter(None, [self._say("block", **where, **rows), errors, total]))
        for step in block.first:
            yield depth + 1, self._head(step)

    def _header(self, read: HeaderStep) -> str:
        value = self._value(read.value, read.field.type) + self._of(read.title)
        return self._say("header", title=self._title(read.field.title) or read.field.name, value=value)

    def _norm(self, use: NormStep) -> str:
        keys = ", ".join(use.keys)
        what = {
            "title": self._title(use.norm.title),
            "name": use.norm.name + (f" ({keys})" if keys else ""),
            "on": use.on,
        }
        row = use.row
        if row is None:
            return self._say("norm-missing", **what)
        period = self._say("from-until" if row.end else "from", start=str(row.start), end=str(row.end))
        facts = {"period": period, "source": row.source, "verified": self._verified(row.verified)}
        if row.value is None:
            return self._say("norm-absent", **what, **facts)
        value = grouped(exact_text(row.value), self.language) + self._unit(use.norm.unit)
        told = self._say("norm", **what, **facts, value=value)
        memory = "" if row.start_verified else self._say("start-from-memory")
        return " ".join(filter(None, [told, memory, row.note and self._say("note", note=row.note)]))

    def _when(self, step: Step) -> str:
        if not step.months:
            return str(step.year)
        first, last = step.months[0], step.months[-1]
        months = f"{step.year}-{first:02d}"
        return months if first == last else f"{months} – {step.year}-{last:02d}"

    def _form(self, name: str) -> str:
        form: Form = self.ruleset.forms[name]
        return self._title(form.title) or name

    def _column(self, title: Title, name: str) -> str:
        return self._title(title) or name

    def _title(self, title: Title) -> str:
        return next((title[name] for name in (self.language, *LANGUAGES) if title.get(name)), "")

    def _of(self, title: Title) -> str:
        return f" ({self._title(title)})" if title else ""

    def _value(self, value: str, held: ValueType) -> str:
        """A value that is no error: a number with its unit, a truth as a word."""
        if held.kind == "bool" and value in ("TRUE", "FALSE"):
            return self._say(value.lower())
        return grouped(value, self.language) + self._unit(held.unit) if held.kind == "number" and value else value

    def _unit(self, unit: Unit) -> str:
        if unit == PLAIN:
            return ""
        told = _NAME.sub(lambda name: self._unit_name(name[0]), unit.declared)
        return "\N{NO-BREAK SPACE}" + told.replace("*", "·")

    def _unit_name(self, name: str) -> str:
        title = self._title(self.units.get(name, {})) or name
        short = _SHORT.search(title)
        if short:
            return short[1]
        return title if title[1:2].isupper() else title[:1].lower() + title[1:]

    def _verified(self, verified: str) -> str:
        return self._say(f"verified.{verified}")

    def _say(self, sentence: str, /, **facts: str) -> str:
        return _STOPS.sub(".", words()[sentence][self.language].format(**facts))


def _norms(step: Step) -> Iterator[NormStep]:
    """Every norm that a story names."""
    yield from step.norms
    for part in step.parts:
        if isinstance(part, Step):
            yield from _norms(part)

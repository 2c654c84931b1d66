"""The story of a figure in words, in Kazakh, Russian or English: one sentence a line, deeper steps further in.

The sentences stand in `explain.yaml`; a cell that was told already is named and not told again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from engine.explain import Block, NormStep, Step
from engine.explain_numbers import exact_text
from engine.findings import LANGUAGES
from engine.ruleset import Form, Ruleset, Title
from engine.units import PLAIN, Unit

Sentence = tuple[int, str]
"""How far in, and the words."""


def sentences(step: Step, ruleset: Ruleset, language: str) -> list[Sentence]:
    """The whole story, from the figure down to inputs and acts."""
    return list(_Teller(ruleset, language).step(step, 0))


@cache
def words() -> dict[str, dict[str, str]]:
    """The sentences by name and language."""
    text = (Path(__file__).parent / "explain.yaml").read_text(encoding="utf-8")
    read: dict[str, dict[str, str]] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return read


@dataclass
class _Teller:
    ruleset: Ruleset
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
        for use in step.norms:
            yield depth + 1, self._norm(use)
        for part in step.parts:
            yield from self._block(part, depth + 1) if isinstance(part, Block) else self.step(part, depth + 1)

    def _head(self, step: Step) -> str:
        unit = _unit(step.column.type.unit) if step.column.type.kind == "number" and not step.error else ""
        title = f" ({self._title(step.title)})" if step.title else ""
        sentence = "cell" if step.value else "cell-months"
        if step.formula is None:
            sentence = "input-error" if step.error else "input"
        where = {"column": self._column(step.column.title, step.column.name), "form": self._form(step.form)}
        return self._say(
            sentence, **where, row=str(step.row + 1), when=self._when(step), value=step.value + unit + title
        )

    def _notes(self, step: Step, depth: int) -> Iterator[str]:
        if step.error:
            yield self._say("error", value=step.value)
        elif step.column.type.kind == "number" and depth == 0:
            yield self._say("rounded", digits=str(step.column.digits or 0))
        if step.approximate:
            yield self._say("approximate")

    def _block(self, block: Block, depth: int) -> Iterator[Sentence]:
        where = {"column": self._column(block.column.title, block.column.name), "form": self._form(block.form)}
        rows = {"rows": str(block.rows), "year": str(block.year)}
        total = (
            "" if block.total is None else self._say("block-total", total=block.total + _unit(block.column.type.unit))
        )
        errors = self._say("block-errors", errors=str(block.errors)) if block.errors else ""
        yield depth, " ".join(filter(None, [self._say("block", **where, **rows), errors, total]))
        for step in block.first:
            yield depth + 1, self._head(step)

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
        facts = {"start": str(row.start), "end": str(row.end or "…"), "source": row.source}
        facts["verified"] = words()[f"verified.{row.verified}"][self.language]
        if row.value is None:
            return self._say("norm-absent", **what, **facts)
        told = self._say("norm", **what, **facts, value=exact_text(row.value) + _unit(use.norm.unit))
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

    def _say(self, sentence: str, /, **facts: str) -> str:
        return words()[sentence][self.language].format(**facts)


def _unit(unit: Unit) -> str:
    return "" if unit == PLAIN else f" {unit}"

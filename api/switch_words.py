"""What moved, in words of the reader's language: a norm with its values before and after, a column with its form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from api.terminal import Terminal
from engine.norms import look_up
from engine.number import plain_text
from engine.ruleset import Form
from engine.scenario import State, Switch

CAUSE_NAMES = {
    "volume": "cause.volume",
    "price": "cause.price",
    "norm": "cause.norm",
    "rule": "cause.rule",
    "classification": "cause.classification",
    "correction": "cause.correction",
}


@dataclass(frozen=True, slots=True)
class SwitchWords:
    """Names for what differs between two states."""

    terminal: Terminal
    before: State
    after: State

    def cause(self, cause: str) -> str:
        """A cause's name."""
        return self.terminal.text(CAUSE_NAMES[cause])

    def of(self, switch: Switch) -> str:
        """One thing that differs, and how many cells or values of it."""
        told = self._named(switch)
        if switch.part in ("norm", "formula", "ruleset", "known", "previous"):
            return told
        return self.terminal.text("scenario.counted", what=told, count=self.terminal.number(switch.count))

    def formulas(self, switch: Switch) -> list[tuple[str, str, str]]:
        """Of formulas that differ: column, formula before, formula after."""
        if switch.part != "formula":
            return []
        keys = [part.partition(".") for part in switch.subject.split(" + ")]
        return [
            (f"{form}.{name}", self._formula(self.before, form, name), self._formula(self.after, form, name))
            for form, _, name in keys
        ]

    def _named(self, switch: Switch) -> str:
        form, _, column = switch.subject.partition(".")
        match switch.part:
            case "norm":
                return self._norm(switch.subject)
            case "column":
                return self._column(form, column)
            case "formula":
                parts = [part.partition(".") for part in switch.subject.split(" + ")]
                return ", ".join(self._column(owner, name) for owner, _, name in parts)
            case "rows":
                return self.terminal.text("scenario.rows", form=self._form(switch.subject))
            case "previous":
                return self.terminal.text("scenario.previous", form=self._form(switch.subject))
            case "header":
                return self.terminal.title(self.after.ruleset.header[switch.subject].title) or switch.subject
            case "codes":
                return self.terminal.title(self.after.norms.classifications[switch.subject].title) or switch.subject
            case "ruleset":
                versions = f"{self.before.ruleset.version} → {self.after.ruleset.version}"
                return self.terminal.text("scenario.ruleset", ruleset=switch.subject, versions=versions)
        return self.terminal.text("scenario.known" if switch.part == "known" else "scenario.submissions")

    def _norm(self, name: str) -> str:
        norm = self.after.norms.norms[name]
        title = self.terminal.title(norm.title)
        if norm.keys:
            return f"{title} ({name})"
        pairs = [self._values(name, year) for year in self.after.plan.years]
        pairs = [pair for pair in pairs if pair[0] != pair[1]]
        if not pairs:
            return f"{title} ({name})"
        told = [f"{before} → {after}" for before, after in dict.fromkeys(pairs)]
        return f"{title} ({name}: {'; '.join(told)})"

    def _values(self, name: str, year: int) -> tuple[str, str]:
        """A norm without keys at the beginning of a year, before and after."""
        found = []
        for state in (self.before, self.after):
            row = (
                look_up(state.norms, name, (), date(year, 1, 1), state.workbook.known)
                if name in state.norms.norms
                else None
            )
            found.append("–" if row is None or row.value is None else self.terminal.number(plain_text(row.value)))
        return found[0], found[1]

    def _column(self, form: str, name: str) -> str:
        declared = self._declared(form)
        title = self.terminal.title(declared.columns[name].title) if declared and name in declared.columns else ""
        return f"{title or name} ({self._form(form)})"

    def _form(self, name: str) -> str:
        declared = self._declared(name)
        return (self.terminal.title(declared.title) if declared else "") or name

    def _declared(self, form: str) -> Form | None:
        return self.after.ruleset.forms.get(form) or self.before.ruleset.forms.get(form)

    def _formula(self, state: State, form: str, name: str) -> str:
        formula = state.ruleset.forms[form].columns[name].formula
        return formula.text if formula else ""

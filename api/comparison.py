"""A base and its scenarios side by side: tables for people, JSON for programs, lines for their own tools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from api.switch_words import SwitchWords
from api.terminal import Terminal, finding_as_json
from engine.findings import Finding
from engine.lines import Lines, joined, roll_up
from engine.number import decimal_text, plain_text, round_half_away
from engine.scenario import CAUSES, Explanation, Scenario, State
from engine.scenario.causes import named, with_dimensions
from engine.scenario.ceilings import Breach

TITLE_LENGTH = 60
BASE = "base"
Amounts = dict[tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class Side:
    """One scenario beside its base."""

    scenario: Scenario
    state: State
    explanation: Explanation
    breaches: Sequence[Breach]
    found: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The base and its scenarios, in the order in which they were named; only one year of lines if that was asked."""

    terminal: Terminal
    base: State
    breaches: Sequence[Breach]
    sides: Sequence[Side]
    year: str | None

    @property
    def years(self) -> list[str]:
        """The plan years that are compared."""
        return [str(year) for year in self.base.plan.years if self.year in (None, str(year))]

    @property
    def span(self) -> str:
        """The same in short."""
        return self.years[0] if len(self.years) == 1 else f"{self.years[0]}–{self.years[-1]}"

    def amounts(self, lines: Lines, by: Sequence[str]) -> Amounts:
        """Sums of the years that are compared."""
        rolled = roll_up(lines, [*by, "year"]).as_dict()
        found: Amounts = {}
        for key, amount in rolled.items():
            if key[-1] in self.years:
                short = key[: len(by)]
                found[short] = found.get(short, 0) + amount
        return found

    # Side by side

    def tell_totals(self, by: Sequence[str]) -> None:
        """A table of the base, each scenario, the difference and how much that is in a hundred."""
        columns = [self.amounts(lines, by) for lines in (self.base.lines, *(side.state.lines for side in self.sides))]
        heads = [self.terminal.text("scenario.base")]
        for side in self.sides:
            heads += [side.scenario.name, self.terminal.text("scenario.difference"), "%"]
        keys = sorted({key for column in columns for key in column})
        rows = [[self._label(by, key), *self._beside([column.get(key, 0) for column in columns])] for key in keys]
        totals = [self._sum(column) for column in columns]
        self.terminal.print()
        self.terminal.say("scenario.by", dimension=self._dimensions(by), span=self.span)
        self.terminal.table([["", *heads], *rows, [self.terminal.text("calculate.total"), *self._beside(totals)]])

    def _beside(self, amounts: Sequence[int]) -> Iterator[str]:
        base, *others = amounts
        yield self.money(base)
        for amount in others:
            yield from (self.money(amount), self.signed(amount - base), self._share(amount - base, base))

    def _share(self, part: int, whole: int) -> str:
        if not whole:
            return "–" if part else ""
        share = round_half_away(Fraction(part * 100, whole), 2)
        return self.terminal.number(decimal_text(int(share * 100), 2))

    # Why

    def tell_causes(self, side: Side) -> None:
        """What moved the lines year by year: the base, each cause with its parts, the scenario, what is left."""
        words, years = SwitchWords(self.terminal, self.base, side.state), self.years
        by, causes = side.explanation.by(["year"]), side.explanation.by_cause(["year"])
        rows = [["", *years, *([self.terminal.text("calculate.total")] if len(years) > 1 else [])]]
        rows.append(self._yearly(self.terminal.text("scenario.base"), self.amounts(self.base.lines, ["year"])))
        for cause in CAUSES:
            if cause in causes:
                rows.append(self._yearly(words.cause(cause), causes[cause], moved=True))
                parts = [(s, a) for s, a in by.items() if s.cause == cause and (any(a.values()) or s.part != "ruleset")]
                rows += [self._yearly(f"  {words.of(switch)}", amounts, moved=True) for switch, amounts in parts]
        rows.append(self._yearly(side.scenario.name, self.amounts(side.state.lines, ["year"])))
        remainder = self._remainder(side)
        told = self.terminal.text("scenario.remainder")
        rows.append([told, *(self.money(remainder.get((year,), 0), exact=True) for year in years)])
        rows[-1] += [self.money(sum(remainder.values()), exact=True)] if len(years) > 1 else []
        self.terminal.print()
        self.terminal.say("scenario.why", name=side.scenario.name)
        self.terminal.table(rows)
        for formula in (found for switch in by for found in words.formulas(switch)):
            self.terminal.print("  {}: {}  →  {}".format(*formula))

    def tell_causes_by(self, side: Side, by: Sequence[str]) -> None:
        """What moved the lines along dimensions: a column for each cause that is at work."""
        words = SwitchWords(self.terminal, self.base, side.state)
        moved = {move: self._moved(side, move, by) for move in CAUSES}
        moved = {cause: amounts for cause, amounts in moved.items() if any(amounts.values())}
        keys = sorted({key for amounts in moved.values() for key, amount in amounts.items() if amount})
        if not keys:
            return
        total = self.terminal.text("scenario.difference")
        rows = [["", *(words.cause(cause) for cause in moved), total]]
        for key in keys:
            parts = [amounts.get(key, 0) for amounts in moved.values()]
            rows.append([self._label(by, key), *(self.signed(part) for part in parts), self.signed(sum(parts))])
        sums = [self._sum(amounts) for amounts in moved.values()]
        parts_of_total = [*(self.signed(part) for part in sums), self.signed(sum(sums))]
        rows.append([self.terminal.text("calculate.total"), *parts_of_total])
        self.terminal.print()
        self.terminal.say("scenario.why-by", name=side.scenario.name, dimension=self._dimensions(by), span=self.span)
        self.terminal.table(rows)

    def _moved(self, side: Side, cause: str, by: Sequence[str]) -> Amounts:
        lines = [move.lines for move in side.explanation.moves if move.switch.cause == cause]
        return self.amounts(joined(lines), by) if lines else {}

    def _yearly(self, label: str, amounts: Mapping[tuple[str, ...], int], moved: bool = False) -> list[str]:
        told = [amounts.get((year,), 0) for year in self.years]
        told += [sum(told)] if len(told) > 1 else []
        return [label, *(self.signed(each) if moved else self.money(each) for each in told)]

    def _remainder(self, side: Side) -> dict[tuple[str, ...], int]:
        """By year: the scenario minus the base minus all that moved, from totals and not from what was explained."""
        base, then = (self.amounts(state.lines, ["year"]) for state in (self.base, side.state))
        moved = list(side.explanation.by(["year"]).values())
        years = [(year,) for year in self.years]
        return {y: then.get(y, 0) - base.get(y, 0) - sum(part.get(y, 0) for part in moved) for y in years}

    # Limits

    def tell_limits(self, name: str, breaches: Sequence[Breach], show: int) -> None:
        """The requests above their ceilings under one state, the largest excess first."""
        terminal, known = self.terminal, {self._key(each): each for each in self.breaches}
        shown = [each for each in breaches if self.year in (None, str(each.year))]
        terminal.print()
        requests = len({(each.ceiling.key, each.submission) for each in shown})
        facts = {"name": name, "count": terminal.number(len(shown)), "requests": terminal.number(requests)}
        terminal.say("scenario.limits", **facts)
        heads = [terminal.text(f"scenario.{word}") for word in ("year", "request", "limit", "above")]
        rows = [
            ["", *heads, *([terminal.text("scenario.above-base")] if name != terminal.text("scenario.base") else [])]
        ]
        for each in shown[:show]:
            figures = [terminal.number(plain_text(each.figure)), terminal.number(plain_text(each.limit))]
            row = [self._request(each), str(each.year), *figures, terminal.number(plain_text(each.excess))]
            if len(rows[0]) > len(row):
                before = known.get(self._key(each))
                row.append("–" if before is None else terminal.number(plain_text(before.excess)))
            rows.append(row)
        if len(rows) > 1:
            terminal.table(rows)
        if len(shown) > show:
            terminal.say("scenario.more", count=terminal.number(len(shown) - show))

    def _key(self, breach: Breach) -> tuple[object, ...]:
        return breach.ceiling.key, breach.submission, breach.year

    def _request(self, breach: Breach) -> str:
        norm = self.base.norms.norms[breach.ceiling.norm]
        unit = self.terminal.title(self.base.norms.units.get(str(breach.unit), {})) or str(breach.unit)
        return f"{breach.speaker} {self.terminal.title(norm.title)}, {unit[:1].lower() + unit[1:]}"

    # For programs

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            "ruleset": self.base.ruleset.name,
            "version": self.base.ruleset.version,
            "ruleset_digest": self.base.ruleset.digest,
            "norms_digest": self.base.norms.digest,
            "known": str(self.base.workbook.known) if self.base.workbook.known else None,
            "training": True,
            "currency": "KZT",
            "base": {"totals": self._totals(self.base.lines), "limits": [self._breach(each) for each in self.breaches]},
            "scenarios": [self._side(side) for side in self.sides],
        }

    def _side(self, side: Side) -> dict[str, Any]:
        causes = [
            {"cause": s.cause, "part": s.part, "subject": s.subject, "count": s.count, **self._by_year(moved)}
            for s, moved in side.explanation.by(["year"]).items()
        ]
        remainder = self._remainder(side)
        return {
            "name": side.scenario.name,
            "title": dict(side.scenario.title),
            "totals": self._totals(side.state.lines),
            "difference": {by: self._nested(self._moves(side, by), by) for by in ("year", "administrator", "specific")},
            "causes": causes,
            "causes_by": {by: self._causes_by(side, by) for by in ("administrator", "specific")},
            "remainder": self._by_year(remainder)["amounts"],
            "limits": [self._breach(each) for each in side.breaches],
            "findings": [finding_as_json(one) for one in side.found],
        }

    def _causes_by(self, side: Side, by: str) -> dict[str, Any]:
        return {
            cause: {
                code: decimal_text(amount, 2) for (code,), amount in self._moved(side, cause, [by]).items() if amount
            }
            for cause in CAUSES
        }

    def _moves(self, side: Side, by: str) -> Amounts:
        dimensions = ["year"] if by == "year" else [by, "year"]
        base, then = (roll_up(state.lines, dimensions).as_dict() for state in (self.base, side.state))
        return {key: then.get(key, 0) - base.get(key, 0) for key in sorted(base.keys() | then.keys())}

    def _totals(self, lines: Lines) -> dict[str, Any]:
        found = {by: ["year"] if by == "year" else [by, "year"] for by in ("administrator", "specific", "year")}
        return {by: self._nested(roll_up(lines, dimensions).as_dict(), by) for by, dimensions in found.items()}

    def _nested(self, amounts: Amounts, by: str) -> dict[str, Any]:
        """Code → year → amount; of the years themselves, year → amount."""
        told: dict[str, Any] = {}
        for key, amount in amounts.items():
            if key[-1] in self.years:
                (told if by == "year" else told.setdefault(key[0], {}))[key[-1]] = decimal_text(amount, 2)
        return told

    def _by_year(self, amounts: Mapping[tuple[str, ...], int]) -> dict[str, dict[str, str]]:
        return {"amounts": {year: decimal_text(amounts.get((year,), 0), 2) for year in self.years}}

    def _breach(self, breach: Breach) -> dict[str, Any]:
        return {
            "check": breach.ceiling.key[1],
            "norm": breach.ceiling.norm,
            "of": breach.speaker,
            "year": breach.year,
            "figure": plain_text(breach.figure),
            "limit": plain_text(breach.limit),
            "above": plain_text(breach.excess),
            "unit": str(breach.unit),
        }

    def table(self) -> Lines:
        """Lines of the base, and under each scenario's name all that moved, with the cause and what it was."""
        parts = [with_dimensions(self.base.lines, scenario=BASE, cause=BASE, subject="")]
        for side in self.sides:
            parts += [
                with_dimensions(
                    move.lines, scenario=side.scenario.name, cause=move.switch.cause, subject=named(move.switch)
                )
                for move in side.explanation.moves
                if len(move.lines)
            ]
        return joined(parts)

    # Words

    def money(self, tiyn: int, exact: bool = False) -> str:
        """Tenge; whole ones without decimals."""
        text = decimal_text(tiyn, 2)
        return self.terminal.number(text if exact else text.removesuffix(".00"))

    def signed(self, tiyn: int) -> str:
        """A difference: with its sign; nothing is a dash."""
        return ("+" if tiyn > 0 else "") + self.money(tiyn) if tiyn else "–"

    def _sum(self, amounts: Mapping[tuple[str, ...], int]) -> int:
        return sum(amounts.values())

    def _dimensions(self, by: Sequence[str]) -> str:
        return ", ".join(self.terminal.text(f"dimension.{name}") for name in by)

    def _label(self, by: Sequence[str], key: tuple[str, ...]) -> str:
        """Codes, and the title of the last."""
        listed = self.base.norms.classifications.get(by[-1])
        for state in (side.state for side in self.sides):
            listed = (
                listed if listed and key[-1] in listed.positions else state.norms.classifications.get(by[-1], listed)
            )
        title = ""
        if listed and key[-1] in listed.positions:
            title = self.terminal.title(listed.titles[listed.positions[key[-1]]])
        text = f"{' · '.join(key)} {title}".strip()
        return text if len(text) <= TITLE_LENGTH else text[: TITLE_LENGTH - 1].rstrip() + "…"

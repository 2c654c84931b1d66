"""`esep lines FOLDER`: printed budgets as lines, rolled up, and each printed total that is not the sum of its parts."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from api.budget_folder import LEVELS, Budget, Measure, read_budgets, thousands
from api.terminal import FOUND, OK, USAGE, Terminal, finding_as_json
from engine.explain.numbers import grouped
from engine.findings import LANGUAGES, Finding, finding, has_errors
from engine.lines import Difference, Lines, roll_up

PRINTED_LEVELS = LEVELS[:-1]


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help=about("folder"))
    parser.add_argument("--by", metavar="DIMENSIONS", help=about("by"))


def run(asked: Namespace, terminal: Terminal) -> int:
    """Read, roll up, compare; differences are findings, and so the exit code is 1."""
    by = asked.by.split(",") if asked.by else []
    slips = [name for name in by if name not in ("stage", "year", *LEVELS)]
    if slips:
        return _refused(terminal, slips)
    budgets, found = read_budgets(asked.folder)
    terminal.findings(found)
    told = [_file(terminal, budget, by) for budget in budgets]
    terminal.answer({"files": told, "findings": [finding_as_json(one) for one in found]})
    differ = any(measure["differences"] for file in told for measure in file["measures"])
    return FOUND if differ or has_errors(found) else OK


def _refused(terminal: Terminal, slips: Sequence[str]) -> int:
    found = [finding("dimension-unknown", got=name, known=", ".join(("stage", "year", *LEVELS))) for name in slips]
    terminal.findings(found)
    terminal.answer({"files": [], "findings": [finding_as_json(one) for one in found]})
    return USAGE


def _file(terminal: Terminal, budget: Budget, by: Sequence[str]) -> dict[str, Any]:
    counts = {level: len(roll_up(budget.lines, LEVELS[: i + 1])) for i, level in enumerate(LEVELS)}
    layout, parts = terminal.title(budget.layout.title), {"lines": len(budget.lines)}
    parts |= {"administrators": counts["administrator"], "programmes": counts["programme"]}
    terminal.say("lines.file", file=budget.file, layout=layout, year=budget.year or "?", **parts)
    differences = budget.differences()
    measures = [
        _measure(terminal, budget, measure, [d for d in differences if d.key[0] == measure.stage], counts)
        for measure in budget.layout.measures
    ]
    rolled = roll_up(budget.lines, by) if by else None
    if rolled is not None:
        terminal.table(
            [[*rolled.key(i), terminal.number(thousands(int(rolled.amounts[i])))] for i in range(len(rolled))]
        )
    told: dict[str, Any] = {"file": budget.file, "layout": budget.layout.name, "year": budget.year}
    told |= {**parts, "measures": measures}
    return told if rolled is None else told | {"by": list(by), "totals": _totals(rolled)}


def _measure(
    terminal: Terminal, budget: Budget, measure: Measure, differences: Sequence[Difference], counts: dict[str, int]
) -> dict[str, Any]:
    total = thousands(roll_up(budget.lines, ["stage"]).as_dict()[(measure.stage,)])
    wrong = {level: [d for d in differences if d.level[-1] == level] for level in PRINTED_LEVELS}
    largest = thousands(max((abs(d.amount) for d in differences), default=0))
    facts = {"measure": terminal.title(measure.title), "total": terminal.number(total)}
    if differences:
        levels = [_level(terminal, level, len(wrong[level]), counts[level]) for level in PRINTED_LEVELS]
        terminal.say("lines.differ", **facts, levels=", ".join(levels), largest=terminal.number(largest))
    else:
        terminal.say("lines.agree", **facts)
    terminal.findings([_finding(difference) for difference in differences])
    return {
        "measure": measure.name,
        "stage": measure.stage,
        "total": total,
        "levels": {level: {"totals": counts[level], "differ": len(wrong[level])} for level in PRINTED_LEVELS},
        "largest": largest,
        "differences": [_difference(budget, difference) for difference in differences],
    }


def _level(terminal: Terminal, level: str, count: int, of: int) -> str:
    return terminal.text("lines.level", count=count, of=of, level=terminal.text(f"dimension.{level}"))


def _finding(difference: Difference) -> Finding:
    path = " / ".join(difference.key[2:])
    amounts = {"printed": _amount(difference.printed), "summed": _amount(difference.summed)}
    amounts |= {"difference": thousands(difference.amount)}
    facts = {name: {lang: grouped(amount or "–", lang) for lang in LANGUAGES} for name, amount in amounts.items()}
    return finding("total-differs", None, path=path, **facts)


def _difference(budget: Budget, difference: Difference) -> dict[str, Any]:
    path = difference.key[2:]
    told: dict[str, Any] = {"level": difference.level[-1], **dict(zip(LEVELS, path, strict=False))}
    told |= {"title": budget.title(path), "printed": _amount(difference.printed)}
    return told | {"summed": _amount(difference.summed), "difference": thousands(difference.amount)}


def _amount(hundredths: int | None) -> str | None:
    return None if hundredths is None else thousands(hundredths)


def _totals(rolled: Lines) -> list[dict[str, str]]:
    return [
        {**dict(zip(rolled.dimensions, rolled.key(i), strict=True)), "amount": thousands(int(rolled.amounts[i]))}
        for i in range(len(rolled))
    ]

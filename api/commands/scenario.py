"""`esep scenario FILE…`: what if. The base and any number of scenarios side by side, what moved and why, and limits."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from api.arguments import choice, whole
from api.commands.calculate import prepared
from api.comparison import Comparison, Side
from api.installation import load_ruleset, rewritten, ruleset_folder
from api.lines_file import unwritable, write_lines
from api.republic import SIZES
from api.switch_words import SwitchWords
from api.terminal import FOUND, OK, USAGE, Terminal, finding_as_json
from engine.evaluate import recalculate
from engine.findings import Finding, finding, has_errors
from engine.lines import DIMENSIONS
from engine.renorm import WORTH_COMPILING
from engine.ruleset import Ruleset
from engine.scenario import Scenario, State, Switch, applied, explained, read_scenario, state_of
from engine.scenario.ceilings import breaches

SHOWN = 20
TABLES = (("year",), ("administrator",), ("specific",))
DEFAULTS = {"size": "demo", "ruleset": "budget-request"}


@dataclass(frozen=True, slots=True)
class Given:
    """A scenario and its file."""

    path: Path
    scenario: Scenario
    found: Sequence[Finding]


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=about("scenario-files"))
    parser.add_argument("--size", type=choice("--size", SIZES), metavar="SIZE", help=about("size"))
    parser.add_argument("--ruleset", metavar="RULESET", help=about("ruleset"))
    parser.add_argument("--by", metavar="DIMENSIONS", help=about("by"))
    parser.add_argument("--year", type=whole("--year", 1), metavar="YEAR", help=about("year"))
    parser.add_argument("--limits", action="store_true", help=about("limits"))
    parser.add_argument("--show", type=whole("--show", 0), default=SHOWN, metavar="N", help=about("scenario-show"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=about("scenario-out"))
    parser.add_argument("--progress", action="store_true", help=about("progress"))


def run(asked: Namespace, terminal: Terminal) -> int:
    """Read, calculate, compare, tell."""
    by = tuple(asked.by.split(",")) if asked.by else ()
    slips = [
        finding("dimension-unknown", got=name, known=", ".join(DIMENSIONS)) for name in by if name not in DIMENSIONS
    ]
    if slips:
        return _refused(terminal, slips, USAGE)
    given, found = _read(asked.files)
    found += unwritable(asked.out) if asked.out else []
    base_of, slips = _pinned(asked, given)
    if has_errors([*found, *slips]):
        return _refused(terminal, [*found, *slips])
    base, found = _base(terminal, base_of, given)
    if base is None:
        return _refused(terminal, found)
    if asked.year and asked.year not in base.plan.years:
        return _refused(terminal, [finding("scenario-year-unknown", got=asked.year, known=_years(base))], USAGE)
    sides, found = _sides(terminal, (base, base_of["ruleset"]), given)
    if has_errors(found):
        return _refused(terminal, found)
    year = str(asked.year) if asked.year else None
    with terminal.stage("limits"):
        comparison = Comparison(terminal, base, breaches(base), sides, year)
    _tell(terminal, comparison, asked, by)
    unwritten = write_lines(comparison.table(), asked.out) if asked.out else []
    terminal.findings(unwritten)
    terminal.answer(
        {"size": base_of["size"], **comparison.as_json(), "unwritten": [finding_as_json(one) for one in unwritten]}
    )
    return FOUND if unwritten else OK


def _read(files: Sequence[Path]) -> tuple[list[Given], list[Finding]]:
    """All scenarios, and what is wrong with any of them."""
    given: list[Given] = []
    found: list[Finding] = []
    for path in files:
        scenario, slips = read_scenario(path)
        found += slips
        if scenario is None:
            continue
        if any(each.scenario.name == scenario.name for each in given):
            found.append(finding("scenario-name-twice", scenario.place, name=scenario.name))
        given.append(Given(path, scenario, slips))
    return given, found


def _pinned(asked: Namespace, given: Sequence[Given]) -> tuple[dict[str, str], list[Finding]]:
    """The size and the ruleset of the base: as asked, else as the scenarios pin it; all must agree."""
    chosen: dict[str, str] = {}
    found: list[Finding] = []
    for what, default in DEFAULTS.items():
        pinned = [each.scenario.base.words.get(what, "") for each in given]
        chosen[what] = getattr(asked, what) or next(filter(None, pinned), default)
        for each, word in zip(given, pinned, strict=True):
            if word and word != chosen[what]:
                place = each.scenario.base.at(what)
                found.append(finding("scenario-base-differs", place, what=what, pinned=word, got=chosen[what]))
    if chosen["size"] not in SIZES:
        place = next(each.scenario.base.at("size") for each in given if each.scenario.base.words.get("size"))
        found.append(finding("scenario-size-unknown", place, got=chosen["size"], known=", ".join(SIZES)))
    return chosen, found


def _base(terminal: Terminal, base_of: dict[str, str], given: Sequence[Given]) -> tuple[State | None, list[Finding]]:
    """The base as it is calculated."""
    plan, workbook, found = prepared(terminal, base_of["size"], base_of["ruleset"])
    if plan is None or workbook is None:
        return None, found
    known = next((each.scenario.base.known for each in given if each.scenario.base.known), None)
    workbook = replace(workbook, known=known)
    with terminal.stage("calculate"):
        workbook, _ = recalculate(plan, workbook, compiled=WORTH_COMPILING)
    return state_of(plan, workbook), []


def _sides(terminal: Terminal, of: tuple[State, str], given: Sequence[Given]) -> tuple[list[Side], list[Finding]]:
    """Each scenario applied over a base, which is of that ruleset, and explained, as far as they can be."""
    base, name = of
    sides: list[Side] = []
    found: list[Finding] = []
    for each in given:
        ruleset, slips = ruleset_of(each.path, each.scenario, name)
        found += [one for one in slips if one.severity == "error"]
        if slips and has_errors(slips):
            continue
        with terminal.stage("scenario"):
            state, slips = applied(base, each.scenario, ruleset)
        found += slips
        if state is not None and not has_errors(found):
            with terminal.stage("causes"):
                explanation, slips = explained(base, state, _telling(terminal, base, state))
            found += slips
            if explanation is not None:
                sides.append(Side(each.scenario, state, explanation, breaches(state), slips))
    return sides, found


def ruleset_of(path: Path, scenario: Scenario, base: str) -> tuple[Ruleset | None, list[Finding]]:
    """The ruleset that a scenario of a file names, a folder beside it or one of this installation, or else the base's;
    with the files that the scenario writes otherwise."""
    if not scenario.has_ruleset:
        return None, []
    beside = path.parent / scenario.ruleset
    found = scenario.ruleset and (beside / "ruleset.yaml").is_file()
    name = str(beside) if found else scenario.ruleset or base
    if not scenario.rules:
        return load_ruleset(name)
    folder, slips = ruleset_folder(name)
    if folder is None:
        return None, slips
    pages = [folder / "ruleset.yaml", folder / "workflow.yaml", *(folder / "forms").glob("*.yaml")]
    files = {page.relative_to(folder).as_posix(): page.read_text(encoding="utf-8") for page in pages if page.is_file()}
    return rewritten(files, scenario)


def _telling(terminal: Terminal, base: State, state: State) -> Callable[[int, int, Switch], None] | None:
    """Says on stderr which step of the explanation is on, where people watch."""
    if not terminal.progress:
        return None
    words = SwitchWords(terminal, base, state)

    def tell(step: int, steps: int, switch: Switch) -> None:
        sys.stderr.write("\n" + terminal.text("scenario.step", step=step, steps=steps, what=words.of(switch)) + " … ")

    return tell


def _tell(terminal: Terminal, comparison: Comparison, asked: Namespace, by: tuple[str, ...]) -> None:
    base = comparison.base
    rows = sum(table.rows for table in base.workbook.tables.values())
    facts = {"ruleset": base.ruleset.name, "version": base.ruleset.version, "submissions": base.workbook.submissions}
    terminal.say("calculate.title", **facts, rows=terminal.number(rows), years=_years(base))
    terminal.say("calculate.training")
    for side in comparison.sides:
        title = terminal.title(side.scenario.title)
        terminal.say("scenario.title", name=side.scenario.name, title=title or "–")
    if any(len(state.lines) for state in (base, *(side.state for side in comparison.sides))):
        _tell_lines(comparison, by)
    else:
        terminal.say("calculate.no-lines")
    if asked.limits:
        comparison.tell_limits(terminal.text("scenario.base"), comparison.breaches, asked.show)
        for side in comparison.sides:
            comparison.tell_limits(side.scenario.name, side.breaches, asked.show)
    if asked.out:
        terminal.print()
    terminal.say("scenario.time", seconds=terminal.number(f"{sum(terminal.seconds.values()):.2f}"))


def _tell_lines(comparison: Comparison, by: tuple[str, ...]) -> None:
    for dimensions in (by,) if by else TABLES:
        comparison.tell_totals(dimensions)
    for side in comparison.sides:
        comparison.tell_causes(side)
        comparison.tell_causes_by(side, by or ("administrator",))


def _years(state: State) -> str:
    return f"{state.plan.years[0]}–{state.plan.years[-1]}"


def _refused(terminal: Terminal, found: Sequence[Finding], code: int = FOUND) -> int:
    terminal.findings(found)
    terminal.answer({"findings": [finding_as_json(one) for one in found]})
    return code

"""A scenario put over its base: the same calculation with other norms, limits, rules and cells.

Where only norms change, only what reads them runs; cells are edits like any other. What a scenario names and its base
does not have is a finding at its place in the scenario's text, and then there is no state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from engine.evaluate import recalculate
from engine.findings import Finding, finding, has_errors, ordered
from engine.norms import Norms
from engine.plan import Plan, compile_plan
from engine.renorm import renormed, worth_compiling
from engine.ruleset import Ruleset
from engine.scenario.cells import edits_of, refusals
from engine.scenario.overrides import About, Overriding
from engine.scenario.refitting import refitted
from engine.scenario.state import SPEAKERS, State, header_codes, state_of
from engine.scenario.text import Scenario
from engine.workbook import Workbook

DIGEST_SHORTEST = 8
"""So many characters of a digest at least pin it."""


def applied(base: State, scenario: Scenario, ruleset: Ruleset | None = None) -> tuple[State | None, list[Finding]]:
    """The base's state under a scenario, or None and why not. `ruleset` is the one that the scenario names, if it names
    one: the engine opens no folders by name."""
    assert bool(ruleset) == bool(scenario.ruleset), "the ruleset that a scenario names is given, and only that"
    found = list(_unpinned(base, scenario))
    norms, slips = with_overrides(base, scenario)
    found += slips
    if has_errors(found):
        return None, ordered(found)
    plan, workbook, slips = _calculated(base, norms, ruleset)
    if plan is None:
        return None, [*found, *slips]
    edits, slips = edits_of(plan, workbook, scenario)
    found += slips
    if has_errors(found):
        return None, ordered(found)
    if edits:
        compiled = worth_compiling(workbook)
        workbook, delta = recalculate(plan, workbook, [edit for _, edit in edits], compiled)
        found += refusals(edits, delta.findings)
    return (None, ordered(found)) if has_errors(found) else (state_of(plan, workbook), found)


def with_overrides(base: State, scenario: Scenario) -> tuple[Norms, list[Finding]]:
    """The base's norms with the scenario's, its limits last; those that cannot be put in are findings."""
    first, known = date(base.plan.years[0], 1, 1), base.workbook.known
    overriding = Overriding(base.norms, About(scenario.name, first, known, institutions(base)))
    for override in scenario.norms:
        overriding.put(override)
    for override in scenario.limits:
        overriding.put_limit(override)
    if overriding.norms is base.norms:
        return base.norms, overriding.found
    return replace(overriding.norms, digest=""), overriding.found


def institutions(state: State) -> dict[str, list[str]]:
    """The institutions that speak in a state, by their administrators."""
    found: dict[str, list[str]] = {}
    if set(SPEAKERS) <= state.workbook.header.keys():
        codes = [header_codes(state.plan, state.workbook, name) for name in SPEAKERS]
        for institution, administrator in zip(*codes, strict=True):
            if institution not in found.setdefault(administrator, []):
                found[administrator].append(institution)
    return found


def _unpinned(base: State, scenario: Scenario) -> Iterator[Finding]:
    """Where the base is not the one that the scenario was written against."""
    here = {
        "ruleset": base.ruleset.name,
        "version": base.ruleset.version,
        "ruleset-digest": base.ruleset.digest,
        "norms-digest": base.norms.digest,
    }
    pin = scenario.base
    for name, held in here.items():
        got = pin.words.get(name, "")
        short = name.endswith("-digest") and len(got) >= DIGEST_SHORTEST and held.startswith(got)
        if got and got != held and not short:
            yield finding("scenario-base-differs", pin.at(name), what=name, pinned=got, got=held)
    if pin.known is not None and pin.known != base.workbook.known:
        facts = {"what": "known", "pinned": pin.known, "got": base.workbook.known or "–"}
        yield finding("scenario-base-differs", pin.at("known"), **facts)


def _calculated(base: State, norms: Norms, ruleset: Ruleset | None) -> tuple[Plan | None, Workbook, list[Finding]]:
    """The plan under the scenario's norms and rules, and the base's inputs calculated by it."""
    if ruleset is None:
        if norms is base.norms:
            return base.plan, base.workbook, []
        plan, workbook, _ = renormed(base.plan, base.workbook, norms)
        return plan, workbook, []
    if ruleset.years != base.plan.years:
        years = (f"{years[0]}-{years[-1]}" for years in (base.plan.years, ruleset.years))
        return None, base.workbook, [finding("states-of-other-years", None, before=next(years), after=next(years))]
    made, found = compile_plan(ruleset, norms)
    if made is None:
        return None, base.workbook, [one for one in found if one.severity == "error"]
    fitted = refitted(base.workbook, base.ruleset, ruleset, norms)
    return made, recalculate(made, fitted, compiled=worth_compiling(fitted))[0], []

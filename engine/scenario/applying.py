"""A scenario put over its base: the same calculation with other norms, limits, rules and cells.

Where only norms or cells change, only what reads them runs; cells are judged as edits are. What a scenario names and
its base does not have is a finding at its place in the scenario's text, and then there is no state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from engine.editing import edited
from engine.findings import Finding, finding, has_errors, ordered
from engine.norms import Norms
from engine.plan import compile_plan
from engine.renorm import renormed
from engine.ruleset import Ruleset
from engine.scenario.cells import edits_of, refusals
from engine.scenario.overrides import About, Overriding
from engine.scenario.refitting import refitted
from engine.scenario.state import SPEAKERS, State, header_codes, moved_to, state_of
from engine.scenario.text import Scenario

DIGEST_SHORTEST = 8
"""So many characters of a digest at least pin it."""


def applied(base: State, scenario: Scenario, ruleset: Ruleset | None = None) -> tuple[State | None, list[Finding]]:
    """The base's state under a scenario, or None and why not. `ruleset` is the one that the scenario names or
    writes otherwise, if it does: the engine opens no folders by name."""
    assert bool(ruleset) == scenario.has_ruleset, "the ruleset that a scenario names is given, and only that"
    found = list(_unpinned(base, scenario))
    norms, slips = with_overrides(base, scenario)
    found += slips
    if has_errors(found):
        return None, ordered(found)
    state, slips = _calculated(base, norms, ruleset)
    if state is None:
        return None, [*found, *slips]
    edits, slips = edits_of(state.plan, state.workbook, scenario)
    found += slips
    if has_errors(found) or not edits:
        return (None, ordered(found)) if has_errors(found) else (state, found)
    workbook, _, refused = edited(state.plan, state.workbook, [edit for _, edit in edits])
    found += refusals(edits, refused)
    return (None, ordered(found)) if has_errors(found) else (moved_to(state, state.plan, workbook, True), found)


def with_overrides(base: State, scenario: Scenario) -> tuple[Norms, list[Finding]]:
    """The base's norms with the scenario's, its limits last; those that cannot be put in are findings."""
    first, known = date(base.plan.years[0], 1, 1), base.workbook.known
    about = About(scenario.name, first, known, institutions(base), base.ruleset.limits)
    overriding = Overriding(base.norms, about)
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


def _calculated(base: State, norms: Norms, ruleset: Ruleset | None) -> tuple[State | None, list[Finding]]:
    """The base's inputs under the scenario's norms and rules."""
    if ruleset is None:
        if norms is base.norms:
            return base, []
        plan, workbook, _ = renormed(base.plan, base.workbook, norms)
        return state_of(plan, workbook), []
    if ruleset.years != base.plan.years:
        years = (f"{years[0]}-{years[-1]}" for years in (base.plan.years, ruleset.years))
        return None, [finding("states-of-other-years", None, before=next(years), after=next(years))]
    made, found = compile_plan(ruleset, norms)
    if made is None:
        return None, [one for one in found if one.severity == "error"]
    return state_of(made, refitted(base.workbook, base.ruleset, ruleset, norms)), []

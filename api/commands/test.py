"""`esep test [RULESET…]`: the cases that stand beside a ruleset, each told as passed or with what differs and where."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any

from api.installation import installed_norms, ruleset_folder, ruleset_names
from api.terminal import FOUND, OK, Terminal, finding_as_json
from engine.cases import run_case
from engine.cases.text import load_cases
from engine.check import check
from engine.findings import Finding, has_errors
from engine.norms import Norms
from engine.ruleset.loader import load


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("rulesets", nargs="*", metavar="RULESET", help=about("rulesets"))


def run(asked: Namespace, terminal: Terminal) -> int:
    """Run all cases of each ruleset; a ruleset with errors is not run."""
    norms, found = installed_norms()
    terminal.findings(found)
    told = [_ruleset(terminal, name, norms) for name in asked.rulesets or ruleset_names()]
    terminal.answer({"findings": [finding_as_json(one) for one in found], "rulesets": told})
    return FOUND if has_errors(found) or any(one["failed"] or one["errors"] for one in told) else OK


def _ruleset(terminal: Terminal, name: str, norms: Norms) -> dict[str, Any]:
    folder, found = ruleset_folder(name)
    ruleset, slips = load(folder) if folder else (None, found)
    found = [*slips, *(check(ruleset, norms) if ruleset else [])]
    cases, wrong = load_cases(folder) if folder else ([], [])
    told: dict[str, Any] = {"ruleset": name, "passed": 0, "failed": 0, "cases": []}
    errors = [one for one in [*found, *wrong] if one.severity == "error"]
    terminal.findings(errors)
    if ruleset is None or errors:
        return told | {"errors": _as_json(errors)}
    for case in cases:
        differences = run_case(case, ruleset, norms)
        terminal.findings(differences)
        told["failed" if differences else "passed"] += 1
        told["cases"].append({"name": case.name, "findings": _as_json(differences)})
    if told["failed"]:
        terminal.say("test.failed", ruleset=name, failed=told["failed"], passed=told["passed"])
    else:
        terminal.say("test.passed", ruleset=name, passed=told["passed"])
    return told | {"errors": []}


def _as_json(found: list[Finding]) -> list[dict[str, Any]]:
    return [finding_as_json(one) for one in found]

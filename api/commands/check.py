"""`esep check [RULESET…]`: what is wrong with norms and rulesets, each finding with its file, line and column."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from api.installation import installed_norms, load_ruleset, ruleset_names
from api.terminal import FOUND, OK, Terminal, finding_as_json
from engine.check import check
from engine.findings import Finding, has_errors, ordered
from engine.norms import Norms
from engine.ruleset import Ruleset


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("rulesets", nargs="*", metavar="RULESET", help=about("rulesets"))


def run(asked: Namespace, terminal: Terminal) -> int:
    """Check each ruleset against the norms and the other rulesets of the installation."""
    norms, found = installed_norms()
    loaded = {name: load_ruleset(name) for name in [*ruleset_names(), *asked.rulesets]}
    known = [ruleset for ruleset, _ in loaded.values() if ruleset is not None]
    told: dict[str, list[Finding]] = {"norms": ordered(found)}
    for name in asked.rulesets or ruleset_names():
        told[name] = ordered(_checked(*loaded[name], norms, known))
    for name, findings in told.items():
        if findings:
            terminal.findings(findings)
        else:
            terminal.say("check.clean", ruleset=name)
    terminal.answer({name: [finding_as_json(one) for one in findings] for name, findings in told.items()})
    return FOUND if any(has_errors(findings) for findings in told.values()) else OK


def _checked(ruleset: Ruleset | None, found: list[Finding], norms: Norms, known: list[Ruleset]) -> list[Finding]:
    if ruleset is None:
        return found
    others = [other for other in known if other.name != ruleset.name]
    return [*found, *check(ruleset, norms, others)]

"""`esep norms NAME`: every value that a norm had, with its act, dates and how far it was verified.

`esep norms lint`: what a keeper of norms should look at, kind by kind. No norm may be called `lint`.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from api.arguments import SlipError, choice, day, times
from api.installation import NORMS, installed_norms, load_ruleset, ruleset_names
from api.republic import TRAINING_NORMS
from api.terminal import FOUND, OK, Terminal, finding_as_json
from engine.explain.numbers import exact_text
from engine.findings import SEVERITIES, Finding, finding, has_errors
from engine.lint import KINDS, Thresholds, kind_of, lint, with_loader
from engine.lint.uses import readers
from engine.norms import Norm, Norms, NormValue, current, history
from engine.norms.loader import load_norms
from engine.ruleset import Ruleset
from engine.text.nearest import nearest

LINT = "lint"


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("name", nargs="?", metavar="NAME|lint", help=about("norm"))
    parser.add_argument("--on", type=day("--on"), metavar="DATE", help=about("on"))
    parser.add_argument("--training", action="store_true", help=about("training"))
    parser.add_argument("--only", type=choice("--only", KINDS), metavar="KIND", help=about("lint-only"))
    parser.add_argument("--used", action="store_true", default=None, help=about("lint-used"))
    parser.add_argument("--jump", type=times("--jump"), metavar="TIMES", help=about("lint-jump"))
    parser.add_argument("--norms", type=Path, metavar="FOLDER", help=about("lint-norms"))


def run(asked: Namespace, terminal: Terminal) -> int:
    """List the norms, tell one's history, or lint them."""
    if asked.name == LINT:
        return _linted(asked, terminal)
    _refuse_lint_options(asked)
    norms, found = installed_norms(asked.training)
    if asked.name is None:
        return _listed(terminal, norms, found)
    if asked.name not in norms.norms:
        unknown = finding("norm-not-found", got=asked.name, nearest=nearest(asked.name, norms.norms))
        terminal.findings([unknown])
        terminal.answer({"findings": [finding_as_json(unknown)]})
        return FOUND
    norm = norms.norms[asked.name]
    kept = _in_force(norm, asked.on) if asked.on else norm.values
    values = [value for value in history(norms, asked.name) if value in kept]
    terminal.print(f"{norm.name}: {terminal.title(norm.title)}, {terminal.text('norms.unit', unit=norm.unit.declared)}")
    if norm.basis:
        terminal.print(norm.basis)
    for value in values:
        terminal.print(_line(terminal, norm, value))
    if not values and norm.values:
        terminal.say("norms.none-on", day=asked.on)
    elif not values:
        terminal.say("norms.without-values")
    terminal.answer(_as_json(norm, values))
    return OK


def _refuse_lint_options(asked: Namespace) -> None:
    for option in ("only", "used", "jump", "norms"):
        if getattr(asked, option) is not None:
            raise SlipError(finding("option-misused", option=f"--{option}", usage=f"esep norms lint --{option} …"))


def _linted(asked: Namespace, terminal: Terminal) -> int:
    """All findings, or those of one kind, or of norms that rulesets ask for; then how many of each kind."""
    norms, told = load_norms(asked.norms or NORMS, [TRAINING_NORMS] if asked.training else [])
    rulesets = [ruleset for name in ruleset_names() if (ruleset := load_ruleset(name)[0]) is not None]
    on, thresholds = asked.on or date.today(), Thresholds(asked.jump) if asked.jump else Thresholds()
    found = _kept(asked, with_loader(told, lint(norms, rulesets, on, thresholds)), rulesets)
    counts = Counter(kind_of(one.code) for one in found)
    terminal.findings(found)
    severities = Counter(one.severity for one in found)
    spoken = [f"{terminal.text(f'severity.{name}')} {severities[name]}" for name in SEVERITIES]
    kinds = [f"{terminal.text(f'kind.{kind}')} ({kind}) {counts[kind]}" for kind in KINDS if counts[kind]]
    terminal.say("norms.linted", norms=len(norms.norms), day=on, found=len(found), severities=", ".join(spoken))
    if kinds:
        terminal.print(", ".join(kinds))
    answer = [{"kind": kind_of(one.code)} | finding_as_json(one) for one in found]
    jump = exact_text(thresholds.jump)
    terminal.answer({"on": str(on), "jump": jump, "counts": {k: counts[k] for k in KINDS}, "findings": answer})
    return FOUND if has_errors(found) else OK


def _kept(asked: Namespace, found: Sequence[Finding], rulesets: Sequence[Ruleset]) -> list[Finding]:
    known = readers(rulesets)
    kept = [one for one in found if asked.only in {None, kind_of(one.code)}]
    return [one for one in kept if not asked.used or "norm" not in one.args or one.args["norm"] in known]


def _listed(terminal: Terminal, norms: Norms, found: list[Finding]) -> int:
    terminal.findings(found)
    names = sorted(norms.norms)
    for norm in (norms.norms[name] for name in names):
        terminal.print(f"{norm.name}  {terminal.title(norm.title)} ({norm.unit.declared})")
    listed = {name: {"title": dict(norms.norms[name].title), "unit": norms.norms[name].unit.declared} for name in names}
    terminal.answer({"norms": listed, "findings": [finding_as_json(one) for one in found]})
    return OK


def _in_force(norm: Norm, on: date) -> list[NormValue]:
    return [value for layer in norm.layers for values in layer.values() for value in current(values, on, None)]


def _line(terminal: Terminal, norm: Norm, value: NormValue) -> str:
    keys = ", ".join(f"{key.name} {_text(part)}" for key, part in zip(norm.keys, value.keys, strict=True))
    amount = terminal.text("norms.absent") if value.value is None else terminal.number(_text(value.value))
    when = f"{value.start} – {value.end or ''}".rstrip()
    told = [terminal.text(f"verified.{value.verified}"), value.source, value.note]
    told += [] if value.start_verified else [terminal.text("norms.start-from-memory")]
    told += [terminal.text("norms.known", day=value.known)] if value.known else []
    return f"  {when}  {keys + ': ' if keys else ''}{amount}  [{'; '.join(part for part in told if part)}]"


def _as_json(norm: Norm, values: list[NormValue]) -> dict[str, Any]:
    return {
        "norm": norm.name,
        "title": dict(norm.title),
        "unit": norm.unit.declared,
        "basis": norm.basis,
        "values": [_value(norm, value) for value in values],
    }


def _value(norm: Norm, value: NormValue) -> dict[str, Any]:
    return {
        "keys": {key.name: _text(part) for key, part in zip(norm.keys, value.keys, strict=True)},
        "from": str(value.start),
        "to": str(value.end) if value.end else None,
        "known": str(value.known) if value.known else None,
        "value": None if value.value is None else _text(value.value),
        "source": value.source,
        "verified": value.verified,
        "from_verified": value.start_verified,
        "note": value.note,
    }


def _text(part: object) -> str:
    return exact_text(part) if isinstance(part, Fraction) else str(part)

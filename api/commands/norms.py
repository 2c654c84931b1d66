"""`esep norms NAME`: every value that a norm had, with its act, dates and how far it was verified."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from api.arguments import day
from api.installation import installed_norms
from api.terminal import FOUND, OK, Terminal, finding_as_json
from engine.explain.numbers import exact_text
from engine.findings import Finding, finding
from engine.norms import Norm, Norms, NormValue, current, history
from engine.text.nearest import nearest


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("name", nargs="?", metavar="NAME", help=about("norm"))
    parser.add_argument("--on", type=day("--on"), metavar="DATE", help=about("on"))
    parser.add_argument("--training", action="store_true", help=about("training"))


def run(asked: Namespace, terminal: Terminal) -> int:
    """List the norms, or tell one's history."""
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

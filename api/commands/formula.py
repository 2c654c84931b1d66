"""`esep formula '=ROUND(2.5,0)'`: a formula answered exactly; `--batch FILE`: a JSON request and answer a line."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from api.terminal import FOUND, OK, USAGE, Terminal, finding_as_json
from engine.explain_numbers import exact_text
from engine.findings import Place, finding
from engine.formula import Expr, parse
from engine.functions.values import ExcelError, Range, UnsupportedError, Value
from engine.oracle import evaluate
from engine.oracle_batch import answer, batch

FILE = "formula"
"""How findings call what was typed."""


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("formula", nargs="?", metavar="FORMULA", help=about("formula-text"))
    parser.add_argument("--batch", type=Path, metavar="FILE", help=about("batch"))


def run(asked: Namespace, terminal: Terminal) -> int:
    """Answer one formula, or a file of them."""
    if asked.batch is not None:
        return _batch(asked.batch, terminal)
    if asked.formula is None:
        terminal.findings([finding("formula-not-given")])
        return USAGE
    tree, problems = parse(asked.formula)
    if tree is not None:
        return _answered(tree, asked.formula, terminal)
    found = []
    for problem in problems:
        told = {"got": problem.got, "expected": problem.expected, "hint": problem.hint}
        found.append(finding(problem.code, Place(FILE, 1, problem.span[0] + 1), **told))
    terminal.findings(found)
    terminal.answer({"error": "unsupported", "findings": [finding_as_json(one) for one in found]})
    return FOUND


def _answered(tree: Expr, formula: str, terminal: Terminal) -> int:
    told = answer(json.dumps({"formula": formula}))
    terminal.answer(told)
    try:
        terminal.print(_text(evaluate(tree)))
    except (UnsupportedError, RecursionError, MemoryError) as error:
        terminal.findings([finding("formula-unsupported", Place(FILE, 1, 1), what=error)])
    return FOUND if told.get("error") == "unsupported" else OK


def _batch(path: Path, terminal: Terminal) -> int:
    try:
        with path.open(encoding="utf-8") as requests:
            for told in batch(requests):
                sys.stdout.write(told + "\n")
    except (OSError, UnicodeDecodeError) as error:
        terminal.findings([finding("file-not-read", file=path, problem=error)])
        return USAGE
    return OK


def _text(value: Value) -> str:
    match value:
        case Range(rows):
            return "\n".join("\t".join(_text(cell) for cell in row) for row in rows)
        case bool():
            return "TRUE" if value else "FALSE"
        case Fraction():
            return exact_text(value)
        case ExcelError(code=code):
            return code
    return value or ""

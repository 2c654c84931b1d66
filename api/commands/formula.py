"""`esep formula '=ROUND(2.5,0)'`: a formula answered exactly; `--batch FILE`: a JSON request and answer a line."""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

from api.terminal import FOUND, OK, USAGE, Terminal, finding_as_json
from engine.check.calls import misfit
from engine.explain.numbers import NORMS, exact_text
from engine.findings import LANGUAGES, Finding, Place, finding
from engine.formula import Call, Column, Expr, parse, print_formula, walk
from engine.formula.languages import writing
from engine.formula.tokens import FormulaProblem
from engine.functions import FUNCTIONS, of_role
from engine.functions.signature import parameters
from engine.functions.values import ExcelError, Range, UnsupportedError, Value
from engine.oracle import evaluate
from engine.oracle.batch import answer, batch
from engine.text.nearest import nearest

FILE = "formula"
"""How findings call what was typed."""
_OWNER = {"kk": "Формула", "ru": "Формула", "en": "The formula"}
_CYRILLIC_CALL = re.compile(r"[\u0400-\u04ff][\w.]*\(")


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("formula", nargs="?", metavar="FORMULA", help=about("formula-text"))
    parser.add_argument("--batch", type=Path, metavar="FILE", help=about("batch"))


def run(asked: Namespace, terminal: Terminal) -> int:
    """Answer one formula, or a file of them."""
    if asked.batch is not None:
        return _refused([finding("formula-or-batch")], terminal) if asked.formula else _batch(asked.batch, terminal)
    if asked.formula is None:
        return _refused([finding("formula-not-given")], terminal)
    tree, problems = _parsed(asked.formula, terminal.language)
    found = [_finding(problem) for problem in problems] or _foreign(tree)
    if tree is not None and not found:
        return _answered(tree, terminal)
    terminal.findings(found)
    terminal.answer({"error": "unsupported", "findings": [finding_as_json(one) for one in found]})
    return FOUND


def _refused(found: list[Finding], terminal: Terminal) -> int:
    terminal.findings(found)
    terminal.answer({"findings": [finding_as_json(one) for one in found]})
    return USAGE


def _parsed(text: str, language: str) -> tuple[Expr | None, list[FormulaProblem]]:
    """A formula as Excel writes it in English, in the language of this run, or in that of its functions' names."""
    others = [name for name in LANGUAGES if name not in ("en", language)] if _CYRILLIC_CALL.search(text) else []
    read = [parse(text, name) for name in dict.fromkeys(["en", language, *others])]
    whole = next((one for one in read if one[0] is not None and not _unknown(one[0])), None)
    return whole or (read[-1] if others else read[0])


def _unknown(tree: Expr) -> list[Call]:
    return [node for node in walk(tree) if isinstance(node, Call) and node.name not in FUNCTIONS]


def _foreign(tree: Expr | None) -> list[Finding]:
    """What has no value here: functions that there are not or that lack arguments, and what asks for rows of a form."""
    return [one for node in walk(tree) for one in _of_node(node)] if tree is not None else []


def _of_node(node: Expr) -> Iterator[Finding]:
    match node:
        case Call(name) if name not in FUNCTIONS:
            names = (*FUNCTIONS, *(word for language in LANGUAGES for word in writing(language).functions.values()))
            yield finding("function-unknown", _place(node), owner=_OWNER, got=name, nearest=nearest(name, names))
        case Call(name, args) if parameters(FUNCTIONS[name]).given(len(args)) is None:
            code, facts = misfit(node)
            yield finding(code, _place(node), owner=_OWNER, **facts)
        case Column() | Call("PREVIOUS" | "TO.DATE" | "UNDER" | "OWN.LINES"):
            yield finding("formula-outside-form", _place(node), what=print_formula(node)[1:])
        case Call(name) if name in NORMS or (name in of_role("population") and FUNCTIONS[name].lazy):
            yield finding("formula-outside-form", _place(node), what=print_formula(node)[1:])


def _finding(problem: FormulaProblem) -> Finding:
    told = {"got": problem.got, "expected": problem.expected, "hint": problem.hint}
    return finding(problem.code, Place(FILE, 1, problem.span[0] + 1), **told)


def _place(node: Call | Column) -> Place:
    return Place(FILE, 1, node.span[0] + 1)


def _answered(tree: Expr, terminal: Terminal) -> int:
    told = answer(json.dumps({"formula": print_formula(tree)}))
    terminal.answer(told)
    try:
        terminal.print(_text(evaluate(tree)))
    except (UnsupportedError, RecursionError, MemoryError) as error:
        terminal.findings([finding("formula-unsupported", Place(FILE, 1, 1), what=error)])
    return FOUND if told.get("error") == "unsupported" else OK


def _batch(path: Path, terminal: Terminal) -> int:
    try:
        source = Path("/dev/stdin") if str(path) == "-" else path
        with source.open(encoding="utf-8-sig", errors="surrogateescape") as requests:
            for told in batch(requests):
                sys.stdout.write(told + "\n")
    except OSError as error:
        if isinstance(error, BrokenPipeError) or not error.filename:
            raise
        return _refused([finding("file-not-read", file=path, problem=error.strerror or error)], terminal)
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

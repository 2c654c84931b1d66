"""The words after `esep`: which command, with what, in which language; a slip is a finding that names what was meant.

Every option reads its own value (`choice`, `whole`, `day`), so that what is wrong with one is told in the language of
the run and not in that of a library. `--lang` and `--json` may stand anywhere.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fractions import Fraction
from importlib import import_module
from typing import Any, NoReturn

from api.terminal import OK, USAGE, Terminal, finding_as_json, say
from engine.findings import LANGUAGES, Finding, finding
from engine.text.nearest import nearest

COMMANDS = (
    "calculate", "scenario", "explain", "check", "test", "norms", "formula", "lines", "bench", "demo", "serve",
    "verify", "backup", "restore", "upgrade",
)  # fmt: skip
"""Each a module of `api.commands`, loaded when it is asked for."""
EXAMPLES = {
    "program": ("calculate --size demo", "explain summary.amount.#1@2026 --lang ru"),
    "calculate": ("calculate --size demo", "calculate --size national --out lines.xlsx --lang ru"),
    "scenario": (
        "scenario pay-up.yaml",
        "scenario pay-up.yaml cut.yaml --by administrator --year 2027 --limits --lang ru",
    ),
    "explain": ("explain pay_civil_employees.fund.#1@2026", "explain --form summary --row 2 --depth 2 --lang kk"),
    "check": ("check", "check budget-request --lang ru"),
    "test": ("test budget-law",),
    "norms": ("norms mci --on 2026-01-01", "norms trip.hotel --training", "norms lint --only jump --jump 2"),
    "formula": ("formula '=ROUND(2.5,0)'", "formula '=ОКРУГЛ(2,5;0)'", "formula --batch formulas.jsonl"),
    "lines": ("lines budgets/", "lines budgets/ --by administrator,programme"),
    "bench": ("bench", "bench nation --record"),
    "demo": ("demo", "demo --size national --folder national-data --workers 2"),
    "serve": ("serve", "serve --database postgresql://esep@localhost/esep --workers 2"),
    "backup": ("backup esep.backup", "backup esep.backup --database postgresql://esep@localhost/esep"),
    "restore": ("restore esep.backup --folder esep-data",),
    "upgrade": ("upgrade --database postgresql://esep@localhost/esep",),
    "verify": ("verify", "verify --folder esep-data --lang kk"),
}
WHOLE_MAX = 10**9


class SlipError(Exception):
    """A command that was written wrongly."""

    def __init__(self, told: Finding) -> None:
        super().__init__(str(told))
        self.told = told


def load(words: Sequence[str]) -> None:
    """Import the command that the words name."""
    if (name := _named(words)) is not None:
        import_module(f"api.commands.{name}")


def run(words: Sequence[str]) -> int:
    """Read the words and run the command that they name."""
    terminal = Terminal(language_of(words), "--json" in words)
    try:
        asked = _read(words, terminal.language)
        terminal.progress = bool(getattr(asked, "progress", False)) or sys.stderr.isatty()
        code: int = import_module(f"api.commands.{asked.command}").run(asked, terminal)
    except SlipError as slip:
        sys.stderr.write(terminal.finding(slip.told) + "\n")
        terminal.answer({"findings": [finding_as_json(slip.told)]})
        return USAGE
    except SystemExit as left:
        return int(left.code or OK)
    return code


def language_of(words: Sequence[str]) -> str:
    """The language asked for, else that of the environment, else English."""
    for i, word in enumerate(words):
        asked = word.removeprefix("--lang=") if word.startswith("--lang=") else "".join(words[i + 1 : i + 2])
        if word.startswith("--lang") and asked in LANGUAGES:
            return asked
    place = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return place[:2] if place[:2] in LANGUAGES else "en"


def choice(option: str, known: Iterable[str]) -> Callable[[str], str]:
    """Reads one of a few words."""
    names = list(known)

    def read(written: str) -> str:
        if written in names:
            return written
        near, known = nearest(written, names), ", ".join(names)
        raise SlipError(finding("option-value-unknown", option=option, got=written, nearest=near, known=known))

    return read


def whole(option: str, least: int) -> Callable[[str], int]:
    """Reads a whole number that is not below the least."""

    def read(written: str) -> int:
        if re.fullmatch(r"\d{1,9}", written, re.ASCII) and int(written) >= least:
            return int(written)
        raise SlipError(finding("option-value-not-whole", option=option, got=written, least=least, most=WHOLE_MAX - 1))

    return read


def day(option: str) -> Callable[[str], date]:
    """Reads a date such as 2026-01-31."""

    def read(written: str) -> date:
        try:
            return date.fromisoformat(written)
        except ValueError:
            raise SlipError(finding("option-value-no-day", option=option, got=written)) from None

    return read


def times(option: str) -> Callable[[str], Fraction]:
    """Reads how many times more counts as much: a decimal number above 1, such as 1.5 or 1,5."""

    def read(written: str) -> Fraction:
        if re.fullmatch(r"\d{1,6}(?:[.,]\d{1,6})?", written, re.ASCII):
            ratio = Fraction(written.replace(",", "."))
            if ratio > 1:
                return ratio
        raise SlipError(finding("option-value-no-ratio", option=option, got=written))

    return read


def _read(words: Sequence[str], language: str) -> argparse.Namespace:
    parser = _parser(language, words)
    if not words:
        parser.print_help(sys.stderr)
        raise SystemExit(USAGE)
    _refuse_unknown_command(words)
    try:
        asked, left = parser.parse_known_args(words)
    except argparse.ArgumentError as error:
        raise SlipError(_misused(error, words, language)) from None
    left = [word for word in left if word != "--json"]
    if left:
        raise SlipError(_too_much(left[0], _usage(words, language)))
    return asked


def _refuse_unknown_command(words: Sequence[str]) -> None:
    spoken = [word for before, word in zip(["", *words], words, strict=False) if before != "--lang" and word[:1] != "-"]
    if spoken and (got := spoken[0]) not in COMMANDS:
        near, known = nearest(got, COMMANDS), ", ".join(COMMANDS)
        raise SlipError(finding("command-unknown", got=got, nearest=near, known=known))


def _too_much(word: str, usage: str) -> Finding:
    if not word.startswith("-"):
        return finding("argument-too-many", got=word, usage=usage)
    name, known = word.partition("=")[0], re.findall(r"--[\w-]+", usage)
    return finding("option-unknown", got=name, nearest=nearest(name, known), known=", ".join(known))


def _misused(error: argparse.ArgumentError, words: Sequence[str], language: str) -> Finding:
    usage = _usage(words, language)
    if error.argument_name is None:
        missing = error.message.rpartition(": ")[2]
        return finding("argument-missing", got=missing, usage=usage)
    option = error.argument_name.rpartition("/")[2]
    written = re.search(rf"{re.escape(option)}[^\]|]*", usage)
    return finding("option-misused", option=option, usage=written[0] if written else option)


def _usage(words: Sequence[str], language: str) -> str:
    """How the command is written, in one line."""
    parser = _parser(language, words)
    command = _named(words)
    told = (parser.of_commands[command] if command else parser).format_usage()
    return " ".join(told.split()).partition(": ")[2].removesuffix(" ...")


def _named(words: Sequence[str]) -> str | None:
    """The command among the words; the same word later is the value of an option."""
    return next((word for word in words if word in COMMANDS), None)


class _Parser(argparse.ArgumentParser):
    """One that speaks the language of the run, and leaves it to the program how a slip is told."""

    def __init__(self, prog: str, language: str, about: str) -> None:
        self.language = language
        self.of_commands: dict[str, _Parser] = {}
        super().__init__(
            prog, description=say(f"help.{about}", language), epilog=_epilog(about, language),
            formatter_class=lambda prog: _Layout(prog, language), add_help=False, exit_on_error=False,
            allow_abbrev=False,
        )  # fmt: skip
        self.add_argument("-h", "--help", action="help", help=_help("help", language))
        self.add_argument(
            "--lang", type=choice("--lang", LANGUAGES), metavar="LANGUAGE", default=language,
            help=_help("lang", language),
        )  # fmt: skip
        self.add_argument("--json", action="store_true", help=_help("json", language))

    def add_argument_group(self, *args: Any, **kwargs: Any) -> argparse._ArgumentGroup:
        """A group of arguments under a heading of this language."""
        headings = {"positional arguments": "arguments", "options": "options"}
        if args and args[0] in headings:
            args = (say(f"help.heading-{headings[args[0]]}", self.language), *args[1:])
        return super().add_argument_group(*args, **kwargs)

    def error(self, message: str) -> NoReturn:
        """What the words lack; told like every other slip."""
        raise argparse.ArgumentError(None, message)


class _Layout(argparse.RawDescriptionHelpFormatter):
    """Help whose first word is of this language, and whose examples keep their lines."""

    def __init__(self, prog: str, language: str) -> None:
        super().__init__(prog)
        self.language = language

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """The line that says how the command is written."""
        spoken = say("help.heading-usage", self.language) + ": " if prefix is None else prefix
        super().add_usage(usage, actions, groups, spoken)


def _parser(language: str, words: Sequence[str]) -> _Parser:
    """The words that may be said; those of a command only where it is among the words."""
    parser = _Parser("esep", language, "program")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    for name in COMMANDS:
        about = _help(name, language)
        command = commands.add_parser(name, help=about, language=language, about=name)
        parser.of_commands[name] = command
        if name == _named(words):
            import_module(f"api.commands.{name}").configure(command, lambda key: _help(key, language))
    return parser


def _epilog(about: str, language: str) -> str:
    examples = EXAMPLES.get(about, ())
    told = [say("help.heading-examples", language) + ":", *(f"  esep {example}" for example in examples)]
    return "\n".join([*([*told, ""] if examples else ()), say("help.epilog", language)])


def _help(key: str, language: str) -> str:
    return say(f"help.{key}", language).replace("%", "%%")

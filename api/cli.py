"""`esep`: the command line. It finds the language, reads the words, and hands over to a command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from api.terminal import OK, USAGE, Terminal, say
from engine.findings import LANGUAGES
from engine.nearest import nearest

COMMANDS = ("calculate", "explain", "check", "test", "norms", "formula", "lines", "bench")
"""Each a module of `api.commands`, loaded when it is asked for."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 where errors or differences were found, 2 for a slip in the command."""
    words = list(sys.argv[1:] if argv is None else argv)
    language = _language(words)
    slip = _unknown_command(words, language)
    if slip:
        sys.stderr.write(slip + "\n")
        return USAGE
    parser = _parser(language, words)
    if not words:
        parser.print_help(sys.stderr)
        return USAGE
    try:
        asked = parser.parse_args(words)
    except SystemExit as left:
        return int(left.code or OK)
    progress = bool(getattr(asked, "progress", False)) or sys.stderr.isatty()
    try:
        run = import_module(f"api.commands.{asked.command}").run
        code: int = run(asked, Terminal(asked.lang, asked.json, progress))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return 130
    return code


def _parser(language: str, words: Sequence[str]) -> argparse.ArgumentParser:
    """The words that may be said; those of a command only where it is among the words."""

    def help_(key: str) -> str:
        return say(f"help.{key}", language).replace("%", "%%")

    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--lang", choices=LANGUAGES, default=language, help=help_("lang"))
    shared.add_argument("--json", action="store_true", help=help_("json"))
    parser = argparse.ArgumentParser("esep", description=help_("program"), epilog=help_("epilog"))
    parser.add_argument("--lang", choices=LANGUAGES, default=language, help=help_("lang"))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        about = help_(name)
        command = commands.add_parser(name, parents=[shared], help=about, description=about, epilog=help_("epilog"))
        if name in words:
            import_module(f"api.commands.{name}").configure(command, help_)
    return parser


def _language(words: Sequence[str]) -> str:
    """The language asked for, else that of the environment, else English."""
    for i, word in enumerate(words):
        asked = word.removeprefix("--lang=") if word.startswith("--lang=") else "".join(words[i + 1 : i + 2])
        if word.startswith("--lang") and asked in LANGUAGES:
            return asked
    place = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return place[:2] if place[:2] in LANGUAGES else "en"


def _unknown_command(words: Sequence[str], language: str) -> str:
    got = words[0] if words else ""
    if not got or got.startswith("-") or got in COMMANDS:
        return ""
    known = {"got": got, "nearest": nearest(got, COMMANDS) or "--help", "all": ", ".join(COMMANDS)}
    return say("usage.unknown-command", language, **known)


if __name__ == "__main__":
    sys.exit(main())

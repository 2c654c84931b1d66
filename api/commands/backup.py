"""`esep backup FILE`: all of a database at one moment, in one file."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from api.serving import UnreachableError, configure_database, owning, settings_of
from api.store.backup import Backup, BackupError, back_up
from api.terminal import FOUND, OK, Terminal, finding_as_json
from engine.findings import Finding


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help=about("backup-file"))
    configure_database(parser, about)


def run(asked: Namespace, terminal: Terminal) -> int:
    """Back up, and tell what is in the file."""
    try:
        with owning(settings_of(asked), there=True) as owner:
            made = back_up(owner, asked.file)
    except (BackupError, UnreachableError) as error:
        return refused(terminal, error.told)
    tell(terminal, "backup.made", made, asked.file)
    tables = {table.name: table.rows for table in made.tables}
    terminal.answer({"file": str(asked.file), "version": made.version, "digest": made.digest, "tables": tables})
    return OK


def tell(terminal: Terminal, sentence: str, held: Backup, file: Path) -> None:
    """What a backup holds."""
    facts = {"file": file, "version": held.version, "digest": held.digest}
    terminal.say(sentence, **facts, rows=terminal.number(held.rows), tables=len(held.tables))


def refused(terminal: Terminal, told: Finding) -> int:
    """Why it cannot be."""
    terminal.findings([told])
    terminal.answer({"findings": [finding_as_json(told)]})
    return FOUND

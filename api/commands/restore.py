"""`esep restore FILE`: a backup into an empty database, upgraded and proved."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from api.commands import verify
from api.commands.backup import refused, tell
from api.serving import UnreachableError, configure_database, owning, settings_of
from api.store.backup import BackupError, restore
from api.terminal import Terminal


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help=about("backup-file"))
    configure_database(parser, about)


def run(asked: Namespace, terminal: Terminal) -> int:
    """Restore, tell what was in the file, and prove what is in the database now."""
    settings = settings_of(asked)
    try:
        with owning(settings) as owner:
            taken = restore(owner, asked.file)
    except (BackupError, UnreachableError) as error:
        return refused(terminal, error.told)
    tell(terminal, "backup.restored", taken, asked.file)
    return verify.run(asked, terminal)

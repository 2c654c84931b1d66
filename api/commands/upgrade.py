"""`esep upgrade`: the schema of a database, with all that is in it, brought to this version; then all is proved."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import URL

from api.commands import verify
from api.commands.backup import refused
from api.serving import UnreachableError, configure_database, owning, settings_of
from api.store.backup import BackupError
from api.store.database import version_of, versions
from api.store.upgrading import upgrade
from api.terminal import Terminal
from engine.findings import finding


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    configure_database(parser, about)


def run(asked: Namespace, terminal: Terminal) -> int:
    """Upgrade, say from what to what, and prove."""
    settings = settings_of(asked)
    try:
        with owning(settings, there=True) as owner:
            before = _upgraded(owner)
    except (BackupError, UnreachableError) as error:
        return refused(terminal, error.told)
    terminal.say("upgrade.done", before=before, after=versions()[0])
    return verify.run(asked, terminal)


def _upgraded(owner: URL) -> str:
    with create_engine(owner, poolclass=NullPool).connect() as connection:
        before = version_of(connection)
    if before is None:
        raise BackupError(finding("backup-of-nothing", None))
    if before not in versions():
        raise BackupError(finding("backup-too-new", None, version=before))
    upgrade(owner, anyway=True)
    return before

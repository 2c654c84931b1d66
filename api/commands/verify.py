"""`esep verify`: proves that the database holds what its journal says, or names each line that is not right."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from sqlalchemy import text

from api.serving import UnreachableError, configure_database, reached, settings_of
from api.settings import Settings
from api.store import Store
from api.store.verifying import Proof, verify
from api.terminal import FOUND, OK, Terminal, finding_as_json
from engine.findings import Finding, finding


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    configure_database(parser, about)


def run(asked: Namespace, terminal: Terminal) -> int:
    """Prove, and tell what was looked at and what is wrong."""
    proof = _proof(settings_of(asked))
    if isinstance(proof, Finding):
        terminal.findings([proof])
        terminal.answer({"findings": [finding_as_json(proof)]})
        return FOUND
    counts = {"lines": proof.lines, "submissions": proof.submissions, "checkpoints": proof.checkpoints}
    terminal.findings(proof.findings)
    told = {name: terminal.number(count) for name, count in counts.items()}
    terminal.say("verify.broken" if proof.findings else "verify.proved", **told, found=len(proof.findings))
    terminal.answer({**counts, "findings": [finding_as_json(one) for one in proof.findings]})
    return FOUND if proof.findings else OK


def _proof(settings: Settings) -> Proof | Finding:
    if settings.database is None and not (settings.folder / "PG_VERSION").is_file():
        return finding("database-missing", None, folder=settings.folder)
    try:
        with reached(settings) as database, database.engine.connect() as connection:
            connection.execute(text("set transaction isolation level repeatable read"))
            return verify(Store(database), connection)
    except UnreachableError as error:
        return error.told

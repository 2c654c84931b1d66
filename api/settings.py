"""What an operator sets, all of it by the environment: where the database is, and whether this is the real thing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """One setting chooses the database: `database` is an address, else the embedded server runs in `folder`."""

    database: str | None = None
    folder: Path = Path("esep-data")
    production: bool = False
    """Refuses invented norms and demo passwords, and sends cookies over TLS only."""
    prepared: bool = False
    """Whoever started this process has brought the schema up to date: it need not wait for the database."""
    idle_minutes: int = 8 * 60
    """After which somebody who did nothing must sign in again."""
    checkpoint_lines: int = 1_000
    checkpoint_minutes: int = 10
    """A checkpoint of the journal is made after so many new lines, or so many minutes if there are any."""


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """DATABASE_URL, ESEP_FOLDER, ESEP_PRODUCTION, ESEP_IDLE_MINUTES."""
    return Settings(
        environment.get("DATABASE_URL") or None,
        Path(environment.get("ESEP_FOLDER", "esep-data")),
        environment.get("ESEP_PRODUCTION", "") == "1",
        idle_minutes=int(environment.get("ESEP_IDLE_MINUTES", str(8 * 60))),
    )

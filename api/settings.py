"""What an operator sets, all of it by the environment: where the database is, and whether this is the real thing."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


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
    rate_reads: str = "6000/minute"
    rate_writes: str = "1800/minute"
    """Of one session, in each process; nothing is no limit."""
    rate_address: str = "300/minute"
    rate_login: str = "20/minute"
    """Attempts to sign in."""
    metrics: str = "local"
    """Who is shown the figures: `local` this machine, `open` everybody, `off` nobody."""
    log: str = "info"
    """From which level on the log is written: debug, info, warning, error."""
    checkpoint_lines: int = 1_000
    checkpoint_minutes: int = 10
    """A checkpoint of the journal is made after so many new lines, or so many minutes if there are any."""


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """DATABASE_URL, and of each other setting the name in capitals with ESEP_ before it: ESEP_FOLDER, ESEP_PRODUCTION
    (1), ESEP_IDLE_MINUTES, ESEP_RATE_READS, ..."""
    found: dict[str, Any] = {"database": environment.get("DATABASE_URL") or None}
    for one in fields(Settings):
        written = environment.get(f"ESEP_{one.name.upper()}")
        if written is not None and one.name not in {"database", "prepared"}:
            found[one.name] = written == "1" if one.type == "bool" else _READ[str(one.type)](written)
    return Settings(**found)


_READ: Mapping[str, Callable[[str], Any]] = {"int": int, "str": str, "Path": Path}

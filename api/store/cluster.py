"""The embedded server's folder after a crash: what a killed process left half made or half open is put right.

The server's library keeps a list of the processes that use a folder, and stops the server with the last of them;
whoever was killed never leaves that list by himself.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import fasteners
import psutil

USERS = ".handle_pids.json"
MAKERS = {"initdb", "postgres"}
PATIENCE = 5
"""Seconds that a process is given to be gone."""


def mend(folder: Path, lock: Path) -> None:
    """Clear away a database that was never finished: its server has not started even once, so it holds nothing."""
    with _alone(lock):
        if (folder / "PG_VERSION").exists() and not (folder / "postmaster.opts").exists():
            for process in _makers(folder):
                with suppress(psutil.Error):
                    process.kill()
                    process.wait(PATIENCE)
            shutil.rmtree(folder)


def forget_the_dead(folder: Path, lock: Path) -> None:
    """Take processes that are gone off the list of those that use the server."""
    with _alone(lock):
        users = folder / USERS
        if users.exists():
            living = [number for number in json.loads(users.read_text()) if psutil.pid_exists(number)]
            users.write_text(json.dumps(living))


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with fasteners.InterProcessLock(lock):
        yield


def _makers(folder: Path) -> Iterator[psutil.Process]:
    """What still works on a folder although nobody waits for it."""
    for process in psutil.process_iter(("name", "cmdline")):
        if process.info["name"] in MAKERS and str(folder) in (process.info["cmdline"] or ()):
            yield process

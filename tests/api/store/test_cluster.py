"""What a killed process leaves in the embedded server's folder: a database half made, its own name among the users."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from api.store.cluster import PROCESS, USERS, forget_the_dead, mend, revive


@pytest.mark.parametrize(("files", "left"), [
    (["PG_VERSION", "global"], False),
    (["PG_VERSION", "postmaster.opts"], True),
    ([], True),
])  # fmt: skip
def test_only_what_never_started_is_cleared_away(tmp_path: Path, files: list[str], left: bool) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for name in files:
        (folder / name).write_text("18")
    mend(folder, tmp_path / "lock")
    assert folder.exists() == left
    assert not left or sorted(path.name for path in folder.iterdir()) == sorted(files)


def test_a_folder_that_is_not_there_is_left_to_be_made(tmp_path: Path) -> None:
    mend(tmp_path / "none", tmp_path / "lock")
    forget_the_dead(tmp_path / "none", tmp_path / "lock")
    assert not (tmp_path / "none").exists()


def test_who_still_makes_a_database_for_nobody_is_stopped(tmp_path: Path) -> None:
    maker = tmp_path / "initdb"
    maker.symlink_to(sys.executable)
    (tmp_path / "PG_VERSION").write_text("18")
    with subprocess.Popen([maker, "-c", "import time; time.sleep(60)", str(tmp_path)]) as process:
        mend(tmp_path, tmp_path.parent / "lock")
        assert not psutil.pid_exists(process.pid)
    assert not tmp_path.exists()


def test_the_dead_are_no_users(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    (tmp_path / USERS).write_text(json.dumps([process.pid, os.getpid()]))
    forget_the_dead(tmp_path, tmp_path / "lock")
    assert json.loads((tmp_path / USERS).read_text()) == [os.getpid()]


def test_no_session_of_a_dead_server_outlives_the_start_of_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / PROCESS).write_text("999999999")
    (session := tmp_path / "postgres").symlink_to(sys.executable)
    seen: list[bool] = []
    with subprocess.Popen([session, "-c", "import time; time.sleep(60)"], cwd=folder) as process:
        while psutil.Process(process.pid).name() != "postgres":
            pass
        server = SimpleNamespace(pgdata=folder, ensure_postgres_running=lambda: seen.append(process.poll() is None))
        assert revive(server, tmp_path / "lock")
    assert seen == [False]
    assert not (folder / PROCESS).exists()

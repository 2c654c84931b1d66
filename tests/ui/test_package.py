"""The package holds the built page: a wheel, and a wheel made of the sdist, need no Node where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.ui.conftest import BUILT, ROOT

LEFT_OUT = shutil.ignore_patterns("node_modules", "__pycache__", "tests", "dist")
WITHOUT_NODE = {**os.environ, "PATH": str(Path(sys.executable).parent)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An sdist and a wheel of this tree, whose page is built already."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("made")
    for part in ("engine", "api", "norms", "rulesets", "ui"):
        shutil.copytree(ROOT / part, tree / part, ignore=LEFT_OUT)
    for name in ("pyproject.toml", "README.md", "LICENSE", "Makefile", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tree)
    _run("-m", "hatchling", "build", "-d", str(out), cwd=tree)
    return out


def test_both_packages_hold_the_page(made: Path) -> None:
    page = {f"api/page/{path.relative_to(BUILT.parent)}" for path in BUILT.parent.rglob("*") if path.is_file()}
    with zipfile.ZipFile(next(made.glob("*.whl"))) as wheel:
        assert page <= set(wheel.namelist())
    with tarfile.open(next(made.glob("*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert page | {"ui/src/main.tsx", "ui/hatch_build.py"} <= names
    assert not any("node_modules" in name for name in names)


def test_an_installed_wheel_finds_its_page(made: Path, tmp_path: Path) -> None:
    """Neither is Node there nor this tree."""
    wheel = str(next(made.glob("*.whl")))
    _run("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(tmp_path / "site"), wheel)
    script = "import api.pages; print(api.pages.BUILT); print(api.pages._file('index.html').decode())"
    told = _run("-c", script, cwd=tmp_path, PYTHONPATH=str(tmp_path / "site"))
    assert told.startswith(str(tmp_path / "site" / "api" / "page"))
    assert '<div id="page">' in told


def _run(*command: str, cwd: Path = ROOT, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=cwd, env=WITHOUT_NODE | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

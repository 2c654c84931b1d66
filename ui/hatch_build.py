"""Builds the page before it is packed, so that whoever installs the package needs no Node.

A package made of a checkout gets the page of that checkout's `ui/`; one made of an sdist, the page that came with it.
An editable installation is left alone: there `make page` builds it.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface[Any]):
    """What hatchling asks before it packs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page where there is something to build it from."""
        root = Path(self.root)
        if version == "editable":
            return
        if (root / ".git").exists():
            _build(root / "ui")
        if not (root / "api" / "page" / "index.html").exists():
            raise RuntimeError("The page is not built: the package must be made of a checkout, or of a whole sdist")


def _build(ui: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("npm is missing: the page is built with Node 20 or newer")
    for command in (["ci"], ["run", "build"]):
        subprocess.run([npm, *command, "--silent"], cwd=ui, check=True)

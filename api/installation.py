"""Where the state's own texts stand and how commands load them: norms, the training set, rulesets by name."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from api.republic import TRAINING_NORMS
from engine.findings import Finding, finding
from engine.norms import Norms
from engine.norms.loader import load_norms
from engine.ruleset import Ruleset
from engine.ruleset.loader import load
from engine.scenario import Scenario
from engine.text.nearest import nearest

ROOT = Path(__file__).parent.parent
NORMS = ROOT / "norms"
RULESETS = ROOT / "rulesets"


def installed_norms(training: bool = False) -> tuple[Norms, list[Finding]]:
    """The norms of this installation, with the invented training set if asked; read once by a process."""
    norms, found = _norms(training)
    return norms, [*found]


def ruleset_names() -> list[str]:
    """The rulesets of this installation."""
    return sorted(path.parent.name for path in RULESETS.glob("*/ruleset.yaml"))


def ruleset_folder(name: str) -> tuple[Path | None, list[Finding]]:
    """The folder of a ruleset by its name or path; a slip names the nearest."""
    for folder in (RULESETS / name, Path(name)):
        if (folder / "ruleset.yaml").is_file():
            return folder, []
    names = ruleset_names()
    return None, [finding("ruleset-unknown", got=name, nearest=nearest(name, names), known=", ".join(names))]


def load_ruleset(name: str) -> tuple[Ruleset | None, list[Finding]]:
    """A ruleset by its name or folder, and what is wrong with its text."""
    folder, found = ruleset_folder(name)
    return load(folder) if folder else (None, found)


def rewritten(files: Mapping[str, str], scenario: Scenario) -> tuple[Ruleset | None, list[Finding]]:
    """A ruleset of these files, some of them written otherwise by a scenario, and what is wrong with its text. It is
    read from a folder that nobody keeps; findings call that by the scenario's key, `rules/forms/pay.yaml`."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "rules")
        for name, text in {**files, **{name: word.text for name, word in scenario.rules.items()}}.items():
            path = (folder / name).resolve()
            assert path.is_relative_to(folder.resolve()), "a ruleset's file stays in its folder"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return load(folder)


@cache
def _norms(training: bool) -> tuple[Norms, list[Finding]]:
    return load_norms(NORMS, [TRAINING_NORMS] if training else [])

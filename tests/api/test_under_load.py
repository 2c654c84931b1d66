"""`esep serve` as it is run, under a short load and under fire: no edit is lost, none is made twice, and it goes on.

What is asked here briefly, `esep bench service` and `esep bench crash` ask at the nation's size.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import crash, load


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A demo republic's database; no folder of pytest's, which only its owner may enter."""
    with tempfile.TemporaryDirectory(prefix="esep-") as place:
        yield Path(place, "data")


def test_edits_that_wait_for_nobody_are_made_once(folder: Path) -> None:
    told = load.run({"size": "demo", "folder": folder, "editors": 3, "seconds": 3, "rate": 5})
    assert (told["lost"], told["doubled"], told["verified"], told["errors"]) == (0, 0, True, {})
    assert told["acknowledged"] >= told["count"] > 3
    assert told["loaded"]["submissions"] >= 60


def test_whoever_is_killed_is_replaced_and_nothing_is_lost(folder: Path) -> None:
    told = crash.run({"size": "demo", "folder": folder, "editors": 3, "kills": 2, "rate": 4})
    assert (told["kills"], told["lost"], told["doubled"], told["verified"]) == (2, 0, 0, True)
    assert told["acknowledged"] > 20

"""What other programs rely on: lists that are read a part at a time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.http.conftest import Service

LISTS = {
    "submissions/{number}/remarks": ("remarks", "id"),
    "submissions/{number}/attachments": ("attachments", "id"),
    "norms": ("norms", "name"),
    "cycles": ("cycles", "name"),
    "organisations": ("organisations", "id"),
}


@pytest.fixture
def here(service: Service) -> str:
    """A submission with two remarks and two files."""
    executor = service.as_somebody("executor")
    where = f"submissions/{service.submissions['2250001']}"
    for told in ("one", "two"):
        assert executor.post(f"{where}/remarks", json={"body": told}).status_code == 201
        assert executor.post(f"{where}/attachments", params={"name": told}, content=b"text").status_code == 201
    return where


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_read_a_part_at_a_time(service: Service, here: str, path: str) -> None:
    executor, (of, key) = service.as_somebody("executor"), LISTS[path]
    path = path.replace("submissions/{number}", here)
    whole = executor.get(path).json()
    assert whole[of]
    assert whole["next"] is None
    read, asked = list[dict[str, Any]](), {"count": 1}
    while True:
        part = executor.get(path, params=asked).json()
        read += part[of]
        if part["next"] is None:
            break
        assert part["next"] == read[-1][key]
        asked["after"] = part["next"]
    assert read == whole[of]
    assert executor.get(path, params={"count": 1_001}).status_code == 422

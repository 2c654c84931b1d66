"""Canonical bytes of what was calculated, and their SHA-256: the same input gives the same digest on every machine.

Each computed column is a line of JSON (form, column, shape) and its cells, int64 little-endian year after year, or a
line of JSON for each row of texts; then come the lines, one of JSON each, in the order of their keys.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.lines import Lines


def digest(parts: Iterable[bytes]) -> str:
    """SHA-256 of all parts, as hexadecimal text."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part)
    return total.hexdigest()


def column_bytes(columns: Mapping[tuple[str, str], NDArray[Any]]) -> Iterator[bytes]:
    """Columns by form and name, in the order of those."""
    for (form, name), cells in sorted(columns.items(), key=lambda item: item[0]):
        yield _line(["column", form, name, *cells.shape])
        if cells.dtype == object:
            yield from (_line([cell if cell is None else str(cell) for cell in row]) for row in np.atleast_2d(cells))
        else:
            yield np.ascontiguousarray(cells, "<i8").tobytes()


def line_bytes(lines: Lines) -> Iterator[bytes]:
    """Lines in the order of their keys: dimensions, then codes, amount in tiyn and rows left out of it."""
    yield _line(["lines", *lines.dimensions])
    rows = zip(lines.amounts.tolist(), lines.incomplete.tolist(), strict=True)
    for key, told in sorted((lines.key(i), told) for i, told in enumerate(rows)):
        yield _line([*key, *told])


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

"""A submission's inputs as bytes and back: what is stored, and what a signature is over.

Two lines of JSON say what there is: the first its structure (years, header, forms and their columns), the same for most
submissions; the second how many rows each form has, and each text or code column's words. All whole numbers follow,
int64 little-endian, column after column in the order of the first line; a word is a number in its column's list. Codes
are packed as texts, so that the bytes mean the same under a later classification. Same inputs, same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.norms import Norms
from engine.number import BLANK, CELL_OF_ERROR, Array
from engine.ruleset import Ruleset, ValueType
from engine.workbook import Table, Workbook

Types = Mapping[str, ValueType]
Told = tuple[str, str, int | None]
"""What the first line says of a column: its name, its kind, and how many values each row has, None where it has one."""
Ints = NDArray[np.int64]
NUMBER = "number"
"""The kind of a column without words."""


def packed(ruleset: Ruleset, norms: Norms, workbook: Workbook) -> bytes:
    """The inputs of a workbook of one submission."""
    packing = _Packing(norms)
    header = packing.columns(_header_types(ruleset), workbook.header)
    forms = [
        {
            "form": name,
            "columns": packing.columns(_types(ruleset, name), table.columns),
            "previous": packing.columns(_types(ruleset, name), table.previous),
        }
        for name, table in sorted(workbook.tables.items())
    ]
    known = workbook.known.isoformat() if workbook.known else None
    first = {"years": list(workbook.years), "known": known, "header": header, "forms": forms}
    second = {"rows": [table.rows for _, table in sorted(workbook.tables.items())], "words": packing.words}
    return b"".join([_line(first), _line(second), *packing.body])


def unpacked(ruleset: Ruleset, norms: Norms, data: bytes) -> Workbook:
    """The workbook whose inputs these bytes are; what the ruleset no longer has is left out, what is new is blank."""
    return together(ruleset, norms, [data])


def structure(data: bytes) -> bytes:
    """What the bytes of submissions have in common that can be unpacked together."""
    return data[: data.index(b"\n")]


def together(ruleset: Ruleset, norms: Norms, packings: Sequence[bytes]) -> Workbook:
    """Many submissions of one structure as one workbook, in their order."""
    first = json.loads(structure(packings[0]))
    reading = _reading(norms, packings)
    ones = np.ones(len(packings), np.int64)
    header = reading.columns(_header_types(ruleset), first["header"], ones)
    tables: dict[str, Table] = {}
    for number, form in enumerate(first["forms"]):
        types, rows = _types(ruleset, form["form"]), reading.rows(number)
        columns = reading.columns(types, form["columns"], rows)
        previous = reading.columns(types, form["previous"], rows)
        if form["form"] in ruleset.forms:
            tables[form["form"]] = Table(np.concatenate([[0], np.cumsum(rows)]), columns, previous)
    known = date.fromisoformat(first["known"]) if first["known"] else None
    return Workbook(tuple(first["years"]), header, tables, known)


@dataclass
class _Packing:
    norms: Norms
    words: list[list[str]] = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)

    def columns(self, types: Types, columns: Mapping[str, Array]) -> list[Told]:
        return [self._column(name, types[name], cells) for name, cells in sorted(columns.items())]

    def _column(self, name: str, type_: ValueType, cells: Array) -> Told:
        kind = _kind(type_)
        if kind != NUMBER:
            listed = self.norms.classifications[type_.classification].codes if type_.classification else None
            words, cells = _of_texts(cells) if listed is None else _of_codes(cells, listed)
            self.words.append(words)
        self.body.append(np.ascontiguousarray(cells, "<i8").tobytes())
        return name, kind, len(cells) if cells.ndim == 2 else None


@dataclass
class _Reading:
    """Where the reading of many submissions stands: all do their next column together."""

    norms: Norms
    seconds: list[dict[str, Any]]
    """The second line of each."""
    numbers: Ints
    """Of all submissions, one after another."""
    at: Ints
    """(submissions,): where the next column of each begins."""
    worded: int = 0
    """Columns of words read so far."""

    def rows(self, form: int) -> Ints:
        return np.array([second["rows"][form] for second in self.seconds], np.int64)

    def columns(self, types: Types, columns: list[Told], rows: Ints) -> dict[str, Array]:
        """The columns that are declared and of the kind that was packed."""
        read: dict[str, Array] = {}
        for name, kind, layers in columns:
            cells = self._cells(rows, layers)
            if kind != NUMBER:
                words = [second["words"][self.worded] for second in self.seconds]
                self.worded += 1
                cells = self._said(types.get(name), (cells, words), rows)
            if name in types and kind == _kind(types[name]):
                read[name] = cells
        return read

    def _cells(self, rows: Ints, layers: int | None) -> Array:
        ends = self.at + rows * (1 if layers is None else layers)
        pieces = [self.numbers[start:end] for start, end in zip(self.at.tolist(), ends.tolist(), strict=True)]
        self.at = ends
        if layers is None:
            return np.concatenate(pieces)
        return np.concatenate([piece.reshape(layers, -1) for piece in pieces], axis=1)

    def _said(self, type_: ValueType | None, told: tuple[Array, list[list[str]]], rows: Ints) -> Array:
        """What the cells' words mean; each submission has its own list of them."""
        cells, words = told
        counts = np.array([len(listed) for listed in words], np.int64)
        places = np.maximum(cells, 0) + np.repeat(np.cumsum(counts) - counts, rows)
        flat = [word for listed in words for word in listed]
        if type_ is None or type_.classification is None:
            texts: Array = np.array([*flat, None], object)[places]
            texts[cells < 0] = None
            return texts
        positions = self.norms.classifications[type_.classification].positions
        unknown = CELL_OF_ERROR["code-unknown"]
        codes = [positions.get(code, unknown) for code in flat]
        return np.where(cells < 0, cells, np.array([*codes, BLANK], np.int64)[places])


def _reading(norms: Norms, packings: Sequence[bytes]) -> _Reading:
    seconds, bodies = [], []
    for data in packings:
        second = data.index(b"\n") + 1
        body = data.index(b"\n", second) + 1
        seconds.append(json.loads(data[second:body]))
        bodies.append(memoryview(data)[body:])
    sizes = np.array([len(body) // 8 for body in bodies], np.int64)
    numbers = np.frombuffer(b"".join(bodies), "<i8")
    return _Reading(norms, seconds, numbers, np.cumsum(sizes) - sizes)


def _header_types(ruleset: Ruleset) -> Types:
    return {name: declared.type for name, declared in ruleset.header.items()}


def _types(ruleset: Ruleset, form: str) -> Types:
    columns = ruleset.forms[form].columns.values() if form in ruleset.forms else ()
    return {column.name: column.type for column in columns}


def _of_texts(cells: Array) -> tuple[list[str], Ints]:
    """The texts that occur, and the cells as places among those."""
    flat = [None if cell is None else str(cell) for cell in cells.ravel()]
    words = sorted({cell for cell in flat if cell is not None})
    at = {word: place for place, word in enumerate(words)}
    return words, np.array([BLANK if cell is None else at[cell] for cell in flat], np.int64).reshape(cells.shape)


def _of_codes(cells: Ints, listed: Sequence[str]) -> tuple[list[str], Ints]:
    """The codes that occur, and the cells as places among those; a blank or an error stays what it is."""
    filled = cells >= 0
    used, places = np.unique(cells[filled], return_inverse=True)
    codes = [listed[position] for position in used.tolist()]
    words = sorted(codes)
    at = {word: place for place, word in enumerate(words)}
    coded = cells.copy()
    coded[filled] = np.array([at[code] for code in codes], np.int64)[places]
    return words, coded


def _kind(type_: ValueType) -> str:
    return "text" if type_.kind == "text" else "code" if type_.classification is not None else NUMBER


def _line(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"

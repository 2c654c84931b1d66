"""A submission's inputs as bytes and back: what is stored, and what a signature is over.

One line of JSON says what there is (years, header, rows of each form, its columns, all their texts and codes) and is
followed by all whole numbers, int64 little-endian, column after column in the order of that line. Codes are packed as
texts, so that the bytes mean the same under a later classification. Same inputs, same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.norms import Norms
from engine.number import BLANK, CELL_OF_ERROR, Array
from engine.ruleset import Ruleset, ValueType
from engine.workbook import Table, Workbook

Packed = dict[str, Any]
"""What the line of JSON says of one column: its name, its kind, its shape, and its texts or codes if it has any."""


def packed(ruleset: Ruleset, norms: Norms, workbook: Workbook) -> bytes:
    """The inputs of a workbook of one submission."""
    packing = _Packing(norms)
    header = [packing.column(name, ruleset.header[name].type, cells) for name, cells in sorted(workbook.header.items())]
    forms = [
        {
            "form": name,
            "rows": table.rows,
            "columns": packing.columns(ruleset, name, table.columns),
            "previous": packing.columns(ruleset, name, table.previous),
        }
        for name, table in sorted(workbook.tables.items())
    ]
    known = workbook.known.isoformat() if workbook.known else None
    told = {"years": list(workbook.years), "known": known, "header": header, "forms": forms}
    line = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    return b"".join([line, b"\n", *packing.body])


def unpacked(ruleset: Ruleset, norms: Norms, data: bytes) -> Workbook:
    """The workbook whose inputs these bytes are; what the ruleset no longer has is left out, what is new is blank."""
    line, _, body = data.partition(b"\n")
    told = json.loads(line)
    reading = _Reading(norms, np.frombuffer(body, "<i8"))
    types = {name: field.type for name, field in ruleset.header.items()}
    header = reading.columns(types, told["header"], 1)
    tables: dict[str, Table] = {}
    for form in told["forms"]:
        name, rows = form["form"], form["rows"]
        declared = {c.name: c.type for c in ruleset.forms[name].columns.values()} if name in ruleset.forms else {}
        columns = reading.columns(declared, form["columns"], rows)
        previous = reading.columns(declared, form["previous"], rows)
        if name in ruleset.forms:
            tables[name] = Table(np.array([0, rows]), columns, previous)
    known = date.fromisoformat(told["known"]) if told["known"] else None
    return Workbook(tuple(told["years"]), header, tables, known)


@dataclass
class _Packing:
    norms: Norms
    body: list[bytes] = field(default_factory=list)

    def columns(self, ruleset: Ruleset, form: str, columns: Mapping[str, Array]) -> list[Packed]:
        declared = ruleset.forms[form].columns
        return [self.column(name, declared[name].type, cells) for name, cells in sorted(columns.items())]

    def column(self, name: str, type_: ValueType, cells: Array) -> Packed:
        told: Packed = {"name": name, "shape": list(cells.shape)}
        if cells.dtype == object:
            return told | {"texts": [None if cell is None else str(cell) for cell in cells.ravel()]}
        if type_.classification is not None:
            listed = self.norms.classifications[type_.classification].codes
            used, cells = _coded(cells)
            told |= {"codes": [listed[position] for position in used.tolist()]}
        self.body.append(np.ascontiguousarray(cells, "<i8").tobytes())
        return told


@dataclass
class _Reading:
    norms: Norms
    body: NDArray[np.int64]
    at: int = 0

    def columns(self, declared: Mapping[str, ValueType], columns: list[Packed], rows: int) -> dict[str, Array]:
        """The columns that are declared and of the kind that was packed."""
        read = {told["name"]: (self._cells(declared.get(told["name"]), told), told) for told in columns}
        return {
            name: cells
            for name, (cells, told) in read.items()
            if name in declared and _kind(told) == _kind_of(declared[name])
        }

    def _cells(self, type_: ValueType | None, told: Packed) -> Array:
        shape = tuple(told["shape"])
        if "texts" in told:
            return np.array(told["texts"], dtype=object).reshape(shape)
        count = int(np.prod(shape))
        cells = self.body[self.at : self.at + count].reshape(shape)
        self.at += count
        if "codes" not in told or type_ is None or type_.classification is None:
            return cells
        positions = self.norms.classifications[type_.classification].positions
        unknown = CELL_OF_ERROR["code-unknown"]
        places = np.array([positions.get(code, unknown) for code in told["codes"]] or [BLANK], dtype=np.int64)
        return np.where(cells < 0, cells, places[np.maximum(cells, 0)])


def _coded(cells: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The positions that occur, and the cells as places among those; a blank or an error stays what it is."""
    used, places = np.unique(cells[cells >= 0], return_inverse=True)
    coded = cells.copy()
    coded[cells >= 0] = places
    return used, coded


def _kind(told: Packed) -> str:
    return "text" if "texts" in told else "code" if "codes" in told else "number"


def _kind_of(type_: ValueType) -> str:
    return "text" if type_.kind == "text" else "code" if type_.classification is not None else "number"

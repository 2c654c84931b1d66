"""Which error a lane is, where it is one: the compiled counterpart of `lanes.Lanes.errors`.

Numbers of compiled code are NaN where there is an error. Here it is written which one, as its cell and 0 where there is
none, by the rules of `lanes` and `space`: of two arguments the left one's goes first. Arrays of float64 tell theirs in
the payload of their NaN; nothing is calculated with that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from engine.kernel.typed import Op
from engine.number import BLANK, CELL_OF_ERROR, LAST_DAY, SPECIAL

if TYPE_CHECKING:
    from engine.kernel.emit import Emitter

_QUIET = 0x7FF8000000000000
_PAYLOAD = 2**32 - 1
Fault = Any
"""LLVM's lanes of int64; None where there cannot be an error."""


def nan_of(errors: NDArray[np.int64]) -> NDArray[np.float64]:
    """No numbers that tell which error cell each stands for."""
    return (errors - BLANK + _QUIET).view(np.float64)


class Faults:
    """Writes into an emitter's kernel which errors its values are."""

    def __init__(self, emitter: Emitter) -> None:
        self.emitter = emitter
        self._known: dict[tuple[Op, int], Fault] = {}
        self._carried: dict[int, Any] = {}

    def of(self, op: Op, phase: int) -> Fault:
        """Of an op, where its value is written."""
        emitter = self.emitter
        if not emitter.fallible(op):
            return None
        at = phase if op.monthly else emitter.phase(op)
        key = (op, at if op.monthly else -1)
        if key not in self._known:
            emitter.value(op, at)
            self._known[key] = self._written(op, at)
        return self._known[key]

    def told(self, b: ir.IRBuilder, cells: Any, unknown: Any, fault: Fault) -> tuple[Any, Any]:
        """The cells with their errors, and the lanes of which it is not known which one."""
        if fault is None:
            return cells, unknown
        nameless = b.and_(unknown, b.icmp_signed("==", fault, self._none))
        return b.select(unknown, fault, cells), nameless

    def carry(self, place: int, cells: Any) -> None:
        """What goes from year to year begins with these cells."""
        emitter = self.emitter
        self._carried[place] = emitter.entry.alloca(emitter.integers)
        emitter.row.store(self._of_cells(emitter.row, cells), self._carried[place])

    def carried(self, place: int, op: Op) -> None:
        """The next year goes on with what the op is in this one."""
        fault = self.of(op, self.emitter.phase(op))
        self.emitter.last.store(self._none if fault is None else fault, self._carried[place])

    @property
    def _none(self) -> Any:
        return self._same(0)

    def _same(self, cell: int) -> Any:
        return self.emitter.integers_of(cell)

    def _written(self, op: Op, phase: int) -> Fault:
        b = self.emitter.builder(op, phase)
        if op in self.emitter.sizes:
            return self._of_norm(b, op, phase)
        args = op.args
        match op.kind:
            case "leaf":
                return self._of_leaf(b, op, phase)
            case "positive":
                return None
            case "select":
                holds = self.emitter.truth(b, args[0], phase).lanes
                chosen = self._either(b, holds, self.of(args[1], phase), self.of(args[2], phase))
                return self._first(b, self.of(args[0], phase), chosen)
            case "fail":
                raised = self._where(b, self.emitter.truth(b, args[0], phase).lanes, str(op.detail[0]))
                return self._first(b, self.of(args[0], phase), self.of(args[1], phase), raised)
            case "day":
                return self._first(b, self.of(args[0], phase), self._off_calendar(b, args[0], phase))
            case "fold":
                return self._of_months(op)
        return self._first(b, *(self.of(arg, phase) for arg in args))

    def _of_leaf(self, b: ir.IRBuilder, op: Op, phase: int) -> Fault:
        emitter = self.emitter
        if op.detail[0] == "rows_before":
            place = emitter.layout.leaves.index(op)
            return emitter.year[0].load(self._carried[place], typ=emitter.integers)
        if op in emitter.cells:
            return self._of_cells(b, emitter.cells[op])
        lanes = emitter.value(op, phase).lanes
        payload = b.and_(b.bitcast(lanes, emitter.integers), self._same(_PAYLOAD))
        named = b.and_(b.fcmp_unordered("uno", lanes, lanes), b.icmp_signed("!=", payload, self._none))
        return b.select(named, b.add(payload, self._same(BLANK)), self._none)

    def _of_cells(self, b: ir.IRBuilder, cells: Any) -> Fault:
        special = b.icmp_signed("<", cells, self._same(SPECIAL))
        missing = b.icmp_signed("==", cells, self._same(BLANK))
        fault = b.select(missing, self._same(CELL_OF_ERROR["input-missing"]), cells)
        return b.select(special, fault, self._none)

    def _of_norm(self, b: ir.IRBuilder, op: Op, phase: int) -> Fault:
        keys = self._first(b, *(self.of(arg, phase) for arg in op.args))
        if op.kind != "norm":
            return keys
        lanes = self.emitter.value(op, phase).lanes
        return self._first(b, keys, self._where(b, b.fcmp_unordered("uno", lanes, lanes), "norm-missing"))

    def _off_calendar(self, b: ir.IRBuilder, day: Op, phase: int) -> Fault:
        emitter = self.emitter
        serial = emitter.value(day, phase).lanes
        outside = b.or_(
            b.fcmp_ordered("<", serial, emitter.splat(0.0)), b.fcmp_ordered(">", serial, emitter.splat(float(LAST_DAY)))
        )
        return self._where(b, outside, "#NUM!")

    def _of_months(self, op: Op) -> Fault:
        """The first month's that has one."""
        emitter, phase = self.emitter, self.emitter.phase(op.args[0])
        fault, b = self.of(op.args[0], phase), emitter.month[phase]
        if fault is None:
            return None
        place = emitter.entry.alloca(emitter.integers)
        emitter.year[phase].store(self._none, place)
        b.store(self._first(b, b.load(place, typ=emitter.integers), fault), place)
        return emitter.year[phase + 1].load(place, typ=emitter.integers)

    def _where(self, b: ir.IRBuilder, lanes: Any, code: str) -> Fault:
        return b.select(lanes, self._same(CELL_OF_ERROR[code]), self._none)

    def _either(self, b: ir.IRBuilder, holds: Any, yes: Fault, no: Fault) -> Fault:
        if yes is None and no is None:
            return None
        return b.select(holds, self._none if yes is None else yes, self._none if no is None else no)

    def _first(self, b: ir.IRBuilder, *faults: Fault) -> Fault:
        """The first of these that there is."""
        found: Fault = None
        for fault in faults:
            if found is None or fault is None:
                found = fault if found is None else found
            else:
                found = b.select(b.icmp_signed("!=", found, self._none), found, fault)
        return found

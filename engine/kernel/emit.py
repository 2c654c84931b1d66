"""From the ops of a group to LLVM's intermediate text: one loop over blocks of rows, in it the years, in them the
months.

Every lane is a float64 that holds a whole number (or NaN: an error somewhere, and then numpy does that row again).
What does not depend on the month stands outside the months' loop, what does not depend on the year outside the
years'. A fold over months closes a *phase*: what reads it comes after that loop, and may need a loop of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from engine.kernel.faults import Faults
from engine.kernel.ranges import EXACT, WATCHED_MAX, Ranges
from engine.kernel.typed import Op
from engine.number import LAST_DAY, PHANTOM_DAY, SPECIAL

I1, I8, I32, I64, F64 = ir.IntType(1), ir.IntType(8), ir.IntType(32), ir.IntType(64), ir.DoubleType()
POINTER = ir.PointerType()
STORED_MAX = 2**51
"""What the conversion between int64 and float64 used here holds."""

_ARITHMETIC = frozenset(
    "add subtract multiply negative absolute positive signed quotient minimum maximum day first_month".split()
)
_MAGIC_INT = 0x4338000000000000
_MAGIC = 6755399441055744.0


class NotFused(Exception):
    """This group is left to numpy. Never leaves the engine."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the pointers mean, in order: leaves (each with its kind and bounds), tables, outputs, then the flags."""

    leaves: tuple[Op, ...]
    tables: tuple[Op, ...]
    outputs: tuple[Op, ...]
    """A monthly op is written for each month, (years × 12, rows), another for each year, (years, rows)."""
    years: int
    lanes: int
    moving: tuple[tuple[int, Op], ...]
    """Places and leaves of what the submissions decide, not the norms alone."""
    carried: tuple[tuple[int, int], ...] = ()
    """Places of `rows_before` leaves, and of the outputs that are their next year's."""

    @property
    def owned(self) -> bool:
        """Whether rows read what their submission has."""
        return any(leaf.detail[0] == "submission" for _, leaf in self.moving)


@dataclass(slots=True)
class _Value:
    """Lanes of float64, or of truths with the lanes in which the truth is unknown."""

    lanes: Any
    unknown: Any = None


class Emitter:
    """Writes one kernel. `fallible` are the leaves that may hold NaN; where it is `telling`, cells tell which error
    they are, else rows with errors are handed back."""

    def __init__(
        self,
        layout: Layout,
        ranges: Ranges,
        fallible: frozenset[Op],
        sizes: dict[Op, tuple[int, ...]],
        telling: bool = False,
    ) -> None:
        self.layout, self.ranges, self.sizes = layout, ranges, sizes
        self.vector = ir.VectorType(F64, layout.lanes)
        self.mask = ir.VectorType(I1, layout.lanes)
        self.integers = ir.VectorType(I64, layout.lanes)
        self._fallible: dict[Op, bool] = dict.fromkeys(fallible, True)
        self._phases: dict[Op, int] = {}
        self._values: dict[tuple[Op, int], _Value] = {}
        self._folds: dict[tuple[Op, int], Any] = {}
        self._carried: dict[int, Any] = {}
        """What is kept from year to year, by the leaf's place."""
        self.cells: dict[Op, Any] = {}
        """What was read of a leaf, before it was made a number."""
        self.faults = Faults(self) if telling else None
        self.module = ir.Module(name="esep")
        self.module.triple = ""

    def text(self) -> str:
        """The module's text."""
        self._open()
        for i, op in enumerate(self.layout.outputs):
            self._output(i, op)
        self._close()
        return str(self.module)

    def _open(self) -> None:
        kind = ir.FunctionType(ir.VoidType(), [I64, I64, I64, I64, POINTER])
        function = ir.Function(self.module, kind, name="kernel")
        self.first, self.rows, self.stride, self.stride_out, pointers = function.args
        entry = function.append_basic_block("entry")
        self.entry = ir.IRBuilder(entry)
        count = len(self.layout.leaves) + 2 * len(self.layout.tables) + len(self.layout.outputs) + 2
        self.pointers = [
            self.entry.load(self.entry.gep(pointers, [I64(i)], source_etype=POINTER), typ=POINTER) for i in range(count)
        ]
        read = len(self.layout.leaves) + 2 * len(self.layout.tables)
        self.owners, self.outputs, self.flags = self.pointers[read], self.pointers[read + 1 : -1], self.pointers[-1]
        phases = 1 + max((self.phase(op) for op in self.layout.outputs), default=0)
        self.row = ir.IRBuilder(function.append_basic_block("row"))
        self.at = self.row.phi(I64, "at")
        self.at.add_incoming(self.first, entry)
        self.year = [ir.IRBuilder(function.append_basic_block(f"year{i}")) for i in range(phases)]
        self.month = [ir.IRBuilder(function.append_basic_block(f"month{i}")) for i in range(phases)]
        self.last = ir.IRBuilder(function.append_basic_block("last"))
        self.next = ir.IRBuilder(function.append_basic_block("next"))
        self.exit = ir.IRBuilder(function.append_basic_block("exit"))
        self.y = self.year[0].phi(I64, "y")
        self.m = [builder.phi(I64, "m") for builder in self.month]
        self.flag = self.entry.alloca(self.mask)
        self.row.store(ir.Constant(self.mask, None), self.flag)

    def _close(self) -> None:
        rows_left = self.entry.icmp_signed(">", self.rows, self.first)
        self.entry.cbranch(rows_left, self.row.block, self.exit.block)
        self.row.branch(self.year[0].block)
        self.y.add_incoming(I64(0), self.row.block)
        for i, (year, month) in enumerate(zip(self.year, self.month, strict=True)):
            year.branch(month.block)
            self.m[i].add_incoming(I64(0), year.block)
            following = month.add(self.m[i], I64(1))
            self.m[i].add_incoming(following, month.block)
            after = self.year[i + 1].block if i + 1 < len(self.year) else self.last.block
            month.cbranch(month.icmp_signed("<", following, I64(12)), month.block, after)
        for place, output in self.layout.carried:
            if place in self._carried:
                op = self.layout.outputs[output]
                lanes = self._number(self.last, self.value(op, self.phase(op)))
                self.last.store(self._bounded(self.last, self.layout.leaves[place], lanes), self._carried[place])
                if self.faults is not None:
                    self.faults.carried(place, op)
        following = self.last.add(self.y, I64(1))
        self.y.add_incoming(following, self.last.block)
        self.last.cbranch(
            self.last.icmp_signed("<", following, I64(self.layout.years)), self.year[0].block, self.next.block
        )
        flags = self.next.zext(self.next.load(self.flag, typ=self.mask), ir.VectorType(I8, self.layout.lanes))
        self.next.store(flags, self.next.gep(self.flags, [self.at], source_etype=I8), align=1)
        following = self.next.add(self.at, I64(self.layout.lanes))
        self.at.add_incoming(following, self.next.block)
        self.next.cbranch(self.next.icmp_signed("<", following, self.rows), self.row.block, self.exit.block)
        self.exit.ret_void()

    def _output(self, i: int, op: Op) -> None:
        phase = self.phase(op)
        value = self.value(op, phase)
        builder = self.month[phase] if op.monthly else self.year[phase]
        at = builder.add(builder.mul(self.y, I64(12)), self.m[phase]) if op.monthly else self.y
        lanes = value.lanes
        unknown = value.unknown
        if lanes.type == self.mask:
            cells = builder.zext(lanes, self.integers)
        else:
            if self.ranges.size(op) >= STORED_MAX:
                if not self.ranges.watching:
                    raise NotFused("a stored number may be too large")
                lanes = self._watched(builder, lanes)
            unknown = builder.fcmp_unordered("uno", lanes, lanes) if self.fallible(op) else None
            shifted = builder.fadd(lanes, self.splat(_MAGIC))
            cells = builder.sub(builder.bitcast(shifted, self.integers), self.integers_of(_MAGIC_INT))
        if unknown is not None:
            if self.faults is not None:
                cells, unknown = self.faults.told(builder, cells, unknown, self.faults.of(op, phase))
            self._raise(builder, unknown)
        place = builder.add(builder.mul(at, self.stride_out), self.at)
        pointer = self.outputs[i]
        builder.store(cells, builder.gep(pointer, [place], source_etype=I64), align=8)

    def _raise(self, builder: ir.IRBuilder, lanes: Any) -> None:
        builder.store(builder.or_(builder.load(self.flag, typ=self.mask), lanes), self.flag)

    def phase(self, op: Op) -> int:
        """How many loops over the months must be over before the op can be known."""
        if op not in self._phases:
            below = max((self.phase(arg) for arg in op.args), default=0)
            self._phases[op] = below + (op.kind == "fold")
        return self._phases[op]

    def fallible(self, op: Op) -> bool:
        """Whether a lane of the op may be NaN."""
        if op not in self._fallible:
            own = op.kind in ("fail", "norm", "day")
            self._fallible[op] = own or any(self.fallible(arg) for arg in op.args)
        return self._fallible[op]

    def value(self, op: Op, phase: int) -> _Value:
        """The op's lanes, written where they are first needed: monthly ones once in each loop that reads them."""
        key = (op, phase if op.monthly else -1)
        if key not in self._values:
            self._values[key] = self._emit(op, phase if op.monthly else self.phase(op))
        return self._values[key]

    def builder(self, op: Op, phase: int) -> ir.IRBuilder:
        """Where an op of this phase is written."""
        if op.monthly:
            return self.month[phase]
        return self.year[phase] if op.yearly or phase else self.row

    def _emit(self, op: Op, phase: int) -> _Value:
        if op.kind == "fold":
            if self.ranges.size(op) >= EXACT:
                raise NotFused("a sum of months may pass 2^53")
            lanes = self._fold(op)
            return _Value(self._watched(self.year[phase], lanes) if op in self.ranges.watched else lanes)
        if op in self.sizes:
            return self._table(op, phase)
        if op.kind == "leaf":
            return self._leaf(op, phase)
        args = [self.value(arg, phase) for arg in op.args]
        builder = self.builder(op, phase)
        if op.kind == "constant":
            return _Value(self.splat(float(int(str(op.detail[0])))))
        if self.ranges.size(op) >= EXACT:
            raise NotFused(f"{op.kind} may pass 2^53")
        found = self._operation(builder, op, args)
        return _Value(self._watched(builder, found.lanes)) if op in self.ranges.watched else found

    def _watched(self, b: ir.IRBuilder, lanes: Any) -> Any:
        """Numbers that were taken to be no larger than this: where one is, its row is handed back, and 0 stands in."""
        beyond = b.fcmp_ordered(">", self._intrinsic(b, "llvm.fabs", lanes), self.splat(float(WATCHED_MAX)))
        self._raise(b, beyond)
        return b.select(beyond, self.splat(0.0), lanes)

    def _operation(self, b: ir.IRBuilder, op: Op, args: Sequence[_Value]) -> _Value:
        if op.kind not in _ARITHMETIC:
            return self._logic(b, op, args)
        lanes = [self._number(b, value) for value in args]
        match op.kind:
            case "add":
                return _Value(b.fadd(*lanes))
            case "subtract":
                return _Value(b.fsub(*lanes))
            case "multiply":
                return _Value(b.fmul(*lanes))
            case "negative":
                return _Value(b.fneg(lanes[0]))
            case "absolute" | "positive":
                return _Value(self._intrinsic(b, "llvm.fabs", lanes[0]))
            case "signed":
                return _Value(self._signed(b, lanes, self.fallible(op.args[1])))
            case "quotient":
                return _Value(self._quotient(b, op, lanes))
            case "minimum" | "maximum":
                return _Value(self._extreme(b, op, lanes))
            case "day":
                return _Value(self._day(b, lanes[0]))
        return _Value(self._first_month(b, lanes[0]))

    def _logic(self, b: ir.IRBuilder, op: Op, args: Sequence[_Value]) -> _Value:
        match op.kind:
            case "less" | "at_most" | "equal" | "different":
                sign = {"less": "<", "at_most": "<=", "equal": "==", "different": "!="}[op.kind]
                x, y = (self._number(b, value) for value in args)
                unknown = b.fcmp_unordered("uno", x, y) if any(map(self.fallible, op.args)) else None
                return _Value(b.fcmp_ordered(sign, x, y), unknown)
            case "and" | "or":
                x, y = (self._truth(b, a) for a in args)
                lanes = b.and_(x.lanes, y.lanes) if op.kind == "and" else b.or_(x.lanes, y.lanes)
                return _Value(lanes, self._either(b, x.unknown, y.unknown))
            case "not":
                x = self._truth(b, args[0])
                return _Value(b.not_(x.lanes), x.unknown)
            case "select":
                return self._select(b, args)
            case "fail":
                return self._fail(b, args)
        raise NotFused(op.kind)

    def _select(self, b: ir.IRBuilder, args: Sequence[_Value]) -> _Value:
        condition = self._truth(b, args[0])
        if args[1].lanes.type == self.mask and args[2].lanes.type == self.mask:
            unknown = None
            if args[1].unknown is not None or args[2].unknown is not None:
                none = ir.Constant(self.mask, None)
                unknown = b.select(condition.lanes, args[1].unknown or none, args[2].unknown or none)
            lanes = b.select(condition.lanes, args[1].lanes, args[2].lanes)
            return _Value(lanes, self._either(b, condition.unknown, unknown))
        lanes = b.select(condition.lanes, *(self._number(b, value) for value in args[1:]))
        return _Value(lanes if condition.unknown is None else b.select(condition.unknown, self.splat(math.nan), lanes))

    def _fail(self, b: ir.IRBuilder, args: Sequence[_Value]) -> _Value:
        condition = self._truth(b, args[0])
        raised = condition.lanes if condition.unknown is None else b.or_(condition.lanes, condition.unknown)
        if args[1].lanes.type == self.mask:
            return _Value(args[1].lanes, self._either(b, args[1].unknown, raised))
        return _Value(b.select(raised, self.splat(math.nan), args[1].lanes))

    def _either(self, b: ir.IRBuilder, x: Any, y: Any) -> Any:
        return y if x is None else x if y is None else b.or_(x, y)

    def truth(self, b: ir.IRBuilder, op: Op, phase: int) -> _Value:
        """The op's lanes as truths."""
        return self._truth(b, self.value(op, phase))

    def _truth(self, b: ir.IRBuilder, value: _Value) -> _Value:
        if value.lanes.type == self.mask:
            return value
        return _Value(
            b.fcmp_ordered("!=", value.lanes, self.splat(0.0)), b.fcmp_unordered("uno", value.lanes, value.lanes)
        )

    def _number(self, b: ir.IRBuilder, value: _Value) -> Any:
        """Lanes as numbers; a truth that is unknown is none."""
        if value.lanes.type != self.mask:
            return value.lanes
        lanes = b.uitofp(value.lanes, self.vector)
        return lanes if value.unknown is None else b.select(value.unknown, self.splat(math.nan), lanes)

    def _signed(self, b: ir.IRBuilder, lanes: Sequence[Any], fallible: bool) -> Any:
        x, sign = lanes
        signed = b.select(b.fcmp_ordered("<", sign, self.splat(0.0)), b.fneg(x), x)
        return b.select(b.fcmp_unordered("uno", sign, sign), sign, signed) if fallible else signed

    def _extreme(self, b: ir.IRBuilder, op: Op, lanes: Sequence[Any]) -> Any:
        (x, y), (first, second) = lanes, map(self.fallible, op.args)
        sign = "<" if op.kind == "minimum" else ">"
        smaller = b.fcmp_unordered(sign, x, y) if first else b.fcmp_ordered(sign, x, y)
        chosen = b.select(smaller, x, y)
        if first and second:
            return b.select(b.fcmp_unordered("uno", y, y), y, chosen)
        return chosen

    def _quotient(self, b: ir.IRBuilder, op: Op, lanes: Sequence[Any]) -> Any:
        top, bottom = op.args
        known = int(str(bottom.detail[0])) if bottom.kind == "constant" else None
        low, _ = self.ranges.of(top)
        size, mode = self.ranges.size(top), str(op.detail[0])
        x = lanes[0] if low >= 0 or mode == "floor" else self._intrinsic(b, "llvm.fabs", lanes[0])
        if known is not None and size + known < 2**49:
            whole = self._by_reciprocal(b, x, known, mode)
        else:
            whole = self._by_division(b, x, lanes[1], mode, 2 * size + self.ranges.size(bottom))
        return whole if low >= 0 or mode == "floor" else self._intrinsic(b, "llvm.copysign", whole, lanes[0])

    def _by_reciprocal(self, b: ir.IRBuilder, x: Any, known: int, mode: str) -> Any:
        """x ÷ known by multiplication. Fractions of x ÷ known lie 1/known apart, so that half of that decides every
        case while x + known < 2^49: an even divisor has ties, which the shift sends up; an odd one has none."""
        half = 0.5 / known
        shift = {"half": 0.5 + (half if known % 2 == 0 else 0.0), "floor": half, "zero": half, "away": 1.0 - half}[mode]
        shifted = b.fadd(b.fmul(x, self.splat(1.0 / known)), self.splat(shift))
        return self._intrinsic(b, "llvm.floor", shifted)

    def _by_division(self, b: ir.IRBuilder, x: Any, y: Any, mode: str, size: int) -> Any:
        """The floor of a float64 quotient of whole numbers below 2^53 is exact."""
        if size >= EXACT:
            raise NotFused("a quotient may pass 2^53")
        if mode == "half":
            x, y = b.fadd(b.fadd(x, x), y), b.fadd(y, y)
        elif mode == "away":
            x = b.fadd(x, b.fsub(y, self.splat(1.0)))
        return self._intrinsic(b, "llvm.floor", b.fdiv(x, y))

    def _day(self, b: ir.IRBuilder, serial: Any) -> Any:
        """A serial day of the calendar, no number elsewhere and before March 1900: numpy knows those."""
        after, before = (self.splat(float(day)) for day in (PHANTOM_DAY, LAST_DAY + 1))
        inside = b.and_(b.fcmp_ordered(">", serial, after), b.fcmp_ordered("<", serial, before))
        return b.select(inside, serial, self.splat(math.nan))

    def _first_month(self, b: ir.IRBuilder, serial: Any) -> Any:
        """The months since January 1970 of the first month whose first day is on or after a serial day."""
        day = b.fadd(serial, self.splat(719468.0 - 25569.0))
        era = self._whole(b, day, 146097)
        of_era = b.fsub(day, b.fmul(era, self.splat(146097.0)))
        leaps = b.fsub(self._whole(b, of_era, 1460), self._whole(b, of_era, 36524))
        leaps = b.fadd(leaps, self._whole(b, of_era, 146096))
        year = self._whole(b, b.fsub(of_era, leaps), 365)
        passed = b.fsub(b.fadd(b.fmul(year, self.splat(365.0)), self._whole(b, year, 4)), self._whole(b, year, 100))
        of_year = b.fsub(of_era, passed)
        month = self._whole(b, b.fadd(b.fmul(of_year, self.splat(5.0)), self.splat(2.0)), 153)
        begun = self._whole(b, b.fadd(b.fmul(month, self.splat(153.0)), self.splat(2.0)), 5)
        later = b.uitofp(b.fcmp_ordered(">", of_year, begun), self.vector)
        years = b.fadd(b.fmul(era, self.splat(400.0)), year)
        months = b.fadd(b.fmul(years, self.splat(12.0)), month)
        return b.fadd(b.fadd(months, self.splat(2.0 - 1970 * 12)), later)

    def _whole(self, b: ir.IRBuilder, x: Any, divisor: int) -> Any:
        shifted = b.fmul(b.fadd(x, self.splat(0.5)), self.splat(1.0 / divisor))
        return self._intrinsic(b, "llvm.floor", shifted)

    def _fold(self, op: Op) -> Any:
        phase, kind = self.phase(op.args[0]), str(op.detail[0])
        inner = op.args[0]
        value = self.value(inner, phase)
        place = self.entry.alloca(self.vector)
        start = {"sum": 0.0, "count": 0.0, "minimum": math.inf, "maximum": -math.inf}[kind]
        self.year[phase].store(self.splat(start), place)
        b = self.month[phase]
        before = b.load(place, typ=self.vector)
        lanes = self._number(b, value)
        if kind == "sum":
            after = b.fadd(before, lanes)
        elif kind == "count":
            after = b.fadd(before, self.splat(1.0))
        else:
            # where either is no number, neither is the other
            sign, fallible = "<" if kind == "minimum" else ">", self.fallible(inner)
            after = b.select(b.fcmp_ordered(sign, before, lanes), before, lanes)
            after = b.select(b.fcmp_unordered("uno", before, before), before, after) if fallible else after
        b.store(after, place)
        return self.year[phase + 1].load(place, typ=self.vector)

    def _leaf(self, op: Op, phase: int) -> _Value:
        place = self.layout.leaves.index(op)
        b, pointer = self.builder(op, phase), self.pointers[place]
        match op.detail[0]:
            case "rows" | "rows_by_year":
                return _Value(self._load(b, op, pointer))
            case "rows_before":
                return _Value(self._carry(op, place, pointer))
            case "uniform":
                scalar = b.load(b.gep(pointer, [self._moment(b, op, phase)], source_etype=F64), typ=F64)
                return _Value(self._spread(b, scalar))
        owner = self._owner()
        base = b.mul(self._moment(b, op, phase), self._submissions(b))
        lanes = self._gather(b, pointer, b.add(owner, self._spread_integer(b, base)))
        return _Value(self._inside(b, op, lanes))

    def _moment(self, b: ir.IRBuilder, op: Op, phase: int) -> Any:
        if op.monthly:
            return b.add(b.mul(self.y, I64(12)), self.m[phase])
        return self.y if op.yearly else I64(0)

    def _load(self, b: ir.IRBuilder, op: Op, pointer: Any) -> Any:
        place = b.add(b.mul(self.y, self.stride), self.at) if op.detail[0] == "rows_by_year" else self.at
        cells = b.load(b.gep(pointer, [place], source_etype=I64), typ=self.integers, align=8)
        lanes = b.fsub(b.bitcast(b.add(cells, self.integers_of(_MAGIC_INT)), self.vector), self.splat(_MAGIC))
        if self.faults is not None:
            self.cells[op] = cells
            lanes = b.select(b.icmp_signed("<", cells, self.integers_of(SPECIAL)), self.splat(math.nan), lanes)
        return self._inside(b, op, lanes)

    def _carry(self, op: Op, place: int, pointer: Any) -> Any:
        """The value of the year before: at first the last cycle's cell, no number where that is an error."""
        cells = self.row.load(self.row.gep(pointer, [self.at], source_etype=I64), typ=self.integers, align=8)
        shifted = self.row.bitcast(self.row.add(cells, self.integers_of(_MAGIC_INT)), self.vector)
        beyond = self.row.icmp_signed("<", cells, self.integers_of(-STORED_MAX))
        beyond = self.row.or_(beyond, self.row.icmp_signed(">=", cells, self.integers_of(STORED_MAX)))
        first = self.row.select(beyond, self.splat(math.nan), self.row.fsub(shifted, self.splat(_MAGIC)))
        if self.faults is not None:
            self.faults.carry(place, cells)
        self._carried[place] = self.entry.alloca(self.vector)
        self.row.store(self._bounded(self.row, op, first), self._carried[place])
        return self.year[0].load(self._carried[place], typ=self.vector)

    def _bounded(self, b: ir.IRBuilder, op: Op, lanes: Any) -> Any:
        """Lanes within the bounds of their leaf, no number outside: whoever reads that is handed back."""
        low, high = self.ranges.of(op)
        inside = b.and_(
            b.fcmp_ordered(">=", lanes, self.splat(float(low))), b.fcmp_ordered("<=", lanes, self.splat(float(high)))
        )
        return b.select(inside, lanes, self.splat(math.nan))

    def _inside(self, b: ir.IRBuilder, op: Op, lanes: Any) -> Any:
        """Lanes within the bounds of their leaf: one outside is handed back, and something inside stands in for it, for
        a table must not be looked up beyond its end."""
        low, high = self.ranges.of(op)
        if op.detail[0] in ("rows", "rows_by_year"):
            low, high = max(low, -STORED_MAX), min(high, STORED_MAX - 1)
        below = b.fcmp_ordered("<", lanes, self.splat(float(low)))
        outside = b.or_(below, b.fcmp_ordered(">", lanes, self.splat(float(high))))
        self._raise(b, outside)
        return b.select(outside, self.splat(float(min(max(low, 0), high))), lanes)

    def _owner(self) -> Any:
        key = (Op("owner"), -1)
        if key not in self._values:
            cells = self.row.load(
                self.row.gep(self.owners, [self.row.add(self.at, I64(1))], source_etype=I64), typ=self.integers, align=8
            )
            self._values[key] = _Value(cells)
        return self._values[key].lanes

    def _submissions(self, b: ir.IRBuilder) -> Any:
        """The first number before the owners is how many submissions there are."""
        return b.load(self.owners, typ=I64)

    def _table(self, op: Op, phase: int) -> _Value:
        args = [self.value(arg, phase) for arg in op.args]
        b, place = self.builder(op, phase), self.layout.tables.index(op)
        tables = len(self.layout.leaves)
        values, starts = self.pointers[tables + 2 * place], self.pointers[tables + 2 * place + 1]
        moment = b.add(b.mul(self.y, I64(12)), self.m[phase]) if op.monthly else b.mul(self.y, I64(12))
        start = b.load(b.gep(starts, [moment], source_etype=I64), typ=I64)
        index, inside = self.splat(0.0), None
        for arg, value, size in zip(op.args, args, self.sizes[op], strict=True):
            held, fits = self._key(b, arg, self._number(b, value), size)
            inside = fits if inside is None else inside if fits is None else b.and_(inside, fits)
            index = b.fadd(b.fmul(index, self.splat(float(abs(size)))), held)
        integers = b.sext(b.fptosi(index, ir.VectorType(I32, self.layout.lanes)), self.integers)
        gathered = self._gather(b, values, b.add(integers, self._spread_integer(b, start)))
        if inside is not None:
            gathered = b.select(inside, gathered, self.splat(math.nan))
        if op.kind == "norm":
            return _Value(gathered)
        unknown = None
        for arg, value in zip(op.args, args, strict=True):
            lanes = self._number(b, value)
            wrong = b.fcmp_unordered("uno", lanes, lanes) if self.fallible(arg) else None
            unknown = self._either(b, unknown, wrong)
        return _Value(b.fcmp_ordered("ord", gathered, gathered), unknown)

    def _key(self, b: ir.IRBuilder, arg: Op, lanes: Any, size: int) -> tuple[Any, Any]:
        """A key inside its axis, and where it is one; a step (a negative size) stops at its last threshold."""
        low, high = self.ranges.of(arg)
        last = abs(size) - 1
        if size < 0 and high > last:
            below = b.fcmp_unordered if self.fallible(arg) else b.fcmp_ordered
            lanes = b.select(below("<", lanes, self.splat(float(last))), lanes, self.splat(float(last)))
            high = last
        if low >= 0 and high <= last and not self.fallible(arg):
            return lanes, None
        fits = b.and_(
            b.fcmp_ordered(">=", lanes, self.splat(0.0)), b.fcmp_ordered("<=", lanes, self.splat(float(last)))
        )
        return b.select(fits, lanes, self.splat(0.0)), fits

    def _gather(self, b: ir.IRBuilder, pointer: Any, index: Any) -> Any:
        addresses = b.gep(pointer, [index], source_etype=F64)
        addresses.type = ir.VectorType(POINTER, self.layout.lanes)
        name = f"llvm.masked.gather.v{self.layout.lanes}f64.v{self.layout.lanes}p0"
        kind = ir.FunctionType(self.vector, [addresses.type, I32, self.mask, self.vector])
        function = self.module.globals.get(name) or ir.Function(self.module, kind, name=name)
        every = ir.Constant(self.mask, [1] * self.layout.lanes)
        return b.call(function, [addresses, I32(8), every, self.splat(0.0)])

    def _intrinsic(self, b: ir.IRBuilder, name: str, *args: Any) -> Any:
        full = f"{name}.v{self.layout.lanes}f64"
        kind = ir.FunctionType(self.vector, [self.vector] * len(args))
        function = self.module.globals.get(full) or ir.Function(self.module, kind, name=full)
        return b.call(function, args)

    def splat(self, value: float) -> Any:
        return ir.Constant(self.vector, [value] * self.layout.lanes)

    def integers_of(self, value: int) -> Any:
        return ir.Constant(self.integers, [value] * self.layout.lanes)

    def _spread(self, b: ir.IRBuilder, scalar: Any) -> Any:
        return self._broadcast(b, scalar, self.vector)

    def _spread_integer(self, b: ir.IRBuilder, scalar: Any) -> Any:
        return self._broadcast(b, scalar, self.integers)

    def _broadcast(self, b: ir.IRBuilder, scalar: Any, vector: ir.VectorType) -> Any:
        first = b.insert_element(ir.Constant(vector, ir.Undefined), scalar, I32(0))
        zeros = ir.Constant(ir.VectorType(I32, self.layout.lanes), None)
        return b.shuffle_vector(first, ir.Constant(vector, ir.Undefined), zeros)

"""A step of an edit as one compiled call: its code runs over some rows, what it says of them is compared with what it
said, and kept.

A block is (slots, rows): first the slots that are kept, then those that are not (months), for which the code runs once
more with what it read before. Slot by slot, cells that differ are noted, and the sums of kept slots move by what
differs; a blank or an error is worth nothing. Where the code hands a row back nothing is kept: numpy does that in
`engine.slots`, as for many rows and for many submissions, where calls no longer count.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import addressof, c_int64
from functools import lru_cache
from typing import Any

from llvmlite import ir

from engine.kernel.machine import Machine
from engine.number import SPECIAL

I64, I8, F64, POINTER = ir.IntType(64), ir.IntType(8), ir.DoubleType(), ir.PointerType()
GIVEN = (
    *("code", "lanes", "inputs", "outputs", "begins", "table_rows", "begin", "end"),
    *("addresses", "addresses_before", "scratch", "out", "out_before"),
    *("slots", "columns", "moments", "asked", "rows", "first", "many"),
    *("held", "kept", "sums_held", "sums", "floats", "more", "touched", "found", "found_at"),
)
"""What it is told, as int64 one after another. To run: the address of the code, the rows that one of its steps takes,
how many arrays it reads and writes (its flags are the last of these) and where in a block each of those begins; the
rows of its table, the first one to run and the end; the addresses of what it reads now, and what it read before (0
where it need not run with that), room for addresses, and the blocks to write.

To keep: how many slots, how many of them columns, how many each of these, and how many columns and checks together,
which are kept; the rows of what is kept, the first of those at hand and how many; where all that is kept was, and shall
be; sums before, after and as floats; where to write by how much sums moved, whether each column differs, and in which
slots and rows something does."""
TOLD = ("again", "differing", "special_held", "special", "failing", "largest")
"""What it answers: how many rows the code handed back; if none, how many places differ, how many kept cells were no
numbers, how many are none now, how many checks do not hold, and the magnitude of the largest sum."""


def taking(given: tuple[int, ...], answer: int) -> None:
    """Do it: what `GIVEN` names, in order, and the address where to answer with what `TOLD` names."""
    table = _GIVEN(*given)
    _machine().call(addressof(table), answer)


_GIVEN = c_int64 * len(GIVEN)


@lru_cache(maxsize=1)
def _machine() -> Machine:
    return Machine(_Writer().text(), name="take", numbers=1)


class _Writer:
    """Writes it as LLVM's text."""

    def __init__(self) -> None:
        self.module = ir.Module(name="taking")
        self.module.triple = ""
        kind = ir.FunctionType(ir.VoidType(), [I64, POINTER])
        function = ir.Function(self.module, kind, name="take")
        self.b = ir.IRBuilder(function.append_basic_block("entry"))
        table, self.answer = function.args
        given = self.b.inttoptr(table, POINTER)
        self.given = {name: self._load(given, I64(place)) for place, name in enumerate(GIVEN)}
        self.size = self.b.sub(self.given["end"], self.given["begin"])
        self.told = {name: self.b.alloca(I64) for name in TOLD}
        self.moved = self.b.alloca(I64)

    def text(self) -> str:
        """All of it: the code runs, then what it said is kept."""
        given, b = self.given, self.b
        for place in self.told.values():
            b.store(I64(0), place)
        self._run("addresses", "out")
        with b.if_then(b.icmp_signed("!=", given["addresses_before"], I64(0))):
            self._run("addresses_before", "out_before")
        with b.if_then(b.icmp_signed("==", b.load(self.told["again"], typ=I64), I64(0))):
            self._keep()
        for at, place in enumerate(self.told.values()):
            self._store(b.load(place, typ=I64), self.answer, I64(at))
        b.ret_void()
        return str(self.module)

    def _run(self, addresses: str, out: str) -> None:
        """Run the code; what is left after whole steps once more with rows before it. Count the rows it hands back."""
        given, b, scratch = self.given, self.b, self._pointer("scratch")
        with self._each(I64(0), given["inputs"]) as at:
            self._store(self._load(self._pointer(addresses), at), scratch, at)
        row = b.mul(given["begin"], I64(8))
        block, flags = b.sub(given[out], row), b.sub(given["outputs"], I64(1))
        with self._each(I64(0), given["outputs"]) as at:
            begins = b.mul(self._load(self._pointer("begins"), at), b.mul(self.size, I64(8)))
            self._store(b.add(block, begins), scratch, b.add(given["inputs"], at))
        last = b.add(given["inputs"], flags)
        self._store(b.add(self._load(scratch, last), b.sub(row, given["begin"])), scratch, last)
        whole = b.sub(given["end"], b.srem(self.size, given["lanes"]))
        self._call(given["begin"], whole)
        with b.if_then(b.icmp_signed("<", whole, given["end"])):
            self._call(b.sub(given["end"], given["lanes"]), given["end"])
        flagged = b.inttoptr(b.add(self._load(scratch, last), given["first"]), POINTER)
        with self._each(I64(0), given["many"]) as at:
            flag = b.load(b.gep(flagged, [at], source_etype=I8), typ=I8, align=1)
            self._add(b.zext(flag, I64), self.told["again"])

    def _call(self, first: Any, last: Any) -> None:
        kind = ir.FunctionType(ir.VoidType(), [I64, I64, I64, I64, POINTER])
        code = self.b.inttoptr(self.given["code"], kind.as_pointer())
        self.b.call(code, [first, last, self.given["table_rows"], self.size, self._pointer("scratch")])

    def _keep(self) -> None:
        """Kept slots, then the others."""
        given, b = self.given, self.b
        self._copy(b.mul(given["asked"], b.mul(given["rows"], I64(8))))
        with self._each(I64(0), b.sdiv(given["columns"], given["moments"])) as column:
            before, begin = b.load(self.told["differing"], typ=I64), b.mul(column, given["moments"])
            with self._each(begin, b.add(begin, given["moments"])) as slot:
                self._kept_slot(slot, check=False)
            differs = b.icmp_signed("!=", b.load(self.told["differing"], typ=I64), before)
            self._store(b.zext(differs, I64), self._pointer("touched"), column)
        with self._each(given["columns"], given["asked"]) as slot:
            self._kept_slot(slot, check=True)
        months = b.select(b.icmp_signed("==", given["addresses_before"], I64(0)), given["asked"], given["slots"])
        with self._each(given["asked"], months) as slot, self._each(I64(0), given["many"]) as at:
            self._compare(slot, at, self._said("out_before", slot, at))

    def _kept_slot(self, slot: Any, *, check: bool) -> None:
        given, b = self.given, self.b
        begin = b.mul(slot, given["rows"])
        b.store(I64(0), self.moved)
        with self._each(I64(0), given["many"]) as at:
            place = b.add(b.add(begin, given["first"]), at)
            old = self._load(self._pointer("held"), place)
            new = self._compare(slot, at, old)
            self._store(new, self._pointer("kept"), place)
            worth = b.sub(self._worth(new, "special"), self._worth(old, "special_held"))
            self._add(worth, self.moved)
            if check:
                self._add(b.zext(b.icmp_signed("==", new, I64(0)), I64), self.told["failing"])
        more = b.load(self.moved, typ=I64)
        total = b.add(self._load(self._pointer("sums_held"), slot), more)
        self._store(more, self._pointer("more"), slot)
        self._store(total, self._pointer("sums"), slot)
        floats = b.gep(self._pointer("floats"), [slot], source_etype=F64)
        b.store(b.sitofp(total, F64), floats)
        size = b.select(b.icmp_signed("<", total, I64(0)), b.neg(total), total)
        largest = b.load(self.told["largest"], typ=I64)
        b.store(b.select(b.icmp_signed(">", size, largest), size, largest), self.told["largest"])

    def _compare(self, slot: Any, at: Any, old: Any) -> Any:
        """The new cell there; where it differs, its place is noted."""
        b = self.b
        new = self._said("out", slot, at)
        differing = b.load(self.told["differing"], typ=I64)
        self._store(slot, self._pointer("found"), differing)
        self._store(at, self._pointer("found_at"), differing)
        b.store(b.add(differing, b.zext(b.icmp_signed("!=", new, old), I64)), self.told["differing"])
        return new

    def _said(self, out: str, slot: Any, at: Any) -> Any:
        """What the code said in a block."""
        given, b = self.given, self.b
        row = b.add(b.sub(given["first"], given["begin"]), at)
        return self._load(self._pointer(out), b.add(b.mul(slot, self.size), row))

    def _worth(self, cell: Any, counted: str) -> Any:
        special = self.b.icmp_signed("<", cell, I64(SPECIAL))
        self._add(self.b.zext(special, I64), self.told[counted])
        return self.b.select(special, I64(0), cell)

    def _copy(self, size: Any) -> None:
        """What is kept begins as what was."""
        kind = ir.FunctionType(ir.VoidType(), [POINTER, POINTER, I64, ir.IntType(1)])
        copy = ir.Function(self.module, kind, name="llvm.memcpy.p0.p0.i64")
        self.b.call(copy, [self._pointer("kept"), self._pointer("held"), size, ir.Constant(ir.IntType(1), 0)])

    def _add(self, more: Any, place: Any) -> None:
        self.b.store(self.b.add(self.b.load(place, typ=I64), more), place)

    @contextmanager
    def _each(self, first: Any, last: Any) -> Iterator[Any]:
        """A loop from the first number up to the last, which is not in it."""
        b, before = self.b, self.b.block
        head, body, after = (b.append_basic_block(name) for name in ("head", "body", "after"))
        b.branch(head)
        b.position_at_end(head)
        number = b.phi(I64)
        number.add_incoming(first, before)
        b.cbranch(b.icmp_signed("<", number, last), body, after)
        b.position_at_end(body)
        yield number
        number.add_incoming(b.add(number, I64(1)), b.block)
        b.branch(head)
        b.position_at_end(after)

    def _pointer(self, name: str) -> Any:
        return self.b.inttoptr(self.given[name], POINTER)

    def _load(self, pointer: Any, at: Any) -> Any:
        return self.b.load(self.b.gep(pointer, [at], source_etype=I64), typ=I64, align=8)

    def _store(self, cell: Any, pointer: Any, at: Any) -> None:
        self.b.store(cell, self.b.gep(pointer, [at], source_etype=I64), align=8)

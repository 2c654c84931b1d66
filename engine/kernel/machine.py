"""Machine code of this computer from LLVM's intermediate text, by llvmlite; the same text gives the same code once."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from threading import Lock
from typing import Any

from llvmlite import binding
from numpy.typing import NDArray


class Machine:
    """A compiled function that takes some numbers and an address; calling it lets other threads run. A group's is
    `kernel(first, last, stride in, stride out, pointers)`."""

    def __init__(self, text: str, name: str = "kernel", numbers: int = 4) -> None:
        target = _target()
        module = binding.parse_assembly(text)
        module.verify()
        options = binding.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization = False
        options.slp_vectorization = False
        builder = binding.create_pass_builder(target, options)
        builder.getModulePassManager().run(module, builder)
        self._engine = binding.create_mcjit_compiler(module, target)
        self._engine.finalize_object()
        self.address = address = self._engine.get_function_address(name)
        self.call = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * numbers, ctypes.c_void_p)(address)


def machine(text: str) -> Machine:
    """The machine code of a text; a pure function, so what was compiled before is given again. Threads that want the
    same text at once wait for the first of them."""
    with _turn(text):
        return _machine(text)


def address_of(array: NDArray[Any]) -> int:
    """Where an array stands in memory."""
    return int(array.__array_interface__["data"][0])


def place_of(array: NDArray[Any]) -> int:
    """The same of a contiguous array that may be written, told sooner."""
    return ctypes.addressof(ctypes.c_char.from_buffer(array.data))


@lru_cache(maxsize=256)
def _machine(text: str) -> Machine:
    return Machine(text)


@lru_cache(maxsize=256)
def _turn(_: str) -> Lock:
    return Lock()


@lru_cache(maxsize=1)
def vector_lanes() -> int:
    """How many float64 lanes one kernel step takes: twice what a register of this computer holds."""
    features = _features()
    return 16 if features.get("avx512f") else 8


def _target() -> binding.TargetMachine:
    _start()
    features = binding.get_host_cpu_features().flatten()
    target = binding.Target.from_default_triple()
    return target.create_target_machine(cpu=binding.get_host_cpu_name(), features=features, opt=3)


def _features() -> dict[str, bool]:
    _start()
    return dict(binding.get_host_cpu_features())


@lru_cache(maxsize=1)
def _start() -> None:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()

"""Whose turn it is on the loop's own thread: those who calculate there do it one after another, and between two the
loop sees who else has come and what has been answered.

Where more is asked for than can be answered soon, some are told so at once, and nobody is answered who has waited for
so long that they must have gone.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from api.problems import Problem
from engine.findings import finding

WAITING_MAX, WAITED_MAX = 500, 15.0
"""So many may wait in a process, and so many seconds."""


@dataclass
class Turn:
    """Of one loop; used as `async with`."""

    waiting: int = 0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __aenter__(self) -> None:
        refuse_a_crowd(self.waiting)
        self.waiting += 1
        try:
            await self._lock.acquire()
        finally:
            self.waiting -= 1
        try:
            await asyncio.sleep(0)
        except BaseException:
            self._lock.release()
            raise

    async def __aexit__(self, *_: Any) -> None:
        self._lock.release()


def refuse_a_crowd(waiting: int) -> None:
    """Say that the service is busy to whoever comes after so many."""
    if waiting > WAITING_MAX:
        raise Problem([finding("service-busy", None)])


def refuse_who_waited(came: float) -> None:
    """Say so to whoever came too long ago, as `time.monotonic` tells."""
    if time.monotonic() - came > WAITED_MAX:
        raise Problem([finding("service-busy", None)])

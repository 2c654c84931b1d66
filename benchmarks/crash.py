"""`crash`: while edits arrive (with `sessions`, one for nine reads), one process after another is killed (`kill -9`) at
random moments: workers, and of the embedded PostgreSQL any process, its first one included. Only the supervisor is
spared.

Whoever gets no answer asks again under the same key. Afterwards every acknowledged edit must be in the journal, once,
and the whole database must follow from its journal. How long it took the service to resume is how long the slowest
waited of those who were waiting at a kill, and of the ten who came next.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import psutil
import uvloop

from api.store import Store
from benchmarks._calls import Asked, Draw, Lines, arrivals, open_loop
from benchmarks._editing import editing
from benchmarks._republic_served import Served, database_of, editors, near, people, prepared, served, until_ready
from benchmarks._scene import median
from benchmarks.load import mixed

TAKES = ("size", "database", "folder", "workers", "editors", "rate", "kills", "sessions", "seed")
ROWS, GRACE = 1_000, 30.0
EVERY = (3.0, 6.0)
"""Seconds between kills."""


@dataclass
class _Kills:
    """Who was killed, and when."""

    service: Served
    moments: list[tuple[float, str]] = field(default_factory=list)

    async def one(self, drawn: random.Random) -> None:
        """Kill somebody."""
        kinds = {"worker": self.service.workers(), "postmaster": self.service.postgres()[:1]}
        kinds["postgres"] = self.service.postgres()[1:]
        kind = drawn.choice([kind for kind, found in kinds.items() if found])
        with suppress(psutil.Error):
            drawn.choice(kinds[kind]).kill()
            self.moments.append((time.perf_counter(), kind))


def run(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What became of edits under fire, and how soon the service went on."""
    kills, count = asked.get("kills") or 50, asked.get("editors") or 50
    rate = asked.get("rate") or (100 if asked.get("sessions") else 50)
    with ExitStack() as stack:
        settings = stack.enter_context(
            prepared(asked.get("size") or "national", asked.get("database"), asked.get("folder"))
        )
        with database_of(settings) as database:
            book = editing(Store(database), editors(database, near(database, ROWS, count)))
            many = people(database, asked["sessions"]) if asked.get("sessions") else []
        draw = mixed(book, many) if many else book.draw
        drawn = random.Random(asked.get("seed") or 2026)
        with served(settings, asked.get("workers") or 2) as service:
            until_ready(service)
            killed = _Kills(service)
            done = uvloop.run(_under_fire(killed, draw, (kills, rate), drawn))
        with database_of(settings) as database:
            told = book.proof(database)
    resumed = [_resumed(done, moment) for moment, _ in killed.moments]
    return {
        "kills": len(killed.moments),
        "killed": dict(Counter(kind for _, kind in killed.moments)),
        "rate": rate,
        "sessions": len(many),
        "requests": len(done),
        "tries": sum(one.tries for one in done),
        "unacknowledged": dict(Counter(f"{one.status} {one.body[:80]!r}" for one in done if one.status // 100 != 2)),
        "resumed_s": round(max(resumed), 2),
        "resumed_median_s": median(resumed),
        "slowest_s": round(max(one.milliseconds for one in done) / 1_000, 2),
        **told,
    }


async def _under_fire(killed: _Kills, draw: Draw, load: tuple[int, float], drawn: random.Random) -> list[Asked]:
    kills, rate = load
    lines = Lines(killed.service.port)
    await open_loop(lines, draw, list(arrivals(drawn, min(rate, 25.0), 10.0)), drawn, GRACE)
    pauses = [drawn.uniform(*EVERY) for _ in range(kills)]
    firing = asyncio.create_task(_fire(killed, pauses, random.Random(drawn.random())))
    done = await open_loop(lines, draw, list(arrivals(drawn, rate, sum(pauses) + EVERY[1])), drawn, GRACE)
    await firing
    lines.close()
    return done


async def _fire(killed: _Kills, pauses: list[float], drawn: random.Random) -> None:
    for pause in pauses:
        await asyncio.sleep(pause)
        await killed.one(drawn)


def _resumed(done: list[Asked], moment: float) -> float:
    """Seconds that the slowest waited of those who were waiting at a kill, and of the ten who came next."""
    waiting = [one for one in done if one.meant < moment < one.answered]
    later = sorted((one for one in done if one.meant >= moment), key=lambda one: one.meant)[:10]
    return max((one.answered - max(one.meant, moment) for one in (*waiting, *later)), default=0.0)

"""`service`: edits arrive at a rate, whether or not those before have been answered, at a real server on a real
PostgreSQL, from editors who each have a submission of about 1,000 rows of the national republic.

The load is made on the same machine. An edit's time runs from the moment for which it was meant to the whole answer,
its line of the journal committed. Afterwards the whole journal is replayed: what was acknowledged is there, once. With
`sessions` the load is 10 % edits and 90 % reads of forms and totals by that many people who have signed in.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import psutil
import uvloop
from sqlalchemy import select

from api.store import Store
from api.store.database import Database
from api.store.loading import load_all
from api.store.schema import submission
from api.store.totals import Totals
from benchmarks._calls import Asked, Draw, Lines, arrivals, open_loop, request
from benchmarks._editing import Editing, editing
from benchmarks._republic_served import (
    Person,
    Served,
    database_of,
    editors,
    near,
    people,
    prepared,
    served,
    until_ready,
)
from benchmarks._scene import median, percentile, timed, timed_with

TAKES = ("size", "database", "folder", "workers", "editors", "rate", "seconds", "sessions", "highest", "seed")
ROWS, WANTED_MS, WARM_RATE = 1_000, 20.0, 25.0
WARM_SECONDS = 10.0
WAITED_MS = 500.0
"""Above that a rate counts as too much: edits wait for those before them."""
REST_MAX = 60
"""Seconds that a service is given to come to rest after a load that was too much."""
STEPS = [round(20 * 1.25**i) for i in range(20)]
"""Rates that are tried for the highest one, edits a second."""
SHARE_OF_EDITS = 0.1


def run(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Milliseconds of an edit under load, and what became of the edits."""
    count, seconds = asked.get("editors") or 50, asked.get("seconds") or 30
    rate, workers = asked.get("rate") or (100 if asked.get("sessions") else 200), asked.get("workers") or 2
    with ExitStack() as stack:
        settings = stack.enter_context(
            prepared(asked.get("size") or "national", asked.get("database"), asked.get("folder"))
        )
        with database_of(settings) as database:
            store = Store(database)
            book = editing(store, editors(database, near(database, ROWS, count)))
            loaded = _loaded(database)
            many = people(database, asked["sessions"]) if asked.get("sessions") else []
        drawn = random.Random(asked.get("seed") or 2026)
        with served(settings, workers) as service:
            told: dict[str, Any] = dict(until_ready(service))
            told |= uvloop.run(_measured(service, (book, many), (rate, seconds, asked.get("highest")), drawn))
        with database_of(settings) as database:
            told |= book.proof(database)
    sizes = [editor.size for editor in book.editors]
    scene = {"editors": len(book.editors), "rows": [min(sizes), max(sizes)], "workers": workers, "rate": rate}
    return {"seconds": seconds, **scene, **told, "loaded": loaded}


def _loaded(database: Database) -> dict[str, Any]:
    """How long a process takes to read all submissions and totals, once it has the texts of their ruleset."""
    store, totals = Store(database), Totals()
    with database.reading.connect() as connection:
        for ruleset, norms in connection.execute(select(submission.c.ruleset, submission.c.norms).distinct()).all():
            store.texts.plan(connection, ruleset, norms)
        seconds, count = timed_with(lambda: load_all(store, connection))
        of_totals = timed(lambda: totals.catch_up(connection))
    return {"submissions": count, "load_all_s": round(seconds, 2), "totals_s": round(of_totals, 2)}


async def _measured(
    service: Served, who: tuple[Editing, Sequence[Person]], load: tuple[float, float, bool], drawn: random.Random
) -> dict[str, Any]:
    (book, many), (rate, seconds, highest) = who, load
    lines = Lines(service.port)
    warm = await open_loop(
        lines, book.draw, list(arrivals(drawn, min(rate, WARM_RATE), min(seconds, WARM_SECONDS))), drawn, 0
    )
    draw = mixed(book, many) if many else book.draw
    told: dict[str, Any] = {"sessions": len(many)} if many else {}
    told |= {"warm_slowest_ms": round(max(one.milliseconds for one in warm))}
    told |= await _step(service, lines, draw, (rate, seconds, drawn))
    if highest:
        told["highest"] = await _highest(service, lines, book.draw, drawn)
    lines.close()
    return told


async def _step(service: Served, lines: Lines, draw: Draw, load: tuple[float, float, random.Random]) -> dict[str, Any]:
    """The load for a while: the times of its edits, and of its reads if there are any."""
    rate, seconds, drawn = load
    before = service.processor_seconds()
    done = await open_loop(lines, draw, list(arrivals(drawn, rate, seconds)), drawn, 0)
    passed = max(one.answered for one in done) - min(one.meant for one in done)
    spent = {name: (used - before[name]) / passed for name, used in service.processor_seconds().items()}
    edits = [one for one in done if one.data.startswith(b"PATCH")]
    reads = [one for one in done if not one.data.startswith(b"PATCH")]
    good = sum(200 <= one.status < 300 for one in edits)
    told = {"edits_per_s": round(good / passed, 1), "processors": {k: round(v, 2) for k, v in spent.items()}}
    told |= _times(edits) | ({"reads": _times(reads)} if reads else {}) | {"errors": _errors(done)}
    return told | {"machine_busy": round(psutil.cpu_percent() / 100 * (psutil.cpu_count() or 1), 2)}


def _times(done: Sequence[Asked]) -> dict[str, Any]:
    times = [one.milliseconds for one in done]
    told = {"count": len(times), "median_ms": median(times), "p95_ms": percentile(times, 0.95)}
    return told | {"p99_ms": percentile(times, 0.99), "slowest_ms": round(max(times), 1)}


def _errors(done: Sequence[Asked]) -> dict[str, int]:
    return dict(Counter(f"{one.status} {one.body[:60].decode()}" for one in done if not 200 <= one.status < 300))


async def _highest(service: Served, lines: Lines, draw: Draw, drawn: random.Random) -> dict[str, Any]:
    """The highest rate of those tried at which nobody waits for others for long, and the highest, if any, at which the
    wanted time holds."""
    best: dict[str, Any] = {"rate": 0, "rate_within_wanted": 0}
    await _rested(service)
    for rate in STEPS:
        told = await _step(service, lines, draw, (rate, 8.0, drawn))
        if told["p95_ms"] > WAITED_MS or told["errors"] or told["edits_per_s"] < 0.85 * rate:
            return best | {"next": {"rate": rate, "p95_ms": told["p95_ms"], "edits_per_s": told["edits_per_s"]}}
        within = rate if told["p95_ms"] <= WANTED_MS else best["rate_within_wanted"]
        best = {"rate": rate, "p95_ms": told["p95_ms"], "rate_within_wanted": within}
    return best


async def _rested(service: Served) -> None:
    """Wait until what nobody waits for any more is done too."""
    for _ in range(REST_MAX):
        before = service.processor_seconds()["service"]
        await asyncio.sleep(1)
        if service.processor_seconds()["service"] - before < 0.1:
            return


def mixed(book: Editing, many: Sequence[Person]) -> Draw:
    """Edits and reads; a read is somebody's, of the own submission's forms or of totals."""
    readers = [person for person in many if person.submission is not None]

    def draw(drawn: random.Random) -> tuple[int, Asked]:
        if drawn.random() < SHARE_OF_EDITS:
            return book.draw(drawn)
        at = drawn.randrange(len(many))
        person, path = many[at], drawn.choice(_TOTALS)
        if drawn.random() < 0.5 and readers:
            at = drawn.randrange(len(readers))
            person, path = readers[at], drawn.choice(_FORMS)
            path = f"submissions/{person.submission}{path}"
        return len(book.editors) + at, Asked(request("GET", path, person.token))

    return draw


_TOTALS = (
    "totals?by=year",
    "totals?by=specific&by=year",
    "totals?by=administrator&by=year",
    "totals?by=programme&by=kind&where=year:2026",
)
_FORMS = ("", "/forms/pay_civil_employees?count=100", "/forms/business_trips?count=100", "/forms/summary", "/findings")

"""What the service tells of itself in Prometheus' text: requests, edits, the journal, listeners, memory, connections.

With several processes each writes its figures to files of one folder (`PROMETHEUS_MULTIPROC_DIR`), and whoever is asked
adds them up; `prepare` must come before anything is counted.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.pool import QueuePool

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
MEDIA_TYPE = CONTENT_TYPE_LATEST
BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_OWN = CollectorRegistry()

REQUESTS = Counter("esep_requests", "Requests answered", ["method", "route", "status"], registry=_OWN)
SECONDS = Histogram(
    "esep_request_seconds", "From the head of a request to the end of its answer", ["method", "route"],
    buckets=BUCKETS, registry=_OWN,
)  # fmt: skip
JOURNAL = Gauge("esep_journal_position", "How far the journal is known", registry=_OWN, multiprocess_mode="max")
LISTENERS = Gauge("esep_listeners", "Open event streams", registry=_OWN, multiprocess_mode="livesum")
MEMORY = Gauge(
    "esep_submissions_in_memory", "Submissions in memory, by state", ["state"], registry=_OWN,
    multiprocess_mode="livesum",
)  # fmt: skip
CONNECTIONS = Gauge(
    "esep_database_connections", "Connections to the database, by state", ["state"], registry=_OWN,
    multiprocess_mode="livesum",
)  # fmt: skip
EDITS = Counter("esep_edits", "Lines added to the journal", registry=_OWN)


def look(desk: Any) -> None:
    """Note what stands in this process now."""
    JOURNAL.set(desk.totals.position)
    LISTENERS.set(desk.live.listeners)
    MEMORY.labels("awake").set(len(desk.store.memory.held))
    MEMORY.labels("asleep").set(len(desk.store.memory.asleep))
    pool = desk.database.engine.pool
    if isinstance(pool, QueuePool):
        CONNECTIONS.labels("used").set(pool.checkedout())
        CONNECTIONS.labels("idle").set(pool.checkedin())


def told() -> bytes:
    """All figures, of all processes."""
    if FOLDER not in os.environ:
        return generate_latest(_OWN)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def forget(process: int) -> None:
    """Of a process that is gone, drop what it was at the moment; what it counted stays."""
    with suppress(OSError):
        if FOLDER in os.environ and Path(os.environ[FOLDER]).is_dir():
            multiprocess.mark_process_dead(process)  # type: ignore[no-untyped-call]

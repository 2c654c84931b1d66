"""The supervisor: the process that `esep serve` is. It answers nobody itself; it keeps those alive who do.

It binds the port, starts the embedded PostgreSQL where that is used, and forks worker processes. Whoever of them dies,
by whatever hand, is replaced at once. While the first workers answer already, it loads the texts of the rulesets in
use, tries out edits on some submissions in its own memory, so that their code is compiled, and reads the totals and all
submissions, which it calculates; then it replaces the first workers, one by one, by others who are born with all that.
From then on a new worker needs a tenth of a second; the little that has been done since, it reads in the journal.

Each worker has a socket of its own, which the supervisor holds open: connections that come while a worker is being
replaced wait in it. So do those that other workers hand over to it (`api.handing`).
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from api import metrics, observing
from api.app import create
from api.ceilings import ceilings
from api.connections import Connections
from api.handing import Box, Peers, boxes
from api.settings import Settings
from api.store.database import AWAY, Keeper, kept
from api.store.rehearsal import Known, refreshed, rehearsal

LOOK = 0.2
"""Seconds between looks at the database's server; a worker's death is seen at once."""
BEAT, HUNG = 1, 30.0
"""Seconds between a worker's signs of life, and after which it is taken for hung and killed."""
STALE, SPARING = 10.0, 25
"""Seconds after which what new workers are born with is brought up to date again; and how many times longer than a
piece of that took is rested after it: those who answer need the processors."""
LAST_WORDS, GRACE = 3, 30
"""Seconds after which whoever only listens is let go when a worker stops, and those that requests are given to end."""
YOUNG, REST = 2.0, 1.0
"""Where a worker ends by itself and younger than this, the next one starts after a rest."""
TURN = 0.001
"""Seconds after which a request that calculates lets others have their turn."""
LITTER = 10_000, 20, 50
"""How much is made before it is looked through for what nobody holds any more: an edit makes much, and holds it."""
_FORK = get_context("fork")


@dataclass
class _Worker:
    """A process that answers; `beats` is where its signs of life come, and where it sees that we are gone."""

    process: BaseProcess
    beats: Connection
    born: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)

    def lives(self) -> bool:
        """Whether it runs and has given a sign of life lately."""
        with contextlib.suppress(EOFError, OSError):
            while self.beats.poll():
                self.beats.recv_bytes()
                self.heard = time.monotonic()
        return self.process.is_alive() and time.monotonic() - self.heard < HUNG


def supervise(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until told to stop."""
    observing.configure(settings.log)
    with kept(settings.database, settings.folder.resolve()) as keeper, contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(one) for one in _sockets(host, port, workers)]
        prepared = replace(settings, database=keeper.address, prepared=True)
        _Supervisor(prepared, keeper, sockets, boxes(workers)).run()


@dataclass
class _Supervisor:
    settings: Settings
    keeper: Keeper
    sockets: list[socket.socket]
    boxes: list[Box]
    known: Known = field(default_factory=Known, repr=False)
    due: float = field(default_factory=time.monotonic)
    """When the next piece of work is to be done."""
    workers: list[_Worker] = field(default_factory=list)
    leaving: list[_Worker] = field(default_factory=list)
    """Those who have been replaced and finish what they do."""
    stopped: bool = False

    def run(self) -> None:
        def stop(_signal: int, _frame: FrameType | None) -> None:  # no method: who sets another one writes its repr
            self.stopped = True

        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, stop)
        self.workers = [self._start(slot) for slot in range(len(self.sockets))]
        work = self._prepare()
        try:
            while not self.stopped:
                self._look(max(0.0, min(LOOK, self.due - time.monotonic())))
                if time.monotonic() >= self.due and next(work, "done") is not None:
                    work, self.due = self._refresh(), time.monotonic() + STALE
        finally:
            self._end()

    def _look(self, patience: float) -> None:
        """See who is gone, at the latest after so long, and put another in the place."""
        connection.wait([worker.process.sentinel for worker in self.workers], patience)
        self.keeper.look()
        for slot, worker in enumerate(self.workers):
            if not self.stopped and not worker.lives():
                worker.process.kill()
                self._bury(worker)
                metrics.forget(worker.process.pid or 0)
                if worker.process.exitcode != -signal.SIGKILL and time.monotonic() - worker.born < YOUNG:
                    time.sleep(REST)
                self.workers[slot] = self._start(slot)
        for old in [old for old in self.leaving if not old.lives()]:
            self.leaving.remove(old)
            old.process.kill()
            self._bury(old)

    def _prepare(self) -> Iterator[None]:
        """Piece by piece, what all workers need; then workers who have it."""
        try:
            yield from rehearsal(self.settings.database or "", self.known)
        except AWAY:
            return  # workers read what they need by themselves
        create(self.settings)  # what routes take is read once, for all who are born from now on
        for plan in self.known.texts.plans.values():
            ceilings(plan, self.known.totals)
        gc.collect()
        gc.freeze()
        for slot, old in enumerate(self.workers):
            new = self._start(slot)
            new.beats.poll(HUNG)
            self.workers[slot] = new
            old.process.terminate()
            self.leaving.append(old)
            yield

    def _refresh(self) -> Iterator[None]:
        """Bring what all workers need up to date, with a rest after each piece."""
        began = time.process_time()
        with contextlib.suppress(*AWAY):
            for _ in refreshed(self.settings.database or "", self.known):
                self.due = time.monotonic() + SPARING * (time.process_time() - began)
                yield
                began = time.process_time()

    def _start(self, slot: int) -> _Worker:
        ours, theirs = _FORK.Pipe(duplex=False)
        called = self.sockets[slot], Peers(slot, self.boxes)
        process = _FORK.Process(target=_work, args=(self.settings, self.known, called, theirs), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _bury(self, worker: _Worker) -> None:
        worker.process.join(GRACE + 2)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.beats.close()

    def _end(self) -> None:
        last = [*self.workers, *self.leaving]
        for worker in last:
            worker.process.terminate()
        for worker in last:
            self._bury(worker)


def _sockets(host: str, port: int, count: int) -> Iterator[socket.socket]:
    """A bound socket for each worker: the system gives each its share of connections. Where it cannot, one for all."""
    shared = sys.platform == "linux"
    first: socket.socket | None = None
    for _ in range(count):
        if first is not None and not shared:
            yield first.dup()
            continue
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((host, port))
        bound.listen(2_048)
        first = first or bound
        yield bound


def _work(settings: Settings, known: Known, called: tuple[socket.socket, Peers], beats: Connection) -> None:
    """A worker's life; it ends when it is told to, or when its supervisor is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setswitchinterval(TURN)
    gc.set_threshold(*LITTER)
    supervisor, (bound, peers) = os.getppid(), called

    async def beat() -> None:
        with contextlib.suppress(OSError):
            beats.send_bytes(b".")
        server.should_exit |= os.getppid() != supervisor

    server = server_of(create(settings, known), peers, beat)
    server.run([bound])


def server_of(app: FastAPI, peers: Peers, beat: Callable[[], Awaitable[None]]) -> uvicorn.Server:
    """What answers for an application among its peers, and gives signs of life, to its last answer."""
    config = uvicorn.Config(app, http=_calling(peers), log_config=None, access_log=False)
    config.timeout_graceful_shutdown, config.timeout_notify, config.callback_notify = GRACE, BEAT, beat
    return _Server(config, peers)


def _calling(peers: Peers) -> type[Connections]:
    """Connections of a worker among its peers."""
    return type("Calling", (Connections,), {"peers": peers})


class _Server(uvicorn.Server):
    """Who answers calls, and takes on what its peers hand over."""

    def __init__(self, config: uvicorn.Config, peers: Peers) -> None:
        super().__init__(config)
        self.peers = peers

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        calling: Any = self.config.http_protocol_class
        state = {"config": self.config, "server_state": self.server_state, "app_state": self.lifespan.state}
        self.peers.take(lambda read: calling(**state, read=read), lambda: not self.should_exit)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what has been asked, and give signs of life meanwhile."""
        seeing_off = asyncio.create_task(self._see_off())
        try:
            await super().shutdown(sockets)
        finally:
            seeing_off.cancel()

    async def _see_off(self) -> None:
        """Let those go who have the beginning of an answer that does not end; they call again by themselves."""
        stopped = time.monotonic()
        while True:
            await asyncio.sleep(min(BEAT, LAST_WORDS))
            if self.config.callback_notify is not None:
                await self.config.callback_notify()
            if time.monotonic() - stopped >= LAST_WORDS:
                for one in list(self.server_state.connections):
                    if isinstance(one, Connections) and one.cycle is not None and one.cycle.response_started:
                        one.transport.abort()

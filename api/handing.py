"""Each submission has a worker of its own: whoever asks about one is handed over to that worker, connection and all.

So a submission is opened, calculated and remembered by one process, and no other has to follow its edits. Yet any
worker can answer anything: where a hand-over cannot be made at once, whoever was asked answers.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from api.answers import PREFIX

SIZE_MAX = 2**17
"""Bytes of a request that are handed over with its connection; a larger one is answered where it came."""
_ABOUT = re.compile(rb"[A-Z]{3,7} %s/submissions/(\d{1,15})[/? ]" % PREFIX.encode())

Protocol = Callable[[bytes], asyncio.Protocol]
"""Makes what takes a connection on, given the bytes that were read of it already."""
Box = tuple[socket.socket, socket.socket]
"""Where what is handed over to a worker is taken out, and where it is put in."""


@dataclass(frozen=True, slots=True)
class Peers:
    """All workers of a service, as one of them knows them: its own place, and the boxes of all."""

    place: int
    boxes: Sequence[Box]

    def owner(self, data: bytes) -> int | None:
        """The place of another worker whose submission a request is about; None if it is not."""
        about = _ABOUT.match(data) if len(self.boxes) > 1 and len(data) <= SIZE_MAX else None
        at = self.place if about is None else int(about[1]) % len(self.boxes)
        return None if at == self.place else at

    def give(self, place: int, connection: int, data: bytes) -> bool:
        """Give a connection, by its file descriptor, to the worker at that place; whether there was room."""
        try:
            socket.send_fds(self.boxes[place][1], [data], [connection], socket.MSG_DONTWAIT)
        except OSError:
            return False
        return True

    def take(self, protocol: Protocol, wanted: Callable[[], bool]) -> None:
        """Take on, from now on and as long as that is wanted, what the others give; of the running loop."""
        loop, inbox, taking = asyncio.get_running_loop(), self.boxes[self.place][0], set[asyncio.Task[object]]()

        def taken() -> None:
            if not wanted():
                loop.remove_reader(inbox)
                return
            with suppress(BlockingIOError):
                while True:
                    data, connections, *_ = socket.recv_fds(inbox, SIZE_MAX, 1, socket.MSG_DONTWAIT)
                    for one in connections:
                        made = loop.connect_accepted_socket(partial(protocol, data), _of(one))
                        taking.add(task := loop.create_task(made))
                        task.add_done_callback(taking.discard)

        loop.add_reader(inbox, taken)


def boxes(count: int) -> list[Box]:
    """Boxes of so many workers. What is in them outlives a worker that dies."""
    return [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(count)]


def _of(connection: int) -> socket.socket:
    found = socket.socket(fileno=connection)
    found.setblocking(False)
    return found

"""A connection of a client, who may be slow or gone: who does not say what is wanted, or take the answer, is let go.

How long a body may take is `api.bodies`' business. Between two requests a connection may go over to another worker.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.handing import Peers

HEAD_SECONDS = 10.0
"""For the whole head of a request, from when the connection stands or its first byte has come."""
UNTAKEN_SECONDS = 30
"""After which a client who takes nothing of what was sent is gone."""


class Connections(HttpToolsProtocol):
    """HTTP/1.1 on one connection, within limits of time; `read` of it is what another worker has read already."""

    _awaited: asyncio.TimerHandle | None = None
    _begun = False
    """Whether a request has begun whose end has not come."""
    peers: Peers | None = None
    """The workers that it may go over to."""

    def __init__(self, *given: Any, read: bytes = b"", **named: Any) -> None:
        super().__init__(*given, **named)
        self.read = read

    def connection_made(self, transport: Any) -> None:
        """Somebody has called."""
        super().connection_made(transport)
        called = transport.get_extra_info("socket")
        if called is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            with suppress(OSError):  # a socket of the machine itself has no such limit
                called.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1_000 * UNTAKEN_SECONDS)
        self._await_head()
        if self.read:
            super().data_received(self.read)

    def data_received(self, data: bytes) -> None:
        """Something has come: the beginning of a request that is another worker's, or more."""
        owner = self.peers.owner(data) if self.peers is not None and self._is_between() else None
        if owner is None or not self._hand_over(owner, data):
            super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody has hung up."""
        self._head_came()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._head_came()
        self._await_head()
        self._begun = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """All of a request has come."""
        self._begun = False
        super().on_message_complete()

    def on_headers_complete(self) -> None:
        """What is wanted is known."""
        self._head_came()
        super().on_headers_complete()

    def _is_between(self) -> bool:
        """Whether all that was asked has been answered, and every byte of the answers sent."""
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not self._begun and not self.pipeline and not self.transport.get_write_buffer_size()

    def _hand_over(self, owner: int, data: bytes) -> bool:
        assert self.peers is not None
        if not self.peers.give(owner, self.transport.get_extra_info("socket").fileno(), data):
            return False
        self._unset_keepalive_if_required()
        self.transport.abort()  # our end only: the connection stands as long as the other has it
        return True

    def _await_head(self) -> None:
        self._awaited = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _head_came(self) -> None:
        if self._awaited is not None:
            self._awaited.cancel()
            self._awaited = None

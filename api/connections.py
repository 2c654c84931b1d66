"""A connection of a client, who may be slow or gone: who does not say what is wanted, or take the answer, is let go.

How long a body may take is `api.bodies`' business.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
"""For the whole head of a request, from when the connection stands or its first byte has come."""
UNTAKEN_SECONDS = 30
"""After which a client who takes nothing of what was sent is gone."""


class Connections(HttpToolsProtocol):
    """HTTP/1.1 on one connection, within limits of time."""

    _awaited: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Somebody has called."""
        super().connection_made(transport)
        called = transport.get_extra_info("socket")
        if called is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            with suppress(OSError):  # a socket of the machine itself has no such limit
                called.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1_000 * UNTAKEN_SECONDS)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody has hung up."""
        self._head_came()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._head_came()
        self._await_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """What is wanted is known."""
        self._head_came()
        super().on_headers_complete()

    def _await_head(self) -> None:
        self._awaited = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _head_came(self) -> None:
        if self._awaited is not None:
            self._awaited.cancel()
            self._awaited = None

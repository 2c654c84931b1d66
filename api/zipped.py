"""What is read goes out compressed where the reader takes that; who changes something is answered as soon as can be."""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

WORTH = 4_096
"""Bytes of the smallest answer that is compressed."""
LEVEL = 3
"""JSON of forms becomes a tenth at a hundred megabytes a second; more effort saves little."""


class Zipped(GZipMiddleware):
    """The application behind whoever compresses the answers to what is read."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, minimum_size=WORTH, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, its answer as it is unless it only reads."""
        reads = scope["type"] == "http" and scope["method"] == "GET"
        await (super().__call__ if reads else self.app)(scope, receive, send)

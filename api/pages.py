"""The page that people use: one document, whose nonce is fresh each time, and files that never change under their name.

The page is built from `ui/` into `api/page/`, and goes into the package, so that nobody who installs it needs Node.
"""

from __future__ import annotations

import json
import secrets
from html import escape
from mimetypes import guess_type
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Cookie, HTTPException, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.types import Scope

from api.demo import is_demo
from api.desk import Desk, Served

BUILT = Path(__file__).with_name("page")
NONCE = "esep-nonce"
"""Stands in the built document wherever the nonce of an answer goes."""
TOLD = "esep-told"
"""Stands in the built document where the page is told what it cannot ask before it is drawn."""
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; font-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The grid writes its style sheets itself, therefore styles bear the nonce too; no other host, nothing inline."""
FOREVER = "public, max-age=31536000, immutable"

GUARDS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"}

router = APIRouter(include_in_schema=False)


COMPRESSED = (("br", ".br"), ("gzip", ".gz"))


class Files(StaticFiles):
    """The built files; their names hold their digests, and beside the texts lie their compressed selves."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        taken = Headers(scope=scope).get("accept-encoding", "")
        coding, ending = next((one for one in COMPRESSED if one[0] in taken and self._there(path + one[1])), ("", ""))
        response = await super().get_response(path + ending, scope)
        if coding:
            response.headers["Content-Encoding"] = coding
            response.headers["Content-Type"] = guess_type(path)[0] or "application/octet-stream"
        response.headers["Vary"] = "Accept-Encoding"
        return response

    def _there(self, path: str) -> bool:
        return self.lookup_path(path)[1] is not None

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = FOREVER
        return response


@router.get("/")
@router.get("/{address:path}")
def page(desk: Served, address: str = "", esep_session: Annotated[str, Cookie()] = "") -> Response:
    """The document, whatever the address: the page itself looks at it. What belongs to the service is not found."""
    if address.startswith("api/"):
        raise HTTPException(404)
    if address == "mark.svg":
        return Response(_file("mark.svg"), media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})
    if not (BUILT / "index.html").exists():
        return PlainTextResponse("The page is not built: make page", 503)
    nonce = secrets.token_urlsafe(16)
    headers = {"Content-Security-Policy": POLICY.format(nonce=nonce), "Cache-Control": "no-store"} | GUARDS
    told = json.dumps({"installation": _installation(desk), "signed": bool(esep_session)})
    built = _file("index.html").decode().replace(NONCE, nonce).replace(f'"{TOLD}">', f'"{escape(told)}">')
    return HTMLResponse(built, headers=headers)


def _installation(desk: Desk) -> str:
    """Whether this is the real thing, a demo or somebody's test."""
    if desk.settings.production:
        return "real"
    with desk.reading() as connection:
        return "demo" if is_demo(connection) else "test"


def _file(name: str) -> bytes:
    return (BUILT / name).read_bytes()

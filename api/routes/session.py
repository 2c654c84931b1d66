"""Signing in and out, and who one is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Request, Response
from pydantic import BaseModel, Field

from api import sessions
from api.access import OFFICIAL_USE, User, table
from api.desk import Served, Signed
from api.problems import Problem
from api.rates import Rates
from api.sessions import COOKIE
from engine.findings import Finding

router = APIRouter(prefix="/session", tags=["session"])


class Credentials(BaseModel):
    """What one signs in with."""

    login: str = Field(max_length=200, examples=["executor-1"])
    password: str = Field(max_length=1_000, examples=["demo"])


@router.post("")
def sign_in(body: Credentials, request: Request, response: Response, desk: Served) -> dict[str, Any]:
    """Sign in: the answer sets a cookie, and tells who one is."""
    rates: Rates = request.app.state.rates
    if (refused := rates.signing_in(request.client.host if request.client else "", body.login)) is not None:
        raise refused
    with desk.transaction() as connection:
        token = sessions.sign_in(connection, body.login, body.password, desk.idle)
        user = sessions.user_of(connection, token, desk.idle) if isinstance(token, str) else None
    if isinstance(token, Finding):
        raise Problem([token])
    assert user is not None, "a session that has just begun lives"
    secure = desk.settings.production
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=secure, path="/")
    return _told(user)


@router.delete("", status_code=204)
def sign_out(desk: Served, user: Signed, esep_session: Annotated[str, Cookie()]) -> Response:
    """Sign out."""
    with desk.transaction() as connection:
        sessions.sign_out(connection, esep_session)
    desk.doorkeeper.forget(esep_session)
    gone = Response(status_code=204)
    gone.delete_cookie(COOKIE, path="/")
    return gone


@router.get("")
def who(user: Signed) -> dict[str, Any]:
    """Who one is, and in what roles."""
    return _told(user)


def _told(user: User) -> dict[str, Any]:
    roles = [
        {"organisation": member.organisation, "role": member.role, "title": table().roles[member.role]}
        for member in user.memberships
        if member.role != OFFICIAL_USE
    ]
    return {"login": user.login, "name": user.name, "language": user.language, "roles": roles}

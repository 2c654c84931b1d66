"""Signing in and staying so: argon2 passwords, a lock after many wrong ones, sessions that live in the database.

The cookie holds a random token, the database its SHA-256: whoever reads the database cannot sign in with it. A wrong
name costs as much time as a wrong password.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from api.access import Membership, User
from api.store.schema import account, membership, session
from api.store.statement import Statement
from engine.findings import Finding, finding

COOKIE = "esep_session"
FAILURES_MAX = 5
LOCK = timedelta(minutes=15)
MEMORY = 60.0
"""Seconds for which a process takes a session for granted, unless it hears otherwise."""
PEOPLE = "esep_people"
"""Where PostgreSQL tells that somebody has signed out or has other roles (migration 0050)."""
SEEN_MAX = 10_000
_HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)


def hashed(password: str) -> str:
    """A password as it is stored."""
    return _HASHER.hash(password)


def sign_in(connection: Connection, login: str, password: str, idle: timedelta) -> str | Finding:
    """A new session's token, or why there is none; a failure is counted even so."""
    row = connection.execute(select(account).where(account.c.login == login).with_for_update()).first()
    now = datetime.now(UTC)
    if row is not None and row.locked_until is not None and row.locked_until > now:
        return finding("sign-in-locked", None, minutes=int((row.locked_until - now).total_seconds() // 60) + 1)
    if not _right(row.password if row is not None and row.active else _nobody(), password) or row is None:
        if row is not None:
            _count_failure(connection, row.id, row.failures + 1, now)
        return finding("sign-in-wrong", None)
    connection.execute(update(account).where(account.c.id == row.id).values(failures=0, locked_until=None))
    return start(connection, row.id, idle)


def start(connection: Connection, number: int, idle: timedelta) -> str:
    """A session of an account that has proved itself."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    connection.execute(delete(session).where(session.c.account == number, session.c.expires_at < now))
    row = {"token": _digest(token), "account": number, "created_at": now, "expires_at": now + idle}
    connection.execute(insert(session).values(row))
    return token


def sign_out(connection: Connection, token: str) -> None:
    """End a session."""
    connection.execute(delete(session).where(session.c.token == _digest(token)))


@dataclass
class Doorkeeper:
    """Who was let in lately, so that not every request asks the database. All are forgotten when anybody signs out or
    has other roles, of which the database tells at once; while it cannot, nobody is known for more than `MEMORY`."""

    seen: dict[str, tuple[float, User]] = field(default_factory=dict)
    age: int = 0
    """Grows whenever all are forgotten."""

    def know(self, token: str | None) -> User | None:
        """The user of a token, if it was seen just now."""
        until, user = self.seen.get(token or "", (0.0, None))
        return user if time.monotonic() < until else None

    def meet(self, token: str | None, user: User, age: int) -> None:
        """Remember somebody who has proved to live in a session, as of that age."""
        if token is None or age != self.age:
            return
        if len(self.seen) >= SEEN_MAX:
            self.seen.clear()
        self.seen[token] = time.monotonic() + MEMORY, user

    def forget(self, token: str) -> None:
        """Somebody who signs out."""
        self.seen.pop(token, None)

    def forget_all(self) -> None:
        """Everybody, since somebody has signed out or has other roles."""
        self.age += 1
        self.seen.clear()


_ROLES = func.jsonb_agg(func.jsonb_build_array(membership.c.organisation, membership.c.role))
_MEMBER = select(_ROLES).where(membership.c.account == account.c.id).scalar_subquery().label("members")
_HOLDER = Statement(
    select(*(account.c[name] for name in ("id", "login", "name", "language", "active")), session.c.expires_at, _MEMBER)
    .join(session, session.c.account == account.c.id)
    .where(session.c.token == bindparam("token"), session.c.expires_at > bindparam("now"))
)


def user_of(connection: Connection, token: str | None, idle: timedelta) -> User | None:
    """Who holds this token, if the session still lives; it lives on from now."""
    if token is None:
        return None
    now = datetime.now(UTC)
    row = _HOLDER.row(connection, {"token": _digest(token), "now": now})
    if row is None or not row.active:
        return None
    if row.expires_at - now < idle * 0.9:
        renewed = update(session).where(session.c.token == _digest(token)).values(expires_at=now + idle)
        connection.execute(renewed)
    roles = tuple(Membership(organisation, role) for organisation, role in row.members or ())
    return User(row.id, row.login, row.name, row.language, roles)


def _right(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):  # whoever has no password yet has no hash either
        return False


@cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))


def _count_failure(connection: Connection, number: int, failures: int, now: datetime) -> None:
    locked = {"failures": 0, "locked_until": now + LOCK} if failures >= FAILURES_MAX else {"failures": failures}
    connection.execute(update(account).where(account.c.id == number).values(locked))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

"""Writes that are done once however often they are asked for: the same key, from the same account, at the same address.

The key's row stands and falls with the transaction that does the thing: what was refused may be asked again with its
key, and of two who ask at once the second waits for the first. Actions on cells and rows have their key in the journal
instead (`Deed.key`), changes of organisations in theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from api.desk import Signed
from api.store.schema import answered

KEPT = timedelta(days=30)
"""For how long a key is known."""
KEY, KEY_MAX = "Idempotency-Key", 200
Key = Annotated[str | None, Header(alias=KEY, max_length=KEY_MAX)]


@dataclass(frozen=True, slots=True)
class Once:
    """Who asks, where, and with which key, if any."""

    account: int
    address: str
    key: str | None

    def answer(self, connection: Connection) -> dict[str, Any] | None:
        """What was answered the first time, or None: then this is the first, and its answer is to be kept."""
        if self.key is None:
            return None
        now = datetime.now(UTC)
        mine = {"account": self.account, "key": self.key, "address": self.address, "at": now}
        added = insert(answered).values(mine).on_conflict_do_nothing().returning(answered.c.key)
        if connection.execute(added).first() is not None:
            connection.execute(delete(answered).where(answered.c.at < now - KEPT))
            return None
        found: dict[str, Any] = connection.execute(select(answered.c.answer).where(self._mine())).scalar_one()
        return found

    def keep(self, connection: Connection, told: dict[str, Any]) -> dict[str, Any]:
        """Keep the answer, in the transaction that makes it so."""
        if self.key is not None:
            connection.execute(update(answered).where(self._mine()).values(answer=told))
        return told

    def _mine(self) -> Any:
        of = answered.c
        return (of.account == self.account) & (of.key == self.key) & (of.address == self.address)


def _once(request: Request, user: Signed, key: Key = None) -> Once:
    return Once(user.account, f"{request.method} {request.url.path}", key)


AskedOnce = Annotated[Once, Depends(_once)]

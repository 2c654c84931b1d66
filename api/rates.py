"""How often somebody may ask: signing in by address and by login, reading and writing by session, generously.

Each process counts for itself, in memory: with several of them somebody whose connections are spread over all may ask
as many times more. A wrong password is counted in the database besides (`api.sessions`), once for all.
"""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from api.problems import Problem
from api.settings import Settings
from engine.findings import finding

KEYS_MAX = 20_000
"""Counts that are kept before those of the past are looked for and dropped."""


class Counts(Storage):
    """Counts that end at a moment, in memory; unlike the library's own, no thread is started to forget them."""

    STORAGE_SCHEME = ["process"]  # noqa: RUF012 as the library declares it

    def __init__(self) -> None:
        super().__init__("process://")
        self.counted: dict[str, tuple[int, float]] = {}
        self.guard = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing that could fail."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count; a new count ends so many seconds from now."""
        now = time.time()
        with self.guard:
            if len(self.counted) >= KEYS_MAX:
                self.counted = {name: held for name, held in self.counted.items() if held[1] > now}
            count, ends = self.counted.get(key, (0, 0.0))
            count, ends = (count, ends) if ends > now else (0, now + expiry)
            self.counted[key] = count + amount, ends
        return count + amount

    def get(self, key: str) -> int:
        """A count, 0 if it has ended."""
        count, ends = self.counted.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When a count ends."""
        return self.counted.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int | None:
        """Forget all."""
        self.counted.clear()
        return None

    def clear(self, key: str) -> None:
        """Forget one."""
        self.counted.pop(key, None)


@dataclass
class Rates:
    """The limits of one process and what it has counted."""

    settings: Settings
    _limiter: FixedWindowRateLimiter = field(default_factory=lambda: FixedWindowRateLimiter(Counts()))

    def signing_in(self, address: str, login: str) -> Problem | None:
        """Count an attempt to sign in; why it is refused, if it is."""
        told = hashlib.sha256(login.encode("utf-8", "surrogatepass")).hexdigest()
        settings = self.settings
        asked = ((settings.rate_address, f"address {address}"), (settings.rate_login, f"login {told}"))
        return next((refused for rate, who in asked if (refused := self._counted(rate, who)) is not None), None)

    def asking(self, token: str, writes: bool) -> Problem | None:
        """Count a request of a session; why it is refused, if it is."""
        rate = self.settings.rate_writes if writes else self.settings.rate_reads
        return self._counted(rate, f"{'writes' if writes else 'reads'} {hashlib.sha256(token.encode()).hexdigest()}")

    def _counted(self, rate: str, who: str) -> Problem | None:
        item = _parsed(rate)
        if item is None or self._limiter.hit(item, who):
            return None
        seconds = max(1, round(self._limiter.get_window_stats(item, who).reset_time - time.time()))
        return Problem([finding("too-many-requests", None, seconds=seconds)], headers={"Retry-After": str(seconds)})


_PARSED: dict[str, RateLimitItem] = {}


def _parsed(rate: str) -> RateLimitItem | None:
    if not rate:
        return None
    if rate not in _PARSED:
        _PARSED[rate] = parse(rate)
    return _PARSED[rate]

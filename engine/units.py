"""Unit algebra: KZT/FTE/month × FTE × month = KZT.

A unit is a product of powers of the names in a closed list (`norms/units.yaml`); a plain number has the empty unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

_NAME = re.compile(r"[^\W\d]\w*")
_POWER = re.compile(r"[1-9]")


@dataclass(frozen=True, slots=True)
class Unit:
    """Powers by name, sorted, none of them 0; `Unit()` is a plain number."""

    powers: tuple[tuple[str, int], ...] = ()
    written: str = field(compare=False, repr=False, default="")
    """As it was declared, in its own order; what was computed has none."""

    def __mul__(self, other: Unit) -> Unit:
        return _unit((*self.powers, *other.powers))

    def __truediv__(self, other: Unit) -> Unit:
        return self * other**-1

    def __pow__(self, exponent: int) -> Unit:
        return _unit((name, power * exponent) for name, power in self.powers)

    def power(self, name: str) -> int:
        """The power of one name, 0 where it does not occur."""
        return dict(self.powers).get(name, 0)

    @property
    def declared(self) -> str:
        """For people: in the order in which it was written, `KZT/person/month`; `str` sorts it."""
        return self.written or str(self)

    def __str__(self) -> str:
        above = [_power(name, power) for name, power in self.powers if power > 0]
        below = [_power(name, -power) for name, power in self.powers if power < 0]
        return "/".join(["*".join(above) or "1", *below])


PLAIN = Unit()


def parse_unit(text: str, known: Iterable[str] | None = None) -> Unit | str:
    """`KZT/FTE/month`, `Gcal*KZT`, `m2/person` or `1` as a unit, read from the left as in a formula (`KZT/FTE*month` is
    (KZT/FTE)*month); the first name that is not known, or the whole text if it is no unit, comes back as text."""
    unit, known = PLAIN, None if known is None else set(known)
    for sign, factor in _factors(text.replace(" ", "")):
        base, caret, exponent = factor.partition("^")
        if not base or (caret and not _POWER.fullmatch(exponent)):
            return text
        if base == "1":
            continue
        if not _NAME.fullmatch(base) or (known is not None and base not in known):
            return base
        unit *= Unit(((base, sign * int(exponent or 1)),))
    return replace(unit, written=text.replace(" ", ""))


def _factors(text: str) -> Iterator[tuple[int, str]]:
    for i, part in enumerate(text.split("/")):
        for j, factor in enumerate(part.split("*")):
            yield (-1 if i and not j else 1), factor


def _unit(powers: Iterable[tuple[str, int]]) -> Unit:
    total: dict[str, int] = {}
    for name, power in powers:
        total[name] = total.get(name, 0) + power
    return Unit(tuple(sorted((name, power) for name, power in total.items() if power)))


def _power(name: str, power: int) -> str:
    return name if power == 1 else f"{name}^{power}"

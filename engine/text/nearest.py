"""The name that was probably meant.

People miss a letter, write `-` for `_`, a capital for a small letter, or a Cyrillic letter that looks like a Latin one;
all of these are near. Names of one or two letters are never near to anything, and numbers only where all but few digits
are the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

_LOOKALIKES = str.maketrans("аеорсухкмтнвіАЕОРСУХКМТНВІ", "aeopcyxkmthbiAEOPCYXKMTHBI")
_NEAR = 0.6


def nearest(name: str, candidates: Iterable[str]) -> str:
    """The candidate most like the name, the first of equals, or nothing where none is like it."""
    plain = _plain(name)
    best, best_ratio = "", _NEAR
    for candidate in candidates:
        ratio = 1.0 if _plain(candidate) == plain else _likeness(plain, _plain(candidate))
        if ratio > best_ratio and candidate != name:
            best, best_ratio = candidate, ratio
    return best


def letters_mixed(name: str) -> bool:
    """Whether a name has both Latin and Cyrillic letters, which no reader can tell apart."""
    letters = [c for c in name if c.isalpha()]
    return any(c < "ɐ" for c in letters) and any("Ѐ" <= c <= "ӿ" for c in letters)


def _plain(name: str) -> str:
    return name.translate(_LOOKALIKES).casefold().replace("-", "_")


def _likeness(a: str, b: str) -> float:
    if a.isdigit() and b.isdigit():
        return sum(x == y for x, y in zip(a, b, strict=True)) / len(a) if len(a) == len(b) else 0.0
    if min(len(a), len(b)) < 3:
        return 0.0
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    if matcher.real_quick_ratio() <= _NEAR:
        return 0.0
    return max(matcher.ratio(), 0.75 if a.startswith(b) or b.startswith(a) else 0.0)

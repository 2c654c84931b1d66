"""The sheet of norms, and the formulas that look values up on it.

The plan years fall into spans in which a norm does not change. The values in force in such a span, one for each
combination of codes and threshold, stand together as a block, sorted; a formula of a year or month looks into the
block of that time. Codes are joined to one key, with a mark where a value is for any code; exact codes are tried
first, invented values last, as the engine does. So a look-up stays right when somebody changes a code in a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from api.exchange.layout import FIRST_LINE, NORMS
from engine.norms import ANY, Norm, Norms, NormValue, Series, current, masks, precedence
from engine.number import plain_text

ANY_MARK = "¤"
"""Stands for `*`, which Excel would take as a wildcard."""
KINDS = ("act", "training")
"""What a key begins with: a value of an act, or one invented for training."""
MISSING = "NA()"
NOT_FOUND = "#VALUE!"
"""Stands for a number that the law has and nobody found: unlike #N/A it hides less exact values of its kind."""


class NotInExcelError(Exception):
    """A formula that no formula of a sheet can stand for; its text is why. Never leaves this package."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the sheet."""

    norm: Norm
    key: str
    value: NormValue


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one norm that are in force together; `patterns` are which codes are exact, in order of precedence."""

    first: int
    last: int
    patterns: tuple[tuple[str, tuple[bool, ...]], ...]

    def column(self, letter: str) -> str:
        """The reference to one column of the block."""
        return f"{NORMS}!${letter}${self.first}:${letter}${self.last}"


@dataclass
class NormSheet:
    """All lines that formulas asked for so far. `fixed` are keys that are always a field of the header: of those only
    this submission's own code is listed."""

    norms: Norms
    known: date | None
    fixed: Mapping[tuple[str, int], str]
    lines: list[Listed] = field(default_factory=list)
    blocks: dict[tuple[object, ...], Block] = field(default_factory=dict)
    _of_day: dict[tuple[str, date], Block | None] = field(default_factory=dict)

    def look_up(self, name: str, keys: Sequence[str], on: date) -> str:
        """The formula for a norm's value on a day; `keys` are formulas; #N/A where no value is in force."""
        norm = self.norms.norms[name]
        if (name, on) not in self._of_day:
            self._of_day[name, on] = self._block(norm, on)
        block = self._of_day[name, on]
        if block is None:
            return MISSING
        pairs = list(zip(norm.keys, keys, strict=True))
        codes = [text for key, text in pairs if key.kind == "code"]
        steps = [text for key, text in pairs if key.kind == "step"]
        if not pairs and block.first == block.last:
            return f"{NORMS}!$G${block.first}"
        tried = [(kind, _tried(block, kind, mask, (codes, steps))) for kind, mask in block.patterns]
        following, formula = tried[-1]
        for kind, one in reversed(tried[:-1]):
            formula = f"{'_xlfn.IFNA' if kind == following else 'IFERROR'}({one},{formula})"
            following = kind
        return formula

    def _block(self, norm: Norm, on: date) -> Block | None:
        if sum(key.kind == "step" for key in norm.keys) > 1:
            raise NotInExcelError(f"{norm.name}: two steps")
        listed = [
            one for kind, layer in zip(KINDS, norm.layers, strict=True) for one in self._in_force(norm, kind, layer, on)
        ]
        key = (norm.name, *(id(one.value) for one in listed))
        if listed and key not in self.blocks:
            listed.sort(key=lambda one: (one.key.casefold(), norm.steps(one.value.keys)))
            first = FIRST_LINE + len(self.lines)
            self.lines += listed
            self.blocks[key] = Block(first, first + len(listed) - 1, tuple(_patterns(norm, listed)))
        return self.blocks.get(key)

    def _in_force(self, norm: Norm, kind: str, layer: Series, on: date) -> Iterator[Listed]:
        for codes, values in layer.items():
            if not all(code in (ANY, self.fixed.get((norm.name, i), code)) for i, code in enumerate(codes)):
                continue
            rows = sorted(current(values, on, self.known), key=lambda row: precedence(row, norm))
            for row in {norm.steps(row.keys): row for row in rows}.values():
                marked = (ANY_MARK if code == ANY else code for code in codes)
                yield Listed(norm, "|".join((kind, *marked)), row)


def threshold(listed: Listed) -> Fraction | None:
    """The threshold of a line of a step table."""
    steps = listed.norm.steps(listed.value.keys)
    return steps[0] if steps else None


def keys_shown(listed: Listed) -> str:
    """The keys as people write them."""
    shown = (key if isinstance(key, str) else plain_text(key) for key in listed.value.keys)
    return ", ".join(shown)


def _patterns(norm: Norm, listed: Sequence[Listed]) -> Iterator[tuple[str, tuple[bool, ...]]]:
    """Which patterns occur."""
    for kind in KINDS:
        own = [one for one in listed if one.key.split("|", 1)[0] == kind]
        for mask in masks(sum(key.kind == "code" for key in norm.keys)):
            if any(tuple(code != ANY for code in norm.codes(one.value.keys)) == mask for one in own):
                yield kind, mask


def _tried(block: Block, kind: str, mask: Sequence[bool], keys: tuple[Sequence[str], Sequence[str]]) -> str:
    codes, steps = keys
    parts = [f'"{kind}"', *(code if exact else f'"{ANY_MARK}"' for code, exact in zip(codes, mask, strict=True))]
    key = '&"|"&'.join(parts)
    at = f"MATCH({key},{block.column('B')},0)"
    if steps:
        reached = f'COUNTIFS({block.column("B")},{key},{block.column("D")},"<="&{steps[0]})'
        at = f"IF({reached}=0,NA(),{at}+{reached}-1)"
    found = f"INDEX({block.column('G')},{at})"
    blank = [f'{code}=""' for code, exact in zip(codes, mask, strict=True) if not exact]
    return f"IF(OR({','.join(blank)}),NA(),{found})" if blank else found

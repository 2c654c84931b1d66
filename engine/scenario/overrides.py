"""Norms with the overrides of a scenario in them.

An override speaks of all values that its keys admit, from its first day until its last. Each of these is looked up as
the base would, day for day and threshold for threshold, and what takes its place is written as a value of its own: so a
change of one code's value that stands under `*` changes it for that code alone. A value put in place says `unverified`,
and its source is the scenario.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from itertools import product

from engine.findings import Finding, finding
from engine.norms import ANY, Norm, NormKey, Norms, NormValue, in_force
from engine.norms.dense import unholdable
from engine.number import plain_text, round_half_away
from engine.scenario.text import LIMIT_KEYS, OVERRIDE_KEYS, NormOverride
from engine.text.nearest import nearest

VERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class About:
    """What overrides rest on: the scenario's name, the first day of the plan, the day whose knowledge counts, the
    institutions of each administrator, and the norms that are limits to the ruleset."""

    scenario: str
    first: date
    known: date | None
    institutions: Mapping[str, Sequence[str]]
    limits: Collection[str] = ()


@dataclass
class Overriding:
    """Norms while the overrides of one scenario are put in them, one after another."""

    norms: Norms
    about: About
    found: list[Finding] = field(default_factory=list)

    def put(self, override: NormOverride) -> None:
        """Put an override of a norm in; what cannot be is a finding and changes nothing."""
        norm = self.norms.norms.get(override.norm)
        if norm is None:
            facts = {"got": override.norm, "nearest": nearest(override.norm, self.norms.norms)}
            self.found.append(finding("norm-unknown", override.place, owner=self.about.scenario, **facts))
            return
        if (only := self._only(norm, override)) is not None:
            self._replace(norm, override, only)

    def put_limit(self, override: NormOverride) -> None:
        """The same of a limit; without a name, of all of them that have the keys that it speaks of."""
        if override.norm:
            self.put(override)
            return
        slips = len(self.found)
        for name in sorted(self.norms.norms.keys() & set(self.about.limits)):
            held = {key.name for key in self.norms.norms[name].keys}
            meant = all(key in held or (key == "administrator" and "institution" in held) for key in override.keys)
            if meant and len(self.found) == slips:
                self.put(replace(override, norm=name))

    def _only(self, norm: Norm, override: NormOverride) -> Mapping[str, tuple[str, ...]] | None:
        """For each key that the override speaks of, its codes or thresholds; None after a finding."""
        slips = len(self.found)
        keys = {key.name: key for key in norm.keys}
        only: dict[str, tuple[str, ...]] = {}
        for name, word in override.keys.items():
            if name == "administrator" and name not in keys and "institution" in keys:
                only["institution"] = tuple(self.about.institutions.get(word.text, ()))
                self._code("administrator", override, name)
            elif name not in keys:
                known = [*keys, *(LIMIT_KEYS if norm.name in self.about.limits else ()), *OVERRIDE_KEYS]
                facts = {"key": name, "nearest": nearest(name, known), "known": ", ".join(known)}
                self.found.append(finding("key-unknown", override.key_places[name], **facts))
            elif word.text != ANY:
                self._check(keys[name], override)
                only[name] = (word.text,)
        return only if len(self.found) == slips else None

    def _check(self, key: NormKey, override: NormOverride) -> None:
        word = override.keys[key.name]
        if key.kind == "code":
            self._code(key.of, override, key.name)
        elif not word.text.replace(".", "", 1).isdecimal():
            self.found.append(finding("norm-number-unclear", word.place, got=word.text))

    def _code(self, classification: str, override: NormOverride, key: str) -> None:
        word, codes = override.keys[key], self.norms.classifications.get(classification)
        if codes is None or word.text not in codes.positions:
            facts = {"got": word.text, "nearest": nearest(word.text, codes.positions if codes else ())}
            self.found.append(finding("norm-code-unknown", word.place, classification=classification, **facts))

    def _replace(self, norm: Norm, override: NormOverride, only: Mapping[str, tuple[str, ...]]) -> None:
        drawing = _Drawing(self.norms, norm, override, only, self.about)
        patterns = drawing.patterns()
        drawn = [value for pattern in patterns for value in drawing.values(pattern)]
        if not drawing.changed:
            self.found.append(finding("scenario-nothing-in-force", override.place, norm=norm.name))
            return
        kept = [value for value in norm.values if norm.codes(value.keys) not in patterns]
        changed = replace(norm, values=(*kept, *drawn))
        slips = list(unholdable(changed))
        self.found += slips[:1]
        if not slips:
            self.norms = replace(self.norms, norms={**self.norms.norms, norm.name: changed}, digest="in between")


@dataclass
class _Drawing:
    """The values of one norm while an override is drawn over them."""

    norms: Norms
    norm: Norm
    override: NormOverride
    only: Mapping[str, tuple[str, ...]]
    about: About
    changed: int = 0

    @property
    def start(self) -> date:
        """The first day of the override: the first of the plan if it says none."""
        return self.override.start or self.about.first

    def patterns(self) -> set[tuple[str, ...]]:
        """The codes that values stand under afterwards: those before, as narrow as the override is, and all that
        a value is put in place for."""
        names = [key.name for key in self.norm.keys if key.kind == "code"]
        wanted = [self.only.get(name) for name in names]
        found: set[tuple[str, ...]] = set()
        for pattern in self.norm.layers[0].keys() | self.norm.layers[1].keys():
            parts = [_narrowed(code, codes) for code, codes in zip(pattern, wanted, strict=True)]
            found |= set(product(*parts))
        if self.override.value is not None:
            found |= set(product(*((ANY,) if codes is None else codes for codes in wanted)))
        return found

    def values(self, pattern: tuple[str, ...]) -> Iterator[NormValue]:
        """All values that stand under these codes afterwards; a step table is followed as a whole, so that all of its
        thresholds begin and end together."""
        rows = [row for wide in product(*({code, ANY} for code in pattern)) for row in self._rows(wide)]
        turns = sorted({day for row in rows for day in (row.start, row.end) if day} | self._turns())
        for steps in self._steps(rows):
            drawn: list[tuple[NormValue, NormValue]] = []
            for day, end in zip(turns, [*turns[1:], None], strict=True):
                found = self._value(self._keys(pattern, steps), day, end)
                if found and drawn and not steps and drawn[-1][0] is found[0] and drawn[-1][1].end == day:
                    drawn[-1] = (found[0], replace(drawn[-1][1], end=end))
                elif found:
                    drawn.append(found)
            yield from (value for _, value in drawn)

    def _value(
        self, keys: tuple[str | Fraction, ...], day: date, end: date | None
    ) -> tuple[NormValue, NormValue] | None:
        """What is in force from one day to another: the value that it comes from, and as it is written now."""
        asked = [key if isinstance(key, Fraction) else str(key) for key in keys]
        row = in_force(self.norms, self.norm.name, asked, day, self.about.known)
        if self._inside(keys, day):
            new = self._new(row, asked)
            if new is not None:
                self.changed += 1
                note = self.override.note or self._note(row)
                made = NormValue(
                    keys, day, end, None, new, f"scenario {self.about.scenario}", VERIFIED, True, note,
                    self.override.place,
                )  # fmt: skip
                return made, made
        return None if row is None else (row, replace(row, keys=keys, start=day, end=end))

    def _inside(self, keys: tuple[str | Fraction, ...], day: date) -> bool:
        """Whether the override speaks of this threshold and day."""
        if day < self.start or (self.override.end is not None and day >= self.override.end):
            return False
        steps = ((key.name, at) for key, at in zip(self.norm.keys, keys, strict=True) if key.kind == "step")
        return all(name not in self.only or Fraction(self.only[name][0]) == at for name, at in steps)

    def _new(self, row: NormValue | None, asked: list[str | Fraction]) -> Fraction | None:
        override = self.override
        if override.as_of is not None:
            row = in_force(self.norms, self.norm.name, asked, override.as_of, self.about.known)
        value = override.value if override.value is not None else row.value if row is not None else None
        if value is None:
            return None
        value = override.change.of(value) if override.change is not None else value
        return value if override.digits is None else round_half_away(value, override.digits)

    def _note(self, row: NormValue | None) -> str:
        """What stood there before."""
        before = [plain_text(row.value)] if row is not None and row.value is not None else []
        how = [self.override.change.written] if self.override.change else []
        how += [str(self.override.as_of)] if self.override.as_of else []
        return " ".join([*how, *(f"({text})" for text in before)])

    def _rows(self, pattern: tuple[str, ...]) -> Iterator[NormValue]:
        for layer in self.norm.layers:
            yield from layer.get(pattern, ())

    def _turns(self) -> set[date]:
        return {self.start} | ({self.override.end} if self.override.end else set())

    def _steps(self, rows: Sequence[NormValue]) -> Iterator[tuple[Fraction, ...]]:
        """The thresholds at which values may change."""
        names = [key.name for key in self.norm.keys if key.kind == "step"]
        own = [{Fraction(code) for code in self.only.get(name, ())} for name in names]
        held = [self.norm.steps(row.keys) for row in rows]
        found = [own[i] | {steps[i] for steps in held} for i in range(len(names))]
        first = {Fraction(0)} if self.override.value is not None else set()
        return product(*(sorted(each | first) for each in found))

    def _keys(self, pattern: tuple[str, ...], steps: tuple[Fraction, ...]) -> tuple[str | Fraction, ...]:
        codes, numbers = iter(pattern), iter(steps)
        return tuple(next(codes) if key.kind == "code" else next(numbers) for key in self.norm.keys)


def _narrowed(code: str, codes: tuple[str, ...] | None) -> tuple[str, ...]:
    """A code of a value, as far as it is among those that an override speaks of."""
    if codes is None:
        return (code,)
    return codes if code == ANY else (code,) if code in codes else ()

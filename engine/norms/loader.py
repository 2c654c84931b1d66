"""Folders of norms -> Norms, with a finding for every slip and its file, line and column.

A folder holds `units.yaml` (the closed list), `classifications/`, and any number of YAML files of norms by name, whose
values stand beside them or in CSV tables. Folders after the first overlay it with a training set: they add units,
codes, norms and values, and every value of theirs is marked `training`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path

from engine.findings import Finding, Place, finding, ordered
from engine.norms import ANY, VERIFIED, Norm, NormKey, Norms, NormValue, current
from engine.norms.classifications import read_classifications
from engine.norms.dense import unholdable
from engine.norms.reading import NormReading, complete
from engine.text.source import Branch, Tree, Word, read
from engine.text.table import read_table
from engine.units import parse_unit

NORM_KEYS = ("title", "type", "basis", "review", "key", "table", "values")
VALUE_KEYS = ("from", "to", "known", "value", "source", "verified", "from-verified", "review", "note")
INVENTED = "invented for training"
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*")
_UNIT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_KEY = re.compile(r"(code|step) +(\S+)")
_TABLE = re.compile(r"[A-Za-z0-9_-]+\.csv")


def load_norms(folder: Path, extra: Sequence[Path] = (), published: Path | None = None) -> tuple[Norms, list[Finding]]:
    """The norms of a folder, with training sets laid over it, and what is wrong with their texts; last the codes and
    values that were published since, one file after another."""
    reading = NormReading()
    norms: dict[str, Norm] = {}
    for part in (folder, *extra):
        reading.training = part is not folder
        _read_units(reading, part)
        read_classifications(reading, part)
        for path in sorted(part.glob("*.yaml")):
            if path.name != "units.yaml":
                _read_norms(reading, norms, path)
    reading.training = False
    if published:
        read_classifications(reading, published)
    for norm in norms.values():
        reading.found += [*unholdable(norm), *overlaps(norm)]
    declared = Norms(reading.units, norms, reading.classifications)
    followed, found = load_published(declared, published) if published else (declared, [])
    return followed, ordered([*reading.found, *found])


def load_published(norms: Norms, folder: Path) -> tuple[Norms, list[Finding]]:
    """The norms with the values of a folder after theirs, one file after another, and what is wrong with its texts."""
    reading, values = NormReading(norms), dict[str, list[NormValue]]()
    for path in sorted(folder.glob("*.yaml")):
        _read_published(reading, norms, values, path)
    changed = {
        name: replace(norms.norms[name], values=(*norms.norms[name].values, *some)) for name, some in values.items()
    }
    for norm in changed.values():
        reading.found += [*unholdable(norm), *overlaps(norm)]
    return replace(norms, norms={**norms.norms, **changed}, digest="") if changed else norms, ordered(reading.found)


def read_values(reading: NormReading, norm: Norm, items: Sequence[Tree]) -> tuple[NormValue, ...]:
    """Values of a norm, each a mapping of the norm's keys by name and of what every value has."""
    return _values(reading, norm, [reading.branch(item, _known(norm)) for item in items])


def overlaps(norm: Norm) -> Iterator[Finding]:
    """Findings for values of the same keys that are in force on the same day and known since the same."""
    for layer in norm.layers:
        for values in layer.values():
            for a, b in combinations(values, 2):
                rivals = [value for value in values if value.known == a.known]
                if (a.keys, a.known) == (b.keys, b.known) and _both(current(rivals, max(a.start, b.start), None), a, b):
                    yield finding("norm-overlap", b.place, norm=norm.name, first=a.place)


def _both(rows: list[NormValue], a: NormValue, b: NormValue) -> bool:
    return any(row is a for row in rows) and any(row is b for row in rows)


def _file(reading: NormReading, path: Path) -> Branch:
    name = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        reading.finding("file-missing", Place(name, 1, 1), file=name)
        return reading.branch(None)
    tree, found = read(path, name)
    reading.found += found
    return reading.branch(tree)


def _read_units(reading: NormReading, folder: Path) -> None:
    path = folder / "units.yaml"
    if reading.training and not path.is_file():
        return
    units = _file(reading, path)
    for name, tree in units.entries.items():
        if not _UNIT_NAME.fullmatch(name):
            reading.finding("norm-name-unclear", units.keys[name], got=name)
        title = reading.title(reading.branch(tree, ("title",)).entries.get("title"))
        reading.units.setdefault(name, complete(title, name))


def _read_norms(reading: NormReading, norms: dict[str, Norm], path: Path) -> None:
    file = _file(reading, path)
    for name, tree in file.entries.items():
        branch = reading.branch(tree, NORM_KEYS)
        old = norms.get(name)
        if old is not None and not reading.training:
            reading.finding("name-twice", file.keys[name], name=name, first=old.place)
        if not isinstance(tree, Branch) or (old is not None and not reading.training):
            continue
        if not _NAME.fullmatch(name):
            reading.finding("norm-name-unclear", file.keys[name], got=name)
        norm = _declared(reading, name, branch, file.keys[name]) if old is None else _same(reading, old, branch)
        values = read_values(reading, norm, reading.items(branch.entries.get("values")))
        values += _values(reading, norm, _table(reading, branch, path.parent, _known(norm)))
        norms[name] = replace(norm, values=(*norm.values, *values))


def _read_published(reading: NormReading, norms: Norms, values: dict[str, list[NormValue]], path: Path) -> None:
    """Values of norms that are declared; those of invented codes are invented too."""
    file, reading.levels = _file(reading, path), VERIFIED
    for name, tree in file.entries.items():
        if name not in norms.norms:
            reading.finding("norm-unknown", file.keys[name], owner=path.stem, **reading.unknown(norms.norms, name))
            continue
        values.setdefault(name, []).extend(read_values(reading, norms.norms[name], reading.items(tree)))


def _declared(reading: NormReading, name: str, branch: Branch, place: Place) -> Norm:
    """A norm without its values."""
    title = reading.title(branch.entries.get("title"))
    if not title.get("ru"):
        reading.finding("norm-without-title", place, norm=name)
    return Norm(
        name=name,
        title=complete(title, name),
        unit=reading.unit(reading.needed(branch, "type", name)),
        keys=_keys(reading, reading.branch(branch.entries.get("key"))),
        values=(),
        place=place,
        basis=reading.word(branch.entries.get("basis")),
        review=reading.day(branch, "review"),
    )


def _same(reading: NormReading, old: Norm, branch: Branch) -> Norm:
    """A norm declared before; a training set may repeat how, and not change it."""
    get = branch.entries.get
    unit = parse_unit(reading.word(get("type"))) if "type" in branch.entries else old.unit
    keys = _keys(reading, reading.branch(get("key"))) if "key" in branch.entries else old.keys
    if (unit, keys) != (old.unit, old.keys):
        reading.finding("norm-redeclared", branch.place, norm=old.name, first=old.place)
    return old


def _keys(reading: NormReading, branch: Branch) -> tuple[NormKey, ...]:
    return tuple(key for key in (_key(reading, branch, name) for name in branch.entries) if key is not None)


def _key(reading: NormReading, branch: Branch, name: str) -> NormKey | None:
    text = reading.word(branch.entries[name])
    match = _KEY.fullmatch(text)
    if match is None or name in VALUE_KEYS:
        reading.finding("norm-key-unclear", branch.keys[name], key=name, got=text)
        return None
    kind, of = match.groups()
    place = reading.at(branch, name)
    if kind == "step":
        reading.unit(Word(of, place))
    elif of not in reading.classifications:
        reading.finding("classification-unknown", place, **reading.unknown(reading.classifications, of))
        return None
    return NormKey(name, kind, of)


def _table(reading: NormReading, branch: Branch, folder: Path, known: Sequence[str]) -> list[Branch]:
    """The rows of the table beside the text; a column too many is told once."""
    name = reading.word(branch.entries.get("table"))
    if not name:
        return []
    if not _TABLE.fullmatch(name) or not (folder / name).is_file():
        reading.finding("file-missing", reading.at(branch, "table"), file=f"{folder.name}/{name}")
        return []
    table, found = read_table(folder / name, f"{folder.name}/{name}")
    reading.found += found
    rows = [row for row in table.items if isinstance(row, Branch)] if table else []
    for row in rows[:1]:
        reading.branch(row, known)
    return rows


def _known(norm: Norm) -> tuple[str, ...]:
    return (*(key.name for key in norm.keys), *VALUE_KEYS)


def _values(reading: NormReading, norm: Norm, branches: Sequence[Branch]) -> tuple[NormValue, ...]:
    found = (_value(reading, norm, branch) for branch in branches if branch.entries)
    return tuple(value for value in found if value is not None)


def _value(reading: NormReading, norm: Norm, branch: Branch) -> NormValue | None:
    keys = tuple(_value_key(reading, branch, key) for key in norm.keys)
    start, end = reading.dates(branch)
    if reading.needed(branch, "from", norm.name) is None or start is None or None in keys:
        return None
    value, level = reading.decimal(branch, "value"), reading.level(branch)
    _check_level(reading, branch, norm, level)
    return NormValue(
        keys=tuple(key for key in keys if key is not None),
        start=start,
        end=end,
        known=reading.day(branch, "known"),
        value=value,
        source=_source(reading, branch, norm),
        verified=level,
        start_verified=reading.choice(branch.entries.get("from-verified"), ("true", "false")) != "false",
        note=reading.word(branch.entries.get("note")),
        place=branch.place,
        review=reading.day(branch, "review"),
    )


def _value_key(reading: NormReading, branch: Branch, key: NormKey) -> str | Fraction | None:
    word = reading.needed(branch, key.name, "")
    if not isinstance(word, Word):
        return None
    if key.kind == "step":
        return reading.decimal(branch, key.name)
    return ANY if word.text == ANY else reading.coded(word, reading.classifications[key.of])


def _check_level(reading: NormReading, branch: Branch, norm: Norm, level: str) -> None:
    """A value is absent if and only if the row says so."""
    empty = not reading.word(branch.entries.get("value"))
    if empty and level != "absent":
        reading.finding("norm-value-missing", reading.at(branch, "value"), norm=norm.name, level=level)
    if level == "absent" and not empty:
        reading.finding("norm-value-not-absent", reading.at(branch, "value"), norm=norm.name)


def _source(reading: NormReading, branch: Branch, norm: Norm) -> str:
    source = reading.word(branch.entries.get("source"))
    if not source and not reading.training:
        reading.finding("norm-without-source", reading.at(branch, "source"), norm=norm.name)
    return source or INVENTED

"""What a republic adds to the norms, written as a training set that `load_norms` reads: the way into a database.

A republic is made in memory (`with_republic`); a submission is pinned to texts. `training_set` writes what one stands
apart from the other: codes at the ends of classifications, values at the ends of norms. Same republic, same bytes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

import yaml

from engine.norms import Classification, Norm, Norms, NormValue
from engine.norms.classifications import COLUMNS

Files = Mapping[str, str]
"""Path inside the folder of norms → text."""
NORMS_FILE = "republic.yaml"
MARK = "# TRAINING. Invented for a demo republic; written by a program.\n"
DATES = ("from", "to", "known")


def training_set(before: Norms, after: Norms) -> Files:
    """The texts which, laid over `before`, give `after`; everything in them is invented for training."""
    lists = [_grown(before, codes) for name, codes in sorted(after.classifications.items())]
    codes = {f"classifications/{old.name}.csv": _codes_text(old, new) for old, new in lists if old.codes != new.codes}
    titles = {old.name: dict(new.title) for old, new in lists if old.name not in before.classifications}
    norms = {name: _added(before.norms[name], norm) for name, norm in sorted(after.norms.items())}
    added = {name: values for name, values in norms.items() if values}
    tables = {_table(name): _values_text(after.norms[name], values) for name, values in added.items()}
    texts = codes | tables | {NORMS_FILE: MARK + _yaml({name: {"table": _table(name)} for name in added})}
    return texts | ({"classifications/titles.yaml": MARK + _yaml(titles)} if titles else {})


def _grown(before: Norms, new: Classification) -> tuple[Classification, Classification]:
    """A classification as it was, or empty, and as it is now."""
    old = before.classifications.get(new.name) or Classification(new.name, new.title, (), (), (), (), (), ())
    assert new.codes[: len(old.codes)] == old.codes, f"{new.name} grows at its end: positions stay what they were"
    return old, new


def _added(old: Norm, new: Norm) -> Sequence[NormValue]:
    """The values at the end of a norm that were not there."""
    assert new.values[: len(old.values)] == old.values, f"{new.name} grows at its end"
    return new.values[len(old.values) :]


def _codes_text(old: Classification, new: Classification) -> str:
    rows = []
    for place in range(len(old.codes), len(new.codes)):
        titles = [new.titles[place][language] for language in ("kk", "ru", "en")]
        dates = [str(day or "") for day in new.valid[place]]
        notes = [new.sources[place], new.notes[place] if new.notes else ""]
        rows.append([new.codes[place], new.parents[place] or "", *titles, *dates, new.verified[place], *notes])
    return _table_text(COLUMNS, rows)


def _values_text(norm: Norm, values: Iterable[NormValue]) -> str:
    keys = [key.name for key in norm.keys]
    return _table_text([*keys, *DATES, "value", "source", "note"], map(_value_row, values))


def _value_row(value: NormValue) -> Iterator[str]:
    assert value.verified == "training", "only what is invented is written"
    assert value.value is not None
    assert value.start_verified
    yield from (key if isinstance(key, str) else _decimal(key) for key in value.keys)
    yield from (str(day or "") for day in (value.start, value.end, value.known))
    yield from (_decimal(value.value), value.source, value.note)


def _decimal(number: Fraction) -> str:
    digits = next(digits for digits in range(10) if (number * 10**digits).denominator == 1)
    whole, part = divmod(abs(int(number * 10**digits)), 10**digits)
    sign = "-" if number < 0 else ""
    return f"{sign}{whole}.{part:0{digits}}" if digits else f"{sign}{whole}"


def _table_text(header: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _table(norm: str) -> str:
    return f"{norm.replace('.', '-')}.csv"


def _yaml(tree: object) -> str:
    text: str = yaml.safe_dump(tree, allow_unicode=True, sort_keys=True, width=120)
    return text

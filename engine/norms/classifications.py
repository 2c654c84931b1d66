"""Classifications read from a folder: dated, hierarchical code lists, one CSV file each.

`classifications/titles.yaml` gives each its title. A training set may add codes to a classification, and new ones; its
codes stand after the others, so that positions stay what they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.findings import Place
from engine.norms import Classification
from engine.norms.reading import NormReading, complete
from engine.ruleset import Title
from engine.text.source import Branch, Word, read
from engine.text.table import read_table

COLUMNS = ("code", "parent", "title_kk", "title_ru", "title_en", "from", "to", "verified", "source", "note")


def read_classifications(reading: NormReading, folder: Path) -> None:
    """Add the classifications of a folder of norms to those that the reading knows."""
    titles = _titles(reading, folder)
    for path in sorted((folder / "classifications").glob("*.csv")):
        name = f"{folder.name}/classifications/{path.name}"
        rows, found = read_table(path, name)
        reading.found += found
        branches = [row for row in rows.items if isinstance(row, Branch)] if rows else []
        old = reading.classifications.get(path.stem) or _empty(path.stem)
        title = complete(titles[path.stem], path.stem) if path.stem in titles else old.title
        if branches:
            reading.branch(branches[0], COLUMNS)
        grown = _grown(reading, old, _once(reading, old, branches), title)
        _check_parents(reading, grown, branches)
        reading.classifications[path.stem] = grown


def _titles(reading: NormReading, folder: Path) -> dict[str, Title]:
    path, name = folder / "classifications" / "titles.yaml", f"{folder.name}/classifications/titles.yaml"
    if not path.is_file():
        return {}
    tree, found = read(path, name)
    reading.found += found
    titles = reading.branch(tree).entries
    for stem in titles:
        if not path.with_name(f"{stem}.csv").is_file():
            missing = f"{folder.name}/classifications/{stem}.csv"
            reading.finding("file-missing", reading.at(reading.branch(tree), stem), file=missing)
    return {stem: reading.title(title) for stem, title in titles.items()}


def _empty(name: str) -> Classification:
    return Classification(name, complete({}, name), (), (), (), (), (), ())


def _once(reading: NormReading, old: Classification, branches: Sequence[Branch]) -> list[Branch]:
    """The rows that have a code of their own."""
    seen: dict[str, Place] = {}
    kept = []
    for branch in branches:
        word = reading.needed(branch, "code", old.name)
        if not isinstance(word, Word):
            continue
        if word.text in seen or word.text in old.positions:
            reading.finding("name-twice", word.place, name=word.text, first=seen.get(word.text, old.name))
            continue
        seen[word.text] = word.place
        kept.append(branch)
    return kept


def _grown(reading: NormReading, old: Classification, branches: Sequence[Branch], title: Title) -> Classification:
    def words(key: str) -> list[str]:
        return [reading.word(branch.entries.get(key)) for branch in branches]

    return Classification(
        name=old.name,
        title=title,
        codes=(*old.codes, *words("code")),
        titles=(*old.titles, *(_title(reading, branch) for branch in branches)),
        parents=(*old.parents, *(parent or None for parent in words("parent"))),
        valid=(*old.valid, *(reading.dates(branch) for branch in branches)),
        verified=(*old.verified, *(reading.level(branch) for branch in branches)),
        sources=(*old.sources, *words("source")),
        notes=(*old.notes, *words("note")),
    )


def _title(reading: NormReading, branch: Branch) -> Title:
    languages = {"kk": "title_kk", "ru": "title_ru", "en": "title_en"}
    title = {language: reading.word(branch.entries.get(key)) for language, key in languages.items()}
    return complete(title, reading.word(branch.entries.get("code")))


def _check_parents(reading: NormReading, codes: Classification, branches: Sequence[Branch]) -> None:
    for branch in branches:
        word = branch.entries.get("parent")
        if not isinstance(word, Word) or not word.text:
            continue
        if word.text not in codes.positions:
            reading.coded(word, codes)
        elif _circular(codes, word.text):
            reading.finding("classification-circular", word.place, got=reading.word(branch.entries.get("code")))


def _circular(codes: Classification, code: str) -> bool:
    at: str | None = code
    for _ in codes.codes:
        at = codes.parent(at) if at is not None else None
    return at is not None

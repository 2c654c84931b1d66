"""What differs between two editions of texts, declaration by declaration, at its place in the text.

YAML is compared as the tree it is, so that layout and comments do not count; rows of tables and items of lists are
compared as they stand, in whatever order. A whole form, column or norm that came or went is one difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.findings import Place
from engine.text.source import Branch, Listing, Tree, Word, parse
from engine.text.table import parse_table

TEXT_MAX = 2_000
"""Characters that are told of one side."""
Files = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One declaration: in which file and on which line (where it is gone, of the text before), by which keys one comes
    to it, and what it was and is, None where it is not there."""

    file: str
    line: int
    path: tuple[str, ...]
    before: str | None
    after: str | None


def differences(before: Files, after: Files) -> Iterator[Difference]:
    """All that differs, file by file."""
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield from _compared(name, (), _tree(name, before.get(name)), _tree(name, after.get(name)))


def _tree(name: str, text: str | None) -> Tree | None:
    """A file's tree; a text that has none is one word."""
    if text is None:
        return None
    read = parse_table if name.endswith(".csv") else parse
    tree = None if name.endswith(".md") else read(text, name)[0]
    return tree or Word(text, Place(name, 1, 1))


def _compared(file: str, path: tuple[str, ...], old: Tree | None, new: Tree | None) -> Iterator[Difference]:
    if isinstance(old, Branch) and isinstance(new, Branch):
        for key in dict.fromkeys([*old.entries, *new.entries]):
            yield from _compared(file, (*path, key), old.entries.get(key), new.entries.get(key))
    elif not path and isinstance(there := old or new, Branch) and (old is None or new is None):
        nothing = Branch({}, {}, there.place)
        yield from _compared(file, path, old or nothing, new or nothing)
    elif isinstance(old, Listing) and isinstance(new, Listing):
        yield from _listed(file, path, _without(old.items, new.items), _without(new.items, old.items))
    elif _text(old) != _text(new):
        yield _difference(file, path, old, new)


def _listed(file: str, path: tuple[str, ...], gone: Sequence[Tree], come: Sequence[Tree]) -> Iterator[Difference]:
    """Items that are not in both; as many as went before are taken for the same, written otherwise."""
    if len(gone) == len(come):
        yield from (_difference(file, path, old, new) for old, new in zip(gone, come, strict=True))
        return
    yield from (_difference(file, path, old, None) for old in gone)
    yield from (_difference(file, path, None, new) for new in come)


def _without(items: Sequence[Tree], others: Sequence[Tree]) -> list[Tree]:
    left, found = Counter(map(_text, others)), []
    for item in items:
        text = _text(item)
        if left[text]:
            left[text] -= 1
        else:
            found.append(item)
    return found


def _difference(file: str, path: tuple[str, ...], old: Tree | None, new: Tree | None) -> Difference:
    there = new or old
    assert there is not None, "what differs is somewhere"
    texts = [None if tree is None else _text(tree)[:TEXT_MAX] for tree in (old, new)]
    return Difference(file, there.place.line, path, texts[0], texts[1])


def _text(tree: Tree | None) -> str:
    """A tree in one line."""
    if isinstance(tree, Branch):
        return "{" + ", ".join(f"{key}: {_text(value)}" for key, value in tree.entries.items()) + "}"
    if isinstance(tree, Listing):
        return "[" + ", ".join(map(_text, tree.items)) + "]"
    return "" if tree is None else tree.text

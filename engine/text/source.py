"""YAML text as a tree that knows where each word stands.

Every scalar is kept as the text that was written (no implicit types: `001` stays `001`, `no` stays `no`); whoever
declares a value types it. A node is a `Word`, a `Listing` or a `Branch`, each with its `Place`, so that a finding can
always name file, line and column. Aliases and merge keys are refused, which also keeps hostile files small.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from engine.findings import Finding, Place, finding
from engine.limits import YAML_BYTES_MAX, YAML_DEPTH_MAX

_Loader = type(
    "_Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {"resolve": lambda self, kind, value, implicit: ""}
)
"""YAML's own guesses at types are not asked for: every scalar is text."""


@dataclass(frozen=True, slots=True)
class Word:
    """One scalar, as written; `null` and nothing at all are the empty text."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Listing:
    """A YAML list."""

    items: tuple[Tree, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Branch:
    """A YAML mapping; `keys` keeps the place of each key, in order of writing."""

    entries: dict[str, Tree]
    keys: dict[str, Place]
    place: Place


Tree = Word | Listing | Branch


def read(path: Path, name: str | None = None) -> tuple[Tree | None, list[Finding]]:
    """Read one YAML file; `name` is how findings call it. A broken file gives None and the finding that says where."""
    name = name or path.name
    text, found = content(path, name)
    return (None, found) if text is None else parse(text, name)


def content(path: Path, name: str) -> tuple[bytes | None, list[Finding]]:
    """A file's bytes; one that is too large gives None and the finding."""
    size = path.stat().st_size
    if size > YAML_BYTES_MAX:
        return None, [finding("file-too-large", Place(name, 1, 1), size=size, limit=YAML_BYTES_MAX)]
    return path.read_bytes(), []


def parse(text: bytes | str, name: str) -> tuple[Tree | None, list[Finding]]:
    """Parse YAML text into a tree and the findings about its form."""
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name, 1, 1)
        return None, [finding("yaml-broken", place, problem=error.problem or str(error))]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return None, [finding("yaml-broken", Place(name, 1, 1), problem=str(error).splitlines()[0])]
    if root is None:
        return None, [finding("file-empty", Place(name, 1, 1))]
    found: list[Finding] = []
    return _tree(root, name, found, 0, set()), found


def _tree(node: yaml.Node, name: str, found: list[Finding], depth: int, seen: set[int]) -> Tree:
    mark = node.start_mark
    place = Place(name, mark.line + 1, mark.column + 1)
    if id(node) in seen or depth > YAML_DEPTH_MAX:
        found.append(finding("yaml-alias" if id(node) in seen else "yaml-too-deep", place))
        return Word("", place)
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        return _branch(node, place, found, depth, seen)
    if isinstance(node, yaml.SequenceNode):
        return Listing(tuple(_tree(item, name, found, depth + 1, seen) for item in node.value), place)
    plain_null = isinstance(node, yaml.ScalarNode) and not node.style and node.value in {"null", "~"}
    return Word("" if plain_null else node.value, place)


def _branch(node: yaml.MappingNode, place: Place, found: list[Finding], depth: int, seen: set[int]) -> Branch:
    entries: dict[str, Tree] = {}
    keys: dict[str, Place] = {}
    for key, value in node.value:
        mark = key.start_mark
        at = Place(place.file, mark.line + 1, mark.column + 1)
        if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
            found.append(finding("yaml-key-not-a-word", at))
        elif key.value in entries:
            found.append(finding("key-twice", at, key=key.value, first=str(keys[key.value])))
        else:
            entries[key.value] = _tree(value, place.file, found, depth + 1, seen)
            keys[key.value] = at
    return Branch(entries, keys, place)

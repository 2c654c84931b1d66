"""Reads YAML trees by declaration, and never stops at a slip.

A `Reading` gathers the findings of one folder and remembers where each declaration stands, by its path. Each of its
methods takes a tree that should be something (a mapping of known keys, a word, a title, a formula, a type), and gives
it back in that shape, or a harmless empty value after telling what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.findings import Finding, Place, finding
from engine.formula import ErrorValue, parse
from engine.ruleset import Formula, Title, ValueType
from engine.text.nearest import nearest
from engine.text.source import Branch, Listing, Tree, Word
from engine.units import parse_unit

TITLE_LANGUAGES = ("kk", "ru", "en")
KINDS = ("text", "date", "bool")


class Reading:
    """What was found wrong, and where everything stands, while the texts of one folder are read."""

    def __init__(self) -> None:
        self.found: list[Finding] = []
        self.places: dict[str, Place] = {}
        self.cut: set[Place] = set()
        """Where formulas begin that YAML has cut in pieces."""
        self._texts: dict[str, list[str]] = {}

    def opened(self, file: str, text: str) -> None:
        """Remember a file's text, so that a character of a formula can be found in it."""
        self._texts[file] = text.split("\n")

    def remember(self, prefix: str, tree: Tree) -> None:
        """Remember where the declarations of a tree stand, by their paths behind `prefix`."""
        _add_places(self.places, tree, prefix)

    def finding(self, code: str, place: Place, **args: object) -> None:
        """Add a finding."""
        self.found.append(finding(code, place, **args))

    def branch(self, tree: Tree | None, known: Sequence[str] | None = None) -> Branch:
        """A mapping; with `known`, any other key is a finding. Nothing at all is an empty mapping."""
        if isinstance(tree, Branch):
            for key in tree.keys if known is not None else ():
                assert known is not None
                if key not in known and not self._cut(tree, key):
                    likely = nearest(key, [name for name in known if name not in tree.keys])
                    self.finding("key-unknown", tree.keys[key], key=key, nearest=likely, known=", ".join(known))
            return tree
        if tree is not None:
            self.finding("mapping-expected", tree.place, got=_shown(tree))
        return Branch({}, {}, tree.place if tree is not None else Place("", 1, 1))

    def needed(self, branch: Branch, key: str, owner: str) -> Tree | None:
        """The value of a key that must be there."""
        value = branch.entries.get(key)
        if value is None or (isinstance(value, Word) and not value.text):
            self.finding("key-missing", branch.keys.get(key, branch.place), key=key, owner=owner)
            return None
        return value

    def word(self, tree: Tree | None) -> str:
        """One word or sentence."""
        if isinstance(tree, Word):
            return tree.text
        if tree is not None:
            self.finding("word-expected", tree.place, got=_shown(tree))
        return ""

    def items(self, tree: Tree | None) -> tuple[Tree, ...]:
        """The items of a list."""
        if isinstance(tree, Listing):
            return tree.items
        if tree is not None and not (isinstance(tree, Word) and not tree.text):
            self.finding("list-expected", tree.place, got=_shown(tree))
        return ()

    def words(self, tree: Tree | None) -> tuple[str, ...]:
        """A list of words; one word alone is a list of one."""
        if isinstance(tree, Word) and tree.text:
            return (tree.text,)
        return tuple(word for word in (self.word(item) for item in self.items(tree)) if word)

    def choice(self, tree: Tree | None, options: Sequence[str]) -> str:
        """One of a few words, or nothing."""
        text = self.word(tree)
        if text and tree is not None and text not in options:
            likely, expected = nearest(text, options), ", ".join(options)
            self.finding("word-unknown", tree.place, got=text, expected=expected, nearest=likely)
            return ""
        return text

    def flag(self, tree: Tree | None) -> bool:
        """true or false; nothing is false."""
        return self.choice(tree, ("true", "false")) == "true"

    def whole(self, tree: Tree | None) -> int | None:
        """A whole number from 0 to 999, or nothing."""
        text = self.word(tree)
        if text.isascii() and text.isdigit() and len(text) < 4:
            return int(text)
        if text and tree is not None:
            self.finding("whole-number-expected", tree.place, got=text)
        return None

    def title(self, tree: Tree | None) -> Title:
        """A text in three languages; which are missing, `check` says."""
        if isinstance(tree, Word):
            if tree.text:
                self.finding("languages-expected", tree.place, got=_shown(tree))
            return {}
        branch = self.branch(tree, TITLE_LANGUAGES)
        return {key: self.word(value) for key, value in branch.entries.items() if key in TITLE_LANGUAGES}

    def formula(self, tree: Tree | None, bare: bool = False) -> Formula | None:
        """A formula; one that cannot be read is told and stands as an error value. `bare`: its `=` may be left out."""
        text = self.word(tree)
        if not isinstance(tree, Word) or not text.strip():
            return None
        runs = self._runs(tree)
        broken = Formula(text, ErrorValue("#NAME?", (0, len(text))), tree.place, runs)
        if not bare and not text.lstrip().startswith("="):
            self.finding("formula-without-equals", tree.place, got=text)
        expr, problems = parse(text)
        for problem in problems if tree.place not in self.cut else ():
            told = {"got": problem.got, "expected": problem.expected, "hint": problem.hint}
            self.finding(problem.code, broken.at(problem.span[0]), **told)
        return broken if expr is None else Formula(text, expr, broken.at(text.find("=") if "=" in text else 0), runs)

    def type(self, tree: Tree | None) -> ValueType:
        """The type of a column or header field; names of units and classifications are judged by `check`."""
        text = self.word(tree)
        place = tree.place if tree is not None else None
        if text in KINDS:
            return ValueType(text, place=place)
        kind, _, rest = text.partition(" ")
        if kind == "code" and rest.strip():
            return ValueType("code", classification=rest.strip(), place=place)
        unit = parse_unit(text) if text and kind != "code" else text
        if not isinstance(unit, str):
            return ValueType("number", unit, place=place)
        if place is not None and text:
            self.finding("type-unclear", place, got=text)
        return ValueType("unknown", place=place)

    def _cut(self, branch: Branch, key: str) -> bool:
        """Whether an unknown key is a piece of a formula without quotes, which YAML cut at its commas."""
        value, place = branch.entries[key], branch.keys[key]
        words = [word for word in branch.entries.values() if isinstance(word, Word) and word.text]
        formula = next((word for word in reversed(words) if word.place < place), value)
        if not isinstance(value, Word) or value.text or not isinstance(formula, Word) or formula.text[:1] != "=":
            return False
        if formula.place not in self.cut:
            self.cut.add(formula.place)
            self.finding("formula-not-quoted", formula.place, got=formula.text)
        return True

    def _runs(self, word: Word) -> tuple[tuple[int, int, int], ...]:
        lines = self._texts.get(word.place.file, [])
        return runs(lines, word) if word.place.line <= len(lines) else ()


def runs(lines: Sequence[str], word: Word) -> tuple[tuple[int, int, int], ...]:
    """(character, line, column) from where on a word's text stands in its file unbroken: quotes, escapes and folded
    lines end a run. Each character is sought from where the one before it was found."""
    line, column = word.place.line - 1, word.place.column - 1
    opening = lines[line][column : column + 1]
    if opening in {"|", ">"}:
        line, column = line + 1, 0
    elif opening in {"'", '"'}:
        column += 1
    if word.text and lines[line].startswith(word.text, column):
        return ((0, line + 1, column + 1),)
    found: list[tuple[int, int, int]] = []
    expected = (-1, -1)
    for i, character in enumerate(word.text):
        line, column = _sought(lines, (line, column), character)
        if (line, column) != expected:
            found.append((i, line + 1, column + 1))
        column += 1
        expected = (line, column)
    return tuple(found)


def _sought(lines: Sequence[str], start: tuple[int, int], character: str) -> tuple[int, int]:
    """Where the next character stands; a blank may be the end of a line, and what is found nowhere stands at once."""
    line, column = start
    while line < len(lines):
        at = lines[line].find(character, column)
        if at >= 0 and not (character.isspace() and lines[line][column:at].strip()):
            return line, at
        if character in " \n":
            return line, len(lines[line])
        line, column = line + 1, 0
    return start


def _add_places(places: dict[str, Place], tree: Tree, prefix: str) -> None:
    if isinstance(tree, Branch):
        for key, value in tree.entries.items():
            if isinstance(value, Word):
                places[prefix + key] = value.place
            else:
                places[prefix + key] = tree.keys[key]
                _add_places(places, value, f"{prefix}{key}/")
    elif isinstance(tree, Listing):
        for i, item in enumerate(tree.items):
            places[f"{prefix}{i}"] = item.place
            _add_places(places, item, f"{prefix}{i}/")


def _shown(tree: Tree) -> str:
    if isinstance(tree, Word):
        return tree.text if len(tree.text) <= 40 else tree.text[:39] + "…"
    return "[…]" if isinstance(tree, Listing) else "{…}"

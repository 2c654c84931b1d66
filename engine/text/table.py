"""CSV text as a tree that knows where each word stands: a list of rows, each a mapping of the header's names to words.

A quoted field may hold commas, line ends and doubled quotes. Nothing is trimmed or typed; an empty field is the empty
word, as in YAML. The place of a row's key is the column's place in the header.
"""

from __future__ import annotations

import re
from pathlib import Path

from engine.findings import Finding, Place, finding
from engine.limits import YAML_BYTES_MAX
from engine.text.source import Branch, Listing, Tree, Word

_FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\Z)')


def read_table(path: Path, name: str) -> tuple[Listing | None, list[Finding]]:
    """Read one CSV file; `name` is how findings call it. A broken file gives None and the finding that says where."""
    start = Place(name, 1, 1)
    if path.stat().st_size > YAML_BYTES_MAX:
        return None, [finding("file-too-large", start, size=path.stat().st_size, limit=YAML_BYTES_MAX)]
    try:
        return parse_table(path.read_text(encoding="utf-8-sig"), name)
    except UnicodeDecodeError as error:
        return None, [finding("table-broken", start, problem=error.reason)]


def parse_table(text: str, name: str) -> tuple[Listing | None, list[Finding]]:
    """CSV text as a list of rows, and the findings about its form."""
    lines, found = _lines(text, name)
    if found or not lines:
        return None, found or [finding("file-empty", Place(name, 1, 1))]
    header: dict[str, Place] = {}
    for word in lines[0]:
        if word.text in header:
            found.append(finding("key-twice", word.place, key=word.text, first=header[word.text]))
        header[word.text] = word.place
    rows: list[Tree] = []
    for line in lines[1:]:
        if len(line) == len(lines[0]):
            entries: dict[str, Tree] = {head.text: word for head, word in zip(lines[0], line, strict=True)}
            rows.append(Branch(entries, header, line[0].place))
        else:
            found.append(finding("table-row-uneven", line[0].place, got=len(line), expected=len(lines[0])))
    return Listing(tuple(rows), Place(name, 1, 1)), found


def _lines(text: str, name: str) -> tuple[list[list[Word]], list[Finding]]:
    lines: list[list[Word]] = []
    words: list[Word] = []
    at, line, line_start = 0, 1, 0
    while at < len(text):
        place = Place(name, line, at - line_start + 1)
        field = _FIELD.match(text, at)
        if field is None:
            return [], [finding("table-broken", place, problem=text[at : at + 20].splitlines()[0])]
        quoted, plain, end = field.groups()
        words.append(Word(plain if quoted is None else quoted.replace('""', '"'), place))
        line += field[0].count("\n")
        line_start = text.rfind("\n", 0, field.end()) + 1 if "\n" in field[0] else line_start
        at = field.end()
        if end != ",":
            lines.append(words)
            words = []
    if words:
        lines.append([*words, Word("", Place(name, line, at - line_start + 1))])
    return [words for words in lines if len(words) > 1 or words[0].text], []

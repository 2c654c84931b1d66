"""YAML text -> Ruleset: reads a ruleset's folder, and goes on after every slip.

A folder holds `ruleset.yaml`, one file a form in `forms/`, and `workflow.yaml` where the workflow is not in the first.
Every scalar is text and is typed by its declaration. What comes back is as whole as the text allowed; a ruleset with
findings of severity error is good for showing them and for nothing else.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from engine.findings import Finding, Place, finding
from engine.limits import FORMS_MAX
from engine.ruleset import Column, Form, HeaderField, Limit, Page, PublishedNorm, RollForward, Ruleset, Transition
from engine.ruleset.dependencies import rows_order
from engine.ruleset.forms import formulas, read_form
from engine.ruleset.own_lines import written_out
from engine.ruleset.reading import Reading
from engine.text.nearest import nearest
from engine.text.source import Branch, Listing, Tree, content, parse

RULESET_KEYS = (
    "ruleset",
    "version",
    "cycle",
    "title",
    "basis",
    "header",
    "forms",
    "limits",
    "workflow",
    "publishes",
    "roll-forward",
)
HEADER_KEYS = ("type", "default", "digits", "title")
TRANSITION_KEYS = (
    *("state", "action", "to", "role"),
    *("condition", "when", "signed", "deadline"),
    *("remarks", "norms", "not-by"),
)
"""`when` is another word for `condition`."""
PUBLISHED_KEYS = ("form", "key", "value", "from")
CYCLE_YEARS_MAX = 30
_UNQUOTED = re.compile(r"\w+: +(\[@.*|=[^'\"]*)")


def load(folder: Path, like: Ruleset | None = None) -> tuple[Ruleset | None, list[Finding]]:
    """The ruleset of a folder and what is wrong with its text; None where there is no `ruleset.yaml` to speak of. Files
    whose bytes are those that `like` was read from are not read again; what comes back is the same."""
    reading = Reading()
    tree = _file(reading, folder, "ruleset.yaml")
    if not isinstance(tree, Branch):
        if tree is not None:
            reading.branch(tree)
        return None, reading.found
    return _ruleset(reading, (folder, like.pages if like else {}), tree), reading.found


def digest(folder: Path) -> str:
    """The SHA-256 of a ruleset's files (tests left out): path, length and bytes of each, line ends as on Unix."""
    total = hashlib.sha256()
    for name in sorted(_names(folder)):
        text = (folder / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        total.update(f"{name}\n{len(text)}\n".encode())
        total.update(text)
    return total.hexdigest()


def _names(folder: Path) -> Iterator[str]:
    for place, inside, files in os.walk(folder):
        inside[:] = [name for name in inside if name != "tests" or Path(place) != folder]
        yield from (Path(place, name).relative_to(folder).as_posix() for name in files if name.endswith(".yaml"))


def _ruleset(reading: Reading, place: tuple[Path, Mapping[str, Page]], tree: Branch) -> Ruleset:
    folder = place[0]
    branch = reading.branch(tree, RULESET_KEYS)
    reading.remember("", tree)
    get = branch.entries.get
    header = _header(reading, reading.branch(get("header")))
    pages = _pages(reading, place, branch)
    forms = written_out(_grouped(_forms(reading, pages.values()), header), header)
    workflow, final = _workflow(reading, _workflow_tree(reading, folder, branch))
    return Ruleset(
        name=reading.word(reading.needed(branch, "ruleset", folder.name)) or folder.name,
        version=reading.word(reading.needed(branch, "version", folder.name)),
        years=_years(reading, reading.needed(branch, "cycle", folder.name)),
        header=header,
        forms=forms,
        digest=digest(folder),
        place=branch.keys.get("ruleset", branch.place),
        title=reading.title(get("title")),
        basis=reading.word(get("basis")),
        limits=_limits(reading, reading.branch(get("limits"))),
        workflow=workflow,
        publishes=_publishes(reading, reading.branch(get("publishes"))),
        roll_forward=_roll_forward(reading, reading.branch(get("roll-forward"), ("drop", "index"))),
        final=final,
        places=reading.places,
        pages=pages,
    )


def _file(reading: Reading, folder: Path, file: str) -> Tree | None:
    """One file's tree; findings call it by the folder's name and its own."""
    name = f"{folder.name}/{file}"
    written, found = _written(folder / file, name)
    reading.found += found
    return None if written is None else _parsed(reading, name, written)


def _written(path: Path, name: str) -> tuple[bytes | None, list[Finding]]:
    return content(path, name) if path.is_file() else (None, [finding("file-missing", Place(name, 1, 1), file=name)])


def _parsed(reading: Reading, name: str, written: bytes) -> Tree | None:
    tree, found = parse(written, name)
    text = written.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    reading.found += [_unquoted(text, told) or told for told in found]
    if tree is not None:
        reading.opened(name, text)
    return tree


def _unquoted(text: str, told: Finding) -> Finding | None:
    """The usual reason why a text is no YAML: a formula without quotes where brackets have a meaning of their own."""
    lines = text.splitlines()
    if told.code != "yaml-broken" or told.place is None or not 0 < told.place.line <= len(lines):
        return None
    found = _UNQUOTED.search(lines[told.place.line - 1])
    if found is None:
        return None
    place = Place(told.place.file, told.place.line, found.start(1) + 1)
    return finding("formula-not-quoted", place, got=found[1].strip())


def _years(reading: Reading, tree: Tree | None) -> tuple[int, ...]:
    text = reading.word(tree)
    found = re.fullmatch(r"(\d{4})(?:\s*[-–—]\s*(\d{4}))?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, -1)
    if text and tree is not None and not 1990 <= first <= last < first + CYCLE_YEARS_MAX:
        reading.finding("cycle-unclear", tree.place, got=text)
        return ()
    return tuple(range(first, last + 1))


def _header(reading: Reading, header: Branch) -> dict[str, HeaderField]:
    fields = {}
    for name, tree in header.entries.items():
        branch = reading.branch(tree, HEADER_KEYS)
        get = branch.entries.get
        fields[name] = HeaderField(
            name=name,
            type=reading.type(reading.needed(Branch(branch.entries, branch.keys, header.keys[name]), "type", name)),
            place=header.keys[name],
            default=reading.word(get("default")) or None,
            digits=reading.whole(get("digits")),
            title=reading.title(get("title")),
        )
    return fields


def _pages(reading: Reading, place: tuple[Path, Mapping[str, Page]], branch: Branch) -> dict[str, Page]:
    """The forms' files that are listed, by their names."""
    folder, known = place
    written = sorted(path.stem for path in (folder / "forms").glob("*.yaml"))
    listed = _listed(reading, reading.needed(branch, "forms", folder.name), written)
    if len(listed) > FORMS_MAX:
        reading.finding("too-many-forms", branch.keys.get("forms", branch.place), got=len(listed), limit=FORMS_MAX)
    names = [(f"{folder.name}/forms/{stem}.yaml", stem) for stem in listed[:FORMS_MAX]]
    return {name: _page(folder / "forms" / f"{stem}.yaml", name, known.get(name)) for name, stem in names}


def _page(path: Path, name: str, known: Page | None) -> Page:
    reading = Reading()
    written, found = _written(path, name)
    if written is None:
        return Page(None, None, tuple(found), {})
    if known is not None and known.content == written:
        return known
    tree = _parsed(reading, name, written)
    if tree is None:
        return Page(written, None, tuple(reading.found), {})
    form = read_form(reading, tree, path.stem.replace("-", "_"))
    reading.remember(f"forms/{form.name}/", tree)
    return Page(written, form, tuple(reading.found), reading.places)


def _forms(reading: Reading, pages: Iterable[Page]) -> dict[str, Form]:
    forms: dict[str, Form] = {}
    for page in pages:
        reading.found += page.found
        form = page.form
        if form is not None and form.name in forms:
            reading.finding("name-twice", form.place, name=form.name, first=forms[form.name].place)
        elif form is not None:
            reading.places.update(page.places)
            forms[form.name] = form
    return forms


def _listed(reading: Reading, tree: Tree | None, written: list[str]) -> list[str]:
    """The forms that are listed and exist; what is listed twice or has no file, or has a file only, is told."""
    listed: list[str] = []
    for item in reading.items(tree):
        stem = reading.word(item)
        if stem in listed:
            reading.finding("name-twice", item.place, name=stem, first=tree.place if tree else item.place)
        elif stem and stem not in written:
            reading.finding("form-file-missing", item.place, form=stem, nearest=nearest(stem, written))
        elif stem:
            listed.append(stem)
    for stem in written:
        if isinstance(tree, Listing) and stem not in listed:
            reading.finding("form-not-listed", tree.place, form=stem)
    return listed if isinstance(tree, Listing) else written


def _grouped(forms: dict[str, Form], header: dict[str, HeaderField]) -> dict[str, Form]:
    """A form of groups holds the columns it is grouped by, as the first form of the group or the header declares them;
    a key may be blank where it may be in one of the forms."""
    grouped = dict(forms)
    for form in rows_order(forms):
        keys: dict[str, Column] = {}
        for key in form.rows.by:
            sources = [grouped[name] for name in form.rows.forms if name in grouped]
            found = [source.columns[key] for source in sources if key in source.columns]
            declared = form.columns.get(key) or next(iter(found), None) or header.get(key)
            if declared is not None:
                keys[key] = _key(form, declared, any(column.optional for column in found))
        if keys:
            grouped[form.name] = replace(form, columns=keys | {n: c for n, c in form.columns.items() if n not in keys})
    return grouped


def _key(form: Form, declared: Column | HeaderField, optional: bool) -> Column:
    if declared is form.columns.get(declared.name) and isinstance(declared, Column):
        return replace(declared, optional=declared.optional or (optional and declared.formula is None))
    help_ = declared.help if isinstance(declared, Column) else {}
    of, digits, title = declared.type, declared.digits, declared.title
    return Column(declared.name, of, form.rows.place, digits, optional=optional, title=title, help=help_)


def _workflow_tree(reading: Reading, folder: Path, branch: Branch) -> Tree | None:
    if "workflow" in branch.entries or not (folder / "workflow.yaml").is_file():
        return branch.entries.get("workflow")
    tree = _file(reading, folder, "workflow.yaml")
    tree = tree.entries["workflow"] if isinstance(tree, Branch) and "workflow" in tree.entries else tree
    if tree is not None:
        reading.remember("workflow/", tree)
    return tree


def _workflow(reading: Reading, tree: Tree | None) -> tuple[tuple[Transition, ...], tuple[str, ...]]:
    """The transitions, and the final states: those of rows that name a state and nothing to do in it."""
    transitions, final = [], []
    for item in reading.items(tree):
        branch = reading.branch(item, TRANSITION_KEYS)
        state = reading.word(reading.needed(branch, "state", "workflow"))
        if set(branch.entries) == {"state"}:
            final.append(state)
            continue
        needed = {key: reading.word(reading.needed(branch, key, state)) for key in ("action", "to", "role")}
        optional = {key: reading.word(branch.entries.get(key)) or None for key in TRANSITION_KEYS[4:8]}
        transitions.append(Transition(
            state=state, **needed, place=branch.place, condition=optional["condition"] or optional["when"],
            signed=optional["signed"], deadline=optional["deadline"],
            remarks_closed=reading.choice(branch.entries.get("remarks"), ("closed",)) == "closed",
            publishes=reading.choice(branch.entries.get("norms"), ("published",)) == "published",
            not_by=reading.words(branch.entries.get("not-by")),
        ))  # fmt: skip
    return tuple(transitions), tuple(final)


def _limits(reading: Reading, limits: Branch) -> dict[str, Limit]:
    """Each norm that is a limit, with the kind of expenditure under it."""
    kinds = {name: reading.word(reading.needed(limits, name, "limits")) for name in limits.entries}
    return {name: Limit(name, kind, limits.keys[name]) for name, kind in kinds.items() if kind}


def _publishes(reading: Reading, published: Branch) -> dict[str, PublishedNorm]:
    norms = {}
    for name, tree in published.entries.items():
        branch = reading.branch(tree, PUBLISHED_KEYS)
        at_name = Branch(branch.entries, branch.keys, published.keys[name])
        form, value = (reading.word(reading.needed(at_name, key, name)) for key in ("form", "value"))
        start = reading.formula(reading.needed(at_name, "from", name))
        if start is not None:
            keys = reading.words(branch.entries.get("key"))
            norms[name] = PublishedNorm(name, form, keys, value, start, published.keys[name])
    return norms


def _roll_forward(reading: Reading, branch: Branch) -> RollForward:
    index = reading.branch(branch.entries.get("index"))
    return RollForward(
        drop=formulas(reading, branch.entries.get("drop")),
        index={form: formulas(reading, tree, bare=True) for form, tree in index.entries.items()},
    )

"""Rulesets and norms as the database keeps them: all their files under one digest, never changed once published.

A submission is pinned to the digests of its ruleset and norms; `Texts` loads them again, word for word, and compiles
the plan that both make. Norms may be laid over one another in layers: the state's own, then training sets.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow
from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert

from api.store import publications
from api.store.publications import Why
from api.store.schema import text_version
from engine.findings import Finding, has_errors
from engine.norms import Norms
from engine.norms.loader import load_norms, load_published
from engine.plan import Plan, compile_plan
from engine.ruleset import Ruleset
from engine.ruleset.loader import load

Files = Mapping[str, str]
"""Path inside the version → text; the norms' first folder is their layer, `0/pay.yaml`."""
PUBLISHED = "published"
"""Beside the layers of norms: what approved submissions made of them, a file each, and the codes of organisations that
came later."""
TEXT_FILES = {".yaml", ".csv", ".md"}
BY_NOBODY = Why()
RULES = "rules"
"""How findings call the folder of a ruleset's files."""


def ruleset_files(folder: Path) -> Files:
    """All texts of a ruleset."""
    return _files(folder, "")


def norms_files(layers: Sequence[Path]) -> Files:
    """All texts of norms and of what is laid over them."""
    return {name: text for i, layer in enumerate(layers) for name, text in _files(layer, f"{i}/").items()}


def publish(connection: Connection, kind: str, label: tuple[str, str], files: Files, why: Why = BY_NOBODY) -> str:
    """Keep texts under their digest with a line that says why, and give that; `label` is name and version. The same
    texts are kept once."""
    publications.alone(connection)
    data = _bytes(files)
    digest = hashlib.sha256(data).hexdigest()
    row = {
        "digest": digest,
        "kind": kind,
        "name": label[0],
        "version": label[1],
        "files": compressed(data),
        "size": len(data),
        "published_at": datetime.now(UTC),
    }
    kept = connection.execute(insert(text_version).values(row).on_conflict_do_nothing())
    if kept.rowcount:
        publications.record(connection, label_of(connection, digest), why)
    return digest


def label_of(connection: Connection, digest: str) -> Row[Any]:
    """What there is to tell of a published text: its kind, name, version and moment."""
    return connection.execute(publications.labels(digest)).one()


def digest_of(files: Files) -> str:
    """The digest under which texts are kept."""
    return hashlib.sha256(_bytes(files)).hexdigest()


def files_of(connection: Connection, digest: str) -> Files:
    """The texts that were published under a digest."""
    files: Files = orjson.loads(_read_bytes(connection, digest))
    return files


def sound(connection: Connection, digest: str) -> bool:
    """Whether what is kept under a digest is still what was published."""
    try:
        return hashlib.sha256(_read_bytes(connection, digest)).hexdigest() == digest
    except (OSError, ValueError):  # bytes that somebody changed need not be zstd any more
        return False


@dataclass
class Texts:
    """What was published, loaded once in this process."""

    rulesets: dict[str, Ruleset] = field(default_factory=dict)
    norms: dict[str, Norms] = field(default_factory=dict)
    plans: dict[tuple[str, str], Plan] = field(default_factory=dict)

    def plan(self, connection: Connection, ruleset: str, norms: str) -> Plan:
        """The plan of a published ruleset under published norms, by their digests."""
        if (ruleset, norms) not in self.plans:
            found = self.misfits(connection, ruleset, norms)
            assert not found, told(found)
        return self.plans[ruleset, norms]

    def misfits(self, connection: Connection, ruleset: str, norms: str) -> Sequence[Finding]:
        """Why a published ruleset makes no plan under published norms; nothing where it does."""
        if (ruleset, norms) not in self.plans:
            plan, found = compile_plan(self.ruleset_of(connection, ruleset), self.norms_of(connection, norms))
            if plan is None:
                return [one for one in found if one.severity == "error"]
            self.plans[ruleset, norms] = plan
        return ()

    def ruleset_of(self, connection: Connection, digest: str) -> Ruleset:
        """A published ruleset by its digest."""
        if digest not in self.rulesets:
            ruleset, found = read_ruleset(files_of(connection, digest))
            assert ruleset is not None, told(found)
            self.rulesets[digest] = ruleset
        return self.rulesets[digest]

    def norms_of(self, connection: Connection, digest: str) -> Norms:
        """Published norms by their digest."""
        if digest not in self.norms:
            files = files_of(connection, digest)
            self.norms[digest] = _with(self.declared(files), published_of(files))
        return self.norms[digest]

    def declared(self, files: Files) -> Norms:
        """The norms of an edition without what approved submissions made of them; many editions have the same."""
        own = {name: content for name, content in files.items() if not _is_published(name)}
        digest = digest_of(own)
        if digest not in self.norms:
            norms, found = read_norms(own)
            assert not has_errors(found), told(found)
            self.norms[digest] = norms
        return self.norms[digest]


def read_ruleset(files: Files) -> tuple[Ruleset | None, list[Finding]]:
    """The ruleset of these files, and what is wrong with its text; findings call a file `rules/forms/pay.yaml`."""
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder, RULES), files)
        return load(Path(folder, RULES))


def read_norms(files: Files) -> tuple[Norms, list[Finding]]:
    """The norms of these files, layer over layer, and what is wrong with their texts."""
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), files)
        first, *others = layers_of(files)
        layers = [Path(folder, layer) for layer in others]
        return load_norms(Path(folder, first), layers, Path(folder, PUBLISHED))


def layers_of(files: Files) -> list[str]:
    """The first folders of norms, the state's own first."""
    return sorted({name.split("/")[0] for name in files} - {PUBLISHED}, key=int)


def published_of(files: Files) -> Files:
    """Of the texts of norms, those that approved submissions made."""
    return {name: content for name, content in files.items() if _is_published(name)}


def compressed(data: bytes) -> bytes:
    """Bytes as they are stored."""
    stored: bytes = pyarrow.compress(data, codec="zstd", asbytes=True)
    return stored


def expanded(stored: bytes, size: int) -> bytes:
    """The bytes that were stored; `size` is how many there were."""
    data: bytes = pyarrow.decompress(stored, size, codec="zstd", asbytes=True)
    return data


def told(found: Sequence[Finding]) -> str:
    """Findings as one text, for whoever broke what had been checked."""
    return "\n".join(map(str, found))


def _files(folder: Path, prefix: str) -> Files:
    paths = sorted(path for path in folder.rglob("*") if path.suffix in TEXT_FILES and path.is_file())
    return {prefix + path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def _is_published(name: str) -> bool:
    return name.startswith(f"{PUBLISHED}/") and name.endswith(".yaml") and name.count("/") == 1


def _with(norms: Norms, files: Files) -> Norms:
    """Norms with what was published since."""
    if not files:
        return norms
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), files)
        followed, found = load_published(norms, Path(folder, PUBLISHED))
    assert not has_errors(found), told(found)
    return followed


def _bytes(files: Files) -> bytes:
    return orjson.dumps(dict(sorted(files.items())))


def _read_bytes(connection: Connection, digest: str) -> bytes:
    found = connection.execute(select(text_version.c.files, text_version.c.size).where(text_version.c.digest == digest))
    stored, size = found.one()
    return expanded(stored, size)


def _write(folder: Path, files: Files) -> None:
    for name, text in files.items():
        path = (folder / name).resolve()
        assert path.is_relative_to(folder.resolve()), "a published text stays in its folder"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

"""The one schema of the database, as tables of SQLAlchemy Core.

The journal is the truth: lines are only ever added, each carries the digest of the one before it in its submission, and
triggers refuse to change or remove one. A submission's inputs stand as a snapshot that may lag behind the journal by a
bounded tail. Budget lines are kept as plain rows for SQL and for people's own tools. Amounts are whole tiyn.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from engine.lines import DIMENSIONS

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _record(name: str) -> Table:
    """Numbered lines that are chained by digest (`chain`)."""
    return Table(
        name,
        metadata,
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column(
            "account", BigInteger, ForeignKey("account.id"), comment="null: nobody, the database began or was upgraded"
        ),
        Column("at", Text, nullable=False),
        Column("payload", Text, nullable=False, comment="canonical JSON, as it was hashed"),
        Column("previous", Text, nullable=False),
        Column("digest", Text, nullable=False),
    )


text_version = Table(
    "text_version",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("kind", Text, nullable=False, comment="ruleset or norms"),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("files", LargeBinary, nullable=False, comment="JSON of path and text, zstd"),
    Column("size", Integer, nullable=False, comment="bytes of that JSON"),
    Column("published_at", DateTime(timezone=True), nullable=False),
)

publication = _record("publication")

cycle = Table(
    "cycle",
    metadata,
    Column("name", Text, primary_key=True, comment="2026-2028"),
    Column("calendar", JSONB, nullable=False, comment="milestone and its date"),
)

cycle_change = _record("cycle_change")

organisation = Table(
    "organisation",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("code", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="centre, administrator or institution"),
    Column("parent", BigInteger, ForeignKey("organisation.id"), index=True),
    Column("titles", JSONB, nullable=False, comment="kk, ru, en"),
    Column("starts", Date, nullable=False),
    Column("ends", Date),
    Column("successor", BigInteger, ForeignKey("organisation.id"), comment="the heir"),
    UniqueConstraint("kind", "code", "starts"),
)

account = Table(
    "account",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password", Text, nullable=False, comment="argon2id"),
    Column("language", Text, nullable=False, server_default="ru"),
    Column("active", Boolean, nullable=False, server_default="true"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("locked_until", DateTime(timezone=True)),
    Column("layout", JSONB, nullable=False, server_default="{}", comment="what the page remembers of the user"),
)

membership = Table(
    "membership",
    metadata,
    Column("account", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("organisation", BigInteger, ForeignKey("organisation.id"), nullable=False),
    Column("role", Text, nullable=False),
    PrimaryKeyConstraint("account", "organisation", "role"),
)

session = Table(
    "session",
    metadata,
    Column("token", Text, primary_key=True, comment="SHA-256 of the cookie"),
    Column("account", BigInteger, ForeignKey("account.id"), nullable=False, index=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

submission = Table(
    "submission",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("cycle", Text, ForeignKey("cycle.name"), nullable=False),
    Column("ruleset", Text, ForeignKey("text_version.digest"), nullable=False),
    Column("norms", Text, ForeignKey("text_version.digest"), nullable=False),
    Column("organisation", BigInteger, ForeignKey("organisation.id"), nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("official_use", Boolean, nullable=False, server_default="false"),
    Column("revision", BigInteger, nullable=False),
    Column("head", Text, nullable=False, comment="digest of its last journal line"),
    Column("origin", BigInteger, ForeignKey("submission.id"), comment="what it was rolled forward from"),
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("submission", BigInteger, ForeignKey("submission.id"), nullable=False),
    Column("revision", BigInteger, nullable=False, comment="the first is kept for ever, beside it the last"),
    Column("head", Text, nullable=False, comment="digest of the journal line of that revision"),
    Column("inputs", LargeBinary, nullable=False, comment="engine.packing, zstd"),
    Column("size", Integer, nullable=False, comment="bytes before zstd"),
    Column("digest", Text, nullable=False, comment="SHA-256 of the bytes before zstd"),
    Column("rows", JSONB, nullable=False, comment="form: the next free number, then the numbers in order"),
    PrimaryKeyConstraint("submission", "revision"),
)

journal = Table(
    "journal",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("submission", BigInteger, ForeignKey("submission.id"), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("account", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("at", Text, nullable=False, comment="ISO 8601, UTC"),
    Column("action", Text, nullable=False),
    Column("payload", Text, nullable=False, comment="canonical JSON, as it was hashed"),
    Column("moved", JSONB, nullable=False, comment="how budget lines moved: no source of anything, not hashed"),
    Column("key", Text, comment="the caller's idempotency key"),
    UniqueConstraint("submission", "revision"),
    UniqueConstraint("account", "key"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("position", BigInteger, ForeignKey("journal.position"), primary_key=True, autoincrement=False),
    Column("submission", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="the delta that others are told, JSON, zstd"),
    Column("size", Integer, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("heads", Text, nullable=False, comment="SHA-256 over all lines since the checkpoint before"),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("at", Text, nullable=False),
)

line = Table(
    "line",
    metadata,
    Column("submission", BigInteger, ForeignKey("submission.id"), nullable=False),
    *(Column(name, Text, nullable=False) for name in DIMENSIONS),
    Column("amount", Numeric(30, 0), nullable=False, comment="tiyn"),
    Column("incomplete", BigInteger, nullable=False, server_default="0", comment="rows left out because of errors"),
    PrimaryKeyConstraint("submission", *DIMENSIONS),
)

past_line = Table(
    "past_line",
    metadata,
    *(Column(name, Text, nullable=False) for name in DIMENSIONS),
    Column("amount", Numeric(30, 0), nullable=False, comment="tiyn"),
    Column("source", Text, nullable=False, comment="the report or law, or that it was invented"),
    PrimaryKeyConstraint(*DIMENSIONS),
)

scenario = Table(
    "scenario",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("link", Text, nullable=False, unique=True, comment="unguessable: whoever is given it may look"),
    Column("account", BigInteger, ForeignKey("account.id"), nullable=False, index=True),
    Column("shared", Text, nullable=False, comment="nobody, or link"),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False, comment="its overrides, YAML"),
    Column("cycle", Text, ForeignKey("cycle.name"), nullable=False),
    Column("position", BigInteger, nullable=False, comment="of the journal: the base that it is put over"),
    Column("revision", BigInteger, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

comparison = Table(
    "comparison",
    metadata,
    Column("digest", Text, primary_key=True, comment="of all that the answer follows from"),
    Column("account", BigInteger, ForeignKey("account.id"), primary_key=True),
    Column("question", JSONB, nullable=False),
    Column("answer", LargeBinary, comment="JSON, zstd; null until it has been made"),
    Column("size", Integer, comment="bytes of that JSON"),
    Column("begun_at", DateTime(timezone=True), nullable=False),
)

remark = Table(
    "remark",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("submission", BigInteger, ForeignKey("submission.id"), nullable=False, index=True),
    Column("place", JSONB, nullable=False, comment="form, row, column, year; or nothing: of all"),
    Column("account", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("body", Text, nullable=False),
    Column("blocking", Boolean, nullable=False),
    Column("answers", BigInteger, ForeignKey("remark.id")),
    Column("closed_by", BigInteger, ForeignKey("account.id")),
    Column("closed_at", DateTime(timezone=True)),
)

blob = Table(
    "blob",
    metadata,
    Column("digest", Text, primary_key=True, comment="SHA-256"),
    Column("data", LargeBinary, nullable=False),
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("submission", BigInteger, ForeignKey("submission.id"), nullable=False, index=True),
    Column("place", JSONB, nullable=False, comment="form, row, specific; or nothing: of all"),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False, comment="found by content, never by name"),
    Column("size", BigInteger, nullable=False),
    Column("digest", Text, ForeignKey("blob.digest"), nullable=False),
    Column("account", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("removed_at", DateTime(timezone=True)),
)

organisation_change = Table(
    "organisation_change",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("account", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("at", Text, nullable=False),
    Column("payload", Text, nullable=False, comment="canonical JSON, as it was hashed"),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("key", Text, comment="the caller's idempotency key"),
    UniqueConstraint("account", "key"),
)

answered = Table(
    "answered",
    metadata,
    Column("account", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("key", Text, nullable=False, comment="the caller's idempotency key"),
    Column("address", Text, nullable=False, comment="the method and path that it was given to"),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("answer", JSONB, comment="null only within the transaction that makes it"),
    PrimaryKeyConstraint("account", "key", "address"),
)

succession = Table(
    "succession",
    metadata,
    Column("predecessor", BigInteger, ForeignKey("organisation.id"), nullable=False),
    Column("successor", BigInteger, ForeignKey("organisation.id"), nullable=False),
    Column("change", BigInteger, ForeignKey("organisation_change.number"), nullable=False),
    PrimaryKeyConstraint("predecessor", "successor"),
)

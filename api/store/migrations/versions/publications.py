"""A record of what was published; the texts that there are get their lines now, by nobody."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from api.store.publications import record_all

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """Add the table, and a line for each text."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0041.sql").read_text(encoding="utf-8"))
    record_all(op.get_bind())

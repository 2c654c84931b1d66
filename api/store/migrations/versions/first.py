"""The tables of the service, as SQL that a database's keeper can read."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables, and the triggers that keep the journal."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0001.sql").read_text(encoding="utf-8"))

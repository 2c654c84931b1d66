"""All that an edit asks of the database is one statement."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0060"
down_revision = "0050"


def upgrade() -> None:
    """Put the function that all actions are written by in the place of the former."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0060.sql").read_text(encoding="utf-8"))

"""One statement that writes an action down."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the function that all actions are written by."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0011.sql").read_text(encoding="utf-8"))

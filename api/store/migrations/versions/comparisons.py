"""Comparisons of scenarios outlive the process that made them."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add their table."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0021.sql").read_text(encoding="utf-8"))

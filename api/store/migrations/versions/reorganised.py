"""Reorganisations: a journal of them, and who followed whom."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0011"


def upgrade() -> None:
    """Add columns and tables."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0020.sql").read_text(encoding="utf-8"))

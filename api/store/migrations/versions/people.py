"""Processes are told when somebody signs out or has other roles."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0050"
down_revision = "0041"


def upgrade() -> None:
    """Add the triggers."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0050.sql").read_text(encoding="utf-8"))

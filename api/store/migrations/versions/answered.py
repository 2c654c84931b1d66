"""What was asked with a key and answered, so that it is done once."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0040"
down_revision = "0021"


def upgrade() -> None:
    """Add their table."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0040.sql").read_text(encoding="utf-8"))

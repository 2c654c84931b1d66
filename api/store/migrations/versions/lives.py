"""What a submission's life needs: what it began from, what was before it, rows left out of totals, scenarios."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0001"


def upgrade() -> None:
    """Add columns and tables."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0010.sql").read_text(encoding="utf-8"))

"""A record of the calendars of plan periods; those that there are get their lines now, by nobody."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from sqlalchemy import select

from api.store.calendars import record
from api.store.schema import cycle

revision = "0070"
down_revision = "0060"


def upgrade() -> None:
    """Add the table, and a line for each plan period."""
    connection = op.get_bind()
    connection.exec_driver_sql(Path(__file__).with_name("0070.sql").read_text(encoding="utf-8"))
    for row in connection.execute(select(cycle).order_by(cycle.c.name)).all():
        record(connection, row.name, row.calendar)

"""How Alembic reaches the database: always online, one migration at a time."""

from __future__ import annotations

import sqlalchemy
from alembic import context
from sqlalchemy import create_engine, text

from api.store.schema import metadata

ALONE = 20_260_101
"""The advisory lock under which the schema changes."""

engine = create_engine(context.config.attributes["url"], poolclass=sqlalchemy.NullPool)
with engine.connect() as connection:
    connection.execute(text("select pg_advisory_lock(:key)"), {"key": ALONE})
    connection.commit()
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()

"""Planted errors: each is told by the check that it was planted for, and only by corrections are they gone."""

from __future__ import annotations

from sqlalchemy import select

from api.demo import seed
from api.practice import plant, practising, slips, told
from api.store import Deed, Store
from api.store.database import Database
from api.store.schema import account, organisation, submission
from api.store.verifying import verify
from engine.verdicts import findings_of


def test_each_planted_error_is_told_until_it_is_corrected(database: Database) -> None:
    store = Store(database)
    with database.engine.begin() as connection:
        seed(store, connection, "demo")
        plant(store, connection)
        planted = practising(connection)
        assert sum(map(len, planted.values())) == len(slips())
        for code, of in planted.items():
            wanted = (
                select(submission)
                .join(organisation)
                .where(organisation.c.code == code, ~submission.c.cycle.startswith("2025"))
            )
            row = connection.execute(wanted).one()
            held = store.open(connection, row.id)
            assert held is not None
            before = told(held, of, findings_of(held.plan, held.workbook))
            assert [one["corrected"] for one in before] == [False] * len(of)
            executor = connection.scalar(select(account.c.id).where(account.c.login == f"executor-{code}")) or 0
            undone = store.act(connection, row.id, Deed(executor, None), store.undo(connection, executor))
            assert undone is not None
            after = undone.after
            assert findings_of(after.plan, after.workbook) == []
            assert all(one["corrected"] for one in told(after, of, ()))
        assert verify(store, connection).findings == ()

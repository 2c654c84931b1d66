"""What `esep verify` says of a database that somebody changed by hand, past all triggers."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from api.store import Store, journal
from api.store.verifying import Proof, verify

from .conftest import Village, owner_of
from .test_store import ROW_ACTIONS, act, cells


@pytest.fixture
def lived(village: Village) -> Village:
    """A submission of eight lines, the first six under a checkpoint."""
    for i in range(4):
        act(village, cells(("purchases", 2, "price", None, f"{i}.5")), who=i % 2)
    act(village, ROW_ACTIONS["copy"])
    with village.database.engine.begin() as connection:
        assert journal.make_checkpoint(connection) == 1
    act(village, ROW_ACTIONS["remove"])
    act(village, cells(("header", 0, "reason", None, "roof")))
    return village


def proof(village: Village) -> Proof:
    with village.database.engine.begin() as connection:
        return verify(Store(village.database, village.texts), connection)


def test_a_database_that_nobody_touched_is_proved(lived: Village) -> None:
    assert proof(lived) == Proof(8, 1, 1, ())


BY_HAND = {
    "update journal set payload = replace(payload, '1.5', '9.5') where position = 3": [
        ("journal-line-changed", {"position": "3"}),
    ],
    "update journal set account = (select max(id) from account) where position = 2": [
        ("journal-line-changed", {"position": "2"}),
    ],
    "delete from journal where position = 4": [
        ("journal-line-missing", {"position": "4"}),
        ("journal-chain-broken", {"position": "5"}),
        ("checkpoint-differs", {"number": "1"}),
    ],
    "delete from journal where position = 8": [
        ("journal-head-differs", {"got": "7"}),
    ],
    "update journal set position = case position when 3 then -4 else -3 end where position in (3, 4);"
    "update journal set position = -position where position < 0": [
        ("journal-chain-broken", {"position": "3"}),
        ("journal-chain-broken", {"position": "4"}),
        ("journal-chain-broken", {"position": "5"}),
        ("checkpoint-differs", {"number": "1"}),
    ],
    "delete from journal where position > 5; update submission set revision = 5, head = "
    "(select digest from journal where position = 5)": [
        ("checkpoint-differs", {"number": "1"}),
        ("lines-differ", {"submission": "1"}),
    ],
    "update line set amount = amount + 1 where year = '2027'": [("lines-differ", {"submission": "1"})],
    "update snapshot set rows = '{}'": [("snapshot-differs", {"revision": "1"})],
    "update snapshot set inputs = (select files from text_version limit 1)": [("snapshot-differs", {"revision": "1"})],
    "update snapshot set inputs = 'nonsense'": [("snapshot-differs", {"revision": "1"})],
    "update snapshot set digest = '0'": [("snapshot-differs", {"revision": "1"})],
    "delete from snapshot": [("snapshot-differs", {"revision": "1"})],
    "delete from journal": [("checkpoint-differs", {"number": "1"}), ("journal-head-differs", {"got": "0"})],
    "delete from journal; delete from checkpoint; update submission set revision = 0, head = repeat('0', 64)": [
        ("journal-head-differs", {"got": "0"}),
    ],
    "update text_version set files = 'nonsense' where kind = 'norms'": [("text-changed", {})],
    "update text_version set files = (select files from text_version where kind = 'norms'), "
    "size = (select size from text_version where kind = 'norms')": [("text-changed", {})],
    "update checkpoint set position = 5": [("checkpoint-differs", {"number": "1"})],
}


@pytest.mark.parametrize("by_hand", BY_HAND)
def test_whatever_was_changed_by_hand_is_found_and_named(lived: Village, by_hand: str) -> None:
    with owner_of(lived.database).connect() as connection:
        connection.execute(text("set session_replication_role = replica"))
        for statement in by_hand.split(";"):
            connection.execute(text(statement))
    found = proof(lived).findings
    assert [f.code for f in found] == [code for code, _ in BY_HAND[by_hand]]
    for told, (_, facts) in zip(found, BY_HAND[by_hand], strict=True):
        assert facts.items() <= told.args.items()

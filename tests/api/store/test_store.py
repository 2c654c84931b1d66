"""A submission in the database: what an action does, what is stored, what is refused, and what undo gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from api.store import Answer, Deed, Store, Wish, actions, amounts_of, inputs_of, journal
from api.store.held import Held, text_at
from api.store.loading import load_all
from api.store.rehearsal import SOON, Known, refreshed
from api.store.schema import journal as journal_table
from api.store.schema import line, snapshot

from .conftest import Village, owner_of


def act(village: Village, wish: Wish, who: int = 0, revision: int | None = None, key: str | None = None) -> Answer:
    """Do it as one of the two people, in a transaction of its own."""
    with village.database.engine.begin() as connection:
        deed = Deed(village.people[who], revision, key)
        answer = village.store.act(connection, village.number, deed, wish)
    assert answer is not None
    village.store.committed(answer)
    return answer


def cells(*wanted: actions.Wanted) -> Wish:
    return lambda held: ("cells", *actions.cells(held, wanted))


def undo(village: Village, who: int = 0, *, again: bool = False) -> Answer:
    with village.database.engine.begin() as connection:
        wish = village.store.undo(connection, village.people[who], again=again)
        answer = village.store.act(connection, village.number, Deed(village.people[who], None), wish)
    assert answer is not None
    village.store.committed(answer)
    return answer


def opened_anew(village: Village) -> Held:
    """What another process would see."""
    with village.database.engine.begin() as connection:
        held = Store(village.database, village.texts).open(connection, village.number)
    assert held is not None
    return held


def names(held: Held) -> list[str]:
    places = range(len(held.rows["purchases"].order))
    return [text_at(held, "purchases", "name", (place, None)) for place in places]


PRICE = ("purchases", 2, "price", None, "300.25")


def test_an_edit_moves_totals_and_is_there_for_everybody(village: Village) -> None:
    answer = act(village, cells(PRICE), revision=1)
    assert answer.position == 2
    assert {key[6]: amount for key, amount in answer.delta.lines.items()} == {
        "2026": 1_042_250,
        "2027": 1_184_375,
        "2028": 1_184_375,
    }
    held = opened_anew(village)
    assert inputs_of(held) == inputs_of(answer.after)
    with village.database.engine.begin() as connection:
        stored = connection.scalar(select(func.sum(line.c.amount)))
    assert stored == sum(amount for amount, _ in amounts_of(held).values())


def test_an_edit_of_all_years_is_one_of_each(village: Village) -> None:
    answer = act(village, cells(("purchases", 1, "quantity", None, "20")))
    with village.database.engine.begin() as connection:
        (written,) = journal.of_submission(connection, village.number, 1)
    assert journal.payload_of(written)["cells"] == [
        ["purchases", 1, "quantity", 2026, "10", "20"],
        ["purchases", 1, "quantity", 2028, "30", "20"],
    ]
    assert undo(village).after.revision == answer.after.revision + 1
    assert inputs_of(opened_anew(village)) == inputs_of(answer.before)


def test_the_header_is_edited_like_a_cell(village: Village) -> None:
    answer = act(village, cells(("header", 0, "reason", None, "new roof")))
    assert answer.position == 2
    assert text_at(opened_anew(village), "header", "reason", (0, None)) == "new roof"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (("purchases", 9, "price", None, "1"), "row-gone"),
        (("purchases", 1, "amount", 2026, "1"), "edit-refused-computed"),
        (("purchases", 1, "prise", None, "1"), "input-name-unknown"),
        (("purchase", 1, "price", None, "1"), "input-name-unknown"),
        (("purchases", 1, "price", None, "ten"), "input-unreadable"),
        (("purchases", 1, "price", None, "1.005"), "input-unreadable"),
        (("purchases", 1, "kind", None, "gold"), "input-unreadable"),
        (("purchases", 1, "quantity", 2031, "1"), "edit-refused-year"),
        (("purchases", 1, "price", 2026, "1"), "edit-refused-year"),
    ],
)
def test_what_cannot_be_written_is_told_and_nothing_is_done(
    village: Village, wanted: actions.Wanted, code: str
) -> None:
    answer = act(village, cells(PRICE, wanted))
    assert [found.code for found in answer.findings] == [code]
    assert answer.position == 0
    assert inputs_of(opened_anew(village)) == inputs_of(answer.before)


def test_a_stale_revision_is_a_clear_answer(village: Village) -> None:
    act(village, cells(PRICE), revision=1)
    answer = act(village, cells(("purchases", 2, "price", None, "1")), revision=1)
    assert [found.code for found in answer.findings] == ["revision-stale"]
    assert answer.position == 0


def test_asking_twice_with_one_key_does_it_once(village: Village) -> None:
    first = act(village, cells(PRICE), key="k1")
    second = act(village, cells(PRICE), revision=1, key="k1")
    assert (first.position, second.position) == (2, 2)
    assert opened_anew(village).revision == 2


def test_writing_what_is_there_already_writes_nothing(village: Village) -> None:
    answer = act(village, cells(("purchases", 2, "price", None, "205.50")))
    assert (answer.position, answer.findings) == (0, ())


ROW_ACTIONS: dict[str, Callable[[Held], Any]] = {
    "add": lambda held: (
        "add",
        *actions.add_rows(held, "purchases", 1, [{"name": "Chalk", "quantity": ["1", "", "3"]}]),
    ),
    "copy": lambda held: ("add", *actions.copy_rows(held, "purchases", [2, 3], 0)),
    "remove": lambda held: ("remove", *actions.remove_rows(held, "purchases", [1, 3])),
    "move": lambda held: ("move", *actions.move_rows(held, "purchases", [3], 0)),
}
NAMES_AFTER = {
    "add": ["Paper A4", "Chalk", "Petrol", "Wheat"],
    "copy": ["Petrol", "Wheat", "Paper A4", "Petrol", "Wheat"],
    "remove": ["Petrol"],
    "move": ["Wheat", "Paper A4", "Petrol"],
}


@pytest.mark.parametrize("action", ROW_ACTIONS)
def test_rows_come_go_and_move_and_come_back(village: Village, action: str) -> None:
    act(village, cells(("notes", 3, "note", None, "for spring")))
    answer = act(village, ROW_ACTIONS[action])
    assert names(answer.after) == NAMES_AFTER[action]
    assert "purchases" in answer.delta.reshaped
    assert inputs_of(opened_anew(village)) == inputs_of(answer.after)
    undone = undo(village)
    assert inputs_of(opened_anew(village)) == inputs_of(undone.after) == inputs_of(answer.before)
    assert opened_anew(village).rows["purchases"].order == (1, 2, 3)
    again = undo(village, again=True)
    assert inputs_of(again.after) == inputs_of(answer.after)


def test_a_row_keeps_its_number_wherever_it_goes(village: Village) -> None:
    act(village, ROW_ACTIONS["move"])
    act(village, ROW_ACTIONS["add"])
    answer = act(village, cells(("purchases", 3, "name", None, "Barley")))
    assert names(answer.after)[0] == "Barley"
    assert answer.after.rows["purchases"].order == (3, 4, 1, 2)


def test_rows_that_follow_from_others_are_not_added(village: Village) -> None:
    answer = act(village, lambda held: ("add", *actions.add_rows(held, "by_kind", 0, [{}])))
    assert [found.code for found in answer.findings] == ["rows-fixed"]


def test_undo_takes_back_ones_own_even_after_others_edited_elsewhere(village: Village) -> None:
    act(village, cells(PRICE), who=0)
    act(village, cells(("purchases", 3, "price", None, "7")), who=1)
    answer = undo(village, who=0)
    assert text_at(answer.after, "purchases", "price", (1, None)) == "205.50"
    assert text_at(answer.after, "purchases", "price", (2, None)) == "7.00"


def test_undo_does_not_overwrite_what_another_wrote_since(village: Village) -> None:
    act(village, cells(PRICE), who=0)
    act(village, cells(("purchases", 2, "price", None, "7")), who=1)
    answer = undo(village, who=0)
    assert [found.code for found in answer.findings] == ["undo-conflict"]
    assert text_at(answer.after, "purchases", "price", (1, None)) == "7.00"


def test_undo_does_not_take_away_a_row_that_another_has_filled(village: Village) -> None:
    act(village, ROW_ACTIONS["add"], who=0)
    act(village, cells(("purchases", 4, "price", None, "7")), who=1)
    assert [found.code for found in undo(village, who=0).findings] == ["undo-conflict"]


def test_a_number_written_shortly_is_undone_like_any(village: Village) -> None:
    answer = act(village, cells(("purchases", 2, "price", None, "7")))
    assert inputs_of(undo(village).after) == inputs_of(answer.before)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"prise": "1"}, "input-name-unknown"),
        ({"amount": "1"}, "edit-refused-computed"),
        ({"price": ["1", "2", "3"]}, "input-years-uneven"),
        ({"quantity": ["1"]}, "input-years-uneven"),
        ({"kind": "gold"}, "input-unreadable"),
        ({"price": "much"}, "input-unreadable"),
    ],
)
def test_a_new_row_that_cannot_be_is_told_and_not_added(village: Village, row: dict[str, Any], code: str) -> None:
    answer = act(village, lambda held: ("add", *actions.add_rows(held, "purchases", 0, [row])))
    assert [found.code for found in answer.findings] == [code]
    assert answer.position == 0


def test_there_is_nothing_to_undo_at_first(village: Village) -> None:
    assert [found.code for found in undo(village).findings] == ["nothing-to-undo"]
    assert [found.code for found in undo(village, again=True).findings] == ["nothing-to-redo"]


def test_any_moment_can_be_seen_again(village: Village) -> None:
    seen = [inputs_of(opened_anew(village))]
    prices = [("purchases", 2, "price", None, f"{i}.5") for i in range(120)]
    seen += [inputs_of(act(village, cells(price)).after) for price in prices]
    with village.database.engine.begin() as connection:
        for revision in (1, 2, 50, 99, 100, 101, 121):
            held = village.store.at(connection, village.number, revision)
            assert held is not None
            assert inputs_of(held) == seen[revision - 1]
        kept = connection.execute(select(snapshot.c.revision).order_by(snapshot.c.revision)).scalars().all()
        assert kept == [1, 100]
        assert village.store.at(connection, village.number, 122) is None


def test_a_transaction_that_fails_leaves_nothing(village: Village) -> None:
    with pytest.raises(ZeroDivisionError):
        _fail_after(village, cells(PRICE))
    assert opened_anew(village).revision == 1
    assert act(village, cells(PRICE)).position == 2


def _fail_after(village: Village, wish: Wish) -> None:
    with village.database.engine.begin() as connection:
        village.store.act(connection, village.number, Deed(village.people[0], None), wish)
        raise ZeroDivisionError


def test_no_role_changes_or_removes_a_line_of_the_journal(village: Village) -> None:
    for engine in (village.database.engine, owner_of(village.database)):
        for statement in ("update journal set at = ''", "delete from journal", "truncate journal cascade"):
            with engine.connect() as connection, pytest.raises(DBAPIError):
                connection.execute(text(statement))
    with village.database.engine.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(journal_table)) == 1


def test_what_a_group_loses_with_its_last_row_stays_lost_in_another_process(village: Village) -> None:
    held = opened_anew(village)
    groups = range(held.workbook.tables["by_kind"].rows)
    (paper,) = (at for at in groups if text_at(held, "by_kind", "kind", (at, None)) == "paper")
    act(village, cells(("by_kind", paper, "remark", None, "for the first half")))
    act(village, cells(("purchases", 1, "kind", None, "seed")))
    after = act(village, cells(("purchases", 1, "kind", None, "paper"))).after
    anew = opened_anew(village)
    assert inputs_of(anew) == inputs_of(after)
    assert {text_at(anew, "by_kind", "remark", (at, None)) for at in groups} == {""}


def test_what_newborns_know_is_brought_up_to_date_where_much_has_been_done(village: Village) -> None:
    known, address = Known(village.texts), village.database.url.render_as_string(hide_password=False)
    with village.database.engine.connect() as connection:
        load_all(Store(village.database, known.texts, known.memory), connection)
    act(village, cells(PRICE))
    list(refreshed(address, known))
    assert known.totals.position == 2
    assert known.memory.revision(village.number) == 1
    for price in range(SOON):
        act(village, cells(("purchases", 2, "price", None, str(price))))
    list(refreshed(address, known))
    held, anew = known.memory.get(village.number), opened_anew(village)
    assert held is not None
    assert (held.revision, held.head, held.rows) == (anew.revision, anew.head, anew.rows)
    assert known.totals.position == held.revision == SOON + 2
    assert inputs_of(held) == inputs_of(anew)
    assert amounts_of(held) == amounts_of(anew)

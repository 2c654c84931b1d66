"""The canonical bytes say all that was calculated and nothing of how it is kept in memory."""

from __future__ import annotations

import numpy as np

from engine.lines import lines_from
from engine.snapshot import column_bytes, digest, line_bytes

CELLS = np.array([[1, 2, 3], [4, 5, 6]], np.int64)
ROWS = [(("201", "111"), 5), (("101", "161"), -7)]


def test_columns_come_in_the_order_of_their_names_whatever_the_order_in_memory() -> None:
    written = b"".join(column_bytes({("b", "x"): CELLS, ("a", "y"): np.array([["ә", None]], object)}))
    assert written == (
        '["column","a","y",1,2]\n["ә",null]\n["column","b","x",2,3]\n'.encode()
        + bytes.fromhex("".join(f"{n:02x}" + "00" * 7 for n in range(1, 7)))
    )


def test_the_layout_of_an_array_does_not_matter_and_its_shape_does() -> None:
    plain = digest(column_bytes({("a", "x"): CELLS}))
    assert digest(column_bytes({("a", "x"): np.asfortranarray(CELLS)})) == plain
    assert digest(column_bytes({("a", "x"): CELLS.astype(">i8")})) == plain
    assert digest(column_bytes({("a", "x"): CELLS.reshape(3, 2)})) != plain


def test_lines_come_in_the_order_of_their_keys() -> None:
    written = b'["lines","administrator","specific"]\n["101","161",-7,0]\n["201","111",5,0]\n'
    assert b"".join(line_bytes(lines_from(["administrator", "specific"], ROWS))) == written
    assert b"".join(line_bytes(lines_from(["administrator", "specific"], ROWS[::-1]))) == written


def test_a_digest_is_that_of_the_bytes_together() -> None:
    assert digest([b"a", b"b"]) == digest([b"ab"]) != digest([b"a"])

"""Which functions mean the same in Excel, LibreOffice and the engine, and which of them a file names with a prefix.

Not among them: look-ups that LibreOffice 7 lacks, texts formatted by the reader's language, and whatever catches
errors, since it would also catch the ones that no formula of ours may hide.
"""

from __future__ import annotations

PREFIXED = {
    name: f"_xlfn.{name}"
    for name in (
        "IFS SWITCH XOR CONCAT TEXTJOIN MINIFS MAXIFS CEILING.MATH FLOOR.MATH STDEV.S STDEV.P VAR.S VAR.P MODE.SNGL"
        " PERCENTILE.INC PERCENTILE.EXC QUARTILE.INC RANK.EQ RANK.AVG ISOWEEKNUM DAYS"
    ).split()
}
"""Newer functions, as files spell them."""
AS_EXCEL = frozenset(
    (
        "IF CHOOSE AND OR NOT TRUE FALSE ROUND ROUNDUP ROUNDDOWN TRUNC MROUND CEILING FLOOR ABS INT MOD QUOTIENT SIGN"
        " POWER SQRT EXP LN LOG LOG10 SUM PRODUCT SUMSQ MIN MAX COUNT AVERAGE MEDIAN LARGE SMALL STDEV VAR PMT PV FV"
        " DATE YEAR MONTH DAY EDATE EOMONTH DATEDIF DAYS360 WEEKDAY CONCATENATE LEFT RIGHT MID LEN SUBSTITUTE"
        " REPLACE UPPER LOWER EXACT REPT"
    ).split()
) | frozenset(PREFIXED)
VECTOR = frozenset("IF ROUND ROUNDUP ROUNDDOWN TRUNC ABS INT NOT".split())
"""Those that go row by row when their arguments are whole columns."""

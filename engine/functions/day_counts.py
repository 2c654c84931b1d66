"""Counting days between dates by the calendars of offices and banks: working days, weeks, 30/360, parts of a year."""

from __future__ import annotations

from calendar import isleap
from datetime import date
from fractions import Fraction
from math import floor

from engine.functions.calendar import LAST_DAY, day_of, days_in_month, shifted, ymd
from engine.functions.calendar import weekday as weekday_of
from engine.functions.dates import day_number
from engine.functions.values import ExcelError, Scalar, Value, as_range, number, text, truth, whole
from engine.number import EPOCH

Day = tuple[int, int, int]
WEEKDAYS = 5


def datedif(start: Scalar, end: Scalar, unit: Scalar) -> Fraction:
    """DATEDIF: whole years (Y), months (M), days (D), or days beyond months (MD), months beyond years (YM), YD."""
    first, last, asked = day_number(start), day_number(end), text(unit).upper()
    if first > last or asked not in {"Y", "M", "D", "MD", "YM", "YD"}:
        raise ExcelError("#NUM!")
    (y0, m0, d0), (y1, m1, d1) = ymd(first), ymd(last)
    months = (y1 - y0) * 12 + m1 - m0 - (d1 < d0)
    if asked == "MD":
        before = shifted(y1, m1, -1)
        return Fraction(d1 - d0 + (days_in_month(*before) if d1 < d0 else 0))
    if asked == "YD":
        same_day = (day_of(y0 + ((m1, d1) < (m0, d0)), m1, 1) or 0) + d1 - 1
        return Fraction(same_day - first)
    return Fraction({"Y": months // 12, "M": months, "D": last - first, "YM": months % 12}[asked])


def days360(start: Scalar, end: Scalar, european: Scalar = None) -> Fraction:
    """DAYS360: twelve months of thirty days."""
    first, last = ymd(day_number(start)), ymd(day_number(end))
    if truth(european):
        return Fraction(_thirties(_capped(first), _capped(last)))
    if _is_month_end(first):
        first = (*first[:2], 30)
    return Fraction(_thirties(first, _capped(last) if first[2] >= 30 else last))


def yearfrac(start: Scalar, end: Scalar, basis: Scalar = None) -> Fraction:
    """YEARFRAC by basis: 0 is 30/360 of America, 1 real days and years, 2 real/360, 3 real/365, 4 30/360 of Europe."""
    how = floor(_no_truth(basis))
    if not 0 <= how <= 4:
        raise ExcelError("#NUM!")
    first, last = sorted((_working(start), _working(end)))
    if how == 1:
        return _actual(first, last)
    if how in (2, 3):
        return Fraction(last - first, 360 if how == 2 else 365)
    from_, to = ymd(first), ymd(last)
    return Fraction(_thirties(_capped(from_), _capped(to)) if how == 4 else _american(from_, to), 360)


def weeknum(day: Scalar, kind: Scalar = Fraction(1)) -> Fraction:
    """WEEKNUM: week 1 holds 1 January; weeks begin on Sunday (1), Monday (2) or by 11 to 17; 21 is ISO."""
    serial, how = _working(day), whole(kind)
    if how == 21:
        return Fraction(date.fromordinal(EPOCH.toordinal() + serial).isocalendar().week)
    first = {1: 6, 2: 0, 17: 6}.get(how, how - 11)
    if not 0 <= first <= 6:
        raise ExcelError("#NUM!")
    january = day_of(ymd(serial)[0], 1, 1) or 0
    return Fraction((serial - january + (weekday_of(january) - first) % 7) // 7 + 1)


def isoweeknum(day: Scalar) -> Fraction:
    """ISOWEEKNUM: weeks from Monday, week 1 holds the first Thursday."""
    return weeknum(day, Fraction(21))


def networkdays(start: Scalar, end: Scalar, holidays: Value = None) -> Fraction:
    """NETWORKDAYS: days from Monday to Friday that are no holidays, both ends counted."""
    first, last = _working(start), _working(end)
    low, high = min(first, last), max(first, last)
    weeks, rest = divmod(high - low + 1, 7)
    count = weeks * WEEKDAYS + sum(weekday_of(high - i) < WEEKDAYS for i in range(rest))
    count -= sum(low <= free <= high and weekday_of(free) < WEEKDAYS for free in _holidays(holidays))
    return Fraction(count if first <= last else -count)


def workday(start: Scalar, count: Scalar, holidays: Value = None) -> Fraction:
    """WORKDAY: so many working days on."""
    first, asked, free = _working(start), int(_no_truth(count)), _holidays(holidays)
    if not asked:
        return Fraction(first)
    step = 1 if asked > 0 else -1
    day = first if weekday_of(first) < WEEKDAYS else _next_workday(first, -step)
    weeks, rest = divmod(abs(asked), WEEKDAYS)
    day += step * 7 * weeks
    for _ in range(rest):
        day = _next_workday(day, step)
    for holiday in sorted((each for each in free if weekday_of(each) < WEEKDAYS), key=lambda each: each * step):
        if first * step < holiday * step <= day * step:
            day = _next_workday(day, step)
    if not 0 <= day <= LAST_DAY:
        raise ExcelError("#NUM!")
    return Fraction(day)


def _next_workday(day: int, step: int) -> int:
    day += step
    while weekday_of(day) >= WEEKDAYS:
        day += step
    return day


def _working(value: Scalar) -> int:
    day = floor(_no_truth(value))
    if not 0 <= day <= LAST_DAY:
        raise ExcelError("#NUM!")
    return day


def _no_truth(value: Scalar) -> Fraction:
    if isinstance(value, bool):
        raise ExcelError("#VALUE!")
    return number(value)


def _holidays(holidays: Value) -> frozenset[int]:
    return frozenset(_working(cell) for cell in as_range(holidays).cells() if cell is not None and cell != "")


def _thirties(first: Day, last: Day) -> int:
    return (last[0] - first[0]) * 360 + (last[1] - first[1]) * 30 + last[2] - first[2]


def _capped(day: Day) -> Day:
    return day[0], day[1], min(day[2], 30)


def _is_month_end(day: Day) -> bool:
    return day[2] == days_in_month(day[0], day[1])


def _american(first: Day, last: Day) -> int:
    february = first[1] == 2 and _is_month_end(first)
    if february and last[1] == 2 and _is_month_end(last):
        last = (*last[:2], 30)
    if last[2] == 31 and (first[2] >= 30 or february):
        last = (*last[:2], 30)
    return _thirties((*first[:2], 30) if february else _capped(first), last)


def _actual(first: int, last: int) -> Fraction:
    """Real days by the length of the year, or by the mean length of the years touched if it is more than one year."""
    (y0, *from_), (y1, *to) = ymd(first), ymd(last)
    if y0 == y1 or (y1 == y0 + 1 and from_ >= to):
        return Fraction(last - first, 366 if _touches_leap_day(ymd(first), ymd(last)) else 365)
    days = sum(366 if isleap(year) else 365 for year in range(y0, y1 + 1))
    return Fraction((last - first) * (y1 - y0 + 1), days)


def _touches_leap_day(first: Day, last: Day) -> bool:
    if first[0] == last[0]:
        return isleap(first[0])
    return (isleap(first[0]) and first[1:] <= (2, 29)) or (isleap(last[0]) and last[1:] >= (2, 29))

"""Dates as serial days, in Excel's calendar (`functions.calendar`)."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from engine.functions.calendar import LAST_DAY, day_of, days_in_month, shifted, ymd
from engine.functions.calendar import weekday as weekday_of
from engine.functions.reading import date_in_text, number_in_text, time_in_text
from engine.functions.values import ExcelError, Scalar, number, text, whole


def day_number(value: Scalar) -> int:
    """A date where one is needed, as a serial day; outside the calendar #NUM!."""
    day = floor(number(value))
    if not 0 <= day <= LAST_DAY:
        raise ExcelError("#NUM!")
    return day


def date(year: Scalar, month: Scalar, day: Scalar) -> Fraction:
    """DATE: months and days beyond the end run on; years below 1900 count from 1900."""
    asked = floor(number(year))
    if asked < 0 or asked > 9999:
        raise ExcelError("#NUM!")
    years, months = shifted(asked + (1900 if asked < 1900 else 0), 1, floor(number(month)) - 1)
    first = day_of(years, months, 1)
    serial = (-1 if first is None else first) + floor(number(day)) - 1
    if first is None or not 0 <= serial <= LAST_DAY:
        raise ExcelError("#NUM!")
    return Fraction(serial)


def year(day: Scalar) -> Fraction:
    """YEAR."""
    return Fraction(ymd(day_number(day))[0])


def month(day: Scalar) -> Fraction:
    """MONTH."""
    return Fraction(ymd(day_number(day))[1])


def day(day: Scalar) -> Fraction:
    """DAY of the month."""
    return Fraction(ymd(day_number(day))[2])


def hour(moment: Scalar) -> Fraction:
    """HOUR of a moment."""
    return Fraction(_seconds(moment) // 3600)


def minute(moment: Scalar) -> Fraction:
    """MINUTE of a moment."""
    return Fraction(_seconds(moment) // 60 % 60)


def second(moment: Scalar) -> Fraction:
    """SECOND of a moment."""
    return Fraction(_seconds(moment) % 60)


def time(hours: Scalar, minutes: Scalar, seconds: Scalar) -> Fraction:
    """TIME as a part of a day; whole days are left out."""
    total = whole(hours) * 3600 + whole(minutes) * 60 + whole(seconds)
    if total < 0:
        raise ExcelError("#NUM!")
    return Fraction(total % 86_400, 86_400)


def edate(start: Scalar, months: Scalar) -> Fraction:
    """EDATE: the same day so many months on, or the last one of a shorter month."""
    years, months_, days = ymd(_no_truth(start))
    years, months_ = shifted(years, months_, whole(_not_true(months)))
    if not 1900 <= years <= 9999:
        raise ExcelError("#NUM!")
    first = day_of(years, months_, 1) or 1
    return Fraction(first - 1 + min(days, days_in_month(years, months_)))


def eomonth(start: Scalar, months: Scalar) -> Fraction:
    """EOMONTH: the last day of the month so many months on."""
    years, months_, _ = ymd(_no_truth(start))
    years, months_ = shifted(years, months_, whole(_not_true(months)))
    if not 1900 <= years <= 9999:
        raise ExcelError("#NUM!")
    return Fraction(day_of(years, months_, days_in_month(years, months_)) or 0)


def days(end: Scalar, start: Scalar) -> Fraction:
    """DAYS from start to end."""
    return Fraction(day_number(end) - day_number(start))


def years(start: Scalar, end: Scalar) -> Fraction:
    """YEARS, ours: completed years of service; one that began on 29 February is full on 1 March."""
    first, last = day_number(start), day_number(end)
    if last < first:
        raise ExcelError("#NUM!")
    (y0, *from_), (y1, *to) = ymd(first), ymd(last)
    return Fraction(y1 - y0 - (to < from_))


def datevalue(written: Scalar) -> Fraction:
    """DATEVALUE: the day that a text says; of a number #VALUE!."""
    if not isinstance(written, str):
        raise ExcelError("#VALUE!")
    day = date_in_text(written)
    if day is None:
        value = number_in_text(written) if any(mark in written for mark in "-/: ") else None
        if value is None:
            raise ExcelError("#VALUE!")
        day = floor(value)
    return Fraction(day)


def timevalue(written: Scalar) -> Fraction:
    """TIMEVALUE: the part of a day that a text says."""
    value = time_in_text(text(written))
    if value is None:
        value = number_in_text(text(written)) if isinstance(written, str) else None
    if value is None:
        raise ExcelError("#VALUE!")
    return value % 1


def weekday(day: Scalar, kind: Scalar = Fraction(1)) -> Fraction:
    """WEEKDAY: 1 is Sunday; kind 2 Monday is 1, kind 3 Monday is 0, kinds 11 to 17 begin on Monday to Sunday."""
    place, how = weekday_of(day_number(day)), whole(kind)
    if how == 3:
        return Fraction(place)
    first = {1: 6, 2: 0, 17: 6}.get(how, how - 11)
    if not 0 <= first <= 6:
        raise ExcelError("#NUM!")
    return Fraction((place - first) % 7 + 1)


def _seconds(moment: Scalar) -> int:
    value = number(moment)
    if value < 0:
        raise ExcelError("#NUM!")
    return floor(value % 1 * 86_400 + Fraction(1, 2)) % 86_400


def _no_truth(value: Scalar) -> int:
    return day_number(_not_true(value))


def _not_true(value: Scalar) -> Scalar:
    if isinstance(value, bool):
        raise ExcelError("#VALUE!")
    return value

"""Excel's calendar: days counted from 1900, with the 29th of February 1900 that never was.

Day 60 is that day, day 1 is 1900-01-01, day 0 is written 1900-01-00. From 1900-03-01 on the count is that of the real
calendar (`engine.number.EPOCH`); the last day is 9999-12-31.
"""

from __future__ import annotations

import calendar
import datetime

EPOCH = datetime.date(1899, 12, 30)
LAST_DAY = 2_958_465
PHANTOM = 60

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def ymd(day: int) -> tuple[int, int, int]:
    """Year, month and day of a serial day from 0 to `LAST_DAY`."""
    if day == PHANTOM:
        return 1900, 2, 29
    if day == 0:
        return 1900, 1, 0
    found = EPOCH + datetime.timedelta(days=day + (day < PHANTOM))
    return found.year, found.month, found.day


def day_of(year: int, month: int, day: int) -> int | None:
    """The serial day of a date that exists, the phantom included; None if there is none."""
    if (year, month, day) == (1900, 2, 29):
        return PHANTOM
    if not (1900 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    serial = (datetime.date(year, month, day) - EPOCH).days
    return serial - (serial <= PHANTOM)


def days_in_month(year: int, month: int) -> int:
    """How many days a month has; February 1900 has 29 here."""
    return 29 if (year, month) == (1900, 2) else calendar.monthrange(year, month)[1]


def shifted(year: int, month: int, months: int) -> tuple[int, int]:
    """Year and month so many months later."""
    index = year * 12 + month - 1 + months
    return index // 12, index % 12 + 1


def weekday(day: int) -> int:
    """0 for Monday to 6 for Sunday, by Excel's count (before March 1900 a day off from the real one)."""
    return (day - 2) % 7

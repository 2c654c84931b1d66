"""Submissions and totals as files that people and other programs work with, and back.

`workbook_file` writes a submission as a workbook with live formulas: what is typed stands as values, what is computed
as formulas over it, norms on a sheet of their own. `read_changes` reads such a workbook, or any sheet whose headings
name columns, back as wanted edits. `form_file` and `totals_file` are plain tables for analysts.
"""

from __future__ import annotations

from api.exchange.reading import Report, read_changes
from api.exchange.tables import Wish, form_file, totals_file
from api.exchange.writing import Told, workbook_file

__all__ = ["Report", "Told", "Wish", "form_file", "read_changes", "totals_file", "workbook_file"]

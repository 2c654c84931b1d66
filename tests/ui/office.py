"""A real LibreOffice Calc beside the browser: what it puts on a clipboard, and what it makes of the page's cells.

It runs without a screen, so its clipboard is its own and no browser can read it. A macro therefore copies some cells as
Ctrl+C does and keeps the very bytes that then lie on that clipboard, for a test to lay on the browser's. The other way
round Calc asks about numbers and languages in a dialog when it is given HTML, which nobody answers without a screen:
there the page's HTML is read by the same filter as a file.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook, load_workbook

SECONDS_MAX = 300
MACRO = """
Sub Copied(source As String, areas As String, target As String)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  Dim document, dispatcher, held, flavor, area, i
  i = 0
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  document = StarDesktop.loadComponentFromURL(ConvertToUrl(source), "_blank", 0, hidden())
  dispatcher = createUnoService("com.sun.star.frame.DispatchHelper")
  For Each area In Split(areas, " ")
    document.CurrentController.select(document.Sheets.getByIndex(0).getCellRangeByName(area))
    dispatcher.executeDispatch(document.CurrentController.Frame, ".uno:Copy", "", 0, Array())
    held = createUnoService("com.sun.star.datatransfer.clipboard.SystemClipboard").getContents()
    For Each flavor In held.getTransferDataFlavors()
      If flavor.MimeType = "text/html" Then KeepHtml(held.getTransferData(flavor), target & i & ".html")
      If flavor.MimeType = "text/plain;charset=utf-16" Then KeepText(held.getTransferData(flavor), target & i & ".txt")
    Next
    i = i + 1
  Next
  document.close(True)
  StarDesktop.terminate()
End Sub

Sub KeepHtml(data, path As String)
  Dim stream
  stream = createUnoService("com.sun.star.ucb.SimpleFileAccess").openFileWrite(ConvertToUrl(path))
  stream.writeBytes(data)
  stream.closeOutput()
End Sub

Sub KeepText(text As String, path As String)
  Dim out
  out = createUnoService("com.sun.star.io.TextOutputStream")
  out.setOutputStream(createUnoService("com.sun.star.ucb.SimpleFileAccess").openFileWrite(ConvertToUrl(path)))
  out.setEncoding("UTF-8")
  out.writeString(text)
  out.closeOutput()
End Sub
"""
LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
 library:passwordprotected="false"><library:element library:name="Clipboard"/></library:library>
"""
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Clipboard" script:language="StarBasic">
{}</script:module>
"""


@dataclass(frozen=True)
class Clip:
    """What lies on a clipboard."""

    html: str
    text: str


@dataclass(frozen=True)
class Office:
    """LibreOffice with a profile of its own, in a folder."""

    folder: Path

    @classmethod
    def prepared(cls, folder: Path) -> Office:
        """Its profile knows the macro; a first start makes the profile, and would put away what lay there."""
        office = cls(folder)
        office._run("--terminate_after_init")
        library = folder / "profile" / "user" / "basic" / "Standard"
        library.mkdir(parents=True, exist_ok=True)
        (library / "script.xlb").write_text(LIBRARY, "utf-8")
        (library / "Clipboard.xba").write_text(MODULE.format(escape(MACRO)), "utf-8")
        return office

    def copied(self, book: Workbook, areas: Sequence[str]) -> list[Clip]:
        """What Ctrl+C puts on the clipboard from each of some areas of a workbook."""
        given, target = self.folder / "given.xlsx", self.folder / "clip-"
        book.save(given)
        self._run(f'macro:///Standard.Clipboard.Copied("{given}","{" ".join(areas)}","{target}")')
        return [
            Clip(*(Path(f"{target}{i}{ending}").read_text("utf-8") for ending in (".html", ".txt")))
            for i in range(len(areas))
        ]

    def read(self, html: str) -> list[list[Any]]:
        """The cells of a table of HTML, row by row, as Calc holds them."""
        given = self.folder / "read.html"
        given.write_text(html, "utf-8")
        self._run("--infilter=HTML (StarCalc)", "--convert-to", "xlsx", "--outdir", str(self.folder), str(given))
        return [[cell.value for cell in row] for row in load_workbook(given.with_suffix(".xlsx")).active.iter_rows()]

    def _run(self, *what: str) -> None:
        profile = f"-env:UserInstallation=file://{self.folder / 'profile'}"
        command = ["soffice", profile, "--headless", "--norestore", "--nologo", *what]
        subprocess.run(command, check=True, capture_output=True, timeout=SECONDS_MAX)

"""What may be attached, decided by content: the bytes say what a file is, its name is only shown.

Office files and other archives are looked into, but not unpacked, so that a small file that swells to fill a disk is
refused. What is served again is served as a download under its own type, and nothing in it runs.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from urllib.parse import quote

from engine.findings import Finding, finding

SIZE_MAX = 20 * 2**20
UNPACKED_MAX = 200 * 2**20
RATIO_MAX = 200
"""How many times larger the content of an archive may be than the archive."""
MEMBERS_MAX = 10_000
NAME_MAX = 200
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]")

OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
MAGIC = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}


def media_type(data: bytes) -> str | Finding:
    """What a file is by its content, or why it may not be attached."""
    if len(data) > SIZE_MAX:
        return finding("attachment-too-large", None, size=len(data), limit=SIZE_MAX)
    if not data:
        return finding("attachment-empty", None)
    for magic, found in MAGIC.items():
        if data.startswith(magic):
            return found
    return _of_archive(data) if data.startswith(b"PK\x03\x04") else _of_text(data)


def safe_name(name: str) -> str:
    """A file's name without what could mislead a person, a shell or a browser."""
    plain = _UNSAFE.sub("_", name).strip(" .")
    return plain[-NAME_MAX:] or "file"


def disposition(name: str) -> str:
    """The header under which a file is downloaded."""
    return f"attachment; filename*=UTF-8''{quote(safe_name(name))}"


def _of_archive(data: bytes) -> str | Finding:
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return finding("attachment-type-refused", None)
    unpacked = sum(member.file_size for member in members)
    if len(members) > MEMBERS_MAX or unpacked > min(UNPACKED_MAX, RATIO_MAX * len(data)):
        return finding("attachment-swells", None, size=unpacked, limit=UNPACKED_MAX)
    names = {member.filename for member in members}
    if any("vbaProject" in name for name in names):
        return finding("attachment-type-refused", None)
    if "mimetype" in names and any(name == "content.xml" for name in names):
        return "application/vnd.oasis.opendocument"
    return next((found for name, found in OFFICE.items() if name in names), finding("attachment-type-refused", None))


def _of_text(data: bytes) -> str | Finding:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return finding("attachment-type-refused", None)
    controls: Callable[[str], bool] = lambda mark: ord(mark) < 32 and mark not in "\t\r\n"  # noqa: E731
    if any(map(controls, text)) or text.lstrip().startswith("<"):
        return finding("attachment-type-refused", None)
    return "text/plain; charset=utf-8"

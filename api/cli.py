"""`esep`: the door of the command line. Whatever ends a run early, a person, a closed pipe or the system, is told here.

Nothing of the house is loaded before the door stands, and an interruption waits until all is loaded: half a library
would show its inside.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 where errors or differences were found, 2 for a slip in the command."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        _open_streams()
        with _undisturbed():
            arguments = import_module("api.arguments")
            arguments.load(words)
        code: int = arguments.run(words)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _tell(words, INTERRUPTED, "interrupted")
    except OSError as error:
        return _tell(words, 1, "system-refused", problem=error.strerror or error, file=error.filename or "")
    return code


@contextmanager
def _undisturbed() -> Iterator[None]:
    """An interruption that comes meanwhile comes afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _open_streams() -> None:
    """Streams that are closed swallow what they get; characters that one cannot write are written as their codes."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 it lives as long as the run
        getattr(sys, name).reconfigure(errors="backslashreplace")


def _tell(words: Sequence[str], code: int, finding: str, **facts: object) -> int:
    """Say on stderr why the run ended, in its language; output that cannot be written is given up."""
    language = import_module("api.arguments").language_of(words)
    told = import_module("engine.findings").finding(finding, **facts)
    line = import_module("api.terminal").Terminal(language).finding(told) + "\n"
    for stream, left in ((sys.stderr, line), (sys.stdout, "")):
        try:
            stream.write(left)
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return code


if __name__ == "__main__":
    sys.exit(main())

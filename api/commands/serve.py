"""`esep serve`: the service on its database, by one process or several."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from api.serving import HOST, configure_database, configure_service, serve, settings_of, taken
from api.terminal import FOUND, OK, Terminal, finding_as_json


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    configure_database(parser, about)
    configure_service(parser, about)


def run(asked: Namespace, terminal: Terminal) -> int:
    """Say where, and serve until told to stop."""
    if (wrong := taken(asked.port)) is not None:
        terminal.findings([wrong])
        terminal.answer({"findings": [finding_as_json(wrong)]})
        return FOUND
    url = f"http://{HOST}:{asked.port}"
    terminal.say("serve.where", url=url)
    terminal.answer({"url": url})
    serve(settings_of(asked), asked.port, asked.workers)
    return OK

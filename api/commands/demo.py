"""`esep demo`: a republic to try things on, made where there is none yet, and the service on it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from itertools import groupby

from api.access import table
from api.arguments import choice
from api.demo import Guest, guests, is_demo, is_empty, seed
from api.practice import plant
from api.republic import SIZES
from api.republic.people import password
from api.serving import (
    HOST,
    UnreachableError,
    configure_database,
    configure_service,
    reached,
    serve,
    settings_of,
    taken,
)
from api.settings import Settings
from api.store import Store
from api.terminal import FOUND, OK, Terminal, finding_as_json
from engine.findings import Finding, finding


def configure(parser: ArgumentParser, about: Callable[[str], str]) -> None:
    """What the command takes."""
    parser.add_argument("--size", type=choice("--size", SIZES), default="demo", metavar="SIZE", help=about("size"))
    configure_database(parser, about)
    configure_service(parser, about)
    parser.add_argument("--no-serve", action="store_true", help=about("no-serve"))
    parser.add_argument("--progress", action="store_true", help=about("progress"))


def run(asked: Namespace, terminal: Terminal) -> int:
    """Make the republic if there is nothing yet, tell who may sign in as what, and serve."""
    settings = settings_of(asked)
    wrong = None if asked.no_serve else taken(asked.port)
    people, wrong = ([], wrong) if wrong is not None else _prepared(terminal, settings, asked.size)
    if wrong is not None:
        terminal.findings([wrong])
        terminal.answer({"findings": [finding_as_json(wrong)]})
        return FOUND
    _tell(terminal, people)
    url = f"http://{HOST}:{asked.port}"
    terminal.answer({"password": password(), "people": [_as_json(one) for one in people], "url": url})
    if not asked.no_serve:
        terminal.say("serve.where", url=url)
        serve(settings, asked.port, asked.workers)
    return OK


def _prepared(terminal: Terminal, settings: Settings, size: str) -> tuple[list[Guest], Finding | None]:
    """Who may sign in to the demo that is there now, or why there is none."""
    if settings.production:
        return [], finding("demo-in-production", None)
    try:
        with reached(settings) as database, database.engine.begin() as connection:
            if is_empty(connection):
                with terminal.stage("seed"):
                    store = Store(database)
                    seed(store, connection, size)
                    plant(store, connection)
            if not is_demo(connection):
                return [], finding("database-occupied", None)
            return guests(connection), None
    except UnreachableError as error:
        return [], error.told


def _tell(terminal: Terminal, people: Sequence[Guest]) -> None:
    """Who may sign in, organisation by organisation."""
    terminal.say("demo.title", password=password())
    terminal.say("calculate.training")
    width = max(len(one.login) for one in people)
    for (code, place), several in groupby(people, lambda one: (one.code, terminal.title(one.titles))):
        terminal.print(f"  {code} {place}")
        for one in several:
            terminal.print(f"    {one.login.ljust(width)}  {terminal.title(table().roles[one.role])}, {one.name}")
    terminal.say("demo.others")


def _as_json(one: Guest) -> dict[str, object]:
    place = {"kind": one.kind, "code": one.code, "titles": dict(one.titles)}
    return {"login": one.login, "name": one.name, "role": one.role, "organisation": place}

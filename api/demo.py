"""A republic to try things on, in a database: its texts, its cycle, its organisations and people, all its submissions.

Everything is made in the caller's transaction: who stops in the middle has made nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import Connection, func, insert, select, text

from api.access import OFFICIAL_USE
from api.demo_past import FEW, Present, not_begun, seed_past
from api.demo_staff import Asked, seed_staff
from api.installation import NORMS, RULESETS, installed_norms, load_ruleset
from api.republic import SEED, SIZES, TRAINING_NORMS, republic, with_republic
from api.republic.institutions import Institutions, institutions_of
from api.republic.people import CENTRE, Person, calendar_of, centre, official_use, password, people_of
from api.republic.texts import training_set
from api.sessions import hashed
from api.store import Birth, Store, journal
from api.store.calendars import arrange
from api.store.editions import Edition
from api.store.founding import create_all
from api.store.schema import account, cycle, membership, organisation, submission, text_version
from api.store.texts import norms_files, publish, ruleset_files, told
from engine.norms import Norms
from engine.reshaping import picked
from engine.ruleset import Ruleset, Title

RULESET = "budget-request"
BESIDE = "staff-schedule"
"""The ruleset that administrators fill: approved, it is the limit of posts of those who begin later."""
TRAINING = "training-"
"""How the version of a demo's norms begins."""
ONE_SEEDS = 20_260_103
"""The advisory lock under which a database is filled."""
Organisations = Mapping[tuple[str, str], int]
"""(kind, code) → its number."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who may sign in to a demo, as what and where; `code` and `titles` are the organisation's."""

    login: str
    name: str
    role: str
    kind: str
    code: str
    titles: Title


def is_empty(connection: Connection) -> bool:
    """Whether nobody has begun anything here; until the transaction ends, nobody else seeds."""
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ONE_SEEDS})
    return not any(connection.execute(select(table).limit(1)).first() for table in (cycle, account, submission))


def is_demo(connection: Connection) -> bool:
    """Whether it was `seed` that filled this database."""
    training = text_version.c.version.startswith(TRAINING)
    return connection.execute(select(text_version.c.digest).where(training).limit(1)).first() is not None


def guests(connection: Connection) -> list[Guest]:
    """Those whom it takes to walk through the whole process: the centre, one administrator, some of its institutions,
    the last of which has not begun yet."""
    of = organisation.c
    child = organisation.alias()
    most = select(child.c.parent).where(child.c.kind == "institution").group_by(child.c.parent)
    top = connection.scalar(most.order_by(func.count().desc(), child.c.parent).limit(1))
    below = connection.scalars(select(of.id).where(of.parent == top).order_by(of.code).limit(FEW)).all()
    read = (
        select(account.c.login, account.c.name, membership.c.role, of.kind, of.code, of.titles)
        .join_from(membership, account)
        .join(organisation)
        .where((of.kind == CENTRE) | of.id.in_([top, *below]), membership.c.role != OFFICIAL_USE)
        .order_by(of.id, account.c.id)
    )
    return [Guest(*row) for row in connection.execute(read)]


def seed(store: Store, connection: Connection, size: str, today: date | None = None) -> int:
    """Fill an empty database with a republic of that size, and a part of it with a last cycle too, and say how many
    submissions it has; its first deadline is a month after `today`."""
    rules, beside, edition = _published(connection, size)
    day, norms = today or date.today(), store.texts.norms_of(connection, edition.digest)
    ruleset = store.texts.ruleset_of(connection, rules)
    institutions = institutions_of(norms, SIZES[size].institutions, SEED)
    name = _cycle(connection, ruleset.years, day)
    organisations = _organisations(connection, (norms, ruleset), institutions)
    people = list(people_of(institutions, SEED))
    accounts = _accounts(connection, people, organisations)
    workbook = republic(size, norms, ruleset)
    asked = Asked(name, institutions, workbook, organisations, accounts)
    edition, schedules = seed_staff(store, connection, asked, (beside, edition), day)
    texts = rules, edition.digest
    plan = store.texts.plan(connection, *texts)
    secret, _ = official_use()
    births = [
        Birth(
            name, *texts, organisations["institution", code], accounts[f"executor-{code}"], official_use=code == secret
        )
        for code in institutions.codes
    ]
    begun = [place for place in range(len(births)) if place != not_begun(institutions)]
    create_all(store, connection, [births[place] for place in begun], picked(workbook, np.array(begun)))
    calendar = connection.execute(select(cycle.c.calendar)).scalar_one()
    earlier = seed_past(store, connection, Present(plan, name, calendar, workbook, births, institutions))
    journal.make_checkpoint(connection)
    return schedules + len(begun) + earlier


def _published(connection: Connection, size: str) -> tuple[str, str, Edition]:
    """The digests of the texts of both rulesets, and the norms with what the republic adds to them."""
    ruleset, found = load_ruleset(RULESET)
    assert ruleset is not None, told(found)
    rules = publish(connection, "ruleset", (RULESET, ruleset.version), ruleset_files(RULESETS / RULESET))
    beside, _ = load_ruleset(BESIDE)
    assert beside is not None, "the rulesets of the installation are sound"
    schedules = publish(connection, "ruleset", (BESIDE, beside.version), ruleset_files(RULESETS / BESIDE))
    norms, _ = installed_norms(training=True)
    files = dict(norms_files([NORMS, TRAINING_NORMS]))
    files |= {f"2/{name}": content for name, content in training_set(norms, with_republic(norms, size)).items()}
    edition = Edition("", ("norms", f"{TRAINING}{size}-{SEED}"), files)
    publish(connection, "norms", edition.label, edition.files)
    return rules, schedules, edition


def _cycle(connection: Connection, years: Sequence[int], today: date) -> str:
    name = f"{years[0]}-{years[-1]}"
    arrange(connection, name, calendar_of(years[0], today))
    return name


def _organisations(connection: Connection, texts: tuple[Norms, Ruleset], institutions: Institutions) -> Organisations:
    """The centre, its administrators, their institutions; all of them there since the year before the plan."""
    norms, ruleset = texts
    code, titles = centre()
    since = date(ruleset.years[0] - 1, 1, 1)
    made = _made(connection, CENTRE, {code: (None, titles)}, since)
    top = made[CENTRE, code]
    owners = dict(zip(institutions.codes, institutions.administrators, strict=True))
    above = {code: (top, _title(norms, "administrator", code)) for code in dict.fromkeys(owners.values())}
    made |= _made(connection, "administrator", above, since)
    below = {code: (made["administrator", owner], _title(norms, "institution", code)) for code, owner in owners.items()}
    return made | _made(connection, "institution", below, since)


def _made(
    connection: Connection, kind: str, told: Mapping[str, tuple[int | None, Title]], since: date
) -> dict[tuple[str, str], int]:
    """Organisations of one kind: code → (the one above, titles)."""
    rows = [
        {"code": code, "kind": kind, "parent": parent, "titles": titles, "starts": since}
        for code, (parent, titles) in told.items()
    ]
    write = insert(organisation).returning(organisation.c.id, sort_by_parameter_order=True)
    return {(kind, code): number for code, number in zip(told, connection.scalars(write, rows), strict=True)}


def _title(norms: Norms, classification: str, code: str) -> Title:
    listed = norms.classifications[classification]
    return dict(listed.titles[listed.positions[code]])


def _accounts(connection: Connection, people: Sequence[Person], organisations: Organisations) -> dict[str, int]:
    """Login → account. One hash is everybody's, since one printed password is."""
    stored = hashed(password())
    rows = [{"login": one.login, "name": one.name, "password": stored, "language": one.language} for one in people]
    write = insert(account).returning(account.c.id, sort_by_parameter_order=True)
    numbers = dict(zip((one.login for one in people), connection.scalars(write, rows), strict=True))
    held = [(one.login, one.organisation, one.role) for one in people]
    code, seen_by = official_use()
    held += [(login, ("institution", code), OFFICIAL_USE) for login in seen_by]
    connection.execute(insert(membership), [
        {"account": numbers[login], "organisation": organisations[of], "role": role} for login, of, role in held
    ])  # fmt: skip
    return numbers

"""How much hypothesis tries: `ci` by default and the same every time, `deep` by HYPOTHESIS_PROFILE=deep.

And on which PostgreSQL the tests of the database run: the embedded one, the modules of `ON_BOTH` also on the system's
as a plain role; with `--server system` all of them there. Several workers (`-n 2 --dist loadgroup`) take whole files,
and one of them all of `tests/ui`, so that what is costly to set up is set up once; with `--no-loadscope-reorder` they
begin with what takes longest.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SERVERS = ("embedded", "system")
ON_BOTH = {"test_store", "test_verify", "test_backup", "test_service", "test_beside", "test_events"}
LONGEST = ("ui", "api/test_under_load.py", "api/http/test_access.py", "api/http/test_description.py")
"""Groups of tests to begin with, for nobody can share what is left of them at the end."""

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

settings.register_profile("ci", PATIENT, max_examples=50, derandomize=True)
settings.register_profile("deep", PATIENT, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_addoption(parser: pytest.Parser) -> None:
    about = "the PostgreSQL for tests of the database; without it the embedded one, for some of them both"
    parser.addoption("--server", choices=SERVERS, help=about)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here, groups = Path(__file__).parent, dict[pytest.Item, str]()
    for item in items:
        group = here / "ui" if here / "ui" in item.path.parents else item.path
        groups[item] = str(group.relative_to(here))
        item.add_marker(pytest.mark.xdist_group(groups[item]))
    items.sort(key=lambda item: LONGEST.index(groups[item]) if groups[item] in LONGEST else len(LONGEST))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "template" not in metafunc.fixturenames:
        return
    chosen = metafunc.config.getoption("--server")
    if chosen or metafunc.module.__name__.split(".")[-1] in ON_BOTH:
        metafunc.parametrize("template", [chosen] if chosen else SERVERS, indirect=True, scope="session")

"""How much hypothesis tries: `ci` by default and the same every time, `deep` by HYPOTHESIS_PROFILE=deep.

And on which PostgreSQL the tests of the database run: the embedded one, the modules of `ON_BOTH` also on the system's
as a plain role; with `--server system` all of them there. Several workers (`-n 2 --dist loadscope`) take whole files,
and one of them all of `tests/ui`, so that what is costly to set up is set up once; with `--no-loadscope-reorder` they
begin with what takes longest.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

SERVERS = ("embedded", "system")
ON_BOTH = {"test_store", "test_verify", "test_backup", "test_service", "test_beside", "test_events"}
TOGETHER = "tests/ui"
LONGEST = (
    TOGETHER,
    *(f"tests/api/{name}.py" for name in ("test_served", "http/test_access", "http/test_description")),
)
"""Groups of tests to begin with, for nobody can share what is left of them at the end."""

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

settings.register_profile("ci", PATIENT, max_examples=50, derandomize=True)
settings.register_profile("deep", PATIENT, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


class WholeFiles(LoadScopeScheduling):
    """One worker does all the tests of a group."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Which tests share what is costly: those of a file, and all of the page's."""
    file = nodeid.partition("::")[0]
    return TOGETHER if file.startswith(f"{TOGETHER}/") else file


def pytest_addoption(parser: pytest.Parser) -> None:
    about = "the PostgreSQL for tests of the database; without it the embedded one, for some of them both"
    parser.addoption("--server", choices=SERVERS, help=about)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> WholeFiles | None:
    return WholeFiles(config, log) if config.getoption("dist") == "loadscope" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {group: at for at, group in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(group_of(item.nodeid), len(LONGEST)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "template" not in metafunc.fixturenames:
        return
    chosen = metafunc.config.getoption("--server")
    if chosen or metafunc.module.__name__.split(".")[-1] in ON_BOTH:
        metafunc.parametrize("template", [chosen] if chosen else SERVERS, indirect=True, scope="session")

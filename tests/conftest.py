"""How much hypothesis tries: `ci` by default and the same every time, `deep` by HYPOTHESIS_PROFILE=deep.

And on which PostgreSQL the tests of the database run: the embedded one, the modules of `ON_BOTH` also on the system's
as a plain role; with `--server system` all of them there.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

SERVERS = ("embedded", "system")
ON_BOTH = {"test_store", "test_verify", "test_service", "test_beside", "test_events"}

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

settings.register_profile("ci", PATIENT, max_examples=50, derandomize=True)
settings.register_profile("deep", PATIENT, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_addoption(parser: pytest.Parser) -> None:
    about = "the PostgreSQL for tests of the database; without it the embedded one, for some of them both"
    parser.addoption("--server", choices=SERVERS, help=about)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "template" not in metafunc.fixturenames:
        return
    chosen = metafunc.config.getoption("--server")
    if chosen or metafunc.module.__name__.split(".")[-1] in ON_BOTH:
        metafunc.parametrize("template", [chosen] if chosen else SERVERS, indirect=True, scope="session")

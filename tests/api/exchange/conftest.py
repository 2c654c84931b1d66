"""A budget request of the demo republic with most of its forms, and the village of the tests of the store."""

from __future__ import annotations

import pytest

from api.commands.calculate import prepared
from api.store.held import Held, numbered
from api.terminal import Terminal
from engine.evaluate import recalculate
from engine.norms.loader import load_norms
from engine.plan import Plan, compile_plan
from engine.ruleset.loader import load
from engine.workbook import Workbook, only
from tests.api.http.conftest import service
from tests.api.store.conftest import HERE, ROWS, filled

__all__ = ["service"]
FILLED = 6
"""The institution of the demo republic with most forms filled in."""


def held_of(plan: Plan, workbook: Workbook) -> Held:
    """A submission as the service holds it."""
    calculated, _ = recalculate(plan, workbook, compiled=False)
    return Held(1, 1, "", plan, calculated, numbered(plan, calculated))


@pytest.fixture(scope="session")
def request_of_one() -> Held:
    """One institution's request."""
    plan, workbook, found = prepared(Terminal(), "demo", "budget-request")
    assert plan is not None, found
    assert workbook is not None
    return held_of(plan, only(workbook, FILLED))


@pytest.fixture(scope="session")
def village_plan() -> Plan:
    ruleset, found = load(HERE / "village" / "ruleset")
    norms, _ = load_norms(HERE / "village" / "norms")
    assert ruleset is not None, found
    plan, found = compile_plan(ruleset, norms)
    assert plan is not None, found
    return plan


@pytest.fixture
def village(village_plan: Plan) -> Held:
    """A school's request of three rows."""
    return held_of(village_plan, filled(village_plan, ROWS))

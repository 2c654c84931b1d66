"""What if: overrides over a pinned base, calculated anew, and why the figures moved.

A `Scenario` is a text that holds its overrides and nothing else. `applied` puts it over a base and gives a `State`;
`explained` takes the difference of any two states apart into causes, to the last tiyn.
"""

from engine.scenario.applying import applied
from engine.scenario.causes import Explanation, Move, explained
from engine.scenario.state import State, state_of
from engine.scenario.switches import CAUSES, Switch
from engine.scenario.text import Scenario, parse_scenario, read_scenario

__all__ = [
    "CAUSES", "Explanation", "Move", "Scenario", "State", "Switch",
    "applied", "explained", "parse_scenario", "read_scenario", "state_of",
]  # fmt: skip

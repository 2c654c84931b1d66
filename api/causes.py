"""Why a scenario's sums differ from its base, cause by cause, as the service tells it: what differs bears the
title that the ruleset or the norms give it, so that a reader finds it in the form that they know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.ruleset import Form
from engine.scenario import Explanation, State, Switch
from engine.scenario.causes import named

_OF_FORM = frozenset(("rows", "previous", "column", "formula"))


def causes(explanation: Explanation, states: tuple[State, State]) -> Iterator[dict[str, Any]]:
    """What moved the sums, in tiyn by year; `states` are those before and after."""
    for switch, moved in explanation.by(["year"]).items():
        amounts = {year: str(amount) for (year,), amount in moved.items() if amount}
        if amounts:
            told = {"cause": switch.cause, "what": named(switch), "part": switch.part, "amounts": amounts}
            yield told | {"title": _title(switch, states), "form": _form(switch, states)}


def _title(switch: Switch, states: tuple[State, State]) -> Mapping[str, str] | None:
    """What people call the thing itself: a norm, a column, a field of the header, a list of codes."""
    after = states[1]
    match switch.part:
        case "norm":
            return after.norms.norms[switch.subject].title
        case "codes":
            return after.norms.classifications[switch.subject].title
        case "header":
            return after.ruleset.header[switch.subject].title
        case "column" | "formula":
            form, column = _declared(switch, states), _first(switch)[1]
            return form.columns[column].title if form and column in form.columns else None
    return None


def _form(switch: Switch, states: tuple[State, State]) -> dict[str, Any] | None:
    """The form in which it stands, by its code and title."""
    form = _declared(switch, states) if switch.part in _OF_FORM else None
    return {"code": form.code, "title": form.title} if form else None


def _declared(switch: Switch, states: tuple[State, State]) -> Form | None:
    name = _first(switch)[0]
    return next((state.ruleset.forms[name] for state in reversed(states) if name in state.ruleset.forms), None)


def _first(switch: Switch) -> tuple[str, str]:
    """Form and column; formulas that differ together are named by the first of them."""
    form, _, column = switch.subject.split(" + ")[0].partition(".")
    return form, column

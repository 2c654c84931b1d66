"""Ruleset -> findings: everything that can be known to be wrong before there is any data.

Four parts go over the ruleset, each from its own side, and none stops at a slip: what is declared (names, types,
digits, rows, lines, translations), the formulas (names, arguments, units, shapes, cycles), the process (workflow,
published norms, rolling forward), and the norms on which rulesets depend through one another.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from engine.check.declarations import check_declarations
from engine.check.formulas import check_formulas
from engine.check.norms import check_published_cycles
from engine.check.process import check_process
from engine.check.review import Review
from engine.findings import Finding, ordered
from engine.norms import Norms
from engine.ruleset import Ruleset
from engine.ruleset.dependencies import dependencies, order

__all__ = ["check", "dependencies", "order"]


def check(ruleset: Ruleset, norms: Norms, others: Sequence[Ruleset] = ()) -> list[Finding]:
    """All findings about a ruleset, in reading order; `others` are rulesets whose published norms it may look up."""
    return judged(ruleset, norms, others)[0]


def judged(
    ruleset: Ruleset, norms: Norms, others: Sequence[Ruleset] = (), sound: Set[str] = frozenset()
) -> tuple[list[Finding], frozenset[str]]:
    """As `check`, and the forms of which there is nothing to tell; those in `sound` are known to be such, and are not
    gone over again."""
    review = Review(ruleset, norms, tuple(other for other in others if other.name != ruleset.name), sound)
    check_declarations(review)
    check_formulas(review)
    fine = review.fine
    check_process(review)
    check_published_cycles(review)
    return ordered(_once(review.found)), fine


def _once(found: Sequence[Finding]) -> list[Finding]:
    """The same thing said of the same place is said once; that a norm has no value, once of a ruleset."""
    said: dict[object, Finding] = {}
    for one in found:
        where = one.args["norm"] if one.code == "norm-without-value" else (str(one.place), one.text())
        said.setdefault((one.code, where), one)
    return list(said.values())

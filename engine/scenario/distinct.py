"""Totals under a thousand sets of norms in one go, equal to a thousand single runs.

Of each row only what its formulas read besides the varied norms matters (`separation`), and few rows differ in that
(`places`): their figures are computed once a key and state (`figures`), and counted as often as rows have them. Sums
are of whole numbers and exact. Line amounts that cannot be separated so run set by set, with the engine's ordinary
kernels; nothing is estimated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from engine.evaluation import Evaluation
from engine.kernel.fused import THREADS
from engine.kernel.machine import vector_lanes
from engine.lines import INT64_MAX, Amounts, Lines, lines_of, roll_up
from engine.plan import Key, Plan
from engine.renorm import renormed
from engine.ruleset import LineRule, Ruleset
from engine.scenario.bundles import Bundle, Figure, batches, bundled
from engine.scenario.choices import Choices, Set, Whole
from engine.scenario.figures import Leaves
from engine.scenario.machined import machined
from engine.scenario.separation import NotSeparable, Separation, reached_by
from engine.workbook import Results, Workbook

BY = ("administrator", "specific", "year")
BLOCK = vector_lanes()
"""Sets that are computed together."""

Keys = tuple[str, ...]
Rule = tuple[str, LineRule]
"""A form and one of its line rules."""
_Part = tuple[Sequence[Keys], Amounts, Whole]
"""Codes of some totals, and (sets, totals) of their amounts and of rows left out; of one set where all are the same."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of the lines of some forms, for each of some sets."""

    by: tuple[str, ...]
    keys: tuple[Keys, ...]
    """The codes of each total along `by`, in order; one in which a set has no row is 0 there."""
    amounts: Amounts
    """(sets, totals) in tiyn: int64, or Python's integers where a sum could pass it."""
    incomplete: Whole
    """(sets, totals): the rows whose amount is an error and that are left out."""
    distinct_keys: int
    """Row-years that were told apart, of all forms together; 0 where every amount ran set by set."""
    one_by_one: Mapping[Key, str]
    """The line amounts that ran set by set, and why."""

    def of(self, at: int) -> dict[Keys, tuple[int, int]]:
        """Codes → (amount in tiyn, rows left out) of one set."""
        pairs = zip(self.amounts[at].tolist(), self.incomplete[at].tolist(), strict=True)
        return dict(zip(self.keys, pairs, strict=True))


def totals_under(
    plan: Plan, workbook: Workbook, sets: Sequence[Set], by: Sequence[str] = BY, forms: Iterable[str] | None = None
) -> Totals:
    """The totals of a recalculated workbook under each set of norm values, along these dimensions of lines, of all
    forms or of some."""
    rules = _rules(plan.ruleset, forms)
    choices = Choices(plan, workbook, sets)
    if choices.regular:
        return _Run(choices, workbook, tuple(by), rules).totals()
    why = {(form, rule.amount): "a norm without a table" for form, rule in rules}
    return _gathered(tuple(by), len(sets), [_each(_afresh(choices, plan, workbook, (by, rules)))], (0, why))


def totals_singly(
    plan: Plan, workbook: Workbook, sets: Sequence[Set], by: Sequence[str] = BY, forms: Iterable[str] | None = None
) -> Iterator[dict[Keys, tuple[int, int]]]:
    """The same, set by set: every row under each set by the ordinary kernels, whose code is made once for all."""
    run = _Run(Choices(plan, workbook, sets), workbook, tuple(by), _rules(plan.ruleset, forms))
    assert run.choices.regular, "a set has a norm that is no table: it is for `totals_alone`"
    return (_as_dict(run.alone(at, run.rules)) for at in range(len(sets)))


def totals_alone(
    plan: Plan, workbook: Workbook, norms: Set, by: Sequence[str] = BY, forms: Iterable[str] | None = None
) -> dict[Keys, tuple[int, int]]:
    """The same for one set by the ordinary way: the whole workbook under other norms, its lines, their roll-up."""
    choices, rules = Choices(plan, workbook, [norms]), _rules(plan.ruleset, forms)
    return _as_dict(next(_afresh(choices, plan, workbook, (by, rules))))


class _Run:
    """One calculation over all sets."""

    def __init__(self, choices: Choices, workbook: Workbook, by: tuple[str, ...], rules: Sequence[Rule]) -> None:
        self.choices, self.plan, self.workbook, self.by, self.rules = choices, choices.plan, workbook, by, rules
        self.reached = reached_by(self.plan, frozenset(choices.names))
        self.evaluation = self._evaluation(self.plan)

    def totals(self) -> Totals:
        """Lines that stay, then figures by their keys, then what must run set by set."""
        sets = self.choices.chosen.shape[0]
        steady, figures, singly = self._sorted()
        leaves = Leaves(self.choices, self.evaluation)
        bundles, refused = bundled(leaves, figures)
        parts = [_each([self._lines(self.workbook, steady)]), *self._summed(leaves, bundles)]
        singly += [(figure.rule, "a number too large") for figure in refused]
        if singly:
            rules = [rule for rule, _ in singly]
            parts.append(_each(self.alone(at, rules) for at in range(sets)))
        why = {(form, rule.amount): reason for (form, rule), reason in singly}
        return _gathered(self.by, sets, parts, (sum(bundle.places.keys for bundle in bundles), why))

    def _sorted(self) -> tuple[list[Rule], list[Figure], list[tuple[Rule, str]]]:
        """The rules whose lines stay as they are, the figures that can be separated, and the others with the reason."""
        steady: list[Rule] = []
        figures: list[Figure] = []
        others: list[tuple[Rule, str]] = []
        separation = Separation(self.plan, frozenset(self.choices.names), self.reached)
        for form, rule in self.rules:
            own = [(form, text[1:]) for text in rule.keys.values() if text.startswith("=")]
            rows = self.workbook.tables[self.plan.roots[form]].rows
            if not rows or not self.reached.intersection([(form, rule.amount), *own]):
                steady.append((form, rule))
            elif self.reached.intersection(own):
                others.append(((form, rule), "the keys of its lines vary"))
            else:
                try:
                    op = separation.column((form, rule.amount))
                    figures.append(Figure(self.plan, self.workbook, (form, rule), op))
                except NotSeparable as reason:
                    others.append(((form, rule), str(reason)))
        return steady, figures, others

    def _summed(self, leaves: Leaves, bundles: Sequence[Bundle]) -> Iterator[_Part]:
        """The totals of each figure."""
        with ThreadPoolExecutor(THREADS) as pool:
            for batch in (batch for bundle in bundles for batch in batches(leaves, bundle, self.by)):
                sets, made = self.choices.combinations(batch.names)
                run = machined(leaves, batch, sets) or partial(batch.totals, leaves)
                done = list(pool.map(run, np.split(sets, range(BLOCK, sets.size, BLOCK))))
                for i, codes in enumerate(batch.codes):
                    amounts = np.concatenate([parts[i][0] for parts in done])
                    left_out = [
                        np.zeros(a.shape, np.int64) if b is None else b for a, b in (parts[i] for parts in done)
                    ]
                    yield codes, amounts[made], np.concatenate(left_out)[made]

    def _evaluation(self, plan: Plan) -> Evaluation:
        """A calculation that has what does not vary already."""
        assert self.workbook.results is not None, "norms vary under a recalculated workbook"
        evaluation = Evaluation(plan, self.workbook)
        kept = self.workbook.results.columns
        evaluation.stored = {key: cells for key, cells in kept.items() if key not in self.reached}
        return evaluation

    def alone(self, at: int, rules: Sequence[Rule]) -> Lines:
        """The totals of these rules as one set has them, by the ordinary kernels."""
        evaluation = self._evaluation(replace(self.plan, norms=self.choices.norms_of(at)))
        evaluation.bound = self.choices.tables_of(at, self.evaluation.bound)
        for form, rule in rules:
            for name in (rule.amount, *(text[1:] for text in rule.keys.values() if text.startswith("="))):
                if (form, name) in self.plan.columns:
                    evaluation.column((form, name))
        return self._lines(replace(self.workbook, results=Results(evaluation.stored, {})), rules)

    def _lines(self, workbook: Workbook, rules: Sequence[Rule]) -> Lines:
        return roll_up(lines_of(_only(self.plan.ruleset, rules), self.plan.norms, workbook), self.by)


def _rules(ruleset: Ruleset, forms: Iterable[str] | None) -> list[Rule]:
    names = list(ruleset.forms) if forms is None else list(forms)
    return [(name, rule) for name in names for rule in ruleset.forms[name].lines]


def _only(ruleset: Ruleset, rules: Sequence[Rule]) -> Ruleset:
    """The ruleset with no lines but those of these rules."""
    forms = {
        name: replace(form, lines=tuple(rule for owner, rule in rules if owner == name))
        for name, form in ruleset.forms.items()
    }
    return replace(ruleset, forms=forms)


def _afresh(
    choices: Choices, plan: Plan, workbook: Workbook, asked: tuple[Sequence[str], Sequence[Rule]]
) -> Iterator[Lines]:
    """The totals of each set by the ordinary way."""
    by, rules = asked
    for at in range(choices.chosen.shape[0]):
        new, book, _ = renormed(plan, workbook, choices.norms_of(at))
        yield roll_up(lines_of(_only(new.ruleset, rules), new.norms, book), by)


def _each(totals: Iterable[Lines]) -> _Part:
    """The totals of each set, or those that are the same for all."""
    found = [_as_dict(lines) for lines in totals]
    codes = sorted({key for each in found for key in each})
    pairs = [[each.get(key, (0, 0)) for key in codes] for each in found]
    both = np.array(pairs, dtype=object).reshape(len(found), len(codes), 2)
    return codes, both[..., 0], both[..., 1].astype(np.int64)


def _gathered(by: tuple[str, ...], sets: int, parts: Sequence[_Part], how: tuple[int, Mapping[Key, str]]) -> Totals:
    """The sums of all parts; their array holds Python's integers where they could pass int64."""
    codes = sorted({key for keys, _, _ in parts for key in keys})
    at = {key: i for i, key in enumerate(codes)}
    size = sum(max(-int(amounts.min(initial=0)), int(amounts.max(initial=0))) for _, amounts, _ in parts)
    total = np.zeros((sets, len(codes)), np.int64 if size <= INT64_MAX else object)
    incomplete = np.zeros((sets, len(codes)), np.int64)
    for keys, amounts, left_out in parts:
        columns = [at[key] for key in keys]
        total[:, columns] += amounts.astype(total.dtype)
        incomplete[:, columns] += left_out
    return Totals(by, tuple(codes), total, incomplete, *how)


def _as_dict(lines: Lines) -> dict[Keys, tuple[int, int]]:
    return {lines.key(i): (int(lines.amounts[i]), int(lines.incomplete[i])) for i in range(len(lines))}

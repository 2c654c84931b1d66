"""The laws of scenarios on random ones: an override changes what it speaks of and nothing else; what moved adds up.

States are drawn in pairs: rows added, removed and edited, submissions come and gone, other norms, codes in another
order, other formulas, or another ruleset altogether.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from engine.evaluate import calculated
from engine.findings import Place
from engine.groups import with_groups
from engine.lines import DIMENSIONS, delta, lines_of, roll_up
from engine.norms import ANY, Classification, Keys, Norm, NormKey, Norms, NormValue, in_force, with_values
from engine.plan import Plan, planned
from engine.scenario import CAUSES, Explanation, State, applied, explained, parse_scenario, state_of
from engine.scenario.blend import Blend
from engine.scenario.overrides import About, Overriding
from engine.scenario.text import NormOverride
from engine.units import PLAIN
from engine.workbook import Table, Workbook
from tests.properties import filled
from tests.properties.formulas import Draw
from tests.properties.written import Texts, norms, read_ruleset, rulesets

HERE = Place("here", 1, 1)
EXAMPLES = 8
STARTS = range(max(1, settings.default.max_examples // (2 * EXAMPLES))) if settings.default else range(1)
LEVELS = (DIMENSIONS, ("administrator", "specific", "year"), ("institution", "year"), ("specific",), ("year",), ())


# Overrides

DAYS = [date(2025, 7, 1), date(2026, 1, 1), date(2026, 5, 1), date(2027, 1, 1), date(2028, 1, 1)]
CODES = ("A", "B", "C")


@st.composite
def norm_values(draw: Draw) -> NormValue:
    """One value of a norm by sector, grade and years."""
    start = draw(st.sampled_from(DAYS))
    end = draw(st.sampled_from([None, None, *(day for day in DAYS if day > start)]))
    keys = (draw(st.sampled_from([*CODES, ANY])), draw(st.sampled_from([*CODES, ANY])))
    value = draw(st.sampled_from([None, Fraction(3), Fraction(7, 2), Fraction(-1, 4), Fraction(100)]))
    steps = Fraction(draw(st.sampled_from([0, 1, 5])))
    level = draw(st.sampled_from(["published", "published", "training"]))
    known = draw(st.sampled_from([None, None, date(2026, 3, 1)]))
    return NormValue((*keys, steps), start, end, known, value, "made", level, True, "", HERE)


@st.composite
def overriding(draw: Draw) -> str:
    """What a scenario says of it."""
    said = {name: draw(st.sampled_from([None, None, ANY, *CODES])) for name in ("sector", "grade")}
    said["years"] = draw(st.sampled_from([None, None, "0", "1", "3"]))
    said["from"] = draw(st.sampled_from([None, "2026-01-01", "2026-05-01", "2027-01-01"]))
    said["to"] = draw(st.sampled_from([None, "2028-01-01", "2028-06-01"]))
    action, value = draw(
        st.sampled_from([("change", "+10 %"), ("change", "-0.5"), ("value", "42"), ("as-of", "2026-05-02")])
    )
    words = {name: word for name, word in said.items() if word is not None} | {action: value}
    return "norms: {made: [{" + ", ".join(f'{name}: "{word}"' for name, word in words.items()) + "}]}"


@given(st.lists(norm_values(), max_size=8), overriding(), st.sampled_from([None, date(2026, 2, 1)]))
def test_an_override_changes_what_it_speaks_of_and_nothing_else(
    values: list[NormValue], text: str, known: date | None
) -> None:
    before = _made(values)
    scenario, found = parse_scenario(text)
    assert scenario is not None, found
    override = scenario.norms[0]
    work = Overriding(before, About("made", date(2026, 1, 1), known, {}))
    work.put(override)
    assert {one.code for one in work.found} <= {"scenario-nothing-in-force"}
    words = {name: word.text for name, word in override.keys.items() if word.text != ANY}
    for sector in CODES:
        for grade in CODES:
            for years, day in ((y, d) for y in (0, 1, 3, 4, 9) for d in _days()):
                keys = (sector, grade, Fraction(years))
                old, new = (_value(each, keys, day, known) for each in (before, work.norms))
                inside = all(words.get(name, code) == code for name, code in (("sector", sector), ("grade", grade)))
                inside = (
                    inside and day >= (override.start or date(2026, 1, 1)) and (not override.end or day < override.end)
                )
                if "years" not in words:
                    assert new == (_by(before, override, keys, known, old) if inside else old)
                elif not inside or years < int(words["years"]):
                    assert new == old
                elif years == int(words["years"]):
                    assert new == _by(before, override, keys, known, old)


def _by(before: Norms, override: NormOverride, keys: Keys, known: date | None, old: Fraction | None) -> Fraction | None:
    """What an override makes of a value."""
    if override.as_of is not None:
        then = _value(before, keys, override.as_of, known)
        return old if then is None else then
    if override.change is not None:
        return None if old is None else override.change.of(old)
    return override.value


def _days() -> Iterator[date]:
    yield from (*DAYS, date(2026, 2, 1), date(2026, 5, 2), date(2028, 6, 1), date(2029, 1, 1))


def _value(norms: Norms, keys: Keys, day: date, known: date | None) -> Fraction | None:
    row = in_force(norms, "made", keys, day, known)
    return None if row is None else row.value


def _made(values: list[NormValue]) -> Norms:
    keys = (NormKey("sector", "code", "letter"), NormKey("grade", "code", "letter"), NormKey("years", "step", "year"))
    norm = Norm("made", {"en": "made"}, PLAIN, keys, tuple(values), HERE)
    lists = Classification("letter", {}, CODES, ({},) * 3, (None,) * 3, ((None, None),) * 3, ("",) * 3, ("",) * 3)
    return Norms({}, {"made": norm}, {"letter": lists})


# What moved


def other_norms(draw: Draw, base: Norms) -> Norms:
    """Some values are others, and codes may stand in another order, with one more."""
    names = draw(st.lists(st.sampled_from(sorted(base.norms)), max_size=3, unique=True))
    changed = {
        name: [v if v.value is None else replace(v, value=v.value + draw(st.sampled_from([0, 1, -2]))) for v in
               base.norms[name].values]
        for name in names
    }  # fmt: skip
    made = with_values(base, changed)
    listed = draw(st.sampled_from([None, None, "grade", "specific"]))
    if listed is not None:
        made = replace(made, classifications={**made.classifications, listed: _turned(made, listed)}, digest="")
    return made


def _turned(base: Norms, name: str) -> Classification:
    """A list of codes from its end, and one more at its beginning."""
    old = base.classifications[name]
    return replace(
        old,
        codes=("NEW", *reversed(old.codes)),
        titles=({}, *reversed(old.titles)),
        parents=(None, *reversed(old.parents)),
        valid=((None, None), *reversed(old.valid)),
        verified=("", *reversed(old.verified)),
        sources=("", *reversed(old.sources)),
        notes=("", *reversed(old.notes)) if old.notes else (),
    )


def other_formulas(draw: Draw, texts: Texts) -> Texts:
    """One column's formula is another column's of its kind, if there are two."""
    made = deepcopy(dict(texts))
    for name in sorted(made):
        columns = made[name].get("columns", {})
        computed = [c for c, d in columns.items() if "formula" in d and d["type"] == "1" and "per" not in d]
        if computed and draw(st.booleans()):
            column = draw(st.sampled_from(computed))
            columns[column]["formula"] = f"=({columns[column]['formula'][1:]}) * 2 + 1"
    return made


def other_inputs(draw: Draw, plan: Plan, workbook: Workbook) -> Workbook:
    """Edited, with rows and submissions come, gone or in another order."""
    edits = draw(filled.edits(plan.ruleset, plan.norms, workbook))
    book = filled.changed_inputs(workbook, edits)
    submissions = draw(st.lists(st.integers(0, book.submissions - 1), min_size=1, max_size=5))
    if draw(st.booleans()):
        submissions = list(range(book.submissions))
    header = {name: cells[submissions] for name, cells in book.header.items()}
    places: dict[str, Any] = {}
    tables: dict[str, Table] = {}
    for name, table in book.tables.items():
        root = plan.roots[name]
        if root not in places:
            spans = [list(range(int(table.offsets[s]), int(table.offsets[s + 1]))) for s in submissions]
            if plan.ruleset.forms[root].rows.kind == "added" and draw(st.booleans()):
                spans = [draw(st.lists(st.sampled_from(span), max_size=6)) if span else [] for span in spans]
            places[root] = (np.cumsum([0, *map(len, spans)]), np.array([at for span in spans for at in span], np.int64))
        offsets, at = places[root]
        columns = {c: np.ascontiguousarray(cells[..., at]) for c, cells in table.columns.items()}
        tables[name] = Table(offsets, columns, {c: cells[..., at] for c, cells in table.previous.items()})
    return Workbook(book.years, header, tables, draw(st.sampled_from([book.known, date(2026, 12, 1)])))


def fresh(plan: Plan, workbook: Workbook) -> State:
    """A state that was calculated from nothing, by numpy."""
    workbook = with_groups(plan.ruleset, plan.norms, workbook)
    return state_of(plan, replace(workbook, results=calculated(plan, workbook, compiled=False)))


def adds_up(explanation: Explanation, before: State, after: State) -> Iterator[str]:
    """Law 7 of what moved: at every level the parts are the difference of totals rolled up by themselves."""
    old, new = (lines_of(each.ruleset, each.norms, each.workbook) for each in (before, after))
    for level in LEVELS:
        was, is_ = (roll_up(lines, level).as_dict() for lines in (old, new))
        difference = {key: is_.get(key, 0) - was.get(key, 0) for key in was.keys() | is_.keys()}
        for parts in (explanation.by(level), explanation.by_cause(level)):
            told: dict[tuple[str, ...], int] = {}
            for moved in parts.values():
                for key, amount in moved.items():
                    told[key] = told.get(key, 0) + amount
            if {k: a for k, a in told.items() if a} != {k: a for k, a in difference.items() if a}:
                yield f"{level}: {told} is not {difference}"
    if len(explanation.remainder):
        yield "there is a remainder"
    order = [CAUSES.index(move.switch.cause) for move in explanation.moves]
    if order != sorted(order):
        yield f"causes are out of order: {explanation.moves}"


@pytest.mark.parametrize("start", STARTS)
def test_what_moved_between_states_of_a_ruleset_adds_up(start: int) -> None:
    @seed(start)
    @settings(max_examples=EXAMPLES)
    @given(st.data(), rulesets(2))
    def trial(data: st.DataObject, texts: dict[str, dict[str, Any]]) -> None:
        plan = planned(read_ruleset(texts), norms())
        book = data.draw(filled.workbooks(plan.ruleset, norms()))
        before = fresh(plan, book)
        then = read_ruleset(other_formulas(data.draw, texts)) if data.draw(st.booleans()) else plan.ruleset
        lists = other_norms(data.draw, norms())
        inputs = _recoded(plan, other_inputs(data.draw, plan, book), lists)
        after = fresh(planned(then, lists), inputs)
        explanation, found = explained(before, after)
        assert explanation is not None, found
        assert list(adds_up(explanation, before, after)) == []

    trial()


OVERRIDES = (
    'flat: +10 %', 'flat: {value: 4, from: 2026-03-01, to: 2027-03-01}', 'holes: {value: 0.7}', 'holes: {change: "+1"}',
    'fine: {change: +100 %}', 'by.grade: {grade: A, change: +100 %}', 'by.grade: {grade: C, value: 2, to: 2027-01-01}',
    'by.place: -20 %', 'by.step: {change: "+0.5", from: 2026-07-01}', 'by.step: {years: 2, value: 9}',
    'by.all: {place: "002", change: "+3"}', 'by.all: {grade: B, value: 1.5}', 'flat: {as-of: 2026-08-01}',
)  # fmt: skip


@pytest.mark.parametrize("start", STARTS)
def test_a_scenario_of_random_overrides_is_as_if_calculated_afresh_and_adds_up(start: int) -> None:
    @seed(start + 2000)
    @settings(max_examples=EXAMPLES)
    @given(st.data(), rulesets(2), st.lists(st.sampled_from(OVERRIDES), min_size=1, max_size=3, unique_by=_norm_of))
    def trial(data: st.DataObject, texts: dict[str, dict[str, Any]], said: list[str]) -> None:
        plan = planned(read_ruleset(texts), norms())
        before = fresh(plan, data.draw(filled.workbooks(plan.ruleset, norms())))
        scenario, found = parse_scenario("norms:\n" + "".join(f"  {line}\n" for line in said))
        assert scenario is not None, found
        state, found = applied(before, scenario)
        assert state is not None, found
        again = fresh(planned(plan.ruleset, state.norms), replace(state.workbook, results=None))
        assert dict(delta(state.lines, again.lines).as_dict()) == {}
        explanation, found = explained(before, state)
        assert explanation is not None, found
        assert list(adds_up(explanation, before, again)) == []
        assert {move.switch.cause for move in explanation.moves} <= {"norm"}

    trial()


def _norm_of(line: str) -> str:
    return line.partition(":")[0]


@pytest.mark.parametrize("start", STARTS)
def test_what_moved_between_any_two_states_adds_up(start: int) -> None:
    @seed(start + 1000)
    @settings(max_examples=EXAMPLES)
    @given(st.data(), rulesets(2), rulesets(2))
    def trial(data: st.DataObject, texts: dict[str, dict[str, Any]], others: dict[str, dict[str, Any]]) -> None:
        others["ruleset.yaml"]["cycle"] = texts["ruleset.yaml"]["cycle"]
        states = []
        for text in (texts, others):
            plan = planned(read_ruleset(text), norms())
            states.append(fresh(plan, data.draw(filled.workbooks(plan.ruleset, norms()))))
        explanation, found = explained(states[0], states[1])
        assert explanation is not None, found
        assert list(adds_up(explanation, states[0], states[1])) == []

    trial()


def test_a_switch_left_out_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum is held against totals that were not made by the explanation."""
    texts = _small()
    plan = planned(read_ruleset(texts), norms())
    before = fresh(plan, _book(3))
    after = fresh(plan, _book(5))
    whole, _ = explained(before, after)
    assert whole is not None
    assert [(move.switch.cause, move.switch.subject, move.switch.count) for move in whole.moves] == [
        ("volume", "f0.n0", 1)
    ]
    monkeypatch.setattr(Blend, "switches", lambda self: [])
    with pytest.raises(AssertionError, match="does not add up"):
        explained(before, after)


def test_states_of_other_years_are_not_compared() -> None:
    texts, others = _small(), _small()
    others["ruleset.yaml"]["cycle"] = "2027-2029"
    before = fresh(planned(read_ruleset(texts), norms()), _book(3))
    plan = planned(read_ruleset(others), norms())
    after = fresh(plan, replace(_book(3), years=plan.years))
    explanation, found = explained(before, after)
    assert explanation is None
    assert [one.code for one in found] == ["states-of-other-years"]


def _small() -> dict[str, Any]:
    def title() -> dict[str, str]:
        return dict.fromkeys(("kk", "ru", "en"), "small")

    columns = {"n0": {"type": "1", "digits": "0"}, "c0": {"type": "1", "digits": "0", "formula": "=[@n0] * 2"}}
    form = {"form": "f0", "title": title(), "rows": "added", "lines": [{"specific": "111", "amount": "c0"}]}
    form["columns"] = {name: declared | {"title": title()} for name, declared in columns.items()}
    head = {"ruleset": "made", "version": "1", "cycle": "2026-2028", "forms": ["f0"]}
    return {"ruleset.yaml": head | {"header": {"institution": {"type": "code institution"}}}, "forms/f0.yaml": form}


def _book(number: int) -> Workbook:
    table = Table(np.array([0, 2]), {"n0": np.array([number, 7])})
    return Workbook((2026, 2027, 2028), {"institution": np.array([0])}, {"f0": table})


def _recoded(plan: Plan, workbook: Workbook, lists: Norms) -> Workbook:
    """The same codes at the places that they have in other lists."""

    def moved(cells: Any, held: Any) -> Any:
        if held.kind != "code":
            return cells
        old, new = plan.norms.classifications[held.classification], lists.classifications[held.classification]
        places = np.array([*(new.positions[code] for code in old.codes), 0])
        return np.where(cells < 0, cells, places[np.maximum(cells, -1)])

    header = {name: moved(cells, plan.ruleset.header[name].type) for name, cells in workbook.header.items()}
    tables = {}
    for name, table in workbook.tables.items():
        columns = plan.ruleset.forms[name].columns
        cells = {c: moved(held, columns[c].type) for c, held in table.columns.items()}
        last = {c: moved(held, columns[c].type) for c, held in table.previous.items()}
        tables[name] = Table(table.offsets, cells, last)
    return replace(workbook, header=header, tables=tables)

"""What a ruleset's text becomes: tests/engine/right uses all that may be declared."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.check import check, dependencies, order
from engine.findings import Finding, Place
from engine.formula import Call, Column, walk
from engine.norms import Norms
from engine.norms.loader import load_norms
from engine.ruleset import LineRule, Ruleset, ValueType
from engine.ruleset.dependencies import cycles
from engine.ruleset.loader import digest, load
from engine.units import parse_unit

HERE = Path(__file__).parent
RIGHT = HERE / "right"
FILES = sorted(path.relative_to(RIGHT).as_posix() for path in RIGHT.rglob("*.yaml"))


@cache
def right() -> Ruleset:
    ruleset, found = load(RIGHT)
    assert found == []
    assert ruleset is not None
    return ruleset


@cache
def norms() -> Norms:
    return load_norms(HERE / "wrong" / "norms")[0]


def copied(folder: Path, **changed: str) -> Path:
    """A copy of the right ruleset in which files have other texts."""
    shutil.copytree(RIGHT, folder / "right")
    for file, text in changed.items():
        (folder / "right" / file).write_text(text, encoding="utf-8")
    return folder / "right"


def test_ruleset_and_header() -> None:
    ruleset = right()
    assert (ruleset.name, ruleset.version, ruleset.years) == ("right", "2026.1", (2026, 2027, 2028))
    assert ruleset.title == {"kk": "Өтінім", "ru": "Заявка", "en": "Request"}
    assert list(ruleset.forms) == ["pay", "social", "trips", "by_sector", "summary"]
    header = ruleset.header
    assert header["institution"].type == ValueType("code", classification="institution")
    assert (header["rate"].digits, header["rate"].default) == (3, "0.05")
    assert [field.type.kind for field in header.values()] == ["code", "code", "number", "bool", "date", "text"]


def test_columns() -> None:
    columns = right().forms["pay"].columns
    assert columns["salary"].type == ValueType("number", parse_unit("KZT/FTE/month"))  # type: ignore[arg-type]
    assert columns["salary"].per_month
    assert not columns["salary"].by_year
    assert columns["staff"].by_year
    assert columns["staff"].formula is None
    assert columns["vacant"].optional
    assert columns["fund"].total
    assert columns["hired"].help["en"] == "Date"


def test_rows() -> None:
    forms = right().forms
    assert [forms[name].rows.kind for name in forms] == ["added", "each", "added", "group", "fixed"]
    assert forms["social"].rows.forms == ("pay",)
    assert (forms["by_sector"].rows.forms, forms["by_sector"].rows.by) == (("pay",), ("sector",))
    assert forms["summary"].rows.fixed == ({"specific": "111", "asked": "5"}, {"specific": "161"})


def test_form_of_groups_holds_what_it_is_grouped_by() -> None:
    columns = right().forms["by_sector"].columns
    assert list(columns) == ["sector", "fund"]
    assert columns["sector"].type == right().forms["pay"].columns["sector"].type


def test_lines_take_columns_codes_or_the_header() -> None:
    place = Place("", 0, 0)
    rules = [rule for form in right().forms.values() for rule in form.lines]
    assert [LineRule(rule.amount, rule.keys, place) for rule in rules] == [
        LineRule("fund", {"specific": "111"}, place),
        LineRule("due", {"specific": "111", "kind": "new"}, place),
        LineRule("amount", {"specific": "=specific"}, place),
    ]


def test_checks_know_whether_they_are_asked_of_rows() -> None:
    checks = {name: check.by_row for form in right().forms.values() for name, check in form.checks.items()}
    assert checks == {
        "staff-limit": False,
        "persons-positive": True,
        "no-share-too-large": False,
        "own-share": True,
        "fares-positive": False,
    }


def test_workflow_published_norms_and_rolling_forward() -> None:
    ruleset = right()
    assert [(row.state, row.to, row.condition) for row in ruleset.workflow] == [
        ("draft", "signed", "staff-limit"),
        ("signed", "draft", None),
        ("signed", "approved", "fares-positive"),
    ]
    assert ruleset.final == ("approved",)
    assert ruleset.publishes["pay.of-sector"].keys == ("sector",)
    assert list(ruleset.roll_forward.drop) == ["trips"]
    assert ruleset.roll_forward.index["trips"]["fare"].text == "1.05"


def test_every_scalar_is_text_as_written() -> None:
    assert right().forms["pay"].code == "05-111"
    assert right().header["signed_on"].default == "2026-01-31"


@pytest.mark.parametrize("path", FILES)
def test_each_part_of_a_formula_is_found_in_its_file(path: str) -> None:
    """In plain, quoted and folded text, the place of a column reference or a call is where its name is written."""
    lines = (RIGHT / path).read_text(encoding="utf-8").splitlines()
    formulas = [c.formula for form in right().forms.values() for c in form.columns.values() if c.formula]
    formulas += [check.asserts for form in right().forms.values() for check in form.checks.values()]
    for formula in formulas:
        for node in walk(formula.tree):
            place = formula.at(node.span[0] if isinstance(node, Column | Call) else 0)
            if isinstance(node, Column | Call) and place.file == f"right/{path}":
                written = lines[place.line - 1][place.column - 1 :]
                start = node.name if isinstance(node, Call) else (node.form or "[")
                assert written.startswith(start), (place, written)


def test_digest_knows_content_and_names_but_not_line_ends_or_tests(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    before = digest(folder)
    text = (folder / "forms/trips.yaml").read_bytes()
    (folder / "forms/trips.yaml").write_bytes(text.replace(b"\n", b"\r\n"))
    (folder / "tests").mkdir()
    (folder / "tests" / "case.yaml").write_text("name: a test")
    assert digest(folder) == before == right().digest
    (folder / "forms/trips.yaml").write_bytes(text + b"# a remark\n")
    assert digest(folder) != before
    (folder / "forms/trips.yaml").rename(folder / "forms/travel.yaml")
    (folder / "forms/travel.yaml").write_bytes(text)
    assert digest(folder) != before


def test_folder_without_ruleset(tmp_path: Path) -> None:
    ruleset, found = load(tmp_path)
    assert ruleset is None
    assert [finding.code for finding in found] == ["file-missing"]


def test_order_is_of_writing_where_nothing_else_is_needed() -> None:
    assert order(right()) == list(dependencies(right()))


def test_order_puts_what_is_read_first() -> None:
    backwards = replace(right(), forms=dict(reversed(right().forms.items())))
    done = order(backwards)
    position = {node: i for i, node in enumerate(done)}
    assert set(position) == set(dependencies(right()))
    assert all(position[read] < position[node] for node, reads in dependencies(right()).items() for read in reads)
    assert done[0] == ("summary", "specific")


def test_year_before_is_no_dependency() -> None:
    assert dependencies(right())["pay", "carried"] == {("pay", "fund")}
    assert cycles(right()) == []


def test_summary_depends_on_other_forms_and_groups_on_their_keys() -> None:
    reads = dependencies(right())
    summary = {("pay", "fund"), ("social", "due"), ("trips", "specific"), ("trips", "amount"), ("summary", "specific")}
    assert reads["summary", "amount"] == summary
    assert reads["by_sector", "sector"] == {("pay", "sector")}
    assert reads["by_sector", "fund"] >= {("pay", "fund"), ("pay", "sector"), ("by_sector", "sector")}


slips = st.tuples(
    st.sampled_from(FILES),
    st.sampled_from(["drop", "twice", "cut", "swap", "insert"]),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.sampled_from([*" :[]{}()=@'\"\n\t,-#|&*%<>0y/", "[@", "]]", "year", "1e9", "  - ", "нет", "🙂", "\x00", "null"]),
)


def slipped(text: str, slip: tuple[str, str, int, int, str]) -> str:
    _, kind, first, second, piece = slip
    lines = text.split("\n")
    line, at = first % len(lines), second % (len(text) + 1)
    if kind == "drop":
        del lines[line]
    elif kind == "twice":
        lines.insert(second % len(lines), lines[line])
    elif kind == "swap":
        other = second % len(lines)
        lines[line], lines[other] = lines[other], lines[line]
    else:
        return text[:at] + (piece if kind == "insert" else "") + text[at + (first % 20 if kind == "cut" else 0) :]
    return "\n".join(lines)


def judged(folder: Path) -> list[Finding]:
    ruleset, found = load(folder)
    return found + (check(ruleset, norms()) if ruleset else [])


@given(st.lists(slips, min_size=1, max_size=4))
def test_no_slip_stops_the_reading(made: list[tuple[str, str, int, int, str]]) -> None:
    """Whatever is written, loading and checking end with findings that have a place in one of the files."""
    with TemporaryDirectory() as root:
        folder = copied(Path(root))
        for slip in made:
            path = folder / slip[0]
            path.write_text(slipped(path.read_text(encoding="utf-8"), slip), encoding="utf-8")
        for finding in judged(folder):
            assert finding.place is not None
            assert (folder.parent / finding.place.file).exists() or finding.code == "file-missing"

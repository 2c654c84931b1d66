"""The house's own rules, as tests: who may import whom, how long things may grow, what every text must keep out.

A rule holds from the first commit on and has no list of exceptions, so nothing can grow into one. Each test collects
the places that break its rule and fails with all of them at once.
"""

from __future__ import annotations

import ast
import math
import re
import string
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from statistics import median
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parent.parent
ROOT_FOLDERS = set(".ci api benchmarks engine norms rulesets tests ui".split())
ROOT_FILES = set(
    ".gitignore CHANGELOG.md LICENSE Makefile README.md pyproject.toml requirements.txt requirements-dev.txt".split()
)
VAGUE_NAMES = set("base common helper helpers manager managers misc service services util utils".split())
"""A file of such a name has no subject, so everything ends up in it."""

PARTS_SEEN = {"engine": {"engine"}, "api": {"engine", "api"}, "benchmarks": {"engine", "api", "benchmarks"}}
"""What each part of the house may import of the house."""
ENGINE_LIBRARIES = set("formulas llvmlite numba numpy yaml".split())
ENGINE_IMPURE = set(
    "asyncio email ftplib getpass http logging multiprocessing pickle random secrets select selectors shelve shutil"
    " signal smtplib socket socketserver sqlite3 ssl subprocess tempfile time urllib uuid warnings webbrowser".split()
)
"""Clocks, chance, networks, databases, processes: with them, the same input would not mean the same bytes."""
ENGINE_IMPURE_MEMBERS = set(
    "environ environb getenv getlogin now popen putenv random stderr stdin stdout system today urandom utcnow".split()
)
ENGINE_IMPURE_CALLS = {"input", "print"}
TEXT_AS_CODE = {"__import__", "compile", "eval", "exec"}

FUNCTION_LINES_MEDIAN, FUNCTION_LINES_P95, FUNCTION_LINES_MAX = 10, 35, 70
FILE_LINES_MEDIAN, FILE_LINES_P95, FILE_LINES_MAX = 150, 450, 600
PARAMETERS_MAX = 5
LINE_LENGTH_MAX = 120

LANGUAGES = ("kk", "ru", "en")
SEVERITIES = {"error", "warning", "note"}

# Written in pieces, so that this file does not find itself.
REGISTRIES = re.compile("|".join(["py" + "pi[.]org", "python" + "hosted[.]", "npm" + "js[.]", "deb[.]" + "debian"]))
PATHS_OF_A_MACHINE = re.compile(r"(?<![\w.}-])/" + "(?:home|opt|root|tmp|work)" + r"\b")
LEFT_FOR_LATER = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """A Python file of the repository: its path from the root, its text, its tree, and all nodes of that."""

    path: str
    text: str
    tree: ast.Module
    nodes: list[ast.AST]

    @property
    def part(self) -> str:
        return self.path.split("/")[0]

    def at(self, node: ast.stmt | ast.expr, what: object = "") -> str:
        return f"{self.path}:{node.lineno} {what}".rstrip()


# The layers


def test_parts_import_only_what_stands_below_them() -> None:
    wrong = [
        source.at(node, name)
        for source in python("engine", "api", "benchmarks")
        for node, name in imports(source)
        if top(name) in ROOT_FOLDERS and top(name) not in PARTS_SEEN[source.part]
    ]
    assert wrong == []


def test_engine_imports_only_calculation() -> None:
    allowed = (sys.stdlib_module_names - ENGINE_IMPURE) | ENGINE_LIBRARIES | {"engine"}
    found = [(source.at(node, name), top(name)) for source in python("engine") for node, name in imports(source)]
    assert [place for place, library in found if library not in allowed] == []


def test_engine_reads_no_clock_chance_environment_or_globals() -> None:
    wrong = [source.at(node, ast.unparse(node)) for source in python("engine") for node in impurities(source)]
    assert wrong == []


def test_text_of_users_is_never_run_as_code() -> None:
    wrong = [
        source.at(node, node.id)
        for source in python("engine", "api")
        for node in source.nodes
        if isinstance(node, ast.Name) and node.id in TEXT_AS_CODE and node.id not in bound_names(source.tree)
    ]
    assert wrong == []


def test_data_folders_hold_no_code() -> None:
    assert [source.path for source in python("norms", "rulesets")] == []


# The lengths


def test_functions_are_short() -> None:
    lengths = {source.at(f, f.name): lines_of(f) for source in python("engine", "api") for f in functions(source)}
    assert median(lengths.values()) <= FUNCTION_LINES_MEDIAN
    assert p95(lengths.values()) <= FUNCTION_LINES_P95, longest(lengths)


def test_no_function_is_a_giant() -> None:
    lengths = {source.at(f, f.name): lines_of(f) for source in python() for f in functions(source)}
    assert {place: length for place, length in lengths.items() if length > FUNCTION_LINES_MAX} == {}


def test_files_are_short() -> None:
    lengths = {source.path: len(source.text.splitlines()) for source in python("engine", "api")}
    assert median(lengths.values()) <= FILE_LINES_MEDIAN, longest(lengths)
    assert p95(lengths.values()) <= FILE_LINES_P95, longest(lengths)


def test_no_file_is_a_giant() -> None:
    lengths = {source.path: len(source.text.splitlines()) for source in python()}
    assert {path: length for path, length in lengths.items() if length > FILE_LINES_MAX} == {}


def test_lines_are_short() -> None:
    wrong = [
        f"{source.path}:{number}"
        for source in python()
        for number, line in enumerate(source.text.splitlines(), 1)
        if len(line) > LINE_LENGTH_MAX
    ]
    assert wrong == []


def test_functions_take_few_parameters() -> None:
    wrong = [
        source.at(f, f.name)
        for source in python()
        for f in functions(source)
        if len([name for name in parameters(f) if name not in {"self", "cls"}]) > PARAMETERS_MAX
    ]
    assert wrong == []


# The words


def test_returns_are_typed() -> None:
    wrong = [source.at(f, f.name) for source in python() for f in functions(source) if f.returns is None]
    assert wrong == []


def test_modules_say_what_they_are() -> None:
    assert [source.path for source in python() if not ast.get_docstring(source.tree)] == []


def test_public_names_are_explained() -> None:
    wrong = [
        source.at(node, node.name)
        for source in python("engine", "api", "benchmarks")
        for node in source.tree.body
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert wrong == []


def test_names_of_files_have_a_subject() -> None:
    assert [path for path in tracked() if VAGUE_NAMES & {Path(part).stem for part in Path(path).parts}] == []


def test_root_holds_only_the_house() -> None:
    tops = {(Path(path).parts[0], len(Path(path).parts) > 1) for path in tracked()}
    assert [name for name, is_folder in sorted(tops) if name not in (ROOT_FOLDERS if is_folder else ROOT_FILES)] == []


def test_texts_keep_out_what_belongs_elsewhere() -> None:
    assert matches(REGISTRIES) == []
    assert matches(PATHS_OF_A_MACHINE) == []
    assert [place for place in matches(LEFT_FOR_LATER) if not place.split(":")[0].endswith((".csv", "LICENSE"))] == []


def test_documents_have_one_title() -> None:
    documents = {path: text for path, text in texts().items() if path.endswith(".md")}
    titles = {path: re.findall(r"^# .+", without_code(text), re.MULTILINE) for path, text in documents.items()}
    assert {path: found for path, found in titles.items() if len(found) != 1} == {}


# The README


def test_commands_of_the_readme_exist() -> None:
    targets = re.findall(r"^([a-z-]+):", texts()["Makefile"], re.MULTILINE)
    assert [f"make {word}" for word in commands("make") if word not in targets] == []
    known = {text for source in python("api") for text in strings(source)}
    assert [f"esep {word}" for word in commands("esep") if word not in known] == []


# The findings


def test_findings_speak_three_languages() -> None:
    wrong = [
        code
        for code, entry in findings().items()
        if set(entry) != {"severity", *LANGUAGES} or not all(entry.values()) or entry["severity"] not in SEVERITIES
    ]
    assert wrong == []


def test_findings_tell_the_same_facts_in_each_language() -> None:
    facts = {code: [facts_of(entry[language]) for language in LANGUAGES] for code, entry in findings().items()}
    assert {code: sets for code, sets in facts.items() if any(s != sets[0] for s in sets)} == {}


def test_findings_in_code_are_in_the_catalogue() -> None:
    wrong = [source.at(call, code) for source, call, code in finding_calls() if code not in findings()]
    assert wrong == []


def test_findings_are_given_the_facts_that_they_tell() -> None:
    wrong = []
    for source, call, code in ((s, c, code) for s, c, code in finding_calls() if code in findings()):
        given = {keyword.arg for keyword in call.keywords} | facts_added(source, call.func)
        needed = set().union(*(facts_of(findings()[code][language]) for language in LANGUAGES))
        if None not in given and not needed <= given:
            wrong.append(source.at(call, f"{code} lacks {sorted(needed - given)}"))
    assert wrong == []


def test_findings_stand_once_in_the_catalogue() -> None:
    codes = re.findall(r"^([a-z][a-z0-9-]*):", texts()["engine/findings.yaml"], re.MULTILINE)
    assert [code for code in findings() if codes.count(code) > 1] == []


def test_findings_of_the_catalogue_are_used() -> None:
    """A code stands whole where it is used, so that whoever meets it can search for it."""
    said = {text for source in python("engine", "api") for text in strings(source)}
    assert [code for code in findings() if code not in said] == []


# The rulesets


def test_every_form_and_column_says_in_three_languages_what_it_is_about() -> None:
    """An executor who presses F1 in any cell reads what to enter there, or how the figure comes about."""
    unsaid = []
    for path in (path for path in texts() if re.fullmatch(r"rulesets/[^/]+/forms/[^/]+[.]yaml", path)):
        form = yaml.load(texts()[path], Loader=yaml.BaseLoader)
        told = {path: form, **{f"{path}: {name}": column for name, column in form["columns"].items()}}
        unsaid += [where for where, one in told.items() if not all(map(one.get("help", {}).get, LANGUAGES))]
    assert unsaid == []


# How the house is read


@cache
def tracked() -> list[str]:
    """Paths of what is in the repository or about to be."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(path for path in set(listed.split("\0")) if path and (ROOT / path).is_file())


@cache
def texts() -> dict[str, str]:
    """Every file that is text, by its path."""
    found = {}
    for path in tracked():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            found[path] = content.decode("utf-8")
    return found


@cache
def sources() -> list[Source]:
    trees = {path: ast.parse(text, path) for path, text in texts().items() if path.endswith(".py")}
    return [Source(path, texts()[path], tree, list(ast.walk(tree))) for path, tree in trees.items()]


def python(*parts: str) -> list[Source]:
    """The Python files of these parts of the house, or of all."""
    return [source for source in sources() if not parts or source.part in parts]


@cache
def findings() -> dict[str, dict[str, str]]:
    catalogue: dict[str, dict[str, str]] = yaml.safe_load(texts()["engine/findings.yaml"])
    return catalogue


def finding_calls() -> Iterator[tuple[Source, ast.Call, str]]:
    """Calls of `finding` whose code is written there."""
    for source in python("engine", "api"):
        for node in source.nodes:
            match node:
                case ast.Call(ast.Name("finding") | ast.Attribute(attr="finding"), [ast.Constant(str(code)), *_]):
                    yield source, node, code


def facts_added(source: Source, function: ast.expr) -> set[str | None]:
    """Facts that a method `finding` adds by itself; in `judge.finding` the receiver bears the name of its class."""
    if not isinstance(function, ast.Attribute):
        return set()
    receiver = ast.unparse(function.value).rpartition(".")[2].strip("_").lower()
    own = {name for place, name in wrappers() if place == source.path}
    classes = own if receiver == "self" else {receiver}
    return set().union(*(facts for (_, name), facts in wrappers().items() if name in classes))


@cache
def wrappers() -> dict[tuple[str, str], set[str | None]]:
    """By file and class in small letters: the facts that its method `finding` gives in the caller's stead."""
    found: dict[tuple[str, str], set[str | None]] = {}
    for source in python("engine", "api"):
        for owner in (node for node in source.tree.body if isinstance(node, ast.ClassDef)):
            for method in (node for node in owner.body if isinstance(node, Function) and node.name == "finding"):
                calls = [node for node in ast.walk(method) if isinstance(node, ast.Call)]
                found[source.path, owner.name.lower()] = {k.arg for call in calls for k in call.keywords if k.arg}
    return found


def imports(source: Source) -> Iterator[tuple[ast.stmt, str]]:
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, f"{source.part}." if node.level else node.module or ""


def top(module: str) -> str:
    return module.partition(".")[0]


def impurities(source: Source) -> Iterator[ast.stmt | ast.expr]:
    for node in source.nodes:
        match node:
            case ast.Global():
                yield node
            case ast.Attribute(attr=name) if name in ENGINE_IMPURE_MEMBERS:
                yield node
            case ast.ImportFrom(names=names) if ENGINE_IMPURE_MEMBERS & {alias.name for alias in names}:
                yield node
            case ast.Call(ast.Name(name)) if name in ENGINE_IMPURE_CALLS:
                yield node


def bound_names(tree: ast.Module) -> set[str]:
    """Names that the module gives itself: its own `compile` is not Python's."""
    defined = {node.name for node in tree.body if isinstance(node, Function)}
    taken = [alias for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    return defined | {alias.asname or alias.name for alias in taken}


def functions(source: Source) -> list[Function]:
    return [node for node in source.nodes if isinstance(node, Function)]


def parameters(function: Function) -> list[str]:
    a = function.args
    return [parameter.arg for parameter in (*a.posonlyargs, *a.args, *a.kwonlyargs)]


def lines_of(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def p95(lengths: Iterable[int]) -> int:
    """The smallest length that at least 95 % do not exceed."""
    ordered = sorted(lengths)
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


def longest(lengths: dict[str, int]) -> str:
    return ", ".join(f"{place} ({length})" for place, length in sorted(lengths.items(), key=lambda item: -item[1])[:20])


def strings(source: Source) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def facts_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def matches(pattern: re.Pattern[str]) -> list[str]:
    found = ((path, text, match) for path, text in texts().items() for match in pattern.finditer(text))
    return [f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}" for path, text, match in found]


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def commands(program: str) -> set[str]:
    """First words after `make` or `esep` in the README's code, be it a block or in the line."""
    code = "\n".join(re.findall(r"^```.*?^```|`[^`\n]+`", texts()["README.md"], re.MULTILINE | re.DOTALL))
    return set(re.findall(rf"(?<![\w-]){program} +([a-z][a-z-]*)", code))

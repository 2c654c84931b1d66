"""Which column must be computed before which.

The graph has a node for every column of every form, named (form, column), and an edge to each column that its formula
reads in the same year. What is read of the year before (`PREVIOUS`) is no edge: a column may read itself that way. The
rows of a form of groups exist once the columns it is grouped by are known.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping

from engine.formula import Call, Column, Expr, children
from engine.ruleset import Form, Ruleset

Node = tuple[str, str]
"""(form, column)"""


def dependencies(ruleset: Ruleset) -> dict[Node, set[Node]]:
    """The columns that each column reads in the same year; names that do not exist are left out."""
    nodes = {(form.name, column) for form in ruleset.forms.values() for column in form.columns}
    return {
        (form.name, column): {node for node in _reads(form, column) if node in nodes}
        for form in ruleset.forms.values()
        for column in form.columns
    }


def order(ruleset: Ruleset) -> list[Node]:
    """All columns, each after those it reads and otherwise in order of writing; what stands in a cycle is left out."""
    reads = dependencies(ruleset)
    rank = {node: i for i, node in enumerate(reads)}
    readers: dict[Node, list[Node]] = {node: [] for node in reads}
    waiting_for = {node: len(read) for node, read in reads.items()}
    for node, read in reads.items():
        for other in read:
            readers[other].append(node)
    ready = [(rank[node], node) for node, count in waiting_for.items() if not count]
    done = []
    while ready:
        _, node = heapq.heappop(ready)
        done.append(node)
        for reader in readers[node]:
            waiting_for[reader] -= 1
            if not waiting_for[reader]:
                heapq.heappush(ready, (rank[reader], reader))
    return done


def cycles(ruleset: Ruleset) -> list[list[Node]]:
    """The shortest way around through each column that reads itself in the end, one way for columns that share it."""
    reads = dependencies(ruleset)
    rank = {node: i for i, node in enumerate(reads)}
    stuck = set(reads) - set(order(ruleset))
    found: list[list[Node]] = []
    told: set[Node] = set()
    for node in sorted(stuck, key=rank.__getitem__):
        way = [] if node in told else _way_around(node, reads, rank)
        if way and told.isdisjoint(way):
            found.append(way)
            told.update(way)
    return found


def rows_order(forms: Mapping[str, Form]) -> list[Form]:
    """All forms, each after those that its rows come from and otherwise in order of writing."""
    done: dict[str, Form] = {}

    def add(name: str, above: tuple[str, ...]) -> None:
        for source in forms[name].rows.forms if name not in done else ():
            if source in forms and source not in above:
                add(source, (*above, name))
        done.setdefault(name, forms[name])

    for name in forms:
        add(name, (name,))
    return list(done.values())


def references(tree: Expr) -> Iterator[Column]:
    """The columns that a formula reads in the same year, with where it does."""
    if isinstance(tree, Column):
        yield tree
    if not (isinstance(tree, Call) and tree.name == "PREVIOUS"):
        for child in children(tree):
            yield from references(child)


def readers(forms: Mapping[str, Form]) -> dict[Node, list[tuple[Node, bool]]]:
    """column → the columns whose formulas read it, and whether they do so in their own row."""
    found: dict[Node, list[tuple[Node, bool]]] = {}
    for form in forms.values():
        for column in form.columns.values():
            own: dict[Node, bool] = {}
            for one in references(column.formula.tree) if column.formula else ():
                node = one.form or form.name, one.column
                own[node] = own.get(node, False) or one.this_row
            for node, this_row in own.items():
                found.setdefault(node, []).append(((form.name, column.name), this_row))
    return found


def _reads(form: Form, name: str) -> Iterator[Node]:
    column = form.columns[name]
    if column.formula:
        for reference in references(column.formula.tree):
            yield reference.form or form.name, reference.column
    if form.rows.kind == "group":
        if name in form.rows.by:
            yield from ((source, name) for source in form.rows.forms)
        else:
            yield from ((form.name, key) for key in form.rows.by)


def _way_around(start: Node, reads: dict[Node, set[Node]], rank: dict[Node, int]) -> list[Node]:
    came_from: dict[Node, Node] = {}
    queue = [start]
    for node in queue:
        for other in sorted(reads[node], key=rank.__getitem__):
            if other == start:
                way = [node]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return [*reversed(way), start]
            if other not in came_from:
                came_from[other] = node
                queue.append(other)
    return []

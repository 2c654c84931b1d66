"""How edits spread: which rows of which groups run again, and what came out differently.

Groups run in order. A group's row is dirty where something it reads in that row changed; all rows of a submission are
where something changed that is read through a total, from another root or from the header. What a group says of its
dirty rows is calculated once with what it read before and once with what it reads now (`frames`), as two blocks of
cells that are compared in one go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.editing import Touched
from engine.evaluation import Evaluation
from engine.kernel import fused
from engine.kernel.fused import Frame, Fused, Purpose
from engine.kernel.lanes import Lanes
from engine.kernel.totals import advanced
from engine.kernel.typed import SUBMISSION, Op
from engine.line_moves import LineKeys, Moves, line_moves
from engine.number import BLANK, SPECIAL, Array, Cells
from engine.plan import Key, Plan
from engine.route import Reach, Step
from engine.slots import (
    Cut,
    Kept,
    Moved,
    Places,
    changes_at,
    kept_of,
    moved,
    places_of,
    rows_of,
    settled,
    taken,
    together,
    with_rows,
)
from engine.verdicts import INPUT_MISSING, Told, blanks_among
from engine.workbook import Changes, Results, Workbook

Rows = NDArray[np.int64]
Frames = tuple[Frame | None, Frame]
"""What compiled code read before, if it must run again with that, and reads now."""
_NONE: Rows = np.empty(0, dtype=np.int64)


class Wave:
    """One edit's consequences, from a recalculated workbook to the one after."""

    def __init__(
        self, plan: Plan, before: Workbook, after: Workbook, compiled: int = 1, *, afresh: bool = False
    ) -> None:
        assert before.results is not None, "edits are followed from a recalculated workbook"
        self.plan, self.before, self.results, self.compiled = plan, before, before.results, compiled
        self.afresh = afresh
        self.new = Evaluation(plan, after, compiled)
        self.frames: dict[int, Frame] = {}
        self.new.kept = dict(self.results.kept)
        self.new.stored = Cut.of(self.results.columns, plan.route.columns, self.new.kept)
        self.checks = Cut.of(self.results.checks, plan.route.checks, self.new.kept)
        self.changed: dict[Key, None] = {}
        """Inputs and kept columns that differ."""
        self.ran: list[int] = []
        """Steps of which something differs that they keep."""
        self.moved: dict[Key, tuple[Moved, slice]] = {}
        """How those differ that put something in the budget, each with its slots."""
        self.header: dict[str, Rows] = {}
        """Submissions whose fields differ. What is left behind of totals and frames does not outlive that."""
        self.cells: list[Changes] = []
        self._rows: dict[int, list[Rows]] = {}
        """Dirty rows of each step yet to be taken."""
        self._submissions: dict[int, set[int]] = {}
        """Submissions of which all rows are dirty."""
        self.line_keys: LineKeys = {}
        self.said: dict[tuple[str, str, str, int], str] = {}
        self.told = Told()
        """What there is to tell of what ran; of checks, what they did not say before: `afresh`, all of it."""

    @cached_property
    def old(self) -> Evaluation:
        """The calculation before; asked only for what it did not leave behind."""
        old = Evaluation(self.plan, self.before, self.compiled)
        old.kept = dict(self.results.kept)
        old.stored = Cut.of(self.results.columns, self.plan.route.columns, old.kept)
        old.known_totals = dict(self.results.totals)
        return old

    def follow(self, touched: Touched) -> Results:
        """Run what the edits reach, and give the results after them."""
        self.cells = list(touched.cells)
        self.header = {name: submissions for name, submissions in touched.header.items() if submissions.size}
        if not self.header:
            self.new.known_totals, self.frames = dict(self.results.totals), dict(self.results.frames)
            self.line_keys, self.said = self.results.line_keys, self.results.said
        for name, submissions in self.header.items():
            self._reach(self.plan.route.header.get(name, ()), submissions.tolist())
        for key, rows in touched.rows.items():
            if rows.size:
                self._input(key, rows, touched.blocks[key])
        for step in self.plan.route.steps:
            if step.index in self._rows or step.index in self._submissions:
                rows = self._dirty(step)
                if rows.size:
                    self._run(step, rows)
        for key in self.plan.slow_checks:
            self.checks[key] = self.new.slow.check(key)
            self.told.failures.append((key, np.argwhere(self.checks[key] == 0)))
        known, kept = dict(self.new.known_totals), self.new.kept
        return Results(self.new.stored, self.checks, known, self.frames, kept, self.line_keys, self.said)

    def lines(self, after: Workbook) -> Moves:
        """How the budget lines moved, and the rows that are left out of them."""
        return line_moves(self.plan, (self.before, after), self.moved)

    def _input(self, key: Key, rows: Rows, blocks: tuple[Array, Array]) -> None:
        """Go on from an edited input."""
        offsets = self.new.workbook.tables[key[0]].offsets
        what = moved(offsets, rows, blocks)
        if not what.whole and blocks[1].dtype != object:
            what = moved(offsets, rows, self._blanks(key, rows, blocks))
        reach = self.plan.route.reach[key]
        self._spread(reach, what)
        for op in reach.plain:
            known = self.new.known_totals.get(op)
            if known is not None and not (what.whole and op.detail[0] == "count"):
                after = advanced(known, what.submissions, what.sums) if op.detail[0] == "sum" else None
                self._total(op, after)

    def _blanks(self, key: Key, rows: Rows, blocks: tuple[Array, Array]) -> tuple[Array, Array]:
        """The same cells; a blank that may be one counts as 0, another is told."""
        declared, (old, new) = self.plan.column(key), blocks
        if declared.optional:
            return np.where(old == BLANK, 0, old), np.where(new == BLANK, 0, new)
        blank = new == BLANK
        places = blanks_among(blank if declared.by_year else blank[0])
        places[:, 1] = rows[places[:, 1]]
        if len(places):
            self.told.blanks.append((key, places))
        return blocks

    def _total(self, op: Op, after: Lanes | None) -> None:
        """A total as it is now; None where it must be added up again."""
        if after is None:
            self.new.known_totals.pop(op, None)
        else:
            self.new.known_totals[op] = after

    def _spread(self, reach: Reach, what: Moved) -> None:
        """Columns of one root have changed: who reads them is dirty, and totals that do not follow from their sums are
        forgotten."""
        self.changed.update(reach.keys)
        for op in reach.totals:
            self.new.known_totals.pop(op, None)
        for step in reach.rows:
            self._rows.setdefault(step, []).append(what.rows)
        if reach.wide:
            self._reach(reach.wide, self._owners(next(iter(reach.keys)), what))
        for key, slots in reach.lines:
            self.moved[key] = what, slots

    def _owners(self, key: Key, what: Moved) -> Collection[int]:
        """The submissions that the rows of a column belong to."""
        if what.submissions.size:
            found: list[int] = what.submissions.tolist()
            return found
        offsets = self.new.table(self.plan.roots[key[0]]).offsets
        return set((offsets.searchsorted(what.rows, "right") - 1).tolist())

    def _reach(self, steps: Iterable[int], submissions: Collection[int]) -> None:
        for step in steps:
            self._submissions.setdefault(step, set()).update(submissions)

    def _dirty(self, step: Step) -> Rows:
        parts = self._rows.get(step.index, [])
        if step.index in self._submissions:
            submissions = sorted(self._submissions[step.index])
            if step.group.root == SUBMISSION:
                return np.array(submissions, dtype=np.int64)
            offsets = self.new.table(step.group.root).offsets
            if len(submissions) == offsets.size - 1:
                return np.arange(offsets[-1])
            parts = [*parts, *(np.arange(offsets[each], offsets[each + 1]) for each in submissions)]
        return _NONE if not parts else parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))

    def _run(self, step: Step, rows: Rows) -> None:
        if step.group.slow or not step.asked:
            self._run_apart(step, rows)
            return
        frames, kept = self._frames(step), self._kept(step)
        of = step.kept, step.moments, self.new.table(step.group.root).offsets
        done = None
        if frames is not None and together(kept, rows, of[-1]):
            done = taken(kept, rows, frames, of)
            if done is None and (telling := self._telling(step, frames)) is not None:
                frames, done = telling, taken(kept, rows, telling, of)
        done = done or settled(kept, rows, self._blocks(step, rows, frames), of)
        slots = done.places[0]
        if slots.size:
            self._note(step, rows, done.places, done.blocks)
            if slots[0] < step.asked:
                self.new.kept[step.index] = done.kept
                self.ran.append(step.index)
                self._go_on(step.reached(done.columns), done.what)
        if done.failing or not done.what.whole:
            self._tell(step, rows, done.blocks)

    def _run_apart(self, step: Step, rows: Rows) -> None:
        """The same of what is in no piece: a column that the oracle made, or months alone."""
        blocks = self._of_oracle(step, rows) if step.group.slow else self._blocks(step, rows, self._frames(step))
        places = places_of(*blocks)
        if places[0].size:
            self._note(step, rows, places, blocks)
            for key, reach in zip(step.columns, step.reach, strict=True):
                self.new.stored[key] = with_rows(self.new.stored[key], rows, blocks[1])
                self._go_on(reach, moved(self.new.table(step.group.root).offsets, rows, blocks))
        self._tell(step, rows, blocks)

    def _note(self, step: Step, rows: Rows, places: Places, blocks: tuple[Array, Array]) -> None:
        """The cells that differ are told, but for checks."""
        slots, at = places
        kept, asked = _below(slots, step.kept), _below(slots, step.asked)
        if kept or asked < slots.size:
            told = (_without(slots, kept, asked), _without(at, kept, asked)) if kept < asked else places
            offsets = self.new.table(step.group.root).offsets
            self.cells.append(changes_at(step.slots, offsets, rows, told, blocks))

    def _go_on(self, reach: Reach, what: Moved) -> None:
        """Go on from the columns that differ."""
        self._spread(reach, what)
        for op in reach.sums if what.whole else reach.plain:
            self.new.known_totals.pop(op, None)

    def _kept(self, step: Step) -> Kept:
        """All that a step keeps, before it has run."""
        kept = self.new.kept.get(step.index)
        if kept is None:
            columns = [self.new.stored[key] for key in step.columns]
            checks = [self.checks[key] for key in step.group.checks]
            kept = kept_of([*columns, *checks], self.new.table(step.group.root).offsets)
            self.new.kept[step.index] = kept
        return kept

    def _tell(self, step: Step, rows: Rows, blocks: tuple[Array, Array]) -> None:
        """Note errors and checks that do not hold."""
        (old, new), years = blocks, len(self.plan.years)
        kept, asked = new[: step.kept], new[step.kept : step.asked]
        if kept.dtype != object and np.count_nonzero(kept < SPECIAL):
            wrong = (kept < SPECIAL) & (kept != INPUT_MISSING)
            shape = (len(step.columns), *((years,) if step.moments == years else (years, 12)), rows.size)
            self.told.errors += _at_rows(step.columns, wrong.reshape(shape), rows)
        if np.count_nonzero(asked) < asked.size:
            shape = len(step.group.checks), years, rows.size
            failed = np.equal(asked, 0).reshape(shape)
            if not self.afresh:
                failed &= (old[step.kept : step.asked].reshape(shape) != 0) | self._reworded(step)
            self.told.failures += _at_rows(step.group.checks, failed, rows)

    def _reworded(self, step: Step) -> NDArray[np.bool_]:
        """(checks, 1, 1): of which the message may show something else now."""
        shown = [self.plan.messages[key] for key in step.group.checks]
        header, changed = self.header.keys(), self.changed.keys()
        found = [not (changed.isdisjoint(each.columns) and header.isdisjoint(each.header)) for each in shown]
        return np.array(found).reshape(-1, 1, 1)

    def _of_oracle(self, step: Step, rows: Rows) -> tuple[Array, Array]:
        (key,) = step.columns
        held, cells = self.new.stored[key], self.new.slow.column(key, rows)
        return held.reshape(len(step.slots), -1)[:, rows], cells.reshape(len(step.slots), rows.size)

    def _blocks(self, step: Step, rows: Rows, frames: Frames | None) -> tuple[Array, Array]:
        """What a step says of these rows, (slots, rows): before, and now."""
        if frames is None:
            return self._before(step, rows, None), self.new.interpreted(step.group, rows, step.detailed)
        before, now = frames
        new = now.code.some(now, rows)
        if np.count_nonzero(new.again):
            again = np.flatnonzero(new.again)
            new.cells[:, again] = self.new.interpreted(step.group, rows[again], step.detailed)
        return self._before(step, rows, before), new.cells

    def _frames(self, step: Step) -> Frames | None:
        """What compiled code of a step reads; None where there is no code."""
        held = self.results.frames.get(step.index) if self.compiled else None
        if held is not None and held.code.fits(self.new):
            code: Fused | None = held.code
        else:
            code, held = None, None
            if self.compiled:
                code = fused.compiled(self.new, step.group, step.detailed, purpose=Purpose.FEW)
        if code is None:
            return None
        if held is None and step.detailed:
            held = code.frame(self.old)
        if held is None or self.header:
            now = code.frame(self.new)
        else:
            now = code.moved(held, self.new, self.changed.keys(), self.ran)
        self.frames[step.index] = now
        return held if step.detailed else None, now

    def _telling(self, step: Step, frames: Frames) -> Frames | None:
        """The same under code that tells errors, from now on; None if it does already, or there is none."""
        before, now = frames
        code = None if now.code.telling else fused.compiled(self.new, step.group, step.detailed, purpose=Purpose.ERRORS)
        if code is None:
            return None
        self.frames[step.index] = replace(now, code=code)
        return None if before is None else replace(before, code=code), self.frames[step.index]

    def _before(self, step: Step, rows: Rows, frame: Frame | None) -> Cells:
        """What a step said of these rows; monthly columns are not kept, and must be calculated once more."""
        if not step.detailed:
            return rows_of(self._kept(step).cells, rows)
        if frame is None:
            return self.old.interpreted(step.group, rows, True)
        old = frame.code.some(frame, rows)
        if np.count_nonzero(old.again):
            again = np.flatnonzero(old.again)
            old.cells[:, again] = self.old.interpreted(step.group, rows[again], True)
        return old.cells


def _below(slots: Rows, limit: int) -> int:
    """How many of the slots, in order, are below the limit."""
    return slots.size if slots[-1] < limit else int(slots.searchsorted(limit))


def _without(places: Rows, first: int, last: int) -> Rows:
    return places[:first] if last == places.size else np.concatenate((places[:first], places[last:]))


def _at_rows(keys: Sequence[Key], found: NDArray[np.bool_], rows: Rows) -> Iterator[tuple[Key, Rows]]:
    """By column or check where it was found, (keys, years, [months,] rows)."""
    for i in np.flatnonzero(found.reshape(len(keys), -1).any(axis=1)).tolist():
        places = np.argwhere(found[i])
        places[:, -1] = rows[places[:, -1]]
        yield keys[i], places

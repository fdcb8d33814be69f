"""`Walk`: the backward pass under a debugger, forwards and backwards, with breakpoints."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Any

from autograd.errors import GraphError
from autograd.node import Node
from autograd.recording import Scope
from autograd.steps.backward import backward_steps
from autograd.steps.breakpoints import Breakpoint, as_breakpoint
from autograd.steps.step import BackwardStep, scopes_inside
from autograd.steps.table import html_table, text_table
from autograd.variables import called_by

__all__ = ["Walk"]

_SHOWN = 20  # steps that are printed up to where the walk stands
Where = Breakpoint | Node | str | Callable[[Any], Any]


class Walk:
    """A walk over the steps of a backward pass, which goes on, and back again, as it is told.

    The pass is made as far as the walk has ever come, or looked one step ahead to see whether a scope is left; going
    back leafs in the record of the steps, and the gradients stay as they are. To the end, it leaves the gradients that
    `backward` would have left. `print` shows a table of the steps up to where the walk stands; a notebook shows it too.

    Each movement returns the step that the walk then stands at; None at the beginning, and where it has come to the end
    without reaching what it was to stop at.

    Args:
        root: a node that requires a gradient.
        gradient: the upstream gradient of the root, of its shape. A scalar root needs none: it is 1.
        elements: True goes element by element; see `backward_steps`.
        names: what nodes are called, by node id, beside their own names; by the caller's variables unless given.

    Attributes:
        breakpoints: where `run` stops.

    Raises:
        GraphError, ShapeError, MutationError: as `backward_steps`.

    Example:
        >>> from autograd import Value
        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> walk = Walk(a * b + a)
        >>> walk.run(until=b)
        <step 5: b receives 1 × 2 = 2 (by ×; was 0, is 2)>
        >>> walk.back()
        <step 4: a receives 1 × −3 = −3 (by ×; was 1, is −2)>
        >>> print(walk)
          step  node  rule     upstream  local   contribution  grad so far
             1  v₂    seed                       1             1
             2  v₁    + of v₂  1         1       1             1 ✓
             3  a     + of v₂  1         1       1             1
        ▸    4  a     × of v₁  1         b = −3  −3            −2 ✓
    """

    def __init__(
        self, root: Node, gradient: Any = None, *, elements: bool = False, names: Mapping[int, str] | None = None
    ) -> None:
        self._root = root
        given = called_by(sys._getframe(1), root) if names is None else names
        self._coming = backward_steps(root, gradient, elements=elements, names=given)
        self._record: list[BackwardStep] = []
        self._place = 0  # steps of the record that lie behind
        self._level: tuple[Scope, ...] = ()  # the scopes that the walk has stepped into
        self._ended = False
        self._error: BaseException | None = None
        self.breakpoints: list[Breakpoint] = []

    # ---- where the walk stands ------------------------------------------------------------------------------------

    @property
    def place(self) -> int:
        """How many steps lie behind: the number of the step that the walk stands at, 0 at the beginning."""
        return self._place

    @property
    def current(self) -> BackwardStep | None:
        """The step that the walk stands at; None at the beginning."""
        return self._record[self._place - 1] if self._place else None

    @property
    def steps(self) -> tuple[BackwardStep, ...]:
        """The steps up to where the walk stands."""
        return tuple(self._record[: self._place])

    # ---- single steps ---------------------------------------------------------------------------------------------

    def step(self, count: int = 1) -> BackwardStep | None:
        """Go on by one edge, or by several; None where no step was left."""
        step: BackwardStep | None = None
        for _ in range(_at_least_one("step", count)):
            step = self._advance()
        return step

    def back(self, count: int = 1) -> BackwardStep | None:
        """Go back by one step, or by several, at most to the beginning."""
        return self._go_back_to(max(0, self._place - _at_least_one("back", count)))

    def goto(self, number: int) -> BackwardStep | None:
        """Go to the step of this number, forwards or back; 0 is the beginning.

        Raises:
            IndexError: the pass has no such step.
        """
        if number < 0:
            raise IndexError(f"goto: there is no step {number}; steps are counted from 1, and 0 is the beginning")
        if number <= self._place:
            return self._go_back_to(number)
        while self._place < number:
            if self._advance() is None:
                raise IndexError(f"goto: there is no step {number}; the pass has {self._place:,} steps")
        return self.current

    # ---- strides --------------------------------------------------------------------------------------------------

    def run(self, until: Where | None = None) -> BackwardStep | None:
        """Go on to the next breakpoint, or to `until`; None where the end comes first.

        Args:
            until: a node, the name of a scope or operation, a predicate of a step, or a `Breakpoint`.
        """
        stops = [*self.breakpoints, *([] if until is None else [as_breakpoint(until, self._root)])]
        while self._advance() is not None:
            if self._has_reached(stops):
                return self.current
        return None

    def to_end(self) -> BackwardStep | None:
        """Go to the end, past all breakpoints."""
        while self._advance() is not None:
            pass
        return self.current

    def step_over(self) -> BackwardStep | None:
        """Go on by one edge, or over the whole scope that begins with it, as ``conv2d``; a breakpoint inside stops.

        A scope that the walk has stepped into is gone through edge by edge.
        """
        coming = self._peek()
        if coming is None:
            return None
        outside = _common(scopes_inside(coming), self._level)
        entered = scopes_inside(coming)[len(outside) :][:1]
        if not entered:
            return self._advance()
        return self._leave(entered[0], outside)

    def step_into(self) -> BackwardStep | None:
        """Go into the scope that begins with the next edge, and over its first edge, or the first scope inside it."""
        coming = self._peek()
        if coming is not None:
            outside = _common(scopes_inside(coming), self._level)
            self._level = scopes_inside(coming)[: len(outside) + 1]
        return self.step_over()

    def step_out(self) -> BackwardStep | None:
        """Go on to the end of the scope that the walk has stepped into; a breakpoint inside stops."""
        if not self._level:
            return self.run() or self.current
        return self._leave(self._level[-1], self._level[:-1])

    def break_at(self, where: Where) -> Breakpoint:
        """Let `run` stop at a node, a scope, an operation, or where a predicate of a step holds.

        Raises:
            ValueError: nothing in the graph has the name that was given.

        Example:
            >>> from autograd import Value, Walk
            >>> x = Value(0.0, "x")
            >>> walk = Walk(x.exp() * 5.0)
            >>> stop = walk.break_at("exp")
            >>> walk.run()
            <step 3: x receives 5 × 1 = 5 (by exp; was 0, is 5)>
            >>> walk.breakpoints.remove(stop)
        """
        stop = as_breakpoint(where, self._root)
        self.breakpoints.append(stop)
        return stop

    # ---- the record -----------------------------------------------------------------------------------------------

    def _advance(self) -> BackwardStep | None:
        coming = self._peek()
        if coming is not None:
            self._place += 1
            self._level = scopes_inside(coming)
        return coming

    def _peek(self) -> BackwardStep | None:
        """The next step, of the record or of the pass."""
        if self._place == len(self._record) and not self._ended:
            self._pull()
        return self._record[self._place] if self._place < len(self._record) else None

    def _pull(self) -> None:
        if self._error is not None:
            raise GraphError(f"the pass was broken off by an error ({self._error}); begin a new walk") from self._error
        try:
            self._record.append(next(self._coming))
        except StopIteration:
            self._ended = True
        except BaseException as error:
            self._error = error
            raise

    def _go_back_to(self, place: int) -> BackwardStep | None:
        self._place = place
        self._level = () if self.current is None else scopes_inside(self.current)
        return self.current

    def _leave(self, scope: Scope, outside: tuple[Scope, ...]) -> BackwardStep | None:
        """Go on until the next step lies out of a scope."""
        coming = self._peek()
        while coming is not None and scope in scopes_inside(coming):
            self._advance()
            if self._has_reached(self.breakpoints):
                return self.current
            coming = self._peek()
        self._level = outside
        return self.current

    def _has_reached(self, stops: list[Breakpoint]) -> bool:
        here = self._record[self._place - 1]
        before = self._record[self._place - 2] if self._place > 1 else None
        return any(stop.reached(here, before) for stop in stops)

    # ---- how it is shown ------------------------------------------------------------------------------------------

    def table(self, first: int = 1, last: int | None = None) -> str:
        """The steps from one number to another as text, to where the walk stands where no last is given."""
        return text_table(self._record[max(first, 1) - 1 : self._place if last is None else last], self._place)

    def __str__(self) -> str:
        first = max(1, self._place - _SHOWN + 1)
        earlier = [f"… {first - 1:,} earlier {'step' if first == 2 else 'steps'}"] if first > 1 else []
        return "\n".join([*earlier, self.table(first), *self._note()])

    def __repr__(self) -> str:
        return f"<Walk at step {self._place}{' of ' + format(len(self._record), ',') if self._ended else ''}>"

    def _repr_html_(self) -> str:
        first = max(1, self._place - _SHOWN + 1)
        note = "; ".join([*([f"{first - 1:,} earlier steps"] if first > 1 else []), *self._note()])
        return html_table(self._record[first - 1 : self._place], self._place, note)

    def _note(self) -> list[str]:
        return ["the pass is complete"] if self._ended and self._place == len(self._record) else []


def _at_least_one(name: str, count: int) -> int:
    if count < 1:
        raise ValueError(f"{name}: goes by 1 step or more, not by {count}")
    return count


def _common(scopes: tuple[Scope, ...], level: tuple[Scope, ...]) -> tuple[Scope, ...]:
    """The scopes that two places lie in both."""
    pairs = takewhile(lambda pair: pair[0] is pair[1], zip(scopes, level, strict=False))
    return tuple(scope for scope, _ in pairs)

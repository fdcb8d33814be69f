"""The steps of a backward pass: what happened, in numbers, and how it is written as text and LaTeX."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.element import Index, index_text
from autograd.recording import Scope, Source
from autograd.steps.names import Names
from autograd.steps.wording import Cells, local_text, quantity, quantity_latex, sum_text, symbols_or_number

__all__ = ["BackwardStep", "EdgeStep", "HandmadeStep", "HookStep", "SeedStep", "Step", "scopes_inside"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Step:
    """What every step has.

    Attributes:
        number: the step's place in the pass, from 1.
        node: the node that the step is about.
        names: what the nodes are called.
    """

    number: int
    node: Any
    names: Names

    @property
    def operation(self) -> str:
        """The symbol of the operation that made the node; empty for a leaf."""
        return str(self.node.op)

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that the node was made in, the outermost first."""
        return self.node.scopes  # type: ignore[no-any-return]

    @property
    def scope(self) -> str:
        """The path of those scopes, such as ``"cnn/conv1/conv2d"``."""
        return str(self.node.scope)

    @property
    def source(self) -> Source | None:
        """The user's line that made the node, where `record_source` was on."""
        return self.node.source  # type: ignore[no-any-return]

    @property
    def name(self) -> str:
        """What the node is called."""
        return self.names[self.node]

    def sentence(self) -> str:
        """What happens, without the step's number."""
        raise NotImplementedError

    def latex(self) -> str:
        """What happens, as a formula in LaTeX."""
        raise NotImplementedError

    def cells(self) -> Cells:
        """The step as a row of a table."""
        raise NotImplementedError

    def __str__(self) -> str:
        return f"step {self.number}: {self.sentence()}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        from autograd.steps.table import html_table

        return html_table([self])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SeedStep(Step):
    """The pass begins: the root receives the gradient d(root)/d(root) = 1, or the one that was given.

    Attributes:
        gradient: what the root receives, a number or array.
        before: what the root held, where it is a leaf that earlier passes have reached; else None.
        after: what the root holds now.
    """

    gradient: Any
    before: Any
    after: Any

    def sentence(self) -> str:
        earlier = "" if self.before is None else f" (was {quantity(self.before)}, is {quantity(self.after)})"
        return f"{self.name} receives {quantity(self.gradient)}, the seed{earlier}"

    def latex(self) -> str:
        return rf"{_partial(self.names, self.node, self.node)} = {quantity_latex(self.gradient)}"

    def cells(self) -> Cells:
        return Cells(self.number, self.name, "seed", "", "", quantity(self.gradient), quantity(self.after))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EdgeStep(Step):
    """A node hands upstream gradient x local derivative to one of its arguments, which adds it up.

    Attributes:
        root: what is differentiated.
        node: the result, which hands on.
        parent: the argument that receives.
        argument: its place among the arguments, from 0.
        upstream: d(root)/d(node), complete.
        local: d(node)/d(parent); None where the operation has none element by element, as a matrix product.
        contribution: what the parent receives; None where a rule hands on nothing.
        before: the parent's gradient so far; None where nothing had reached it.
        after: the parent's gradient now.
        complete: whether nothing further of this pass will reach the parent.
        at, into: of a step by one element: the places of that element in the node and in the parent; else None.
    """

    root: Any
    parent: Any
    argument: int
    upstream: Any
    local: Any
    contribution: Any
    before: Any
    after: Any
    complete: bool
    at: Index | None = None
    into: Index | None = None

    @property
    def formula(self) -> str:
        """The local derivative in symbols, such as ``"y·x^(y − 1)"``; empty where there is none."""
        return local_text(self.node, self.argument, [self.names[parent] for parent in self.node.parents])

    @property
    def formula_latex(self) -> str:
        """The local derivative in LaTeX; empty where there is none."""
        names = [self.names.latex(parent) for parent in self.node.parents]
        return local_text(self.node, self.argument, names, latex=True)

    @property
    def receiver(self) -> str:
        """What the parent is called, with the place of the element in a step by one element."""
        return index_text(self.names[self.parent], self.into or ())

    def sentence(self) -> str:
        was, now = sum_text(self.before), sum_text(self.after)
        if self.contribution is None:
            return f"{self.receiver} receives nothing (by {self.operation}; is {now})"
        if self.local is None:
            received = f"{quantity(self.contribution)} from {quantity(self.upstream)} at {self.name}"
        else:
            received = f"{quantity(self.upstream)} × {quantity(self.local)} = {quantity(self.contribution)}"
        return f"{self.receiver} receives {received} (by {self.operation}; was {was}, is {now})"

    def latex(self) -> str:
        target = _partial(self.names, self.root, self.parent, self.into)
        upstream = _partial(self.names, self.root, self.node, self.at)
        local = _partial(self.names, self.node, self.parent, self.into, self.at)
        was = quantity_latex(self.before) if self.before is not None else "0"
        if self.contribution is None:
            return rf"{target} \leftarrow {was}"
        if self.local is None:
            return rf"{target} \leftarrow {was} + \left({local}\right)^{{\top}} {upstream}"
        times = r"\odot" if np.ndim(self.upstream) else r"\cdot"
        parts = [rf"{target} \leftarrow {was} + {upstream} {times} {local}"]
        factors = [quantity_latex(x, factor=True) for x in (self.upstream, self.local)]
        parts.append(rf"{was} + {factors[0]} {times} {factors[1]}")
        parts.append(quantity_latex(self.after))
        return " = ".join(parts)

    def cells(self) -> Cells:
        upstream = "—" if self.upstream is None else quantity(self.upstream)
        local = symbols_or_number(self.formula, self.local)
        contribution = "nothing" if self.contribution is None else quantity(self.contribution)
        held = sum_text(self.after) + (" ✓" if self.complete else "")
        rule = f"{self.operation} of {index_text(self.name, self.at or ())}"
        return Cells(self.number, self.receiver, rule, upstream, local, contribution, held)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HookStep(Step):
    """A node's gradient is complete, and the node's hooks are given it.

    Attributes:
        gradient: what the hooks were given: the gradient of this pass.
        replaced: the gradient after the hooks.
        before, after: what a leaf held from earlier passes, and holds now; of a result None, and what was `replaced`.
    """

    gradient: Any
    replaced: Any
    before: Any
    after: Any

    def sentence(self) -> str:
        given, now = sum_text(self.gradient), sum_text(self.replaced)
        what = f"sees {given}" if given == now else f"turns {given} into {now}"
        earlier = "" if self.before is None else f" (was {quantity(self.before)}, is {quantity(self.after)})"
        return f"the hook of {self.name} {what}{earlier}"

    def latex(self) -> str:
        given, now = (quantity_latex(x) if x is not None else "0" for x in (self.gradient, self.replaced))
        return rf"\mathrm{{hook}}\left({given}\right) = {now}"

    def cells(self) -> Cells:
        given, now = sum_text(self.gradient), sum_text(self.replaced)
        return Cells(self.number, self.name, "hook", given, "", now, f"{sum_text(self.after)} ✓")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HandmadeStep(Step):
    """A node's `_backward`, which its user wrote by hand, was called: it adds what it likes, so only sums are known.

    Attributes:
        upstream: the node's gradient, complete.
        before, after: the gradients of the node's parents, in order, before and after the call.
    """

    upstream: float
    before: tuple[float, ...]
    after: tuple[float, ...]

    def _changes(self) -> list[str]:
        rows = zip(self.node.parents, self.before, self.after, strict=True)
        return [f"{self.names[parent]} was {quantity(was)}, is {quantity(now)}" for parent, was, now in rows]

    def sentence(self) -> str:
        given = f"the _backward of {self.name}, written by hand, takes {quantity(self.upstream)}"
        return "; ".join([given, *self._changes()])

    def latex(self) -> str:
        rows = zip(self.node.parents, self.before, self.after, strict=True)
        changes = [
            rf"{self.names.latex(parent)}: {quantity_latex(was)} \to {quantity_latex(now)}" for parent, was, now in rows
        ]
        return r",\; ".join(changes) or r"\mathrm{by\ hand}"

    def cells(self) -> Cells:
        sums = "; ".join(self._changes())
        return Cells(self.number, self.name, "by hand", quantity(self.upstream), "", "", sums)


def scopes_inside(step: Step) -> tuple[Scope, ...]:
    """The scopes that a step lies in; the seed lies before all of them."""
    return () if isinstance(step, SeedStep) else step.scopes


BackwardStep = SeedStep | EdgeStep | HookStep | HandmadeStep


def _partial(names: Names, result: Any, variable: Any, into: Index | None = None, at: Index | None = None) -> str:
    """d(result)/d(variable) in LaTeX, of elements where their places are given."""
    above, below = (names.latex(node) + _place_latex(place) for node, place in ((result, at), (variable, into)))
    return rf"\frac{{\partial {above}}}{{\partial {below}}}"


def _place_latex(place: Index | None) -> str:
    return f"[{','.join(map(str, place))}]" if place else ""

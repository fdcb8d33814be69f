"""`backward_steps`: the backward pass as an iterator over what it does."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from autograd.backward_pass import Hooked, begin_pass, break_off, checked_seed, finish_hooked, place_seed
from autograd.element import Index
from autograd.errors import GraphError
from autograd.node import Node
from autograd.recording import modes
from autograd.scalar_pass import ScalarPass
from autograd.steps.elements import check_budget, single_elements
from autograd.steps.handing import Arrays, Handed, Scalars
from autograd.steps.names import Names
from autograd.steps.step import BackwardStep, EdgeStep, HandmadeStep, HookStep, SeedStep
from autograd.variables import called_by

__all__ = ["backward_steps"]


def backward_steps(
    root: Node, gradient: Any = None, *, elements: bool = False, names: Mapping[int, str] | None = None
) -> Iterator[BackwardStep]:
    """The backward pass, step by step: the seed, then each edge in the order in which `backward` goes over it.

    The pass is made while one iterates. When a step is given out, its parent's `grad` holds what the step says; at the
    end every gradient is what `backward` would have left, to the bit: leaves add to what earlier passes brought, hooks
    have run, interior gradients are of this pass.

    An iterator that is left midway leaves the pass there: leaves keep what has reached them so far, except those with
    hooks, which keep what they had before; call `zero_grad` before the next pass. The iterator keeps no step.

    Args:
        root: a node that requires a gradient.
        gradient: the upstream gradient of the root, of its shape. A scalar root needs none: it is 1.
        elements: True tells each edge between tensors element by element, of small graphs: which element of the result
            hands how much to which element of the argument. `grad` still changes by whole arrays, before the first of
            an edge's elements is told, and an element's sum may differ from it by rounding.
        names: what nodes are called, by node id, beside their own names; by the caller's variables unless given.

    Yields:
        `SeedStep`, then `EdgeStep` for each edge; where there are any, `HookStep` for a node with hooks, and
        `HandmadeStep` for a node whose `_backward` was written by hand.

    Raises:
        GraphError: the root requires no gradient, or is not a scalar and no `gradient` was given; a graph has too many
            elements to tell them one by one; another pass went over the same nodes between two steps.
        ShapeError: `gradient` does not have the root's shape.
        MutationError: data was changed after the forward pass used it, or is changed between two steps.

    Example:
        >>> from autograd import Value
        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> for step in backward_steps(a * b + a):
        ...     print(step)
        step 1: v₂ receives 1, the seed
        step 2: v₁ receives 1 × 1 = 1 (by +; was 0, is 1)
        step 3: a receives 1 × 1 = 1 (by +; was 0, is 1)
        step 4: a receives 1 × −3 = −3 (by ×; was 1, is −2)
        step 5: b receives 1 × 2 = 2 (by ×; was 0, is 2)
        >>> a.grad, b.grad
        (-2.0, 2.0)
    """
    seed = checked_seed(root, gradient)
    scalar = isinstance(root, ScalarPass)
    called = Names(root, called_by(sys._getframe(1), root) if names is None else names)
    if elements and not scalar:
        check_budget(root, called)
    return _Telling(root, called, Scalars() if scalar else Arrays(), elements and not scalar).steps(seed)


class _Telling:
    """A pass on its way."""

    def __init__(self, root: Any, names: Names, edges: Any, elements: bool) -> None:
        self._root = root
        self._names = names
        self._edges = edges
        self._elements = elements
        self._next_number: Callable[[], int] = count(1).__next__
        self._to_come: dict[int, int] = {}  # edges that will still reach a node
        self._left: dict[int, Any] = {}  # by what to know the gradients again of nodes that wait for their turn

    def steps(self, seed: Any) -> Iterator[BackwardStep]:
        root = self._root
        order, hooked = begin_pass(root)
        began = modes.backward_pass
        self._count_edges(order)
        try:
            yield self._seed_step(seed)
            del seed
            for node in order:
                if node is not None:  # a place that is free
                    self._require_undisturbed(node, began)
                    yield from self._node(node)
            while hooked:
                yield self._finished(hooked)
        except BaseException:
            if modes.backward_pass == began:  # else the gradients belong to a pass that came in between
                break_off(hooked)
            raise

    def _seed_step(self, seed: Any) -> SeedStep:
        root = self._root
        before, given = self._edges.held(root), self._edges.copied(seed, root)
        place_seed(root, seed)
        self._left[root._id] = self._edges.mark(root)
        return SeedStep(self._next_number(), root, self._names, given, before, self._edges.held(root))

    def _count_edges(self, order: list[Any]) -> None:
        to_come = self._to_come
        for node in order:
            if node is not None:
                for parent in node.parents:
                    if parent.requires_grad:
                        to_come[parent._id] = to_come.get(parent._id, 0) + 1

    def _require_undisturbed(self, node: Any, began: int) -> None:
        mark = self._left.pop(node._id)
        if modes.backward_pass != began and not self._edges.has_mark(node, mark):
            raise GraphError(
                f"backward_steps: another backward pass went over {node.describe()} between two steps, so that its "
                f"gradient is no longer of this pass. Finish one pass before the next, and begin this one again"
            )
        self._edges.require_unchanged(node)

    def _node(self, node: Any) -> Iterator[BackwardStep]:
        notes = node._notes
        if notes is not None and notes.hooks:
            given = self._edges.held(node)
            self._edges.run_hooks(node)
            replaced = self._edges.held(node)
            yield HookStep(self._next_number(), node, self._names, given, replaced, None, replaced)
        if notes is not None and notes.handmade is not None:
            yield self._handmade(node)
            return
        parents = node.parents
        for handed in self._edges.hand_on(node):
            parent = parents[handed.argument]
            complete = self._arrived(parent)
            if self._elements and handed.contribution is not None:
                yield from self._element_steps(node, parent, handed, complete)
            else:
                yield self._edge(node, parent, handed, complete)

    def _arrived(self, parent: Any) -> bool:
        """Note that one more edge has reached a node; True if it was the last."""
        to_come = self._to_come[parent._id] - 1
        if parent.rule is not None:
            self._left[parent._id] = self._edges.mark(parent)
        if to_come:
            self._to_come[parent._id] = to_come
        else:
            del self._to_come[parent._id]
        return not to_come

    def _edge(self, node: Any, parent: Any, handed: Handed, complete: bool, *places: Index) -> EdgeStep:
        return EdgeStep(self._next_number(), node, self._names, self._root, parent, *handed, complete, *places)

    def _element_steps(self, node: Any, parent: Any, handed: Handed, complete: bool) -> Iterator[EdgeStep]:
        for element in single_elements(node, handed):
            yield self._edge(node, parent, element.handed, complete and element.last, element.at, element.into)

    def _handmade(self, node: Any) -> HandmadeStep:
        before = tuple(parent.grad for parent in node.parents)
        node._pull()
        after = tuple(parent.grad for parent in node.parents)
        for parent in node.parents:
            if parent.requires_grad:
                self._arrived(parent)
        return HandmadeStep(self._next_number(), node, self._names, node.grad, before, after)

    def _finished(self, hooked: Hooked) -> HookStep:
        leaf, earlier = hooked[0]
        given, before = self._edges.held(leaf), self._edges.copied(earlier, leaf)
        replaced = self._edges.copied(finish_hooked(hooked), leaf)
        return HookStep(self._next_number(), leaf, self._names, given, replaced, before, self._edges.held(leaf))

"""Where a walk stops: at a node, in a scope, at an operation, or where a predicate holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.node import Node, topological_order
from autograd.numbers import number_text
from autograd.steps.step import SeedStep, Step, scopes_inside

__all__ = ["Breakpoint", "as_breakpoint"]


class Breakpoint(NamedTuple):
    """A place to stop at.

    Attributes:
        what: the place in words.
        reached: whether a step has come to it, from the step and the one before, None for the first.

    Example:
        >>> from autograd import Value, Walk
        >>> x = Value(0.5, "x")
        >>> walk = Walk(x * 2000.0 + x)
        >>> print(walk.run(until=Breakpoint.exceeding(1e3)))
        step 4: x receives 1 × 2000 = 2000 (by ×; was 1, is 2001)
    """

    what: str
    reached: Callable[[Step, Step | None], bool]

    @classmethod
    def node(cls, node: Node) -> Breakpoint:
        """Each step in which the node receives, and the first in which it hands on."""

        def reached(step: Any, before: Any) -> bool:
            if getattr(step, "parent", None) is node:
                return True
            return step.node is node and (isinstance(step, SeedStep) or _begins_a_node(step, before))

        return cls(node.describe(), reached)

    @classmethod
    def scope(cls, name: str) -> Breakpoint:
        """The first step in each scope of a name, or of a path such as ``"conv1/conv2d"``."""
        names = tuple(name.split("/"))

        def inside(step: Any) -> list[Any]:
            """The scopes, as objects, at which the path ends: two calls of one function are two scopes."""
            chain = scopes_inside(step)
            ends = range(len(names), len(chain) + 1)
            return [chain[end - 1] for end in ends if tuple(s.name for s in chain[end - len(names) : end]) == names]

        def reached(step: Any, before: Any) -> bool:
            left = () if before is None else scopes_inside(before)
            return any(scope not in left for scope in inside(step))

        return cls(f"scope {name}", reached)

    @classmethod
    def operation(cls, name: str) -> Breakpoint:
        """The first step of each node that a primitive made; by its name, as "multiply", or its symbol, as "×"."""

        def reached(step: Any, before: Any) -> bool:
            rule = step.node.rule
            return rule is not None and name in (rule.name, rule.symbol) and _begins_a_node(step, before)

        return cls(f"operation {name}", reached)

    @classmethod
    def when(cls, predicate: Callable[[Any], Any], what: str = "") -> Breakpoint:
        """Each step for which a predicate holds."""
        return cls(what or getattr(predicate, "__name__", "a predicate"), lambda step, _: bool(predicate(step)))

    @classmethod
    def exceeding(cls, threshold: float) -> Breakpoint:
        """Each step after which a gradient is larger than the threshold, in size."""

        def large(step: Any) -> bool:
            return any((abs(x) > threshold).any() for x in _gradients(step))

        return cls.when(large, f"|grad| > {number_text(threshold)}")

    @classmethod
    def nonfinite(cls) -> Breakpoint:
        """Each step that hands on, or adds up to, a NaN or an infinity."""

        def broken(step: Any) -> bool:
            return not all(np.isfinite(x).all() for x in _gradients(step))

        return cls.when(broken, "a NaN or an infinity")


def _begins_a_node(step: Any, before: Any) -> bool:
    """Whether a node begins to hand on."""
    return not isinstance(step, SeedStep) and (isinstance(before, SeedStep) or before.node is not step.node)


def _gradients(step: Any) -> list[Any]:
    """What a step hands on and what its sums are now, as arrays."""
    found = [getattr(step, "contribution", None)]
    after = step.after
    found += after if isinstance(after, tuple) else [after]
    return [np.asarray(x) for x in found if x is not None]


def as_breakpoint(where: Any, root: Any) -> Breakpoint:
    """A breakpoint as it is; a node, a predicate, or the name of a scope or an operation, as one.

    Raises:
        TypeError: it is none of these.
        ValueError: nothing in the graph of `root` has that name.
    """
    if isinstance(where, Breakpoint):
        return where
    if isinstance(where, Node):
        return Breakpoint.node(where)
    if isinstance(where, str):
        return _named(where, root)
    if callable(where):
        return Breakpoint.when(where)
    raise TypeError(
        f"a walk stops at a node, a scope, an operation, a predicate or a Breakpoint, not at {type(where).__name__}"
    )


def _named(name: str, root: Any) -> Breakpoint:
    """A scope where one has the name, else an operation."""
    nodes = [node for node in topological_order(root) if node.rule is not None]
    paths = {node.scope for node in nodes}
    if any(f"/{name}/" in f"/{path}/" for path in paths):
        return Breakpoint.scope(name)
    if any(name in (node.rule.name, node.rule.symbol) for node in nodes):
        return Breakpoint.operation(name)
    operations = sorted({node.rule.name for node in nodes})
    scopes = sorted({part for path in paths for part in path.split("/") if part})
    raise ValueError(
        f"no scope and no operation of this graph is named {name!r}; its operations are "
        f"{', '.join(operations) or 'none'}; its scopes are {', '.join(scopes) or 'none'}"
    )

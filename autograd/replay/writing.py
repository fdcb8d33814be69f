"""Nodes -> `Tape`: the graph behind some roots, written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd import observed, recording
from autograd.errors import GraphError
from autograd.micrograd import Handmade
from autograd.replay.tape import CONSTANT, LEAF, Computed, Given, Guard, Input, Tape, narrow
from autograd.rule import Primitive
from autograd.tensor import Tensor
from autograd.value import Value


def write_tape(
    roots: Sequence[Any],
    *,
    inputs: Sequence[tuple[Input, Sequence[Any]]] = (),
    guards: Sequence[observed.Guard] = (),
    several: bool = False,
) -> Tape:
    """The tape of the graph behind the roots.

    Args:
        roots: the nodes that a run returns.
        inputs: each input as it is known so far, with the leaves that stand for it.
        guards: the numbers that Python decided by.
        several: whether a run returns a tuple.
    """
    check_roots(roots)
    numbers_of = {leaves[0]: Given(number) for number, (each, leaves) in enumerate(inputs) if each.kind == "integers"}
    given_nodes = [leaf for each, leaves in inputs for leaf in leaves if each.kind != "integers"]
    nodes, place_of = _placed_nodes(_behind([*roots, *given_nodes, *(guard.node for guard in guards)]))
    _refuse_two_kinds(nodes, roots[0])
    given = {place_of[leaf] for _, leaves in inputs for leaf in leaves if leaf in place_of}
    numbers: dict[Primitive, int] = {}
    codes, arity, arguments = list[int](), list[int](), list[int]()
    params: dict[int, dict[str, Any]] = {}
    constants: dict[int, Any] = {}
    leaves: dict[int, Any] = {}
    for place, node in enumerate(nodes):
        _refuse_what_runs_no_more(node)
        rule = node.rule
        if rule is not None:
            codes.append(numbers.setdefault(rule, len(numbers)))
            arguments += [place_of[parent] for parent in node.parents]
            if node.params:
                params[place] = {key: _stand_in(value, numbers_of, place_of) for key, value in node.params.items()}
        elif node.requires_grad or place in given:
            codes.append(LEAF)
            if place not in given:
                leaves[place] = node
        else:
            codes.append(CONSTANT)
            constants[place] = _frozen(node._data)
        arity.append(len(node.parents))
    tensors = isinstance(roots[0], Tensor)
    return Tape(
        kind="tensor" if tensors else "value",
        rules=tuple(numbers),
        codes=np.array(codes, dtype=np.int16),
        arity=narrow(arity),
        arguments=np.array(arguments, dtype=np.int32),
        params=params,
        requires=_requires(nodes, place_of, inputs),
        shapes=[node._data.shape for node in nodes] if tensors else (),
        dtypes=[node._data.dtype for node in nodes] if tensors else (),
        constants=constants,
        inputs=tuple(
            replace(each, places=tuple(place_of[leaf] for leaf in own if leaf in place_of)) for each, own in inputs
        ),
        leaves=leaves,
        outputs=tuple(place_of[root] for root in roots),
        guards=tuple(Guard(place_of[node], expected, where) for node, expected, where in guards),
        several=several,
        names={place: node.name for place, node in enumerate(nodes) if node._notes is not None and node.name},
        scopes={place: node.scope for place, node in enumerate(nodes) if node._notes is not None and node.scope},
    )


def check_roots(roots: Sequence[Any]) -> None:
    """Raise `GraphError` where one of them is no result that could be computed again."""
    for root in roots:
        if not isinstance(root, Value | Tensor):
            kind = type(root).__name__
            raise GraphError(f"record: the function returned a {kind}; return a node or a tuple of nodes")
        if root.__class__ is not roots[0].__class__:
            raise GraphError("record: the function returned both Values and Tensors; return one kind of node")
        if root.rule is None and not root.requires_grad:
            raise GraphError(
                "record: the function's result is a constant, made of none of its inputs and of no leaf that requires "
                "a gradient, so that there is nothing to run again"
            )


def refuse_what_may_vary(roots: Sequence[Any]) -> None:
    """Raise `GraphError` where a graph that exists may be another one, or hold other arrays, for other numbers."""
    operations = [node for node in _behind(roots) if node.rule is not None]
    first, last = operations[0]._id, operations[-1]._id
    if any(first < moment < last for moment in recording.decisions):
        raise GraphError(
            "replay: Python compared Values while this graph was being made, so that for other numbers it might be "
            "another graph. Give the function itself to record, which guards every decision; or say check=False if "
            "nothing hung on it"
        )
    for node in operations:
        for name, value in node.params.items():
            if _holds_array(value):
                raise GraphError(
                    f"replay: {node.describe()} has an array as its {name}, which may have been computed from numbers "
                    f"that will change. Give the function itself to record, which computes it anew in each run; or say "
                    f"check=False if it shall stay"
                )


def _holds_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) or (value.__class__ is tuple and any(map(_holds_array, value)))


def _behind(ends: Sequence[Any]) -> list[Any]:
    """The nodes, and all that they were made from, through parents and through parameters; oldest first."""
    seen = set(ends)
    waiting = list(seen)
    while waiting:
        node = waiting.pop()
        behind = node.parents
        if node.params:
            behind = (*behind, *(each for value in node.params.values() for each in _observed_in(value)))
        for each in behind:
            if each not in seen:
                seen.add(each)
                waiting.append(each)
    return sorted(seen, key=lambda node: node._id)


def _observed_in(value: Any) -> list[Any]:
    """The nodes of the observed arrays in a parameter; an input's own integers need no place."""
    if isinstance(value, observed.Observed):
        node = value.require_node()
        return [] if node.rule is None and node._data.dtype.kind in "iub" else [node]
    return [node for each in value for node in _observed_in(each)] if value.__class__ is tuple else []


def _placed_nodes(found: list[Any]) -> tuple[list[Any], dict[Any, int]]:
    """The nodes that get a place, and the place of each; equal constant Values share one."""
    nodes: list[Any] = []
    place_of: dict[Any, int] = {}
    known: dict[str, int] = {}
    for node in found:
        place = len(nodes)
        if node.rule is None and not node.requires_grad and node.__class__ is Value:
            place = known.setdefault(node._data.hex(), place)
        place_of[node] = place
        if place == len(nodes):
            nodes.append(node)
    return nodes, place_of


def _requires(nodes: list[Any], place_of: Mapping[Any, int], inputs: Sequence[tuple[Input, Sequence[Any]]]) -> Any:
    """Whether a gradient comes to each node: not where it was traced only for an input that has none."""
    requires = np.fromiter((node.requires_grad for node in nodes), dtype=bool, count=len(nodes))
    idle = [
        place_of[leaf] for each, leaves in inputs if not each.differentiable for leaf in leaves if leaf in place_of
    ]
    if idle:
        requires[idle] = False
        for place, node in enumerate(nodes):
            if node.rule is not None:
                requires[place] &= any(requires[place_of[parent]] for parent in node.parents)
    return requires


def _refuse_two_kinds(nodes: Sequence[Any], root: Any) -> None:
    """Raise `GraphError` where integers decide which Values are used."""
    if isinstance(root, Value) and not all(isinstance(node, Value) for node in nodes):
        raise GraphError(
            "record: an array of integers decides which Values the function uses, and other integers would be another "
            "graph; record one program for each, or use Tensors"
        )


def _refuse_what_runs_no_more(node: Any) -> None:
    if node._notes is not None and (node._notes.hooks or node._notes.handmade):
        raise GraphError(
            f"replay: {node.describe()} has a hook or a backward made by hand, which a program would not run; remove "
            f"it, or stay with backward()"
        )
    if isinstance(node.rule, Handmade):
        raise GraphError(f"replay: {node.describe()} was made by hand, without a primitive that can run again")


def _stand_in(value: Any, numbers_of: Mapping[Any, Given], place_of: Mapping[Any, int]) -> Any:
    """A parameter with a `Given` in the place of each input's own integers, a `Computed` in that of observed arrays."""
    if value.__class__ is tuple:
        return tuple(_stand_in(each, numbers_of, place_of) for each in value)
    if isinstance(value, observed.Observed):
        node = value.require_node()
        return numbers_of.get(node) or Computed(place_of[node])
    if isinstance(value, np.ndarray):
        return _frozen(value)
    return value


def _frozen(data: Any) -> Any:
    """A number as it is; of an array a copy, since its owner may write to it."""
    if not isinstance(data, np.ndarray):
        return data
    copy = np.array(data, order="K")
    copy.flags.writeable = False
    return copy


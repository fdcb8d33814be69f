"""`ScalarTwin`: a tensor graph as a graph of Values, made element by element and no more of it than is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import recording
from autograd.element import Element, element_place, index_text
from autograd.errors import GraphError
from autograd.node import Node
from autograd.recording import Source
from autograd.scalarize.families import arguments_of
from autograd.scalarize.family import Objects, Places, constant, taken
from autograd.scalarize.plan import Extent, Step
from autograd.value import Value

__all__ = ["ScalarTwin", "make_twin"]


class ScalarTwin:
    """A graph of Values that computes the same numbers as a graph of tensors, and where each of its elements is.

    Attributes:
        root: one Value, or an object array of them, as `scalarize` returns it.

    Example:
        >>> from autograd import Tensor, scalar_twin
        >>> w = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="w")
        >>> twin = scalar_twin((w * w).sum())
        >>> twin.root.backward()
        >>> twin.element(w, 2)
        Value(data=3.0, grad=6.0, name='w[2]')
        >>> [value.grad for value in twin.elements(w)]
        [2.0, 4.0, 6.0]
    """

    def __init__(self, root: Any, values: dict[int, tuple[Places, Objects]], nodes: dict[int, Node]) -> None:
        self.root = root
        self._values = values
        self._nodes = nodes
        self._origins: dict[int, tuple[int, int]] | None = None

    def element(self, node: Node, index: Any = ()) -> Value:
        """The twin of one element of a tensor of the graph.

        Raises:
            GraphError: the tensor has no such element, or the element does not feed the twin's root.
        """
        if isinstance(node, Value):
            return node
        place = element_place(node, index, "scalarize")
        places, values = self._values.get(node.id, _NOTHING)
        at = int(np.searchsorted(places, place))
        if at == len(places) or places[at] != place:
            raise GraphError(
                f"scalarize: element {index!r} of {node.describe()} does not feed the elements that were chosen"
            )
        value: Value = values[at]
        return value

    def elements(self, node: Node) -> Any:
        """The twins of all elements of a tensor of the graph, with None for those that do not feed the twin's root."""
        out = np.full(np.shape(node._data), None, dtype=object)
        places, values = self._values.get(node.id, _NOTHING)
        out.reshape(-1)[places] = values
        return out

    def origin(self, value: Value) -> Element | None:
        """The tensor element that a Value is the twin of; None for one within an operation, as a single product.

        Where tensors share an element, as a view and what it is a view of, it is that of the oldest.
        """
        if self._origins is None:
            self._origins = {}
            for id, (places, values) in self._values.items():
                for place, each in zip(places.tolist(), values, strict=True):
                    self._origins.setdefault(each.id, (id, place))
        if value.id not in self._origins:
            return None
        id, place = self._origins[value.id]
        return Element(self._nodes[id], _index(self._nodes[id], place))


_NOTHING: tuple[Places, Objects] = np.empty(0, dtype=np.intp), np.empty(0, dtype=object)


def make_twin(steps: list[Step], places: Any, extent: Extent, names: Mapping[int, str]) -> ScalarTwin:
    """The twin that steps lead to.

    Args:
        steps: oldest first; the last is the root's.
        places: where the root's elements lie, in the shape in which the twin's root is wanted.
        names: names of tensors by node id; the others go by their own.
    """
    values: dict[int, tuple[Places, Objects]] = {}
    with _replaying():
        for step in steps:
            made = _values_of(step, values, extent)
            values[step.node.id] = step.places, made
            _give_names(step, made, names.get(step.node.id) or step.node.name)
    known, found = values[steps[-1].node.id]
    root = found[np.searchsorted(known, places)]
    return ScalarTwin(root, values, {step.node.id: step.node for step in steps})


@contextmanager
def _replaying() -> Iterator[None]:
    """Whatever is in force around the call: it was decided when the tensors were made."""
    with recording._set("recording", True), recording._set("kinks", None), recording._set("source", False):
        yield


def _values_of(step: Step, values: dict[int, tuple[Places, Objects]], extent: Extent) -> Objects:
    node = step.node
    numbers = taken(node._data, step.places).astype(float)
    out = np.empty(len(numbers), dtype=object)
    with recording._set("scope", node.scopes[-1] if node.scopes else None):
        out[~step.made] = _leaves(step, numbers[~step.made].tolist(), extent)
        if step.family is not None:
            out[step.made] = _results(step, numbers[step.made].tolist(), values)
    return out


def _leaves(step: Step, numbers: list[float], extent: Extent) -> Objects:
    """The elements with which the twin begins: leaves with a gradient, and constants."""
    node, places = step.node, step.places[~step.made]
    if extent.marks is None:
        requires = np.full(len(places), node.requires_grad)
    else:
        requires = extent.chosen[node.id].reshape(-1)[places] if node.id in extent.chosen else np.zeros(len(places))
    return _objects(Value(number, requires_grad=bool(each)) for number, each in zip(numbers, requires, strict=True))


def _results(step: Step, numbers: list[float], values: dict[int, tuple[Places, Objects]]) -> Objects:
    """The elements that the node's operation makes.

    They take over the tensor's numbers, from which a sum in another order may differ in the last bit: so that in the
    twin the same elements are tied, and in single precision too the numbers are the same.
    """
    assert step.family is not None
    node, start = step.node, recording.next_serial()
    arguments = [
        _looked_up(source, values.get(parent.id))
        for parent, source in zip(arguments_of(node), step.sources, strict=True)
    ]
    rest = [_rest(*each) for each in step.left_out] or [None] * len(numbers)
    made = step.family.make(node, step.places[step.made], arguments, rest)
    results = _objects(each if isinstance(each, Value) else constant(each) for each in made)
    for result, number in zip(results, numbers, strict=True):
        if result.id > start:  # not one of the arguments
            result._data = number
    if node.source is not None:
        _give_source(node.source, results, start)
    return results


def _give_source(source: Source, results: Objects, start: int) -> None:
    """The user's line that made a tensor, for every Value that its operation has made since `start`."""
    waiting = [result for result in results if result.id > start]
    while waiting:
        value = waiting.pop()
        value._own_notes().source = source
        waiting += [parent for parent in value.parents if parent.id > start]


def _rest(count: int, total: float) -> Value | None:
    if not count:
        return None
    return Value(total, label=f"{count:,} more term" + "s" * (count > 1), requires_grad=False)


def _looked_up(source: Places, known: tuple[Places, Objects] | None) -> Objects:
    """The Values at places, None where there is none."""
    out = np.full(source.shape, None, dtype=object)
    if known is not None:
        present = source >= 0
        places, values = known
        out[present] = values[np.searchsorted(places, source[present])]
    return out


def _give_names(step: Step, values: Objects, name: str) -> None:
    """The name that an element was given first stays: that of the oldest tensor that it is an element of."""
    if name:
        for place, value in zip(step.places.tolist(), values, strict=True):
            if not value.name:
                value.name = index_text(name, _index(step.node, place))


def _index(node: Node, place: int) -> tuple[int, ...]:
    shape = np.shape(node._data)
    return tuple(map(int, np.unravel_index(place, shape))) if shape else ()


def _objects(items: Iterable[Any]) -> Objects:
    listed = list(items)
    out = np.empty(len(listed), dtype=object)
    out[:] = listed
    return out

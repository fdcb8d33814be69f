"""The arguments of a function, taken apart: the numbers to differentiate, the integer arrays, and the rest."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.node import Node
from autograd.tensor import Tensor
from autograd.value import Value

Array = Any


class Leaf(NamedTuple):
    """One array, or one number, among a function's arguments.

    Attributes:
        label: where it stands, as a caller would write it: ``w``, ``x[1]``, ``params['bias']``.
        data: its numbers.
        kind: "value", "tensor", "array" or "float"; "integers" for what is held fixed and may be an index.
        path: the place of its argument, then the index or key at each level below.
    """

    label: str
    data: Array
    kind: str
    path: tuple[Any, ...] = ()


class _Hole:
    """The place of a leaf in the arguments' skeleton."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


class Structure:
    """Arguments with their numbers taken out.

    Args:
        function: whose parameter names label the leaves.
        args: its positional arguments, nested in lists, tuples and dicts as they like.
        wrt: the arguments to differentiate with respect to, by place or name; all that hold floats unless given.

    Attributes:
        names: of the arguments.
        wrt: as given.
        leaves: the numbers to differentiate.
        integers: the arrays of integers.
        plain: whether each argument is one leaf.

    Raises:
        ValueError: `wrt` names no argument, or nothing of what it names can be differentiated.
    """

    def __init__(self, function: Callable[..., Any], args: Sequence[Any], wrt: Any = None) -> None:
        self.wrt = wrt
        names = self.names = parameter_names(function, len(args))
        chosen = _chosen(wrt, names)
        self.leaves: list[Leaf] = []
        self.integers: list[Leaf] = []
        self._skeleton = [self._taken(arg, names[place], (place,), place in chosen) for place, arg in enumerate(args)]
        holes = [part.number for part in self._skeleton if isinstance(part, _Hole)]
        self.plain = holes == list(range(len(args)))
        if not self.leaves:
            raise ValueError(
                f"check_grad: nothing to differentiate among the arguments {', '.join(names) or '(there are none)'}; "
                f"give floats, arrays of floats, Tensors or Values"
                + ("" if wrt is None else f", which wrt={wrt!r} does not")
            )

    def _taken(self, given: Any, label: str, path: tuple[Any, ...], chosen: bool) -> Any:
        if isinstance(given, dict):
            return {key: self._taken(each, f"{label}[{key!r}]", (*path, key), chosen) for key, each in given.items()}
        if isinstance(given, list | tuple):
            parts = [self._taken(part, f"{label}[{k}]", (*path, k), chosen) for k, part in enumerate(given)]
            return parts if isinstance(given, list) else _tuple_like(given, parts)
        if isinstance(given, np.ndarray) and given.dtype == object:
            holes = np.empty(given.shape, dtype=object)
            for place in np.ndindex(*given.shape):
                index = ", ".join(map(str, place))
                holes[place] = self._taken(given[place], f"{label}[{index}]", (*path, place), chosen)
            return holes
        if isinstance(given, np.ndarray) and given.dtype.kind in "iu" and given.size:
            self.integers.append(Leaf(label, given, "integers"))
            return _Hole(-len(self.integers))
        kind = _kind(given) if chosen else ""
        if not kind:
            return given
        data = np.asarray(given._data if isinstance(given, Node) else given)
        self.leaves.append(Leaf(label, data, kind, path))
        return _Hole(len(self.leaves) - 1)

    def filled(self, leaves: Sequence[Any], integers: Sequence[Any]) -> list[Any]:
        """The arguments, with these in the leaves' places."""
        if self.plain:
            return list(leaves)
        return [_filled(part, leaves, integers) for part in self._skeleton]


def _filled(part: Any, leaves: Sequence[Any], integers: Sequence[Any]) -> Any:
    if isinstance(part, _Hole):
        return leaves[part.number] if part.number >= 0 else integers[-part.number - 1]
    if isinstance(part, dict):
        return {key: _filled(each, leaves, integers) for key, each in part.items()}
    if isinstance(part, list):
        return [_filled(each, leaves, integers) for each in part]
    if isinstance(part, tuple):
        return _tuple_like(part, [_filled(each, leaves, integers) for each in part])
    if isinstance(part, np.ndarray) and part.dtype == object:
        whole = np.empty(part.shape, dtype=object)
        for place in np.ndindex(*part.shape):
            whole[place] = _filled(part[place], leaves, integers)
        return whole
    return part


def _tuple_like(given: Any, parts: list[Any]) -> Any:
    return type(given)(*parts) if hasattr(given, "_fields") else tuple(parts)


def _kind(given: Any) -> str:
    if isinstance(given, Value):
        return "value"
    if isinstance(given, Tensor):
        return "tensor" if given._data.dtype.kind == "f" else ""
    if isinstance(given, float | np.floating):
        return "float"
    return "array" if isinstance(given, np.ndarray) and given.dtype.kind == "f" else ""


def parameter_names(function: Callable[..., Any], count: int) -> list[str]:
    """What a function calls its first `count` positional arguments; "input 0" where it has no names for them."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    named = [each.name for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    return [named[place] if place < len(named) else f"input {place}" for place in range(count)]


def _chosen(wrt: Any, names: list[str]) -> set[int]:
    if wrt is None:
        return set(range(len(names)))
    places = set()
    for each in [wrt] if isinstance(wrt, int | str) else wrt:
        place = names.index(each) if each in names else each
        if not isinstance(place, int) or not -len(names) <= place < len(names):
            raise ValueError(f"check_grad: wrt={each!r} is none of the arguments {', '.join(names)}")
        places.add(place % len(names))
    return places


def outputs_of(result: Any) -> list[Any]:
    """The nodes and float arrays that a function returned, in order; integers, booleans and None are left out."""
    if isinstance(result, Node):
        return [result]
    if isinstance(result, dict):
        return outputs_of(list(result.values()))
    if isinstance(result, list | tuple):
        return [each for part in result for each in outputs_of(part)]
    if isinstance(result, np.ndarray) and result.dtype == object:
        return outputs_of(result.ravel().tolist())
    return [result] if _is_floating(result) else []


def _is_floating(result: Any) -> bool:
    return isinstance(result, float) or getattr(getattr(result, "dtype", None), "kind", "") == "f"


def numbers_of(outputs: Iterable[Any]) -> list[Array]:
    """The arrays of a function's outputs."""
    return [np.asarray(getattr(each, "_data", each)) for each in outputs]

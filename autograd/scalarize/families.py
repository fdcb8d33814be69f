"""The families of functions, copies and reductions; and which primitive belongs to which family."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import GraphError
from autograd.primitives.contractions import contract, matmul
from autograd.primitives.cumulative import cumsum
from autograd.primitives.structural import (
    broadcast_to,
    cast,
    concatenate,
    getitem,
    overlap_add,
    pad,
    reshape,
    scatter,
    sum_,
    transpose,
    windows,
)
from autograd.rule import Primitive
from autograd.rules import Elementwise, Reduction, Whole
from autograd.scalarize.family import Family, Objects, Places, constant, places_of, present, rows_of, taken
from autograd.scalarize.sums import (
    Arrivals,
    Products,
    RunningSum,
    matmul_subscripts,
    overlap_targets,
    scatter_targets,
)

__all__ = ["arguments_of", "family_of", "makes_nothing", "viewed_by"]


class _Function(Family):
    def sources(self, node: Any, places: Places) -> list[Places]:
        shape = node._data.shape
        return [taken(np.broadcast_to(places_of(parent), shape), places) for parent in node.parents]

    def make(self, node: Any, places: Places, arguments: list[Objects], rest: list[Any]) -> list[Any]:
        arrays = {  # `where` has a condition for each element
            key: taken(np.broadcast_to(param, node._data.shape), places).tolist()
            for key, param in node.params.items()
            if isinstance(param, np.ndarray | np.generic)
        }
        made = []
        for place, elements in enumerate(zip(*arguments, strict=True)):
            own = {key: param[place] for key, param in arrays.items()}
            made.append(node.rule(*elements, **{**node.params, **own}))
        return made


class _Copy(Family):
    """Which element is copied is found by the operation itself, on the elements' places instead of their numbers."""

    def __init__(self, **params: Any) -> None:
        self.params = params  # in place of the node's own, for places

    def sources(self, node: Any, places: Places) -> list[Places]:
        sizes = [parent._data.size for parent in node.parents]
        starts = [sum(sizes[:argument]) for argument in range(len(sizes))]
        numbered = [places_of(parent) + start for parent, start in zip(node.parents, starts, strict=True)]
        moved = np.asarray(node.rule.forward(*numbered, **{**node.params, **self.params}))
        found = taken(moved, places)
        return [
            np.where((start <= found) & (found < start + size), found - start, -1)
            for start, size in zip(starts, sizes, strict=True)
        ]

    def cost(self, rows: int, entries: int) -> int:
        return int(entries < rows)  # one constant for all that is padding

    def make(self, node: Any, places: Places, arguments: list[Objects], rest: list[Any]) -> list[Any]:
        padding = constant(node.params.get("constant_value", 0.0))  # one node for all of it
        return [next((x for x in candidates if x is not None), padding) for candidates in zip(*arguments, strict=True)]


class _Reduction(Family):
    def __init__(self, adds: bool) -> None:
        self.adds = adds

    def width(self, node: Any) -> int:
        return int(node.parents[0]._data.size) // max(int(node._data.size), 1)

    def sources(self, node: Any, places: Places) -> list[Places]:
        x = places_of(node.parents[0])
        axis = node.params.get("axis")
        axes = tuple(range(x.ndim)) if axis is None else tuple(each % x.ndim for each in axis)
        kept = x.ndim - len(axes)
        return [rows_of(np.moveaxis(x, axes, range(kept, x.ndim)), places, kept)]

    def make(self, node: Any, places: Places, arguments: list[Objects], rest: list[Any]) -> list[Any]:
        options = {key: value for key, value in node.params.items() if key not in ("axis", "keepdims")}
        rows = zip(arguments[0], rest, strict=True)
        return [node.rule.of_values((*present(row), *present([more])), options) for row, more in rows]


class _View(Family):
    """A constant whose array is a view of another's: which element is which, their places in memory tell."""

    def sources(self, node: Any, places: Places) -> list[Places]:
        owner = viewed_by(node)
        known = _addresses(owner, np.arange(owner._data.size))
        order = np.argsort(known)
        return [order[np.searchsorted(known[order], _addresses(node, places))]]

    def cost(self, rows: int, entries: int) -> int:
        return 0

    def make(self, node: Any, places: Places, arguments: list[Objects], rest: list[Any]) -> list[Any]:
        return list(arguments[0])


def _addresses(node: Any, places: Places) -> Places:
    """Where elements lie in memory."""
    array = node._data
    at = np.unravel_index(places, array.shape) if array.ndim else ()
    steps = (each * step for each, step in zip(at, array.strides, strict=True))
    return sum(steps, start=np.full(len(places), array.__array_interface__["data"][0]))


def viewed_by(node: Any) -> Any:
    """The constant whose elements a constant shows in another form, as a slice of it does; None for any other node."""
    notes = node._notes
    viewed = None if node.rule is not None or notes is None else notes.viewed
    return None if viewed is None or viewed.requires_grad or viewed.rule is not None else viewed


def makes_nothing(node: Any) -> bool:
    """Whether a node's elements are those of its arguments, and perhaps a constant."""
    return viewed_by(node) is not None or isinstance(_FAMILIES.get(node.rule), _Copy)


def arguments_of(node: Any) -> tuple[Any, ...]:
    """What the elements of a node are made of."""
    viewed = viewed_by(node)
    return node.parents if viewed is None else (viewed,)


# ---- which family -------------------------------------------------------------------------------------------------

_FUNCTION, _VIEW, _WHOLE, _CHOICE = _Function(), _View(), Family(), _Reduction(adds=False)
_FAMILIES: dict[Primitive | None, Family] = {
    **dict.fromkeys((reshape, transpose, broadcast_to, getitem, concatenate, windows), _Copy()),
    cast: _Copy(dtype=np.intp),
    pad: _Copy(constant_value=-1),
    sum_: _Reduction(adds=True),
    matmul: Products(matmul_subscripts),
    contract: Products(lambda node: str(node.params["subscripts"])),
    scatter: Arrivals(scatter_targets),
    overlap_add: Arrivals(overlap_targets),
    cumsum: RunningSum(),
}


def family_of(node: Any) -> Family:
    """The family of the primitive that made a node, or of a view.

    Raises:
        GraphError: the primitive is a function of whole matrices, which no single numbers go through.
    """
    rule = node.rule
    if rule is None:
        return _VIEW
    if rule in _FAMILIES:
        return _FAMILIES[rule]
    if isinstance(rule, Elementwise):
        return _FUNCTION
    if isinstance(rule, Reduction):
        return _CHOICE
    if isinstance(rule, Whole):
        raise GraphError(
            f"scalarize: {node.describe()} is made by {rule.name}, a function of whole matrices that has no form "
            f"element by element; choose elements that are made without it, or ask about the arrays themselves"
        )
    return _WHOLE

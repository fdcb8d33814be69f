"""How one element of a result is made of elements of the arguments, by the family that a primitive belongs to.

    function    one element of each argument            tanh, multiply, where
    copy        one element, or a constant              reshape, getitem, windows, pad, concatenate
    reduction   many elements of one argument           sum, max, logsumexp
    products    many pairs, multiplied and summed       matmul, contract
    arrivals    none, one or several, which are summed  scatter, overlap_add, cumsum
    view        one element of the array it views       a constant made of a constant
    whole       any: all elements of all arguments      a linear primitive of the user's own

This page holds what they share; `families` and `sums` hold them. A family says which elements it takes for wanted ones
of the result, and makes Values of Values. An element is known by its place in row-major order; -1 stands for none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.errors import GraphError
from autograd.value import Value

__all__ = ["Family", "Objects", "Places", "constant", "places_of", "present", "rows_of", "taken"]

Places = npt.NDArray[np.intp]
Objects = npt.NDArray[np.object_]

_ROUNDING = 1e-3  # of a sum in half precision


class Family:
    """What families have in common. By itself it is that of a primitive of which nothing is known: "whole"."""

    adds = False  # whether a result is a sum, of whose terms some may be added up beforehand

    def width(self, node: Any) -> int:
        """How many elements of an argument go into one element of the result."""
        return 1

    def sources(self, node: Any, places: Places) -> list[Places]:
        """The elements that those at `places` are made of, for each argument: (n,), or (n, K)."""
        return [np.arange(parent._data.size) for parent in node.parents]

    def cost(self, rows: int, entries: int) -> int:
        """How many nodes so many results, made of so many elements of the arguments, take at most."""
        return rows

    def make(self, node: Any, places: Places, arguments: list[Objects], rest: list[Any]) -> Iterable[Any]:
        """The Values at `places`, or numbers; of Values that lie as `sources` says, with None for none.

        Args:
            rest: a further term of each sum, or None; only where the family adds.
        """
        shaped = [given.reshape(parent._data.shape) for given, parent in zip(arguments, node.parents, strict=True)]
        try:
            made = np.asarray(node.rule.on_objects(*shaped, **node.params), dtype=object)
        except Exception as error:
            raise GraphError(
                f"scalarize: {node.rule.name} does not act on arrays of Values ({type(error).__name__}: {error}); "
                f"declare how it does (Linear(..., objects=...)), or choose elements that are made without it"
            ) from error
        if made.shape != node._data.shape or not _agree(made, node._data):
            raise GraphError(
                f"scalarize: {node.rule.name} makes other numbers of Values than of arrays; mend the form in which it "
                f"acts on Values"
            )
        return list(made.reshape(-1)[places])


def _agree(made: Objects, numbers: Any) -> bool:
    found = np.array([float(each) for each in made.flat]).reshape(made.shape)
    scale = np.max(np.abs(numbers), initial=0.0, where=np.isfinite(numbers))
    return np.allclose(found, numbers, rtol=_ROUNDING, atol=_ROUNDING * scale, equal_nan=True)


# ---- places -------------------------------------------------------------------------------------------------------


def places_of(node: Any) -> Places:
    """Each element's place, in the node's shape."""
    return np.arange(node._data.size).reshape(node._data.shape)


def taken(array: Any, places: Places, kept: int | None = None) -> Any:
    """What an array holds at places of its leading axes, of all by default; it may be a view larger than memory."""
    leading = array.shape[:kept]
    if not leading:
        return np.broadcast_to(array, (*places.shape, *array.shape))
    return array[np.unravel_index(places, leading)]


def rows_of(array: Any, places: Places, kept: int) -> Places:
    """(*kept, *others) -> (n, K)"""
    width = math.prod(array.shape[kept:])
    rows: Places = taken(array, places, kept).reshape(len(places), width)
    return rows


# ---- Values -------------------------------------------------------------------------------------------------------


def constant(number: Any) -> Value:
    """A number without gradient."""
    return Value(float(number), requires_grad=False)


def present(candidates: Iterable[Any]) -> list[Any]:
    """Those that are not None."""
    return [each for each in candidates if each is not None]

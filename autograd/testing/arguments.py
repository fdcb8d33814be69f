"""Arguments for a primitive that is to be checked: those of autograd's own that take parameters, and else by trying."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.rule import Primitive
from autograd.rules import Elementwise

Array = Any


class Arguments(NamedTuple):
    """What a primitive is called with.

    Attributes:
        arrays: its differentiable arguments.
        params: its keyword parameters.
    """

    arrays: list[Array]
    params: dict[str, Any]


# name: shapes of the arrays, and parameter sets of which each is checked
_SLIDING: dict[str, Any] = {"kernel": (2, 3), "stride": (2, 1), "dilation": (1, 2)}
_KNOWN: dict[str, tuple[tuple[tuple[int, ...], ...], tuple[dict[str, Any], ...]]] = {
    "reshape": (((3, 4),), ({"shape": (2, 6)}, {"shape": (12,)})),
    "transpose": (((2, 3, 4),), ({"axes": (2, 0, 1)},)),
    "cast": (((3, 4),), ({"dtype": np.dtype(np.float64)}, {"dtype": np.dtype(np.float32)})),
    "broadcast_to": (((3, 1),), ({"shape": (2, 3, 4)},)),
    "getitem": (
        ((4, 3),),
        ({"index": (slice(None, None, -2), 1)}, {"index": (np.array([0, 2, 2]), np.array([1, 0, 0]))}),
    ),
    "scatter": (((3,),), ({"index": (np.array([0, 2, 2]), np.array([1, 0, 0])), "shape": (4, 3)},)),
    "pad": (((3, 4),), ({"pad_width": ((1, 0), (2, 1))}, {"pad_width": ((0, 1), (0, 0)), "constant_value": 0.5})),
    "concatenate": (((2, 3), (1, 3), (2, 3)), ({"axis": 0},)),
    "windows": (((2, 5, 7),), (_SLIDING,)),
    "overlap_add": (((2, 2, 3, 2, 3),), ({**_SLIDING, "shape": (2, 5, 7)},)),
    "where": (((3, 4), (3, 4)), ({"condition": np.arange(12).reshape(3, 4) % 3 == 0},)),
    "contract": (((2, 3, 4), (4, 3, 5)), ({"subscripts": "abc,cbd->ad"}, {"subscripts": "abc,cbd->bda"})),
    "cumsum": (((3, 4),), ({"axis": 0}, {"axis": 1})),
}


def tried(rule: Primitive, seed: int, given: dict[str, Any]) -> Iterator[Arguments]:
    """Arguments that a primitive may take: random numbers, in the shapes that are known for it, or in usual ones.

    Args:
        given: parameters that were given; then none are tried.
    """
    rng = np.random.default_rng(seed)
    if rule.builtin and rule.name in _KNOWN and not given:
        shapes, sets = _KNOWN[rule.name]
        yield from (Arguments([rng.normal(size=shape) for shape in shapes], params) for params in sets)
        return
    counts = (rule.arity,) if isinstance(rule, Elementwise) else (1, 2, 3)
    for count in counts:
        for shape in ((3, 4), (4, 4), (4,), (2, 3, 4)):
            yield Arguments([rng.normal(size=shape) for _ in range(count)], given)
            yield Arguments([rng.uniform(0.2, 0.9, size=shape) for _ in range(count)], given)
    root = rng.normal(size=(4, 4))
    yield Arguments([root @ root.T + 4.0 * np.eye(4)], given)  # symmetric, and positive definite


def several(rule: Primitive) -> bool:
    """Whether all of the arguments that are tried fit, and not only the first that do."""
    return rule.builtin and rule.name in _KNOWN

"""`check_backward`: a forward and a backward that somebody wrote by hand, in NumPy."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.testing.checking import check_subject
from autograd.testing.findings import REMARK
from autograd.testing.report import GradientReport
from autograd.testing.structure import Leaf, Structure
from autograd.testing.subject import Linearised, Subject

Array = Any
Plan = tuple[int, ...]

_OUTPUT_NAMES = ("y", "out", "output", "z", "a")


def check_backward(
    forward: Callable[..., Any],
    backward: Callable[..., Any] | None,
    *inputs: Any,
    wrt: Any = None,
    cache: bool | None = None,
    directions: int = 3,
    explore: bool | str = True,
    raises: bool = True,
    seed: int = 0,
    at_least: float = 1e-6,
) -> GradientReport:
    """Hold a backward pass written by hand against differences of its forward pass; see `check_grad`.

    These ways of writing the pair are understood:

    - ``forward(x, w) -> out`` with ``backward(dout, x, w)``, or with the output too: ``backward(dout, x, w, y)``;
    - ``forward(x, w) -> (out, cache)`` with ``backward(dout, cache)``;
    - ``forward(x, y) -> (loss, dx)`` without a backward: ``check_backward(forward, None, x, y)``;
    - ``layer.forward`` with ``layer.backward(dout)``, where the layer keeps what it needs.

    A parameter of the backward that is named like one of the forward gets that one, in whatever order they stand, and
    one named y, out or output gets the output. Without names in common they are taken in order.

    Args:
        forward: a function of arrays.
        backward: the upstream gradient first -> the gradients of the inputs that hold floats, in order: one array, or
            several in a tuple or list, or a dict by the inputs' names, with or without a ``d`` or ``dL_d`` before them.
            There may be None in the place of what has no gradient, and fewer than there are inputs.
        inputs: the forward's arguments.
        wrt: the arguments to differentiate with respect to, by place or by name; all that hold floats unless given.
        cache: whether the forward returns (out, cache). Unless given, a pair is one where the backward does not take
            the inputs.

    Returns:
        The report. It is true where the gradients are right.

    Raises:
        GradientError: a gradient is wrong; an AssertionError.
        TypeError: the backward cannot be called in any of these ways, or returned something else.

    Example:
        >>> import numpy as np
        >>> def relu(x):
        ...     return np.maximum(x, 0), x
        >>> def relu_back(dout, cache):
        ...     return dout * (cache > 0)
        >>> check_backward(relu, relu_back, np.array([-1.0, 2.0, 0.5])).verdict
        'pass'
    """
    subject = PairSubject(forward, backward, inputs, wrt, cache)
    return check_subject(subject, directions=directions, explore=explore, raises=raises, seed=seed, at_least=at_least)


class PairSubject(Subject):
    """A forward and a backward in NumPy."""

    alias_level = REMARK  # a reshape may hand on a view
    broadcasts = False  # NumPy does in the forward pass, unasked

    def __init__(
        self,
        forward: Callable[..., Any],
        backward: Callable[..., Any] | None,
        args: Sequence[Any],
        wrt: Any,
        cache: bool | None,
    ) -> None:
        self.name = getattr(forward, "__name__", type(forward).__name__)
        self._forward = forward
        self._backward = backward
        self.structure = Structure(forward, args, wrt)
        self._names = self.structure.names
        self._cache = cache
        self._taken = [] if backward is None else _positional(backward)
        self._plan: Plan | None = None
        self._arrays_alone = self.structure.plain and all(leaf.kind != "float" for leaf in self.structure.leaves)
        self._floating = [place for place, arg in enumerate(args) if _holds_floats(arg)]
        self.place_leaves(self.structure.leaves, self.structure.integers)

    def _called(self, arrays: list[Array]) -> tuple[Any, list[Any]]:
        if self._arrays_alone:
            return self._forward(*arrays), arrays
        given = [float(each) if leaf.kind == "float" else each for each, leaf in zip(arrays, self.leaves, strict=True)]
        args = self.structure.filled(given, [array.copy() for array in self.fixed])
        return self._forward(*args), args

    def forward(self, arrays: list[Array]) -> list[Array]:
        result, _ = self._called(arrays)
        return [np.asarray(each) for each in self._outputs(result)[0]]

    def extended(self, flat: Array) -> Array:
        outputs = self.forward([part.astype(np.longdouble) for part in self.parted(flat)])
        if np.finfo(np.longdouble).eps >= np.finfo(np.float64).eps or any(
            out.dtype != np.longdouble for out in outputs
        ):
            raise NotImplementedError(f"{self.name} computes in float64")
        return np.concatenate([out.ravel() for out in outputs])

    def _outputs(self, result: Any) -> tuple[list[Any], Any]:
        """What the forward returned, as outputs and cache."""
        if self._backward is None:
            if not isinstance(result, tuple | list) or len(result) < 2:
                raise TypeError(
                    f"check_backward: without a backward {self.name} has to return (loss, gradients), "
                    f"and returned one {type(result).__name__}"
                )
            return [result[0]], result[1:]
        if isinstance(result, tuple) and len(result) == 2 and self._has_cache():
            return [result[0]], result[1]
        if isinstance(result, tuple | list):
            return list(result), None
        return [result], None

    def value(self, flat: Array) -> Array:
        if self._arrays_alone and self.dtype is not None:  # most of a check's time goes by here
            result = self._forward(*self.parted(flat))
            if result.__class__ is np.ndarray:
                return np.array(result, dtype=np.float64).reshape(-1)
            return self._flat(self._outputs(result)[0])
        return super().value(flat)

    def _has_cache(self) -> bool:
        if self._cache is not None:
            return self._cache
        named = self._taken
        return len(named) == 2 and named[1] not in self._names

    def linearise(self, arrays: list[Array]) -> Linearised:
        result, args = self._called(arrays)
        outputs, cache = self._outputs(result)
        held = [np.array(each) for each in outputs]  # the output as it was, whatever the backward does to it

        def pull(upstream: list[Array]) -> list[Array | None]:
            if self._backward is None:
                loss_gradients = cache[0] if len(cache) == 1 else list(cache)
                return [None if each is None else upstream[0] * each for each in self._in_order(loss_gradients)]
            dout = upstream[0] if len(upstream) == 1 else tuple(upstream)
            if isinstance(dout, np.ndarray) and not dout.ndim:
                dout = float(dout)
            called = self._arguments(dout, args, outputs, cache)
            if len(called) == 1:  # what it needs the forward left somewhere; others may have called it since
                self._forward(*args)
            return self._in_order(self._backward(*called))

        return Linearised(held, pull)

    def _arguments(self, dout: Any, args: list[Any], outputs: list[Any], cache: Any) -> list[Any]:
        """What the backward is called with."""
        if cache is not None and self._has_cache():
            return [dout, cache]
        if self._plan is None:
            self._plan = self._planned(len(args))
        known = [*args, outputs[0]]
        return [dout, *(known[place] for place in self._plan)]

    def _planned(self, count: int) -> Plan:
        """Which arguments of the forward the backward takes, by place; the output stands behind the last."""
        assert self._backward is not None
        named = self._taken
        places = dict.fromkeys(_OUTPUT_NAMES, count) | {name: place for place, name in enumerate(self._names)}
        if len(named) > 1 and all(name in places for name in named[1:]):
            return tuple(places[name] for name in named[1:])
        whole = tuple(range(count))
        for taken in (whole, (*whole, count), (), (count,)):
            if _binds(self._backward, len(taken) + 1):
                return taken
        raise TypeError(
            f"check_backward: {getattr(self._backward, '__name__', 'the backward')}({', '.join(named)}) takes neither "
            f"(dout, cache) nor (dout, {', '.join(self._names)}); name its parameters like the forward's"
        )

    def _in_order(self, returned: Any) -> list[Array | None]:
        """The gradients that belong to the leaves."""
        if isinstance(returned, dict):
            returned = [self._of_name(returned, self._names[place]) for place in self._floating]
        parts = list(returned) if isinstance(returned, tuple | list) else [returned]
        if len(parts) == len(self._names) != len(self._floating):
            parts = [parts[place] for place in self._floating]
        if len(parts) > len(self._floating):
            names = ", ".join(self._names[place] for place in self._floating)
            raise TypeError(
                f"check_backward: the backward returned {len(parts)} gradients, and {self.name} has "
                f"{len(self._floating)} inputs that hold floats ({names})"
            )
        by_argument = dict(zip(self._floating, parts, strict=False))
        return [self._of_leaf(leaf, by_argument) for leaf in self.leaves]

    def _of_leaf(self, leaf: Leaf, by_argument: dict[int, Any]) -> Array | None:
        place, *below = leaf.path
        gradient = by_argument.get(place)
        if gradient is None:
            return None
        try:
            for key in below:
                gradient = gradient[key]
        except (KeyError, IndexError, TypeError) as error:
            part = leaf.label.removeprefix(self._names[place])
            message = f"check_backward: the gradient of {self._names[place]} has no part {part}: {error}"
            raise ShapeError(message) from error
        return None if gradient is None else np.asarray(gradient)

    @staticmethod
    def _of_name(returned: dict[str, Any], name: str) -> Any:
        for key in (name, f"d{name}", f"d_{name}", f"dL_d{name}", f"dLd{name}", f"grad_{name}"):
            if key in returned:
                return returned[key]
        return None

    def call_text(self) -> str:
        backward = "None" if self._backward is None else getattr(self._backward, "__name__", "backward")
        names = [name if name.isidentifier() else other for name, other in ((self.name, "f"), (backward, "f_back"))]
        return f"check_backward({', '.join(names)}, {{}})"


def _holds_floats(arg: Any) -> bool:
    if isinstance(arg, dict):
        return any(map(_holds_floats, arg.values()))
    if isinstance(arg, list | tuple):
        return any(map(_holds_floats, arg))
    return isinstance(arg, float) or getattr(getattr(arg, "dtype", None), "kind", "") == "f"


def _positional(function: Callable[..., Any]) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [each.name for each in parameters if each.kind in kinds and each.default is each.empty]


def _binds(function: Callable[..., Any], count: int) -> bool:
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    return True

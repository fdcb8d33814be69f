"""While a function is recorded as a program: numbers that Python reads, which remember how each run finds them anew.

A recorded function may look at numbers beside its graph: `where(x.data > 0, ...)` makes a mask of them, softmax
subtracts their maximum as a constant, `if loss.data > 1:` decides by them. Outside a recording these are plain arrays
and floats. Inside one, arrays are `Observed`: what NumPy computes of them is written down too, as nodes without
derivative. Where Python itself takes a number, to decide by it, the recording keeps a *guard*: in each later run it
must come out the same.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import GraphError
from autograd.node import Node, new_node
from autograd.recording import _set, is_observing, modes, user_source
from autograd.rule import Primitive


class Guard(NamedTuple):
    """A number that Python decided by.

    Attributes:
        node: whose data it is.
        expected: the data while the function was recorded.
        where: the user's line that took it.
    """

    node: Any
    expected: Any
    where: str


@contextmanager
def observing() -> Iterator[list[Guard]]:
    """A context in which what Python reads of nodes is observed; gives the list of guards, as it grows."""
    guards: list[Guard] = []
    with _set("guards", guards):
        yield guards


def guard(node: Any) -> None:
    """Note that Python took the number or array of a node, and may have decided by it."""
    if modes.guards is not None:
        source = user_source()
        where = "" if source is None else f"{source.place}: {source.text}"
        modes.guards.append(Guard(node, np.array(node._data), where))


# ---- NumPy's functions as nodes without derivative ----------------------------------------------------------------


class Operand(NamedTuple):
    """Stands in the template of a call for one of the operation's arguments."""

    number: int


def _getitem(x: Any, index: Any) -> Any:
    return x[index]


def _astype(x: Any, dtype: Any) -> Any:
    return x.astype(dtype)


_METHODS: dict[str, Callable[..., Any]] = {
    "getitem": _getitem,
    "astype": _astype,
    "detach": np.array,  # a copy, which no derivative passes
}


class Plain(Primitive):
    """A NumPy function without derivative, as a program computes it again in each run.

    Args:
        name: its name inside `numpy`, such as ``"greater"`` or ``"maximum.reduce"``, or "getitem", "astype", "detach".

    Raises:
        LookupError: NumPy has no such function.
    """

    def __init__(self, name: str) -> None:  # outside the table: it is no differentiable operation
        self.name = self.symbol = name
        self.kink = None
        try:
            self.function = _METHODS.get(name) or operator.attrgetter(name)(np)
        except AttributeError:
            raise LookupError(f"NumPy has no function {name!r}") from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plain) and other.name == self.name

    def __hash__(self) -> int:
        return hash((Plain, self.name))

    def __reduce__(self) -> tuple[Any, ...]:
        return Plain, (self.name,)

    def forward(self, *arrays: Any, call: Any, options: Any = ()) -> Any:
        """The function's result: `call` is the template of its arguments, `options` its keyword arguments."""
        return self.function(*filled(call, arrays), **dict(filled(options, arrays)))


def filled(template: Any, arrays: Any) -> Any:
    """The template with its operands put in.

    >>> filled((Operand(0), (Operand(1), 2)), ["x", "y"])
    ('x', ('y', 2))
    """
    if isinstance(template, Operand):
        return arrays[template.number]
    if template.__class__ in (tuple, list):
        return template.__class__(filled(each, arrays) for each in template)
    return template


# Their results have as many elements as the data decide, so that another number of them is another program.
_SHAPED_BY_DATA = {"flatnonzero", "argwhere", "unique", "extract", "compress", "trim_zeros", "setdiff1d", "intersect1d"}


_BY_UFUNC: dict[Any, Any] = {np.all: np.logical_and, np.any: np.logical_or}


def _template(value: Any, operands: list[Any]) -> Any:
    """The value with an `Operand` for each observed array and node, which are added to the operands."""
    if isinstance(value, Observed):
        operands.append(value.require_node())
        return Operand(len(operands) - 1)
    if isinstance(value, Node):
        operands.append(value)
        return Operand(len(operands) - 1)
    if value.__class__ in (tuple, list):
        return value.__class__(_template(each, operands) for each in value)
    return value


def computed(name: str, args: tuple[Any, ...], options: dict[str, Any], data: Any) -> Any:
    """A node without derivative for what a NumPy function has made of observed arrays."""
    operands: list[Any] = []
    call = _template(args, operands)
    keywords = tuple((key, _template(value, operands)) for key, value in sorted(options.items()))
    params = {"call": call, "options": keywords} if keywords else {"call": call}
    return new_node(type(operands[0]), data, Plain(name), operands, params, False)


# ---- observed numbers ---------------------------------------------------------------------------------------------


class Observed(np.ndarray):
    """An array of a recorded function's numbers, which knows the node that holds them."""

    _node: Any

    def __array_finalize__(self, source: Any) -> None:
        self._node = None

    @classmethod
    def of(cls, node: Any) -> Observed:
        """The array of a Tensor."""
        array = np.asarray(node._data).view(cls)
        array.flags.writeable = False
        array._node = node
        return array

    def constant(self) -> Any:
        """The node as an operand, which no derivative passes."""
        node = self.require_node()
        return computed("detach", (node,), {}, node._data) if node.requires_grad else node

    def require_node(self) -> Any:
        """The node.

        Raises:
            GraphError: the array came about in a way that a recording cannot follow.
        """
        if self._node is None:
            raise GraphError(
                "record: an array was computed from recorded numbers in a way that a program cannot repeat; use "
                "NumPy's functions and operators on whole arrays, or compute it from nodes"
            )
        return self._node

    def _result(self, name: str, args: tuple[Any, ...], options: dict[str, Any], data: Any) -> Any:
        if not is_observing():
            return data
        if data.__class__ in (bool, int, float):  # as numpy.allclose gives it: Python has it in hand
            guard(computed(name, args, options, np.asarray(data)))
            return data
        if not isinstance(data, np.ndarray | np.generic):
            raise GraphError(
                f"record: numpy.{name} of recorded numbers gives a {type(data).__name__}, which a program cannot repeat"
            )
        result = Observed.of(computed(name, args, options, np.asarray(data)))
        if name in _SHAPED_BY_DATA:
            guard(result._node)
        return result

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if any(isinstance(each, Node) for each in inputs):
            return NotImplemented
        data = getattr(ufunc, method)(*map(_plain, inputs), **{key: _plain(each) for key, each in options.items()})
        if "out" in options:
            return data
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        return self._result(name, inputs, options, data)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function in _BY_UFUNC and len(args) == 1 and not options:
            return _BY_UFUNC[function].reduce(args[0], axis=None)  # which NumPy's own function calls, more slowly
        data = function(*map(_plain, args), **{key: _plain(each) for key, each in options.items()})
        module = function.__module__.removeprefix("numpy").removeprefix(".")
        name = f"{module}.{function.__name__}" if module else function.__name__
        return self._result(name, args, options, data)

    def __getitem__(self, index: Any) -> Any:
        for part in index if isinstance(index, tuple) else (index,):
            if isinstance(part, Observed) and part.dtype == bool:
                guard(part.require_node())  # how many it chooses decides the result's shape
        return self._result("getitem", (self, index), {}, np.asarray(self)[_plain(index)])

    def astype(self, dtype: Any, *args: Any, **options: Any) -> Any:
        """The array with another dtype."""
        return self._result("astype", (self, np.dtype(dtype)), {}, np.asarray(self).astype(dtype))

    def reshape(self, *shape: Any, **options: Any) -> Any:
        """The array with another shape."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, **options)

    @property
    def T(self) -> Any:
        """The array with its axes reversed."""
        return np.transpose(self)

    def __bool__(self) -> bool:
        return bool(self._taken())

    def __float__(self) -> float:
        return float(self._taken())

    def __int__(self) -> int:
        return int(self._taken())

    def __index__(self) -> int:
        return operator.index(self._taken())

    def item(self, *args: Any) -> Any:
        """An element, as Python's own number."""
        return self._taken().item(*args)

    def tolist(self) -> Any:
        """The elements, as Python's own numbers."""
        return self._taken().tolist()

    def _taken(self) -> Any:
        if is_observing():
            guard(self.require_node())
        return np.asarray(self)


def _method(name: str) -> Any:
    function = getattr(np, name)

    def method(self: Observed, *args: Any, **options: Any) -> Any:
        return function(self, *args, **options)

    method.__name__ = name
    return method


def _refused(name: str) -> Any:
    def method(self: Observed, *args: Any, **options: Any) -> Any:
        if is_observing():
            raise GraphError(
                f"record: a program cannot repeat {name}() of recorded numbers; use NumPy's functions on whole arrays"
            )
        return getattr(np.asarray(self), name)(*args, **options)

    method.__name__ = name
    return method


# Every other method of an array is NumPy's function of that name, which is followed, or is refused.
for _name in dir(np.ndarray):
    if _name.startswith("_") or _name in ("view", "setflags"):  # of which the one is told where it is used
        continue
    if _name not in vars(Observed) and callable(getattr(np.ndarray, _name)):
        setattr(Observed, _name, _method(_name) if callable(getattr(np, _name, None)) else _refused(_name))


def plain_params(params: dict[str, Any]) -> dict[str, Any]:
    """A primitive's parameters as it computes with them, without observed arrays."""
    return {name: _plain(value) for name, value in params.items()}


def _plain(value: Any) -> Any:
    """A value without observed arrays."""
    if isinstance(value, Observed):
        return np.asarray(value)
    if value.__class__ in (tuple, list):
        return value.__class__(map(_plain, value))
    return value

"""`Value`: a node that holds one Python float."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from autograd import recording
from autograd.errors import DTypeError, MutationError
from autograd.kinks import with_kink_rule
from autograd.micrograd import Handmade, MicrogradNames
from autograd.node import NO_PARAMS, Node, new_node
from autograd.observed import computed, guard
from autograd.observed_values import ObservedFloat
from autograd.recording import is_observing, modes, next_serial, refuse_while_observing
from autograd.rule import Primitive
from autograd.rules import Elementwise
from autograd.scalar_methods import ScalarMethods


def _constant(data: float) -> Value:
    return new_node(Value, data, None, (), NO_PARAMS, False)


class Value(MicrogradNames, ScalarMethods):
    """A scalar that remembers how it was made.

    Args:
        data: a Python or NumPy real number; it is held as a Python float.
        label: the node's name in pictures and tables; also `name`.
        requires_grad: False makes a constant.

    Raises:
        DTypeError: `data` is complex, or not a number.

    Example:
        >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        >>> L = (a * b + 10).tanh()
        >>> L.backward()
        >>> round(a.grad, 6), round(b.grad, 6)
        (-0.004023, 0.002682)
    """

    __slots__ = ()

    def __init__(
        self,
        data: Any,
        _children: tuple[Value, ...] = (),
        _op: str = "",
        label: str = "",
        *,
        requires_grad: bool = True,
    ) -> None:
        if isinstance(_children, str):  # Value(2.0, "a")
            _children, label = (), _children
        self._data = _as_float(data)
        self.grad = Value.UNCOMPUTED
        self.rule = Handmade(_op) if _children or _op else None
        self.parents = tuple(_children)
        self.requires_grad = requires_grad
        self._id = next_serial()
        self._notes = recording.current_notes() if recording.special else None
        if label:
            self.name = label

    # ---- what it holds --------------------------------------------------------------------------------------------

    @property
    def data(self) -> float:
        """The number. It can be set; a graph that used the old one then refuses its backward pass."""
        if recording.special and is_observing():
            return ObservedFloat.of(self)
        data: float = self._data
        return data

    @data.setter
    def data(self, data: Any) -> None:
        if recording.special:
            refuse_while_observing("assigns data")
        if self.rule is not None:
            raise MutationError(
                f"the data of {self.describe()} is the result of an operation and cannot be set; "
                f"change a leaf and run the forward pass again, or detach() first"
            )
        self._data = _as_float(data)
        self._note_change()

    def item(self) -> float:
        """The number as a Python float."""
        return float(self)

    def detach(self) -> Value:
        """A constant with the same number."""
        if recording.special and is_observing():
            return computed("detach", (self,), {}, self._data)  # type: ignore[no-any-return]
        return _constant(self._data)._note_origin(self)

    def __float__(self) -> float:
        if recording.special:
            guard(self)
        return self._data  # type: ignore[no-any-return]

    def __int__(self) -> int:
        return int(float(self))

    def __bool__(self) -> bool:
        if recording.special and is_observing():
            return bool(ObservedFloat.of(self))
        recording.decisions.append(next_serial())
        return bool(self._data)

    def __format__(self, specification: str) -> str:
        return format(self._data, specification) if specification else str(self)

    def __repr__(self) -> str:
        name = f", name={self.name!r}" if self.name else ""
        return f"Value(data={self._data}, grad={self.grad}{name})"

    # ---- recording ------------------------------------------------------------------------------------------------

    @classmethod
    def _record(cls, rule: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        if any(isinstance(arg, np.ndarray) and arg.dtype == object and arg.ndim for arg in args):
            boxed = [_boxed(arg) if isinstance(arg, Value) else arg for arg in args]
            return rule.on_objects(*boxed, **params)
        scalar = getattr(rule, "scalar", None)
        if scalar is None:
            raise DTypeError(
                f"{rule.name}: takes arrays, not a single Value; give a Tensor, or a nested list of Values"
            )
        parents = tuple(_as_operand(arg, rule) for arg in args)
        watch = None
        if recording.special:
            watch = modes.watch
            params = with_kink_rule(rule, params)
            rule.check_kink([parent._data for parent in parents], params)
        data = _evaluate(rule, scalar, [parent._data for parent in parents], params)
        if watch is not None:
            watch.result(rule, parents, params, data)
        if modes.recording and any(parent.requires_grad for parent in parents):
            return new_node(cls, data, rule, parents, params, True)
        if recording.special and is_observing() and any(x.requires_grad or x.rule is not None for x in parents):
            return new_node(cls, data, rule, parents, params, False)
        return _constant(data)

    @property
    def params(self) -> dict[str, Any]:
        """The primitive's keyword parameters. Without a slot for them a step takes 0.93 of the time."""
        notes = self._notes
        return NO_PARAMS if notes is None or notes.params is None else notes.params

    @params.setter
    def params(self, params: dict[str, Any]) -> None:
        if params:
            self._own_notes().params = params

    # ---- NumPy ----------------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        from autograd.numpy_protocol import apply_ufunc

        return apply_ufunc(ufunc, method, inputs, kwargs)


def _as_float(data: Any) -> float:
    if data.__class__ is float:
        return data
    if isinstance(data, Real) or (isinstance(data, np.ndarray) and data.ndim == 0 and data.dtype.kind in "fiub"):
        try:
            return float(data)
        except OverflowError:
            raise DTypeError("Value: holds a 64-bit float, and this integer is too large for one") from None
    raise DTypeError(
        f"Value: holds one real number, not {type(data).__name__}"
        + ("; take the real and the imaginary part as two Values" if isinstance(data, complex) else "")
        + ("; use autograd.Tensor for arrays" if isinstance(data, np.ndarray | list | tuple) else "")
    )


def _as_operand(arg: Any, rule: Primitive) -> Value:
    if isinstance(arg, np.ndarray) and arg.dtype == object and not arg.ndim:
        arg = arg[()]
    if isinstance(arg, Value):
        return arg
    if isinstance(arg, Real) or (isinstance(arg, np.ndarray) and arg.ndim == 0):
        return _constant(_as_float(arg))
    if isinstance(arg, Node):
        raise DTypeError(f"{rule.name}: a Value and a {type(arg).__name__} do not mix; make both one kind of node")
    raise DTypeError(
        f"{rule.name}: a Value takes real numbers and Values, not {type(arg).__name__}; for arrays use a Tensor, or an "
        f"object array of Values"
    )


def _boxed(value: Value) -> Any:
    box = np.empty((), dtype=object)
    box[()] = value
    return box


def _evaluate(rule: Any, scalar: Callable[..., Any], inputs: list[float], params: dict[str, Any]) -> float:
    if isinstance(rule, Elementwise):
        return rule.on_floats(*inputs, **params)
    return float(scalar(*inputs, **params))

"""`Value`: a node that holds one Python float."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from autograd import recording
from autograd.errors import DTypeError, MutationError, ShapeError
from autograd.kinks import with_kink_rule
from autograd.micrograd import Handmade, MicrogradNames
from autograd.node import NO_PARAMS, Node, new_node, walk
from autograd.recording import modes, next_serial
from autograd.rule import Primitive
from autograd.rules import Elementwise
from autograd.scalar_methods import UNCOMPUTED, ScalarMethods
from autograd.scalar_pull import product


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

    UNCOMPUTED = UNCOMPUTED

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
        self.params = NO_PARAMS
        self.requires_grad = requires_grad
        self._id = next_serial()
        self._notes = recording.current_notes() if recording.special else None
        if label:
            self.name = label

    # ---- what it holds --------------------------------------------------------------------------------------------

    @property
    def data(self) -> float:
        """The number. It can be set; a graph that used the old one then refuses its backward pass."""
        data: float = self._data
        return data

    @data.setter
    def data(self, data: Any) -> None:
        if self.rule is not None:
            raise MutationError(
                f"the data of {self.describe()} is the result of an operation and cannot be set; "
                f"change a leaf and run the forward pass again, or detach() first"
            )
        self._data = _as_float(data)
        self._note_change()

    def item(self) -> float:
        """The number as a Python float."""
        return self.data

    def detach(self) -> Value:
        """A constant with the same number."""
        return _constant(self._data)

    def __float__(self) -> float:
        return self.data

    def __int__(self) -> int:
        return int(self._data)

    def __bool__(self) -> bool:
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
        if recording.special:
            params = with_kink_rule(rule, params)
            rule.check_kink([parent._data for parent in parents], params)
        data = _evaluate(rule, scalar, [parent._data for parent in parents], params)
        if modes.recording and any(parent.requires_grad for parent in parents):
            return new_node(cls, data, rule, parents, params, True)
        return _constant(data)

    def _pull(self) -> None:
        rule: Any = self.rule
        if self._notes is not None and self._notes.handmade is not None:
            self._notes.handmade()
        elif rule.__class__ is Elementwise and not self.params:
            rule.pull(self)
        else:
            self._pull_weights()

    @classmethod
    def _walk(cls, order: list[Any], keep: str) -> None:
        """`walk`, which calls the pull of a plain node at once, one call less for each node."""
        for node in order:
            rule = node.rule
            if rule.__class__ is Elementwise and node._notes is None and not node.params and keep == "all":
                rule.pull(node)
            elif rule is not None:
                walk([node], keep)

    def _pull_weights(self) -> None:
        """The pull of a reduction, or of an operation with parameters."""
        for parent, contribution in zip(self.parents, self._contributions(self.grad), strict=True):
            if parent.requires_grad:
                parent.grad += contribution

    def _contributions(self, gradient: float) -> list[float]:
        rule: Any = self.rule
        weights = rule.scalar_weights(self._data, [parent._data for parent in self.parents], self.params)
        return [product(gradient, weight) for weight in weights]

    def _tangent(self, tangents: list[Any]) -> float:
        rule: Any = self.rule
        weights = rule.scalar_weights(self._data, [parent._data for parent in self.parents], self.params)
        terms = zip(tangents, weights, strict=True)
        return sum(product(tangent, weight) for tangent, weight in terms if tangent is not None)

    def _seed(self, gradient: Any) -> float:
        return 1.0 if gradient is None else self._as_gradient(gradient)

    def _as_gradient(self, gradient: Any) -> float:
        try:
            return float(gradient)
        except (TypeError, ValueError) as error:
            raise ShapeError(f"backward: the gradient of a Value is one number, not {gradient!r}") from error

    def _accumulate(self, contribution: Any) -> None:
        self.grad += contribution

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

"""`Tensor`: a node that holds a NumPy array."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Rational
from typing import Any

import numpy as np

from autograd import recording
from autograd.array_changes import note_change_in_place
from autograd.array_methods import ArrayMethods
from autograd.arrays import Array, fingerprint_of, float_array, with_context
from autograd.conform import conform_elementwise
from autograd.errors import DTypeError, GraphError, MutationError, ShapeError
from autograd.kinks import with_kink_rule
from autograd.node import NO_PARAMS, Node, new_node
from autograd.numpy_protocol import apply_function, apply_ufunc
from autograd.observed import Observed, computed, guard, plain_params
from autograd.recording import current_notes, is_observing, modes, next_serial, refuse_while_observing
from autograd.rule import Primitive, holds_objects


class Tensor(ArrayMethods):
    """An array that remembers how it was made.

    Args:
        data: floating-point numbers of any shape: an array, a nested sequence, a Python float. They are copied. Python
            floats become float64; float16, float32 and float64 arrays stay what they are.
        requires_grad: True for a leaf whose gradient is wanted, as in PyTorch.
        name: the node's name in pictures, tables and messages.

    Raises:
        DTypeError: `data` holds integers, booleans, complex numbers or objects.

    Example:
        >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        array([[2., 4.],
               [6., 8.]])
    """

    __slots__ = ("__weakref__", "params")

    def __init__(self, data: Any, requires_grad: bool = False, name: str = "") -> None:
        self._data = float_array(data)
        self.grad = None
        self.rule = None
        self.parents = ()
        self.params = NO_PARAMS
        self.requires_grad = bool(requires_grad)
        self._id = next_serial()
        self._notes = recording.current_notes() if recording.special else None
        if name:
            self.name = name

    # ---- what it holds --------------------------------------------------------------------------------------------

    @property
    def data(self) -> Array:
        """The array. A leaf's can be set, and written in place; a result's, or a view of another's, is read-only."""
        if recording.special and is_observing():
            return Observed.of(self)
        data: Array = self._data
        if self.rule is None and data.base is None:
            notes = self._own_notes()
            if notes.fingerprint is None:
                notes.fingerprint = fingerprint_of(data)
            return data
        view = data.view()
        view.flags.writeable = False
        return view

    @data.setter
    def data(self, data: Any) -> None:
        if recording.special:
            refuse_while_observing("assigns data")
        if data is self._data:  # `w.data -= step` wrote in place and now assigns the same array
            note_change_in_place(self)
            return
        if self.rule is not None:
            raise MutationError(
                f"the data of {self.describe()} is the result of an operation and cannot be assigned; "
                f"detach() first, or make a new Tensor"
            )
        array = float_array(data)
        if array.shape != self._data.shape:
            raise ShapeError(
                f"data: {self.describe()} has shape {self._data.shape}; shape {array.shape} needs a new Tensor"
            )
        self._replace_data(array.astype(self._data.dtype, copy=False))

    def _replace_data(self, array: Array) -> None:
        self._data = array
        self._note_change()
        self._own_notes().fingerprint = None

    def astype_(self, dtype: Any) -> Tensor:
        """Change a leaf's floating-point dtype, forget its gradient, and return the leaf.

        Raises:
            DTypeError: the dtype is not a floating-point one.
            GraphError: the tensor is no leaf; `astype` gives a new one.

        Example:
            >>> from autograd import Tensor
            >>> Tensor([0.5]).astype_("float32")
            Tensor([0.5], dtype=float32)
        """
        target = np.dtype(dtype)
        if target.kind != "f":
            raise DTypeError(f"astype_: {target} data cannot be differentiated; take a floating-point dtype")
        if self.rule is not None:
            raise GraphError(f"astype_: {self.describe()} is no leaf; astype gives a new Tensor")
        self.zero_grad()
        self._replace_data(self._data.astype(target))
        return self

    def numpy(self) -> Array:
        """A copy of the data as an array of its own."""
        if recording.special and is_observing():
            return np.copy(Observed.of(self), subok=True)
        return np.array(self._data)

    def item(self) -> float:
        """The number of a tensor of one element."""
        if self._data.size != 1:
            raise ShapeError(f"item: {self.describe()} has shape {self.shape}, not one element")
        if recording.special:
            guard(self)
        return float(self._data.item())

    def detach(self) -> Tensor:
        """A constant with the same data."""
        if recording.special and is_observing():
            return computed("detach", (self,), {}, np.array(self._data))  # type: ignore[no-any-return]
        return constant(np.array(self._data))._note_origin(self)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set whether a leaf's gradient is wanted, and return the leaf."""
        if self.rule is not None and not requires_grad:
            raise GraphError(f"requires_grad_: {self.describe()} is no leaf; detach() gives a constant")
        if requires_grad and self._data.dtype.kind != "f":
            raise DTypeError(f"requires_grad_: {self._data.dtype} data cannot be differentiated; use floats")
        self.requires_grad = requires_grad
        return self

    shape = property(lambda self: self._data.shape, doc="The length of each axis.")
    ndim = property(lambda self: self._data.ndim, doc="The number of axes.")
    size = property(lambda self: self._data.size, doc="The number of elements.")
    dtype = property(lambda self: self._data.dtype, doc="The elements' dtype.")

    def __len__(self) -> int:
        if not self._data.ndim:
            raise TypeError("len: a Tensor of shape () has no length")
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[place] for place in range(len(self)))

    def __float__(self) -> float:
        return self.item()

    def __bool__(self) -> bool:
        if recording.special:
            guard(self)
        return bool(self._data)

    def __format__(self, specification: str) -> str:
        return format(self.item(), specification) if specification else str(self)

    def __repr__(self) -> str:
        body = np.array2string(self._data, separator=", ", prefix="Tensor(", threshold=100)
        dtype = "" if self._data.dtype == np.float64 else f", dtype={self._data.dtype}"
        name = f", name={self.name!r}" if self.name else ""
        leaf = ", requires_grad=True" if self.requires_grad and self.rule is None else ""
        op = f", op={self.op!r}" if self.rule is not None else ""
        return f"Tensor({body}{dtype}{op}{leaf}{name})"

    # ---- recording ------------------------------------------------------------------------------------------------

    @classmethod
    def _record(cls, rule: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        records = not recording.special or modes.recording
        inputs: list[Any] = []
        arrays: list[Array] = []
        needed = False
        for arg in args:
            x = arg if arg.__class__ is Tensor else as_constant(arg, args, rule)
            if x._notes is not None and records:
                note_change_in_place(x)
            if x.requires_grad:
                needed = True
            inputs.append(x)
            arrays.append(x._data)
        if recording.special and rule.kink is not None:
            params = with_kink_rule(rule, params)
            rule.check_kink(arrays, params)
        numbers = plain_params(params) if recording.special and is_observing() else params
        try:
            data = rule.forward(*arrays, **numbers) if numbers else rule.forward(*arrays)
        except (ValueError, TypeError, IndexError) as error:
            raise with_context(error, rule, inputs, params) from None
        if data.__class__ is not np.ndarray:
            data = np.asarray(data)
        if not (needed and records):
            if recording.special:
                if modes.watch is not None:
                    modes.watch.result(rule, inputs, params, data)
                if is_observing() and any(x.requires_grad or x.rule is not None for x in inputs):
                    return new_node(cls, data, rule, inputs, params, False)
            return _constant_result(data, inputs)
        count = len(inputs)
        if count > 1 and rule.elementwise:
            inputs = conform_elementwise(inputs, data)
        node = object.__new__(Tensor)  # `new_node`, written out: a small operation takes 0.97 of the time
        node._data = data
        node.grad = None
        node.rule = rule
        node._first = inputs[0] if count < 3 else tuple(inputs)
        node._second = inputs[1] if count == 2 else None
        node.params = params
        node.requires_grad = True
        node._id = next_serial()
        node._notes = None
        if recording.special:
            node._notes = current_notes()
            if modes.watch is not None:
                modes.watch.result(rule, inputs, params, data)
        return node

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            "a Tensor cannot be assigned to in part, since its recorded graph would no longer hold. Build a new one "
            "with autograd.where or concatenate; write a leaf's numbers through `.data[...]`"
        )

    # ---- NumPy ----------------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return apply_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return apply_function(function, args, kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        self._require_constant()
        return np.array(self._data, dtype=dtype)

    def __dlpack__(self, **options: Any) -> Any:
        """A copy for any library that takes DLPack: `torch.from_dlpack(tensor)`."""
        self._require_constant()
        return self._data.copy().__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0  # the CPU

    def _require_constant(self) -> None:
        if self.requires_grad:
            raise DTypeError(
                "a Tensor that requires a gradient does not become an array by itself, since its graph would be lost; "
                "use `.data` or `.numpy()`, and autograd.stack to join Tensors"
            )


def constant(data: Any) -> Tensor:
    """A tensor without gradient that holds this very array."""
    return new_node(Tensor, np.asarray(data), None, (), NO_PARAMS, False)


def as_constant(arg: Any, args: tuple[Any, ...], rule: Primitive) -> Tensor:
    """One of an operation's operands as a node. Python numbers take the first tensor's dtype; arrays are copied."""
    if isinstance(arg, Tensor):
        return arg
    if isinstance(arg, Observed) and is_observing():
        return arg.constant()  # type: ignore[no-any-return]
    if arg.__class__ in (float, int, bool) or (isinstance(arg, Rational) and not isinstance(arg, np.generic)):
        tensor = next(other for other in args if isinstance(other, Tensor))
        return constant(np.asarray(float(arg), dtype=tensor._data.dtype))
    if isinstance(arg, Node):
        raise DTypeError(f"{rule.name}: a Tensor and a {type(arg).__name__} do not mix; make both one kind of node")
    if isinstance(arg, np.ma.MaskedArray):
        raise DTypeError(f"{rule.name}: a masked array would lose its mask; use .filled(), and where(mask, ...)")
    array = np.array(arg)
    if array.dtype.kind not in "fiub":
        raise DTypeError(
            f"{rule.name}: takes real numbers, arrays of them and Tensors, not {type(arg).__name__}"
            + ("; join Tensors with autograd.stack" if holds_objects(arg) and array.ndim else "")
        )
    return constant(array)


def _constant_result(data: Array, inputs: list[Any]) -> Tensor:
    """A result without gradient. If it is a view it remembers of which leaf, whose data may be changed in place."""
    result = constant(data)
    if data.base is not None:
        for x in inputs:
            if data.base is x._data or data.base is x._data.base:
                owner = x._notes.viewed if x._notes is not None else None
                result._own_notes().viewed = x if owner is None else owner
    return result

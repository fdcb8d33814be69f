"""The three kinds of derivative rule.

- `Elementwise` gives the local derivative with respect to each argument: ``exp -> out``, ``multiply -> (y, x)``.
- `Linear` gives the transpose with respect to each argument: of a reshape it is the reshape back.
- `Reduction` gives the weight of each element in the result: ``max -> 1 at the first maximum``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import numpy as np

from autograd import symbol as notation
from autograd.rule import Kink, Primitive, Rule, as_operand, flags, primitive
from autograd.scalar_pull import Local, Pull, bind_pull, scalar_local
from autograd.symbol import Symbol


class Elementwise(Primitive):
    """A primitive that acts on each element by itself, declared by its local derivatives.

    Args:
        locals: the local derivative with respect to each argument, in order: a function of ``(out, *arguments)`` and
            the parameters, or a constant.
        scalar: a quicker twin of `forward` for Python floats, such as ``math.exp``. Where it raises an arithmetic
            error, `forward` answers instead, with infinity or NaN as NumPy has them.
        formula: the local derivatives as they should be written, where the rule's own form does not read well.

    Example:
        A primitive of your own is drawn, stepped, checked and differentiated like the others.

        >>> import numpy as np
        >>> from autograd import Elementwise, Value, cos
        >>> cube = Elementwise("cube", lambda x: x * x * x, [lambda out, x: 3 * x * x], symbol="x³")
        >>> x = Value(2.0)
        >>> y = cube(x)
        >>> y.backward()
        >>> y.data, x.grad
        (8.0, 12.0)
        >>> cube.local_text(0)
        '3·x·x'
    """

    def __init__(
        self,
        name: str,
        forward: Rule,
        locals: Sequence[Local],
        *,
        scalar: Rule | None = None,
        symbol: str = "",
        latex: Callable[..., Symbol] | str = "",
        formula: Sequence[Callable[..., Any] | float] = (),
        kink: Kink | None = None,
    ) -> None:
        super().__init__(name, forward, symbol=symbol, latex=latex, kink=kink)
        self.locals = tuple(locals)
        self.arity = len(self.locals)
        self.formula = tuple(formula) or self.locals
        self.scalar = scalar or forward
        self.pull: Pull = bind_pull(self.locals)

    elementwise = True

    def documentation(self) -> str:
        names = _argument_names((), self.arity)
        derivatives = "\n".join(f"    d/d{name} = {self.local_text(i)}" for i, name in enumerate(names))
        kink = f"\n\nAt its kink `autograd.kinks({self.kink.option}=...)` chooses the derivative." if self.kink else ""
        return (
            f"{self.name}({', '.join(names)}) = {self.expression(*map(Symbol, names)).text}, element by element.\n\n"
            f"{derivatives}{kink}\n\n"
            f"Takes Tensors, Values, arrays of floats and numbers, of shapes that broadcast together.\n"
            f"Raises ShapeError where they do not, DTypeError for what is no real number."
        )

    def on_numbers(self, *args: Any, **params: Any) -> Any:
        if args[0].__class__ is float and args[-1].__class__ is float:
            return self.on_floats(*args, **params)
        return self.forward(*args, **params)

    def on_floats(self, *args: Any, **params: Any) -> float:
        """The function of Python floats; infinity or NaN where it has no finite value."""
        try:
            return float(self.scalar(*args, **params))
        except (ArithmeticError, ValueError, TypeError):
            with np.errstate(all="ignore"):
                return float(self.forward(*map(np.float64, args), **params))

    def on_objects(self, *args: Any, **params: Any) -> Any:
        return np.frompyfunc(lambda *elements: self(*elements, **params), len(args), 1)(*args)

    def scalar_weights(self, out: float, inputs: Sequence[float], params: dict[str, Any]) -> list[float]:
        """The local derivatives at Python floats."""
        return [scalar_local(local, out, inputs, params) for local in self.locals]

    def vjp(
        self, gradient: Any, out: Any, inputs: Sequence[Any], needed: Sequence[bool], params: dict[str, Any]
    ) -> list[Any]:
        return [
            self._times(gradient, local, out, inputs, params) if need else None
            for local, need in zip(self.locals, needed, strict=True)
        ]

    def contributions(
        self, gradient: Any, out: Any, inputs: Sequence[Any], needed: Sequence[bool], params: dict[str, Any]
    ) -> list[Any]:
        flags.invalid = False
        contributions = self.vjp(gradient, out, inputs, needed, params)
        if not flags.raised_by(*contributions):
            return contributions
        return [
            masked_product(gradient, local(out, *inputs, **params)) if need and callable(local) else contribution
            for local, need, contribution in zip(self.locals, needed, contributions, strict=True)
        ]

    def jvp(self, tangents: Sequence[Any], out: Any, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
        pairs = [pair for pair in zip(tangents, self.locals, strict=True) if pair[0] is not None]
        flags.invalid = False
        terms = [self._times(tangent, local, out, inputs, params) for tangent, local in pairs]
        if flags.raised_by(*terms):
            terms = [
                masked_product(tangent, local(out, *inputs, **params)) if callable(local) else term
                for (tangent, local), term in zip(pairs, terms, strict=True)
            ]
        return sum(terms[1:], start=terms[0])

    def _times(self, factor: Any, local: Local, out: Any, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
        if callable(local):
            return factor * local(out, *inputs, **params)
        return factor if local == 1.0 else factor * local

    def local(self, node: Any, argument: int) -> Any:
        local = self.locals[argument]
        if not callable(local):
            return local
        with np.errstate(all="ignore"):
            return 1.0 * local(node.data, *(parent.data for parent in node.parents), **node.params)

    def local_symbol(self, argument: int, names: Sequence[str] = ()) -> Symbol | None:
        arguments = [notation.named(name) for name in _argument_names(names, self.arity)]
        formula = self.formula[argument]
        derivative = formula(self.expression(*arguments), *arguments) if callable(formula) else formula
        return notation.as_symbol(derivative)


class Linear(Primitive):
    """A primitive that is linear in its arguments, declared by its transposes.

    Args:
        transposes: for each argument a function of ``(gradient, *arguments, **params)`` that gives its contribution. A
            function on its own, instead of a sequence, gives the list of all contributions (any number of arguments).
        separately: True where the operation is linear in each argument with the others held fixed, as a product is;
            False where it is linear in all of them together, as a concatenation is.
        objects: how the operation acts on object arrays of Values, where the NumPy call does not serve.
    """

    def __init__(
        self,
        name: str,
        forward: Rule,
        transposes: Sequence[Rule] | Rule,
        *,
        separately: bool = False,
        objects: Rule | None = None,
        symbol: str = "",
        latex: Callable[..., Symbol] | str = "",
    ) -> None:
        super().__init__(name, forward, symbol=symbol, latex=latex)
        self.transposes = transposes
        self.separately = separately
        self.objects = objects or forward

    def on_objects(self, *args: Any, **params: Any) -> Any:
        return self.objects(*args, **params)

    def vjp(
        self, gradient: Any, out: Any, inputs: Sequence[Any], needed: Sequence[bool], params: dict[str, Any]
    ) -> list[Any]:
        if callable(self.transposes):
            return list(self.transposes(gradient, *inputs, **params))
        return [
            transpose(gradient, *inputs, **params) if need else None
            for transpose, need in zip(self.transposes, needed, strict=True)
        ]

    def jvp(self, tangents: Sequence[Any], out: Any, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
        if not self.separately:
            filled = [np.zeros_like(x) if t is None else t for t, x in zip(tangents, inputs, strict=True)]
            return self(*filled, **params)
        terms = []
        for place, tangent in enumerate(tangents):
            if tangent is not None:
                varied = [*inputs[:place], tangent, *inputs[place + 1 :]]
                terms.append(self(*varied, **params))
        return sum(terms[1:], start=terms[0])


class Reduction(Primitive):
    """A primitive that reduces axes of one argument, declared by the weight of each element in the result.

    Args:
        forward: function of ``(x, axis, keepdims)`` and parameters.
        weight: the derivative of the result with respect to each element: a function of ``(out, x, axis)`` and
            parameters, with `out` broadcast to x's number of axes, that gives an array of x's shape; or a constant.
        weight_symbol: the weight of an element as a function of its symbol, for labels; or a constant.
    """

    def __init__(
        self,
        name: str,
        forward: Rule,
        weight: Rule | float,
        *,
        weight_symbol: Callable[[Symbol], Any] | float,
        symbol: str = "",
        latex: Callable[..., Symbol] | str = "",
        kink: Kink | None = None,
    ) -> None:
        super().__init__(name, forward, symbol=symbol, latex=latex, kink=kink)
        self.weight = weight
        self.weight_symbol = weight_symbol

    def on_objects(self, x: Any, *, axis: tuple[int, ...] | None = None, keepdims: bool = False, **params: Any) -> Any:
        """One node of many parents for each result."""
        axes = tuple(range(x.ndim)) if axis is None else axis
        kept = [length for place, length in enumerate(x.shape) if place not in axes]
        rows = np.moveaxis(x, axes, range(-len(axes), 0)).reshape(math.prod(kept), -1) if axes else x.reshape(-1, 1)
        out = np.empty(len(rows), dtype=object)
        for place, row in enumerate(rows):
            out[place] = self.of_values(tuple(row), params)
        if keepdims:
            return out.reshape([1 if place in axes else length for place, length in enumerate(x.shape)])
        return out.reshape(kept) if kept else out[0]

    def check_kink(self, inputs: Sequence[Any], params: dict[str, Any]) -> None:
        several_scalars = len(inputs) > 1 or not hasattr(inputs[0], "shape")
        super().check_kink([np.array(inputs)] if several_scalars else inputs, params)

    def of_values(self, elements: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """The reduction of several scalars, of which some are nodes."""
        for element in elements:
            record = getattr(element, "_record", None)
            if record is not None:
                return record(self, elements, params)
        return float(self.forward(np.array(elements, dtype=float), axis=None, keepdims=False, **params))

    def scalar(self, *elements: float, **params: Any) -> float:
        """The reduction of Python floats."""
        return float(self.forward(np.array(elements), axis=None, keepdims=False, **params))

    def vjp(
        self, gradient: Any, out: Any, inputs: Sequence[Any], needed: Sequence[bool], params: dict[str, Any]
    ) -> list[Any]:
        if len(inputs) > 1 or not hasattr(inputs[0], "shape"):
            return [gradient * weight for weight in self.scalar_weights(out, inputs, params)]
        x, axis, options = _split_axis(inputs[0], params)
        spread = np.broadcast_to(_kept(gradient, x, axis), x.shape)
        return [self._weigh(spread, out, x, axis, options)]

    def jvp(self, tangents: Sequence[Any], out: Any, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
        if len(inputs) > 1 or not hasattr(inputs[0], "shape"):
            weights = self.scalar_weights(out, inputs, params)
            terms = [t * weight for t, weight in zip(tangents, weights, strict=True) if t is not None]
            return sum(terms[1:], start=terms[0])
        x, axis, options = _split_axis(inputs[0], params)
        weighted = self._weigh(tangents[0], out, x, axis, options)
        return weighted.sum(axis=axis, keepdims=params.get("keepdims", False))

    def _weigh(self, factor: Any, out: Any, x: Any, axis: tuple[int, ...], options: dict[str, Any]) -> Any:
        if not callable(self.weight):
            return factor if self.weight == 1.0 else factor * self.weight
        flags.invalid = False
        weighted = factor * self.weight(_kept(out, x, axis), x, axis=axis, **options)
        if flags.raised_by(weighted):
            return masked_product(factor, self.weight(_kept(out, x, axis), x, axis=axis, **options))
        return weighted

    def scalar_weights(self, out: Any, inputs: Sequence[Any], params: dict[str, Any]) -> list[Any]:
        """The weight of each of several scalars: floats, or Values when the derivative's own graph is recorded."""
        if not callable(self.weight):
            return [self.weight] * len(inputs)
        x = as_operand(list(inputs))
        kept = np.empty(1, dtype=x.dtype)
        kept[0] = out
        weights = self.weight(kept, x, axis=(0,), **params)
        return list(weights) if weights.dtype == object else weights.tolist()

    def local(self, node: Any, argument: int) -> Any:
        inputs = [parent.data for parent in node.parents]
        if len(inputs) > 1:
            return 1.0 * self.scalar_weights(node.data, inputs, node.params)[argument]
        x, axis, options = _split_axis(inputs[0], node.params)
        return self._weigh(np.ones(x.shape, x.dtype), node.data, x, axis, options)

    def local_symbol(self, argument: int, names: Sequence[str] = ()) -> Symbol | None:
        if not callable(self.weight_symbol):
            return notation.as_symbol(self.weight_symbol)
        return notation.as_symbol(self.weight_symbol(notation.named(names[argument] if argument < len(names) else "x")))


def masked_product(upstream: Any, local: Any) -> Any:
    """upstream x local, and exactly 0 where nothing was received or a gate (a boolean local derivative) is closed."""
    where = primitive("where")
    open_ = np.asarray(getattr(upstream, "_data", upstream) != 0)
    gate = np.asarray(getattr(local, "_data", local))
    open_ = open_ & gate if gate.dtype == bool else open_
    return where(upstream, 0.0, condition=open_) * where(local, 0.0, condition=open_)


def _split_axis(x: Any, params: dict[str, Any]) -> tuple[Any, tuple[int, ...], dict[str, Any]]:
    axis = params.get("axis")
    options = {key: value for key, value in params.items() if key not in ("axis", "keepdims")}
    return x, tuple(range(x.ndim)) if axis is None else axis, options


def _kept(reduced: Any, x: Any, axis: tuple[int, ...]) -> Any:
    """A reduced array with its reduced axes put back, of length 1."""
    return reduced.reshape([1 if place in axis else length for place, length in enumerate(x.shape)])


def _argument_names(names: Sequence[str], arity: int) -> list[str]:
    if len(names) >= arity:
        return list(names)
    standard = ["x", "y", "z"]
    return (
        standard[:arity] if arity <= len(standard) else [f"x{i}" for i, _ in zip(count(1), range(arity), strict=False)]
    )

"""`Elementwise`: a rule that gives the local derivative with respect to each argument: ``multiply -> (y, x)``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import numpy as np

from autograd import symbol as notation
from autograd.rule import Kink, Primitive, Rule, flags, invalid, may_hide_zero
from autograd.rules.masking import masked_product
from autograd.scalar_pull import Local, bind_pull, scalar_local
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
        if type(self) is Elementwise:  # a rule that changes the derivative's use has the general pull
            self.pull_value = bind_pull(self.locals)

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
        products: list[Any] = []
        for place, local in enumerate(self.locals):
            if not needed[place]:
                products.append(None)
            elif local.__class__ is float:
                products.append(gradient if local == 1.0 else gradient * local)
            elif params or not callable(local) or len(inputs) > 2:
                products.append(self._times(gradient, local, out, inputs, params))
            else:  # `_times`, written out: a small operation takes 0.94 of the time
                derivative = local(out, inputs[0]) if len(inputs) == 1 else local(out, inputs[0], inputs[1])
                closed = derivative is False
                products.append(_times(gradient, derivative, out) if closed else gradient * derivative)
        return products

    def contributions(
        self, gradient: Any, out: Any, inputs: Sequence[Any], needed: Sequence[bool], params: dict[str, Any]
    ) -> list[Any]:
        before = invalid.last
        contributions = self.vjp(gradient, out, inputs, needed, params)
        if invalid.last is before and not (flags.masking and may_hide_zero(before, contributions)):
            return contributions
        return [
            masked_product(gradient, local(out, *inputs, **params)) if need and callable(local) else contribution
            for local, need, contribution in zip(self.locals, needed, contributions, strict=True)
        ]

    def jvp(self, tangents: Sequence[Any], out: Any, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
        pairs = [pair for pair in zip(tangents, self.locals, strict=True) if pair[0] is not None]
        before = invalid.last
        terms = [self._times(tangent, local, out, inputs, params) for tangent, local in pairs]
        if may_hide_zero(before, terms):
            terms = [
                masked_product(tangent, local(out, *inputs, **params)) if callable(local) else term
                for (tangent, local), term in zip(pairs, terms, strict=True)
            ]
        return sum(terms[1:], start=terms[0])

    def _times(self, factor: Any, local: Local, out: Any, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
        if callable(local):
            return _times(factor, local(out, *inputs, **params), out)
        return factor if local == 1.0 else factor * local

    def local(self, node: Any, argument: int) -> Any:
        local = self.locals[argument]
        if not callable(local):
            return local
        out, inputs = node.data, [parent.data for parent in node.parents]
        if out.__class__ is float:
            return 1.0 * scalar_local(local, out, inputs, node.params)
        with np.errstate(all="ignore"):
            return 1.0 * local(out, *inputs, **node.params)

    def local_symbol(self, argument: int, names: Sequence[str] = ()) -> Symbol | None:
        arguments = [notation.named(name) for name in _argument_names(names, self.arity)]
        formula = self.formula[argument]
        derivative = formula(self.expression(*arguments), *arguments) if callable(formula) else formula
        return notation.as_symbol(derivative)


def _times(factor: Any, derivative: Any, out: Any) -> Any:
    """A closed gate lets nothing through, not even 0 times infinity."""
    return np.zeros_like(out) if derivative is False and isinstance(out, np.ndarray) else factor * derivative


def _argument_names(names: Sequence[str], arity: int) -> list[str]:
    if len(names) >= arity:
        return list(names)
    standard = ["x", "y", "z"]
    return (
        standard[:arity] if arity <= len(standard) else [f"x{i}" for i, _ in zip(count(1), range(arity), strict=False)]
    )

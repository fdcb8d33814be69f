"""`Reduction`: a rule that gives the weight of each element in the result: ``max -> 1 at the first maximum``."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import symbol as notation
from autograd.rule import Kink, Primitive, Rule, as_operand, invalid, may_hide_zero
from autograd.rules.masking import masked_product
from autograd.symbol import Symbol


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
        before = invalid.last
        weighted = factor * self.weight(_kept(out, x, axis), x, axis=axis, **options)
        if may_hide_zero(before, (weighted,)):
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
        if len(inputs) > 1 or not hasattr(inputs[0], "shape"):
            return 1.0 * self.scalar_weights(node.data, inputs, node.params)[argument]
        x, axis, options = _split_axis(inputs[0], node.params)
        return self._weigh(np.ones(x.shape, x.dtype), node.data, x, axis, options)

    def local_symbol(self, argument: int, names: Sequence[str] = ()) -> Symbol | None:
        if not callable(self.weight_symbol):
            return notation.as_symbol(self.weight_symbol)
        return notation.as_symbol(self.weight_symbol(notation.named(names[argument] if argument < len(names) else "x")))


def _split_axis(x: Any, params: dict[str, Any]) -> tuple[Any, tuple[int, ...], dict[str, Any]]:
    axis = params.get("axis")
    options = {key: value for key, value in params.items() if key not in ("axis", "keepdims")}
    return x, tuple(range(x.ndim)) if axis is None else axis, options


def _kept(reduced: Any, x: Any, axis: tuple[int, ...]) -> Any:
    """A reduced array with its reduced axes put back, of length 1."""
    return reduced.reshape([1 if place in axis else length for place, length in enumerate(x.shape)])

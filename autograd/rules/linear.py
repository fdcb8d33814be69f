"""`Linear`: a rule that gives the transpose with respect to each argument: of a reshape it is the reshape back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.rule import Primitive, Rule
from autograd.symbol import Symbol


class Linear(Primitive):
    """A primitive that is linear in its arguments, declared by its transposes.

    Args:
        transposes: for each argument a function of ``(gradient, *arguments, **params)`` that gives its contribution. A
            function on its own, instead of a sequence, gives the list of all contributions (any number of arguments).
        separately: True where the operation is linear in each argument with the others held fixed, as a product is;
            False where it is linear in all of them together, as a concatenation is.
        objects: how the operation acts on object arrays of Values, where the NumPy call does not serve.
        part: of an operation that takes a part of its one argument: a function of the parameters that gives the index
            of the part, in which no element is named twice; or None. A pass then adds the gradient to that part alone.
    """

    def __init__(
        self,
        name: str,
        forward: Rule,
        transposes: Sequence[Rule] | Rule,
        *,
        separately: bool = False,
        objects: Rule | None = None,
        part: Rule | None = None,
        symbol: str = "",
        latex: Callable[..., Symbol] | str = "",
    ) -> None:
        super().__init__(name, forward, symbol=symbol, latex=latex)
        self.transposes = transposes
        self.separately = separately
        self.objects = objects or forward
        self.part = part

    def on_objects(self, *args: Any, **params: Any) -> Any:
        return self.objects(*args, **params)

    def vjp(
        self, gradient: Any, out: Any, inputs: Sequence[Any], needed: Sequence[bool], params: dict[str, Any]
    ) -> list[Any]:
        if callable(self.transposes):
            return list(self.transposes(gradient, *inputs, **params))
        if len(inputs) == 1:
            return [self.transposes[0](gradient, inputs[0], **params)]
        return [
            transpose(gradient, *inputs, **params) if needed[place] else None
            for place, transpose in enumerate(self.transposes)
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

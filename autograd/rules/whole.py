"""`Whole`: a rule for a function of whole matrices, that gives its two products with the Jacobian."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.rule import Primitive, Rule
from autograd.symbol import Symbol


class Whole(Primitive):
    """A primitive of whole arrays that is neither elementwise nor linear, as the inverse of a matrix.

    Args:
        pull: the vector-Jacobian product, a function of ``(gradient, out, *arguments, needed=...)`` that gives a list
            with each argument's contribution; one for an argument that is not needed may be None.
        push: the Jacobian-vector product, a function of ``(tangents, out, *arguments)``, a tangent being None for zero.
    """

    def __init__(
        self,
        name: str,
        forward: Rule,
        pull: Rule,
        push: Rule,
        *,
        symbol: str = "",
        latex: Callable[..., Symbol] | str = "",
    ) -> None:
        super().__init__(name, forward, symbol=symbol, latex=latex)
        self.pull = pull
        self.push = push

    def vjp(
        self, gradient: Any, out: Any, inputs: Sequence[Any], needed: Sequence[bool], params: dict[str, Any]
    ) -> list[Any]:
        return list(self.pull(gradient, out, *inputs, needed=needed, **params))

    def jvp(self, tangents: Sequence[Any], out: Any, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
        return self.push(tangents, out, *inputs, **params)

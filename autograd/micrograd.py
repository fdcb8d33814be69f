"""micrograd's names on a `Value`, so that its programs run here unchanged; among them a `_backward` written by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.errors import GraphError
from autograd.node import Node
from autograd.rule import Primitive


class MicrogradNames(Node):
    """`label`, `_prev`, `_op` and `_backward`, as micrograd and its lecture have them."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """The node's name."""
        return self.name

    @label.setter
    def label(self, label: str) -> None:
        self.name = label

    @property
    def _prev(self) -> set[Node]:
        return set(self.parents)

    @property
    def _op(self) -> str:
        return self.op

    @property
    def _backward(self) -> Callable[[], None]:
        """A call hands this node's gradient, times the local derivatives, to its parents: stepping by hand."""
        return self._pull if self.rule is not None else _nothing

    @_backward.setter
    def _backward(self, closure: Callable[[], None]) -> None:
        self._own_notes().handmade = closure


def _nothing() -> None:
    """What `_backward` of a leaf does."""


class Handmade(Primitive):
    """The rule of a node whose `_backward` the user writes, as one does when extending micrograd."""

    def __init__(self, symbol: str) -> None:  # outside the table: it has neither forward nor derivative
        self.name = self.symbol = symbol
        self.kink = None

    def __reduce__(self) -> tuple[Any, ...]:
        return Handmade, (self.symbol,)

    def scalar_weights(self, *args: Any) -> list[Any]:
        raise GraphError(
            f"{self.symbol or 'this node'}: made by hand and without a derivative; set its `_backward`, or declare the "
            f"operation with autograd.Elementwise, which differentiates to any order"
        )

    vjp = jvp = scalar_weights  # type: ignore[assignment]

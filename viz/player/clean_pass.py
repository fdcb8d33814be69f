"""A backward pass made for a film alone: afterwards every gradient is what it was before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from autograd.node import Node


@contextmanager
def gradients_put_back(nodes: Sequence[Node]) -> Iterator[None]:
    """A context that begins without any gradient and leaves every gradient as it was.

    Args:
        nodes: a whole graph.

    Example:
        >>> from autograd import Value
        >>> x = Value(3.0)
        >>> y = x * x
        >>> y.backward()
        >>> with gradients_put_back([x, y]):
        ...     y.backward()
        ...     print(x.grad)
        6.0
        >>> y.backward()
        >>> x.grad
        12.0
    """
    before = [node.grad for node in nodes]
    for node in nodes:
        node.grad = node.UNCOMPUTED
    try:
        yield
    finally:
        for node, gradient in zip(nodes, before, strict=True):
            node.grad = gradient

"""The backward pass: the chain rule as one walk against the order of creation.

Each node hands to each parent

    upstream gradient  x  local derivative

and a parent that is used several times adds up what it is handed. That is all that `backward` does. How a number does
it is told in `scalar_pass`, how an array does it in `array_pass`.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from autograd import recording
from autograd.errors import GraphError
from autograd.progress import Progress
from autograd.recording import modes, next_serial, refuse_while_observing

if TYPE_CHECKING:
    from autograd.node import Node

NodeT = TypeVar("NodeT", bound="Node")

Hooked = list[tuple[Any, Any]]  # leaves with hooks, and the gradients that earlier passes brought them

creation = attrgetter("_id")  # sorts nodes by their place in creation order


def topological_order(root: NodeT) -> list[NodeT]:
    """The nodes that the root's gradient passes through: the root first, each node before its parents.

    Iterative, and the same in every run: nodes made later come first.

    Raises:
        TypeError: `root` is no node.
    """
    _require_node(root, "topological_order")
    seen: set[Any] = {root}
    waiting: list[Any] = [root]
    order: list[Any] = []
    while waiting:  # last in, first out: one branch after another, so that sorting has little left to do
        node = waiting.pop()  # (65,000 nodes: 11 ms; breadth first takes 27)
        order.append(node)
        first, second = node._first, node._second  # not `parents`: 9 ms instead of 15
        if first.__class__ is tuple:
            new = [parent for parent in dict.fromkeys(first) if parent.requires_grad and parent not in seen]
            seen.update(new)
            waiting += new
            continue
        if first is not None and first.requires_grad and first not in seen:
            seen.add(first)
            waiting.append(first)
        if second is not None and second.requires_grad and second not in seen:
            seen.add(second)
            waiting.append(second)
    order.sort(key=creation, reverse=True)
    return order


def graph_nodes(root: NodeT) -> list[NodeT]:
    """Every node that the root was made from, constants too, oldest first; the root comes last.

    Raises:
        TypeError: `root` is no node.
    """
    _require_node(root, "graph_nodes")
    seen: set[Any] = {root}
    waiting: list[Any] = [root]
    while waiting:
        for parent in waiting.pop().parents:
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return sorted(seen, key=creation)


def _require_node(root: Any, name: str) -> None:
    if not hasattr(type(root), "_begin_pass"):
        raise TypeError(f"{name}: takes a Value or a Tensor, not {type(root).__name__}")


def backward(root: Node, gradient: Any = None, *, keep: Literal["all", "leaves"] = "all") -> None:
    """The backward pass: reverse-mode differentiation of `root` with respect to every node it was made from.

    Leaves add the result to their `grad`; interior nodes hold the gradient of this pass alone, so that a second
    call is right.

    Args:
        root: a node that requires a gradient.
        gradient: the upstream gradient of the root, of its shape. A scalar root needs none: it is 1.
        keep: "all" leaves every node's gradient readable; "leaves" frees each interior gradient as soon as the walk
            has passed it, for training.

    Raises:
        GraphError: the root requires no gradient, or is not a scalar and no `gradient` was given.
        ShapeError: `gradient` does not have the root's shape.
        MutationError: data was changed after the forward pass used it.

    Example:
        >>> from autograd import Value
        >>> a, b = Value(2.0), Value(-3.0)
        >>> L = a * b + a
        >>> L.backward()
        >>> a.grad, b.grad
        (-2.0, 2.0)
    """
    if keep not in ("all", "leaves"):
        raise ValueError(f"backward: keep={keep!r} is neither 'all' nor 'leaves'")
    seed = checked_seed(root, gradient)
    if recording.special and modes.watch is not None:
        modes.watch.backward(root, gradient, keep)
        return
    order, hooked = begin_pass(root)
    place_seed(root, seed)
    del seed, gradient  # the walk frees what it has passed
    try:
        if root._may_take_long(order):
            with Progress("backward"):
                root._walk(order, keep)
        else:
            root._walk(order, keep)
        while hooked:
            finish_hooked(hooked)
    except BaseException:
        break_off(hooked)
        raise


def checked_seed(root: Any, gradient: Any) -> Any:
    """The gradient that a backward pass starts from; see `backward` for its errors."""
    if recording.special:
        refuse_while_observing("calls backward")
    _require_node(root, "backward")
    if not root.requires_grad:
        raise GraphError(
            f"backward: {root.describe()} requires no gradient, so there is nothing to differentiate. "
            f"Make a leaf with {type(root).__name__}(..., requires_grad=True), or leave `no_grad`"
        )
    return root._seed(gradient)


def begin_pass(root: Any) -> tuple[list[Any], Hooked]:
    """The order of a pass, in which interior gradients are forgotten; the leaves with hooks, and what they had.

    What earlier passes brought to a leaf with hooks is set aside, since a hook sees the gradient of its pass alone.
    """
    order, leaves = root._begin_pass()
    hooked = [(leaf, leaf.grad) for leaf in leaves]
    for leaf in leaves:
        leaf.grad = leaf.UNCOMPUTED
    modes.backward_pass = next_serial()
    return order, hooked


def place_seed(root: Any, seed: Any) -> None:
    """Give the root the gradient that the pass starts from."""
    if root.rule is None:
        root._accumulate(seed)
    else:
        root.grad = seed


def break_off(hooked: Hooked) -> None:
    """Give the leaves whose hooks have not run back what they had before a pass that will not be finished."""
    for leaf, earlier in hooked:
        leaf.grad = earlier


def finish_hooked(hooked: Hooked) -> Any:
    """Run the first leaf's hooks on what the pass has brought, add that to what it had, and return it."""
    leaf, earlier = hooked[0]
    leaf._run_hooks()
    received, leaf.grad = leaf.grad, earlier
    if received is not leaf.UNCOMPUTED:
        leaf._accumulate(received)  # into an array of the leaf's own: a hook may have kept what it was given
    del hooked[0]
    return received

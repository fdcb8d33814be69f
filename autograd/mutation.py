"""Data that changes between the forward pass that used it and the backward pass that needs it: an error, not a number.

Nodes and changes share one clock. A node whose parent changed after the node was made holds derivatives of data that no
longer exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.errors import MutationError
from autograd.recording import next_serial

if TYPE_CHECKING:
    from autograd.node import Node

last_change = 0  # when any data was last replaced: a pass over younger nodes has nothing to check


def change_now() -> int:
    """The time of a change that happens now."""
    global last_change
    last_change = next_serial()
    return last_change


def check_unchanged(order: list[Any]) -> None:
    """Raise `MutationError` where an argument's data was replaced after the operation that used it."""
    found = first_change(order)
    if found is not None:
        parent, node = found
        raise MutationError(
            f"backward: the data of {parent.describe()} was changed after {node.describe()} had used it, so "
            f"the recorded derivatives no longer belong to it. Run the forward pass again after changing data"
        )


def first_change(order: list[Any]) -> tuple[Any, Any] | None:
    """An argument whose data was replaced after an operation had used it, and that operation's result."""
    kind = type(order[0])
    kind._note_changes(order)
    if last_change < _oldest_result(order):
        return None
    for node in order:
        for parent in node.parents:
            if parent._notes is not None and changed_after(parent, node):
                return parent, node
    return None


def _oldest_result(order: list[Any]) -> int:
    """The place in creation order of the first operation of a topological order."""
    for node in reversed(order):
        if node.rule is not None:
            return int(node._id)
    return 0


def changed_after(parent: Node, node: Node) -> bool:
    """Whether a parent's data, or the array it is a view of, was changed after the node had used it."""
    notes = parent._notes
    if notes is None:
        return False
    return notes.changed > node._id or (notes.viewed is not None and changed_after(notes.viewed, node))

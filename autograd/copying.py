"""Pickling and deep copies of graphs of any depth: a graph travels as a flat list, oldest node first.

A node is pickled with all that it was made from. Leaves are pickled as objects of their own, so that a model and a
graph of it in one pickle share their parameters; interior nodes belong to the root they are pickled with.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, TypeVar

from autograd.mutation import changed_after
from autograd.node import Node, graph_nodes, new_node
from autograd.recording import Notes

NodeT = TypeVar("NodeT", bound=Node)


def reduce_node(node: Node) -> tuple[Any, ...]:
    """What pickle stores of a node: (function, arguments)."""
    if node.rule is None:
        return _restore_leaf, (type(node), node._data, _gradient(node), node.requires_grad, node._notes)
    nodes = graph_nodes(node)
    type(node)._note_changes(nodes)
    place = {id(each): index for index, each in enumerate(nodes)}
    records = [each if each.rule is None else _to_record(each, place) for each in nodes]
    return _restore_graph, (records, [place[id(leaf)] for leaf in _stale_leaves(nodes)])


def _stale_leaves(nodes: list[Any]) -> list[Any]:
    """The leaves whose data was changed after a node of the graph had used it."""
    stale = {id(parent): parent for node in nodes for parent in node.parents if changed_after(parent, node)}
    return list(stale.values())


def _gradient(node: Node) -> Any:
    return node.grad if node.has_grad else None


def _to_record(node: Node, place: dict[int, int]) -> tuple[Any, ...]:
    parents = tuple(place[id(parent)] for parent in node.parents)
    return (type(node), node._data, _gradient(node), node.rule, parents, node.params, node.requires_grad, node._notes)


def _restore_leaf(kind: type[Node], data: Any, grad: Any, requires_grad: bool, notes: Notes | None) -> Node:
    return _restore(kind, data, grad, None, (), {}, requires_grad, notes)


def _restore_graph(records: list[Any], stale: list[int]) -> Node:
    nodes: list[Node] = []
    for record in records:
        if isinstance(record, Node):
            nodes.append(record)
        else:
            kind, data, grad, rule, parents, params, requires_grad, notes = record
            nodes.append(_restore(kind, data, grad, rule, [nodes[i] for i in parents], params, requires_grad, notes))
    for place in stale:
        nodes[place]._note_change()
    return nodes[-1]


def _restore(
    kind: type[NodeT], data: Any, grad: Any, rule: Any, parents: Any, params: dict[str, Any], requires: bool, notes: Any
) -> NodeT:
    node = new_node(kind, data, rule, parents, params, requires)
    if grad is not None:
        node.grad = grad
    if notes is not None:
        notes.changed, notes.viewed = 0, None  # the new node's clock starts at its making, and its array is its own
    node._notes = notes
    return node


def copy_graph(root: NodeT, memo: dict[int, Any]) -> NodeT:
    """A deep copy of a node and of all that it was made from, for `copy.deepcopy`."""
    nodes = graph_nodes(root)
    type(root)._note_changes(nodes)
    for node in nodes:
        if id(node) not in memo:
            memo[id(node)] = copy_node(node, memo)
    for leaf in _stale_leaves(nodes):
        memo[id(leaf)]._note_change()
    copied: NodeT = memo[id(root)]
    return copied


def copy_node(node: NodeT, copies: dict[int, Any]) -> NodeT:
    """A copy of one node, whose parents' copies are known by the parents' ids."""
    notes = node._notes
    if notes is not None and not (notes.scope is not None and notes is notes.scope.notes):
        notes = notes.copy()
    parents = [copies[id(parent)] for parent in node.parents]
    gradient = deepcopy(_gradient(node))
    return _restore(
        type(node), deepcopy(node._data), gradient, node.rule, parents, node.params, node.requires_grad, notes
    )

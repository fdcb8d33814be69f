"""Which nodes of a graph a view asks for: those on the way from some nodes, near one, or with some property."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from autograd.node import Node
from viz.picture.names import Names
from viz.picture.view import View
from viz.picture.wording import ends


def chosen_nodes(nodes: Sequence[Node], view: View) -> list[Node]:
    """The nodes of a graph that are to be drawn, oldest first; the root is always one of them.

    Args:
        nodes: the whole graph, oldest first, the root last.

    Raises:
        ValueError: a node that the view names is none of the graph's.
        RuntimeError: the predicate `where` failed on a node.
    """
    chosen = list(nodes)
    if view.of:
        on_paths = _on_paths(nodes, view.of)
        chosen = [node for node in chosen if node.id in on_paths]
    if view.around is not None:
        near = _near(nodes, view.around, view.radius)
        chosen = [node for node in chosen if node.id in near]
    if view.where is not None:
        chosen = [node for node in chosen if _holds(view, node)]
    if not chosen or chosen[-1] is not nodes[-1]:
        chosen.append(nodes[-1])
    return chosen


def described(view: View, called: Names) -> str:
    """Which nodes a view asks for, in words; empty where it asks for all."""
    said = []
    if view.of:
        said.append(f"on the paths from {', '.join(ends([called[node] for node in view.of]))}")
    if view.around is not None:
        said.append(f"at most {view.radius} arrow{'s' * (view.radius != 1)} from {called[view.around]}")
    if view.where is not None:
        said.append("for which `where` holds")
    return " and ".join(said)


def _on_paths(nodes: Sequence[Node], starts: Sequence[Node]) -> set[int]:
    """The ids of what can be reached from the starts by going from arguments to results."""
    _require(nodes, starts, "of")
    reached = {node.id for node in starts}
    for node in nodes:  # arguments come before results
        if any(parent.id in reached for parent in node.parents):
            reached.add(node.id)
    return reached


def _near(nodes: Sequence[Node], centre: Node, radius: int) -> set[int]:
    """The ids of what few arrows separate from a node, whichever way they point."""
    _require(nodes, [centre], "around")
    neighbours: dict[int, list[int]] = defaultdict(list)
    for node in nodes:
        for parent in node.parents:
            neighbours[node.id].append(parent.id)
            neighbours[parent.id].append(node.id)
    near, frontier = {centre.id}, [centre.id]
    for _ in range(radius):
        frontier = [other for id in frontier for other in dict.fromkeys(neighbours[id]) if other not in near]
        near.update(frontier)
        if not frontier:
            break
    return near


def _require(nodes: Sequence[Node], named: Sequence[Node], option: str) -> None:
    known = {node.id for node in nodes}
    for node in named:
        if node.id not in known:
            raise ValueError(f"draw: {option}={node.describe()} is no node of the graph that is drawn")


def _holds(view: View, node: Node) -> bool:
    assert view.where is not None
    try:
        return bool(view.where(node))
    except Exception as error:
        raise RuntimeError(
            f"draw: the predicate given as `where` failed for {node.describe()}, whose gradient is "
            f"{'computed' if node.has_grad else 'not computed'}: {type(error).__name__}: {error}"
        ) from error

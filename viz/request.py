"""What `draw` and `play` are asked for, checked: the graph, the names of its nodes, and what of it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, get_args

from autograd.node import Node, graph_nodes
from autograd.variables import names_of
from viz.elements import names_an_element, opened
from viz.formats.dot import RankDir
from viz.picture.view import View
from viz.style import Style


class Request(NamedTuple):
    """A graph to show.

    Attributes:
        root: the result; the scalar twin of the one that was given, where elements of arrays were asked for.
        names: names by node id.
        view: what of it is shown.
    """

    root: Node
    names: dict[int, str]
    view: View


def requested(
    function: str,
    root: Node,
    variables: Mapping[str, Any],
    own_names_first: bool,
    *,
    rankdir: RankDir,
    style: Style,
    max_nodes: int | None,
    of: Node | Iterable[Node] = (),
    around: Node | None = None,
    radius: int = 2,
    where: Callable[[Any], Any] | None = None,
    depth: int | None = None,
    fold: str | Iterable[str] = (),
    unfold: str | Iterable[str] = (),
    highlight: Any = (),
    wrong: Node | Iterable[Node] = (),
    element: Any = None,
    heat: bool = False,
) -> Request:
    """The request that the arguments of `draw` or `play` make; see `draw`.

    Args:
        function: the name of the function that was called, for messages.
        variables: where names are looked for.
        own_names_first: whether a name of a node's own comes before those.
    """
    if not isinstance(root, Node):
        kind = type(root).__name__
        raise TypeError(f"{function}: takes a Value or a Tensor, not {kind}; {function} one result at a time")
    _require_one_of(function, "rankdir", rankdir, get_args(RankDir))
    _require_one_of(function, "style", style, get_args(Style))
    if max_nodes is not None and max_nodes < 1:
        raise ValueError(
            f"{function}: max_nodes={max_nodes} leaves no room for the root; give 1 or more, or None for all"
        )
    nodes = graph_nodes(root)
    names = names_of(nodes, variables)
    if own_names_first:
        names |= {node.id: node.name for node in nodes if node.name}
    starts = _several(of)
    if element is not None or any(names_an_element(start, root) for start in starts):
        root, starts, names = opened(root, element, starts, names), (), {}
    view = View(
        max_nodes=max_nodes,
        of=starts,
        around=around,
        radius=radius,
        where=where,
        depth=depth,
        fold=_several(fold),
        unfold=_several(unfold),
        highlight=tuple(getattr(highlight, "nodes", highlight)),
        arguments=tuple(getattr(highlight, "arguments", ())),
        wrong=_several(wrong),
        heat=heat,
    )
    return Request(root, names, view)


def _several(given: Any) -> tuple[Any, ...]:
    """One thing, or any number of them, as a tuple."""
    return (given,) if isinstance(given, Node | str) else tuple(given)


def _require_one_of(function: str, option: str, given: Any, choices: Iterable[str]) -> None:
    if given not in choices:
        raise ValueError(f"{function}: {option}={given!r} is none of {', '.join(choices)}")

"""`draw`: a picture of a graph, in a notebook, a file or a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autograd.node import Node
from autograd.progress import Progress
from autograd.variables import caller_variables
from viz.drawing import Drawing
from viz.formats.dot import RankDir
from viz.picture import make_picture
from viz.picture.parts import MAX_NODES
from viz.request import requested
from viz.style import Style


def draw(
    root: Node,
    *,
    names: Mapping[str, Any] | None = None,
    rankdir: RankDir = "LR",
    style: Style = "box",
    max_nodes: int | None = MAX_NODES,
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
) -> Drawing:
    """Draw the graph that a node was made by: values in green, gradients in red, local derivatives on the arrows.

    Nodes are called by the variables that hold them where `draw` is called: `w`, `w[0]`, `model.conv1.weight`. A
    node's own `name` comes before those. What has no name is called v₁, v₂, ... in order of creation. A gradient
    that no backward pass has computed is a dash, a constant has none; one that is zero says why. After a backward pass
    each arrow shows upstream × local derivative = contribution, and a node that is used several times their sum.

    Args:
        root: a Value or Tensor.
        names: names for nodes, such as `{"x": x, "w": [w0, w1]}`: they come before every other name, and the
            caller's variables are then not looked at.
        rankdir: the direction from arguments to results: "LR", "RL", "TB" or "BT".
        style: "box", each operation in the box of its result, or "circuit": gates, with the values and gradients on the
            wires between them.
        max_nodes: the most boxes; a larger graph is folded: equal parts of it into one box each, long sums into one,
            scopes into one each, and what is still too much is left out far from the root. The picture says what it
            folded. None draws every node.
        of: one or several nodes: only what lies on the paths from them to the root is drawn. An element of an array,
            as `w[0, 0, 1, 1]`, opens those paths into scalars.
        around, radius: a node: only what at most `radius` arrows separate from it is drawn.
        where: a predicate of a node, such as ``lambda node: abs(node.grad) > 1e-3``: only those for which it holds are
            drawn, and the root.
        depth: scopes with so many scopes around them are drawn as one box each: 0 folds the outermost.
        fold, unfold: names or paths of scopes, `*` for any text: they are drawn as one box, or never are.
        highlight: a path in colour, with the product of its local derivatives: its nodes from the argument to the
            result, or a `Path` of `autograd.paths`.
        wrong: nodes to mark as faulty.
        element: the index of one element of an array, as `(0, 0, 1, 1)`: it is opened into the scalars that make it.
        heat: draw arrays as colours too, on one symmetric scale for all values and one for all gradients.

    Returns:
        The picture: shown by a notebook, as text by `print`, written by `.save("graph.svg")`.

    Raises:
        TypeError: `root` is no node.
        ValueError: an option is none of the above, or names a node that is not in the graph.

    Example:
        >>> from autograd import Value
        >>> a, b = Value(2.0), Value(-3.0)
        >>> L = a * b + 10
        >>> L.backward()
        >>> print(draw(L))
        node         value  gradient  local derivative  upstream × local
        L = v₁ + 10  4      1
        ├─ v₁ = a·b  −6     1         1                 1 × 1 = 1
        │  ├─ a      2      −3        b = −3            1 × −3 = −3
        │  └─ b      −3     2         a = 2             1 × 2 = 2
        └─ 10               const
    """
    with Progress("draw") as told:
        told.step("what its nodes are called")
        request = requested(
            "draw", root, caller_variables(sys._getframe(1)) if names is None else names, names is None,
            rankdir=rankdir, style=style, max_nodes=max_nodes, of=of, around=around, radius=radius, where=where,
            depth=depth, fold=fold, unfold=unfold, highlight=highlight, wrong=wrong, element=element, heat=heat,
        )  # fmt: skip
        told.step("what becomes a box")
        return Drawing(make_picture(*request), rankdir, style)


draw_dot = draw  # micrograd's name for it

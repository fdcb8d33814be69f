"""Pictures of graphs: `draw` for a notebook, a file or a terminal."""

import nn  # noqa: F401 - first of all, since it checks that `autograd` is this project's
from viz.draw import Drawing, draw, draw_dot
from viz.picture import Picture, PictureCluster, PictureEdge, PictureNode, make_picture
from viz.render import RenderUnavailable

__all__ = [
    "Drawing",
    "Picture",
    "PictureCluster",
    "PictureEdge",
    "PictureNode",
    "RenderUnavailable",
    "draw",
    "draw_dot",
    "make_picture",
]

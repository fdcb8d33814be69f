"""Pictures and films of graphs: `draw` and `play`, for a notebook, a file or a terminal."""

import nn  # noqa: F401 - first of all, since it checks that `autograd` is this project's
from viz.convolution import Figure, draw_convolution, draw_pooling, receptive_field
from viz.draw import draw, draw_dot
from viz.drawing import Drawing
from viz.picture import HeatMap, Picture, PictureCluster, PictureEdge, PictureNode, make_picture
from viz.player import GraphPlayer, GridPlayer, Player, play, play_convolution, play_pooling
from viz.render import RenderUnavailable

__all__ = [
    "Drawing",
    "Figure",
    "GraphPlayer",
    "GridPlayer",
    "HeatMap",
    "Picture",
    "PictureCluster",
    "PictureEdge",
    "PictureNode",
    "Player",
    "RenderUnavailable",
    "draw",
    "draw_convolution",
    "draw_dot",
    "draw_pooling",
    "make_picture",
    "play",
    "play_convolution",
    "play_pooling",
    "receptive_field",
]

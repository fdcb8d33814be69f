"""From a graph to a picture: which boxes there are, what is written in them, and what is folded. It knows no format."""

from viz.picture.make import make_picture
from viz.picture.model import HeatMap, Picture, PictureCluster, PictureEdge, PictureNode

__all__ = ["HeatMap", "Picture", "PictureCluster", "PictureEdge", "PictureNode", "make_picture"]

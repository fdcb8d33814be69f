"""A picture as shapes in the plane, which svg.py and xdot.py write down: their drawings cannot differ.

`sketch` draws the parts, `viz.render.lay_out` says where they lie, `make_scene` puts both together.
"""

from viz.scene.make import make_scene
from viz.scene.placement import Placement, read_placement
from viz.scene.shapes import Group, Scene
from viz.scene.sketch import Sketch, sketch

__all__ = ["Group", "Placement", "Scene", "Sketch", "make_scene", "read_placement", "sketch"]

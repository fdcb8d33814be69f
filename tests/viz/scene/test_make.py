"""A sketch and its layout put together, where the layout lacks something."""

import pytest

from autograd import Value
from viz import draw
from viz.scene import make_scene, sketch
from viz.scene.placement import Placement
from viz.scene.shapes import Curve

PLACED = Placement(100, 100, {"n0": (10, 20), "n1": (90, 80), "e0": (50, 50), "output": (95, 80)}, {}, {})


@pytest.mark.parametrize("style", ["box", "circuit"])
def test_an_arrow_that_the_engine_lost_is_a_straight_line(style: str) -> None:
    x = Value(2.0)
    drawn = sketch(draw(x.exp(), names={"x": x}).picture, "LR", style)  # type: ignore[arg-type]
    scene = make_scene(drawn, PLACED)
    (arrow,) = [group for group in scene.groups if group.id == "e0"]
    (wire,) = [shape for shape in arrow.lines if isinstance(shape, Curve)]
    assert (50, 50) in wire.points
    if style == "box":
        assert wire.points[0] == (10, 20)
        assert wire.points[-1] == (90, 80)

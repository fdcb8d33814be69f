"""Answers of layout engines, read."""

import pytest

from viz.scene import read_placement
from viz.scene.placement import Route

ANSWER = """digraph gradwalk {
	graph [bb="0,-5,200,95",
		rankdir=LR
	];
	node [fixedsize=true,
		label="",
		shape=box
	];
	edge [arrowhead=none];
	subgraph cluster_c0 {
		graph [bb="90,5,190,85",
			label=tt,
			lheight=0.21
		];
		n1	[height=0.5,
			label="<0>|<1>",
			pos="140,40",
			rects="104,40,176,58 104,22,176,40",
			shape=record,
			width=1];
	}
	n0	[height=0.5,
		pos="36.5,60",
		width=1];
	n0:e -> n1:1:w	[arrowhead=normal,
		id=e0,
		minlen=2,
		pos="e,104,49 72,60 80,60 \\
90,50 98,50"];
	n1:e -> n0:e	[dir=back,
		id=e1,
		pos="s,176,40 182,40 1e+02,0 3,4 5,6"];
}
"""


def test_places_are_turned_to_point_down_from_the_upper_left_corner() -> None:
    placed = read_placement(ANSWER)
    assert (placed.width, placed.height) == (200, 100)
    assert placed.centres == {"n0": (36.5, 35), "n1": (140, 55)}
    assert placed.frames == {"c0": (90, 10, 190, 90)}


def test_routes_have_points_and_tips_at_either_end() -> None:
    placed = read_placement(ANSWER)
    assert placed.routes["e0"] == Route(((72, 35), (80, 35), (90, 45), (98, 45)), (104, 46))
    back = placed.routes["e1"].reversed()
    assert back == Route(((5, 89), (3, 91), (100, 95), (182, 55)), (176, 55))


def test_an_answer_without_a_layout_is_refused() -> None:
    with pytest.raises(ValueError, match=r"answered without a layout: 'digraph \{\}'"):
        read_placement("digraph {}")

"""Arrays as grids of colours."""

import math
from itertools import pairwise

from tests.viz.by_hand import GRADIENTS, NAN, VALUES
from viz.picture import HeatMap
from viz.scene.heat import SHADES, Grid, heat_grid, matrix_grid, moved
from viz.scene.shapes import Cells, Curve, Rectangle, Text


def cells(grid: Grid) -> dict[tuple[float, float], tuple[str, float]]:
    """Each coloured cell's colour and strength, by its corner."""
    coloured = [shape for shape in grid.shapes if isinstance(shape, Cells)]
    return {corner: (shape.part, shape.strength) for shape in coloured for corner in shape.corners}


def square(rows: list[list[float]], limit: float) -> HeatMap:
    return HeatMap("value", "", tuple(map(tuple, rows)), limit)


def test_each_number_has_its_place_and_its_strength() -> None:
    rows = [[1.0, -4.0], [0.0, 2.0]]
    grid = matrix_grid(square(rows, 4.0))
    wide, high = grid.width / 2, grid.height / 2
    assert cells(grid) == {(0.0, 0.0): ("above", 0.25), (wide, 0.0): ("below", 1.0), (wide, high): ("above", 0.5)}
    ground = grid.shapes[0]
    assert ground == Rectangle("zero", wide, high, 2 * wide, 2 * high)  # zero is what is left of it


def test_strength_grows_with_size_and_never_vanishes() -> None:
    numbers = [x / 40 for x in range(41)]
    grid = matrix_grid(square([numbers], 1.0))
    strengths = [strength for _, (_, strength) in sorted(cells(grid).items())]
    assert strengths == [math.ceil(x * SHADES) / SHADES for x in numbers if x]
    assert strengths == sorted(strengths)
    assert min(strengths) > 0


def test_what_is_beyond_the_limit_has_the_full_colour_and_what_is_no_number_a_stroke() -> None:
    grid = matrix_grid(square([[9.0, NAN, -math.inf]], 1.0))
    assert sorted(cells(grid).values()) == [("above", 1.0), ("below", 1.0)]
    assert sum(isinstance(shape, Curve) for shape in grid.shapes) == 1
    written = [shape.line[0].text for shape in grid.shapes if isinstance(shape, Text)]
    assert written == ["9", "−∞"]


def test_few_numbers_are_written_and_many_are_not() -> None:
    few, many = (matrix_grid(square([[0.125] * side] * side, 1.0)) for side in (5, 6))
    assert sum(isinstance(shape, Text) for shape in few.shapes) == 25
    assert not any(isinstance(shape, Text) for shape in many.shapes)
    assert many.width < few.width


def test_cells_meet_without_a_gap_as_they_are_written() -> None:
    """SVG has a tenth of a point: where a cell begins, the one before it ends."""
    grid = matrix_grid(square([[1.0] * 28] * 28, 1.0))
    (shape,) = (shape for shape in moved(grid.shapes, 10.23, 4.57) if isinstance(shape, Cells))
    starts = sorted({round(x, 1) for x, _ in shape.corners})
    assert len(starts) == 28
    assert all(round(a + shape.width, 1) == b for a, b in pairwise(starts))


def test_values_stand_above_gradients_and_each_says_what_it_is_and_its_scale() -> None:
    grid = heat_grid((VALUES, GRADIENTS))
    words = {shape.line[0].text: shape for shape in grid.shapes if isinstance(shape, Text)}
    assert words["value"].part == "value"
    assert words["grad"].part == "gradient"
    assert words["value"].y < words["±2"].y < words["grad"].y < words["±0.5"].y
    assert words["[0]"].y < words["value"].y
    for shape in grid.shapes:
        if isinstance(shape, Rectangle):
            assert 0 <= shape.x - shape.width / 2 < shape.x + shape.width / 2 <= grid.width + 0.01
            assert 0 <= shape.y - shape.height / 2 < shape.y + shape.height / 2 <= grid.height + 0.01


def test_no_array_takes_no_room() -> None:
    assert heat_grid(()) == Grid(0.0, 0.0, ())

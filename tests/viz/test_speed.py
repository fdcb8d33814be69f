"""How long a drawing takes beside the layout alone. This finds only what is far off: the machine may be busy."""

import subprocess
import time

import pytest

from autograd import Value
from viz import Drawing, draw


def network() -> Value:
    """A network of scalars, 3 inputs, 8 and 8 hidden ones: about 300 nodes."""
    layer = [Value(0.1 * i) for i in range(3)]
    for width in (8, 8, 1):
        weights = [[Value(0.01 * (i + 1) * (j - 2)) for i in range(len(layer))] for j in range(width)]
        layer = [sum((w * x for w, x in zip(row, layer, strict=True)), Value(0.1)).tanh() for row in weights]
    layer[0].backward()
    return layer[0]


@pytest.mark.usefixtures("dot")
def test_a_drawing_takes_little_more_than_its_layout(dot: str) -> None:
    root = network()
    drawing: Drawing = draw(root, names={}, max_nodes=None)
    assert 250 < len(drawing.picture.nodes) < 400
    ratios = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([dot, "-Tsvg"], input=drawing.dot.encode(), capture_output=True, check=True)
        alone = time.perf_counter() - start
        start = time.perf_counter()
        assert draw(root, names={}, max_nodes=None).svg
        ratios.append((time.perf_counter() - start) / alone)
    assert min(ratios) < 2.5

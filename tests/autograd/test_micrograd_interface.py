"""micrograd's interface: its programs run here, stepped by hand and extended by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from autograd import GraphError, Value


def lecture_order(root: Value) -> list[Value]:
    """The recursive topological sort of the lecture, over `_prev`."""
    topo: list[Value] = []
    visited: set[Any] = set()

    def build(node: Any) -> None:
        if node not in visited:
            visited.add(node)
            for child in node._prev:
                build(child)
            topo.append(node)

    build(root)
    return topo


def readme_example() -> tuple[Value, Value, Value]:
    """micrograd's README: g, with every operation it knows."""
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return a, b, g


def test_readme_example() -> None:
    """The three numbers that micrograd's README prints."""
    a, b, g = readme_example()
    g.backward()
    assert f"{g.data:.4f} {a.grad:.4f} {b.grad:.4f}" == "24.7041 138.8338 645.5773"


def test_stepping_by_hand_is_the_backward_pass() -> None:
    a, b, g = readme_example()
    g.grad = 1.0
    for node in reversed(lecture_order(g)):
        node._backward()
    by_hand = (a.grad, b.grad)
    a.zero_grad()
    b.zero_grad()
    g.backward()
    assert (a.grad, b.grad) == pytest.approx(by_hand, rel=1e-14)


def test_neuron_of_the_lecture() -> None:
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    n = x1 * w1 + x2 * w2 + b
    n.label = "n"
    o = n.tanh()
    o.backward()
    assert o.data == pytest.approx(math.sqrt(0.5), rel=1e-12)
    assert (x1.grad, w1.grad, x2.grad, w2.grad) == pytest.approx((-1.5, 1.0, 0.5, 0.0), rel=1e-12)
    assert (n.name, x1.label, x1.name) == ("n", "x1", "x1")


def test_names_of_the_graph() -> None:
    a, b = Value(2.0), Value(3.0)
    product = a * b
    assert product._prev == {a, b}
    assert product._op == product.op == "×"
    assert (a * a)._prev == {a}
    assert a._prev == set()
    assert a._op == ""
    assert a.grad == 0.0
    assert a._backward() is None


@pytest.mark.parametrize(
    "make", [lambda: Value(1.5, label="w"), lambda: Value(1.5, "w"), lambda: Value(1.5, (), "", "w")]
)
def test_label_in_every_position(make: Any) -> None:
    assert make().label == "w"
    assert make().is_leaf


def scaled_square(x: Value, scale: float) -> Value:
    """An operation of the user's own, as the lecture writes one."""
    out = Value(scale * x.data**2, (x,), "scaled²")

    def _backward() -> None:
        x.grad += 2.0 * scale * x.data * out.grad

    out._backward = _backward
    return out


def test_operation_written_by_hand() -> None:
    x = Value(3.0)
    y = scaled_square(x, 5.0)
    assert (y.data, y._op, y._prev) == (45.0, "scaled²", {x})
    (y * 2.0 + x).backward()
    assert x.grad == 61.0
    assert y.grad == 2.0


def test_closure_on_an_operation_of_ours_takes_its_place() -> None:
    a = Value(2.0)
    out = a * 3.0

    def closure() -> None:
        a.grad += 100.0 * out.grad

    out._backward = closure
    (out * 2.0).backward()
    assert a.grad == 200.0


def test_operation_by_hand_without_a_closure_is_an_error() -> None:
    y = Value(9.0, (Value(3.0),), "mystery")
    with pytest.raises(GraphError, match=r"mystery.*_backward"):
        y.backward()


def test_gradient_descent_as_the_lecture_writes_it() -> None:
    """Parameters written through `.data` and `.grad`, between passes."""
    w, b = Value(0.0), Value(0.0)
    points = [(-1.0, -5.0), (0.0, -2.0), (2.0, 4.0)]
    for _ in range(200):
        loss = sum((w * x + b - y) ** 2 for x, y in points)
        for parameter in (w, b):
            parameter.grad = 0.0
        loss.backward()
        for parameter in (w, b):
            parameter.data += -0.05 * parameter.grad
    assert (w.data, b.data) == pytest.approx((3.0, -2.0), abs=1e-8)

"""The work itself, on gradwalk's side: that it is the work that the table says, and that its results are right."""

import numpy as np
import pytest

import autograd
from benchmarks.workers import convolution, import_time, scalar_step, tensor_operation
from benchmarks.workers.work import timed


def test_a_step_is_65_000_operations():
    rng = scalar_step.random.Random(1337)
    model = scalar_step.Perceptron(autograd.Value, rng)
    assert len(model.parameters()) == 337
    points = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(scalar_step.POINTS)]
    loss = scalar_step.forward(autograd.Value, model, points, [1] * len(points))
    operations = sum(not node.is_leaf for node in autograd.graph_nodes(loss))
    assert operations == pytest.approx(65_000, rel=0.01)
    assert scalar_step.count_nodes(loss) == len(autograd.graph_nodes(loss))


def test_the_steps_gradients_are_the_slopes_of_its_loss(monkeypatch):
    monkeypatch.setattr(scalar_step, "POINTS", 7)
    monkeypatch.setattr(scalar_step, "WIDTHS", (2, 3, 1))
    work = scalar_step.prepare("gradwalk")
    assert work.measure(2) > 0
    found = work.results()

    rng = scalar_step.random.Random(1337)
    model = scalar_step.Perceptron(float, rng)
    points = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(7)]
    labels = np.array([1 if x * x + y * y < 0.6 else -1 for x, y in points])
    start = np.array(model.parameters())

    def loss(flat):
        hidden = np.array(flat[:9]).reshape(3, 3)  # two weights and a bias for each neuron
        h = np.maximum(np.array(points) @ hidden[:, :2].T + hidden[:, 2], 0)
        scores = h @ flat[9:12] + flat[12]
        return np.maximum(1 - labels * scores, 0).mean() + scalar_step.PENALTY * (flat**2).sum()

    assert found["loss"] == pytest.approx([loss(start)], rel=1e-12)
    slopes = [(loss(start + e) - loss(start - e)) / 2e-6 for e in 1e-6 * np.eye(13)]
    assert found["gradients"] == pytest.approx(slopes, abs=1e-8)


def test_a_nodes_bytes_are_of_the_graph_alone(monkeypatch):
    monkeypatch.setattr(scalar_step, "POINTS", 3)
    work = scalar_step.prepare("gradwalk", measure="bytes")
    assert 100 < work.measure(1) < 250
    assert work.results().keys() == {"loss", "gradients"}


def test_the_product_and_its_gradients():
    work = tensor_operation.prepare("gradwalk", "multiply")
    work.measure(3)
    x, w, g = map(np.array, (tensor_operation.X, tensor_operation.W, tensor_operation.UPSTREAM))
    expected = {"y": x * w, "x.grad": g * w, "w.grad": g * x}
    assert work.results() == {name: array.tolist() for name, array in expected.items()}


@pytest.mark.parametrize("task, leaves", [("conv2d", 3), ("cnn", 6)])
def test_convolution_gives_a_loss_and_every_gradient(task, leaves):
    work = convolution.prepare("gradwalk", task, batch=1)
    work.measure(1)
    found = work.results()
    assert len(found) == 1 + leaves
    assert all(np.any(np.array(numbers)) for numbers in found.values())


def test_import_is_measured_in_fresh_interpreters():
    work = import_time.prepare("numpy")
    assert work.measure(1) > 1  # milliseconds; nothing at all takes a thousandth of one
    assert work.results()["numpy version"] == [int(part) for part in np.__version__.split(".")[:2]]


def test_the_collector_is_off_only_while_the_clock_runs():
    import gc

    states = []
    timed(lambda: states.append(gc.isenabled()), collector=False)(2)
    timed(lambda: states.append(gc.isenabled()))(1)
    assert states == [False, False, True]
    assert gc.isenabled()

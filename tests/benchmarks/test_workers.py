"""The work itself, on gradwalk's side: that it is the work that the table says, and that its results are right."""

import gc
import importlib.util

import numpy as np
import pytest

import autograd
from benchmarks.workers import (
    compilation,
    import_time,
    modes,
    networks,
    scalar_chain,
    scalar_convolution,
    scalar_step,
    scalars,
    tensor_operation,
)
from benchmarks.workers.node_bytes import count_nodes
from benchmarks.workers.work import UnavailableError, timed

RECORDED = [pytest.param("eager"), pytest.param("replay")]


def operations(loss) -> int:
    return sum(not node.is_leaf for node in autograd.graph_nodes(loss))


@pytest.fixture
def graphs(monkeypatch):
    """The roots of the graphs that a work's eager step makes."""
    made = []

    def keep(result):
        made.append(result)
        result.backward()

    step = scalars.nodes(autograd.Value, 0.0, keep)
    own = scalars.Scalars(autograd.Value, lambda x: x.relu(), step)
    for module in (scalar_step, scalar_convolution, scalar_chain):
        monkeypatch.setattr(module, "load", lambda library, mode: own)
    return made


def test_a_step_is_65_000_operations(graphs):
    assert len(scalar_step.problem()[0]) == 337
    scalar_step.prepare("gradwalk").measure(1)
    assert operations(graphs[0]) == pytest.approx(65_000, rel=0.01)
    assert count_nodes(graphs[0]) == len(autograd.graph_nodes(graphs[0]))


def test_a_convolution_is_104_000_operations(graphs):
    scalar_convolution.prepare("gradwalk").measure(1)
    assert operations(graphs[0]) == pytest.approx(104_000, rel=0.03)


@pytest.mark.parametrize("mode", RECORDED)
@pytest.mark.parametrize("measure", ["seconds", "batched"])
def test_the_steps_gradients_are_the_slopes_of_its_loss(monkeypatch, mode, measure):
    if (mode, measure) == ("eager", "batched"):
        measure = "seconds"
    monkeypatch.setattr(scalar_step, "POINTS", 7)
    monkeypatch.setattr(scalar_step, "WIDTHS", (2, 3, 1))
    work = scalar_step.prepare("gradwalk", measure, mode=mode)
    assert work.measure(2) > 0
    found = work.results()

    start, points, labels = (np.array(each) for each in scalar_step.problem())

    def loss(flat):
        hidden = np.array(flat[:9]).reshape(3, 3)  # two weights and a bias for each neuron
        h = np.maximum(points @ hidden[:, :2].T + hidden[:, 2], 0)
        scores = h @ flat[9:12] + flat[12]
        return np.maximum(1 - labels * scores, 0).mean() + scalar_step.PENALTY * (flat**2).sum()

    assert found["loss"] == pytest.approx([loss(start)], rel=1e-12)
    slopes = [(loss(start + e) - loss(start - e)) / 2e-6 for e in 1e-6 * np.eye(13)]
    assert found["gradients"] == pytest.approx(slopes, abs=1e-8)


@pytest.mark.uncounted
@pytest.mark.parametrize("mode", RECORDED)
def test_the_convolution_is_that_of_its_image(mode):
    work = scalar_convolution.prepare("gradwalk", mode=mode)
    work.measure(1)
    found = work.results()
    numbers = scalar_convolution.random.Random(11)
    parameters = np.array([numbers.uniform(-1, 1) for _ in range(80)]).reshape(8, 10)
    image = np.array([numbers.uniform(0, 1) for _ in range(28 * 28)]).reshape(28, 28)
    shares = np.array([numbers.uniform(-1, 1) for _ in range(8 * 13 * 13)]).reshape(8, 13, 13)
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))  # (26, 26, 3, 3)
    out = np.einsum("ijkl,fkl->fij", windows, parameters[:, :9].reshape(8, 3, 3)) + parameters[:, 9, None, None]
    means = out.reshape(8, 13, 2, 13, 2).mean(axis=(2, 4))
    upstream = shares.repeat(2, axis=1).repeat(2, axis=2) / 4
    kernels = np.einsum("ijkl,fij->fkl", windows, upstream).reshape(8, 9)
    expected = np.concatenate([kernels, upstream.sum(axis=(1, 2))[:, None]], axis=1)
    assert found["loss"] == pytest.approx([(means * shares).sum()], rel=1e-12)
    assert found["gradients"] == pytest.approx(expected.reshape(-1), rel=1e-10)


@pytest.mark.parametrize("mode", RECORDED)
def test_the_chain_adds_as_often_as_it_says(mode):
    work = scalar_chain.prepare("gradwalk", length=1000, mode=mode)
    work.measure(1)
    assert work.results() == {"y": [250.5], "gradients": [1.0, 1000.0]}


@pytest.mark.parametrize("mode, most", [("eager", 250), ("replay", 250)])
def test_a_nodes_bytes_are_of_the_graph_alone(monkeypatch, mode, most):
    monkeypatch.setattr(scalar_step, "POINTS", 3)
    work = scalar_step.prepare("gradwalk", measure="bytes", mode=mode)
    assert 20 < work.measure(1) < most
    assert work.results().keys() == {"loss", "gradients"}


@pytest.mark.parametrize("mode", RECORDED)
def test_the_product_and_its_gradients(mode):
    work = tensor_operation.prepare("gradwalk", "multiply", mode)
    work.measure(3)
    x, w, g = map(np.array, (tensor_operation.X, tensor_operation.W, tensor_operation.UPSTREAM))
    expected = {"y": x * w, "x.grad": g * w, "w.grad": g * x}
    assert work.results() == {name: array.tolist() for name, array in expected.items()}


def test_convolution_is_the_sum_over_windows():
    work = networks.prepare("gradwalk", "conv2d", shape=(2, 3, 5, 2), batch=4)
    work.measure(1)
    found = {name: np.array(numbers) for name, numbers in work.results().items()}
    numbers = networks.random.Random(networks.SEED)
    sizes = {"x": (4, 2, 5, 5), "weight": (3, 2, 2, 2), "bias": (3,), "upstream": (4, 3, 4, 4)}
    drawn = {
        name: (0.2 if name == "weight" else 1.0) * np.array([numbers.uniform(-1, 1) for _ in range(np.prod(shape))])
        for name, shape in sizes.items()
    }
    x, w, b, g = (drawn[name].reshape(shape) for name, shape in sizes.items())
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(2, 3))
    y = np.einsum("nchwkl,ockl->nohw", windows, w) + b[:, None, None]
    assert found["y"] == pytest.approx(y.reshape(-1), abs=1e-5)
    assert found["weight.grad"] == pytest.approx(np.einsum("nchwkl,nohw->ockl", windows, g).reshape(-1), abs=1e-4)
    assert found["bias.grad"] == pytest.approx(g.sum(axis=(0, 2, 3)), abs=1e-4)


@pytest.mark.parametrize("task, leaves", [("cnn", 6), ("mlp", 4)])
def test_a_network_gives_a_loss_and_every_gradient(task, leaves):
    work = networks.prepare("gradwalk", task, batch=2)
    work.measure(1)
    found = work.results()
    assert len(found) == 1 + leaves
    assert found["loss"][0] == pytest.approx(np.log(10), rel=0.2)  # it has learned nothing yet
    assert all(np.any(np.array(numbers)) for numbers in found.values())


def test_a_mode_that_is_not_installed_is_said_to_be(monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "numba" else there(name))
    modes.require("eager")
    modes.require("replay")
    with pytest.raises(UnavailableError, match=r"gradwalk\[fast\]"):
        modes.require("fast")
    with pytest.raises(UnavailableError, match=r"gradwalk\[fast\]"):
        compilation.prepare("gradwalk", "CNN step", cached=False)


def test_import_is_measured_in_fresh_interpreters():
    work = import_time.prepare("numpy")
    assert work.measure(1) > 1  # milliseconds; nothing at all takes a thousandth of one
    assert work.results()["numpy version"] == [int(part) for part in np.__version__.split(".")[:2]]


def test_the_collector_is_off_only_while_the_clock_runs():
    states = []
    timed(lambda: states.append(gc.isenabled()), collector=False)(2)
    timed(lambda: states.append(gc.isenabled()))(1)
    assert states == [False, False, True]
    assert gc.isenabled()

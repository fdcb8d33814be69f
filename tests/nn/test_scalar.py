"""micrograd's perceptron: its interface, its draws, and its numbers to the last digits."""

import copy
import importlib.util
import pickle
import random

import numpy as np
import pytest

import autograd
import nn

# The losses of `training_losses`, recorded from micrograd 0.1.0 on CPython 3.11.
RECORDED = [
    1.3738921297838649,
    0.6028674486201596,
    0.5539983952976355,
    0.6437312394030934,
    0.6713563892543071,
    0.48732421352436095,
    0.429005019722192,
    0.3844108590617002,
    0.395850362547809,
    0.4053658727756417,
    0.36413090514360374,
    0.3316798113726022,
    0.33084457097578523,
    0.32470156398525624,
    0.31329304395326696,
    0.2953895600074819,
    0.2797152383972065,
    0.2671008816215212,
    0.26028718043196125,
    0.2550508555771161,
]


def moons():
    """Two half circles of 16 points each, with noise, and their labels 1 and -1."""
    rng = np.random.default_rng(1337)
    angle, noise = rng.uniform(0, np.pi, size=(2, 16)), rng.normal(scale=0.1, size=(2, 16, 2))
    upper = np.stack([np.cos(angle[0]), np.sin(angle[0])], axis=1)
    lower = np.stack([1 - np.cos(angle[1]), 0.5 - np.sin(angle[1])], axis=1)
    return np.concatenate([upper + noise[0], lower + noise[1]]).tolist(), [1] * 16 + [-1] * 16


def training_losses(MLP, Value, inputs=lambda Value, row: list(map(Value, row)), steps=20):
    """A program written for micrograd: hinge loss, L2 regularisation, gradient descent with a falling rate."""
    random.seed(1337)
    points, labels = moons()
    model = MLP(2, [8, 8, 1])
    losses = []
    for step in range(steps):
        scores = [model(inputs(Value, row)) for row in points]
        margins = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        total = sum(margins) * (1.0 / len(margins)) + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * step / steps) * p.grad
        losses.append(total.data)
    return losses


def test_a_micrograd_program_gives_micrograds_numbers():
    np.testing.assert_allclose(training_losses(nn.MLP, autograd.Value), RECORDED, rtol=1e-12)


@pytest.mark.uncounted
def test_plain_floats_as_inputs_give_the_same_numbers():
    losses = training_losses(nn.MLP, autograd.Value, inputs=lambda Value, row: row)
    np.testing.assert_allclose(losses, RECORDED, rtol=1e-12)


if importlib.util.find_spec("micrograd"):  # no part of this project's tests: its numbers are recorded above

    def test_the_recorded_numbers_are_micrograds():
        from micrograd.engine import Value
        from micrograd.nn import MLP

        np.testing.assert_allclose(training_losses(MLP, Value), RECORDED, rtol=1e-15)


def test_gradient_descent_by_an_optimizer_gives_the_same_numbers():
    random.seed(5)
    first = nn.MLP(2, [4, 1])
    second = copy.deepcopy(first)
    optimizer = nn.SGD(second.parameters(), lr=0.1)
    for model in (first, second):
        for _ in range(3):
            loss = (model([1.0, -2.0]) - 1.0) ** 2
            model.zero_grad()
            loss.backward()
            if model is second:
                optimizer.step()
            else:
                for p in model.parameters():
                    p.data -= 0.1 * p.grad
    assert [p.data for p in first.parameters()] == [p.data for p in second.parameters()]


def test_weights_are_drawn_in_order_from_pythons_random():
    random.seed(7)
    model = nn.MLP(2, [3, 1])
    random.seed(7)
    for layer in model.layers:
        for neuron in layer.neurons:
            assert [w.data for w in neuron.w] == [random.uniform(-1, 1) for _ in neuron.w]
            assert neuron.b.data == 0.0


def test_parameters_come_neuron_by_neuron_weights_first():
    model = nn.MLP(2, [2, 1])
    expected = []
    for layer in model.layers:
        for neuron in layer.neurons:
            expected += [*neuron.w, neuron.b]
    assert [id(p) for p in model.parameters()] == [id(p) for p in expected]
    assert len(model.parameters()) == 9
    names = ["layers.0.neurons.0.w.0", "layers.0.neurons.0.w.1", "layers.0.neurons.0.b", "layers.0.neurons.1.w.0"]
    assert [name for name, _ in model.named_parameters()][:4] == names
    assert [name for name, _ in nn.Layer(1, 2).named_parameters("a")][:2] == ["a.neurons.0.w.0", "a.neurons.0.b"]


def test_reprs_are_micrograds():
    assert repr(nn.Neuron(2)) == "ReLUNeuron(2)"
    assert repr(nn.Neuron(16, nonlin=False)) == "LinearNeuron(16)"
    assert repr(nn.Layer(3, 2)) == "Layer of [ReLUNeuron(3), ReLUNeuron(3)]"
    assert repr(nn.MLP(3, [1, 1])) == "MLP of [Layer of [ReLUNeuron(3)], Layer of [LinearNeuron(1)]]"


def test_a_neuron_computes_and_differentiates():
    neuron = nn.Neuron(2)
    neuron.w[0].data, neuron.w[1].data, neuron.b.data = 2.0, -1.0, 0.5
    x = [autograd.Value(3.0), 4.0]
    out = neuron(x)
    out.backward()
    assert out.data == 2.5
    assert (neuron.w[0].grad, neuron.w[1].grad, neuron.b.grad, x[0].grad) == (3.0, 4.0, 1.0, 2.0)
    neuron.zero_grad()
    assert [p.grad for p in neuron.parameters()] == [0.0, 0.0, 0.0]
    assert neuron([0.0, 4.0]).data == 0.0
    linear = nn.Neuron(1, nonlin=False)
    linear.w[0].data = -3.0
    assert linear([1.0]).data == -3.0


def test_a_layer_of_one_gives_a_value_and_feeds_the_next():
    assert isinstance(nn.Layer(2, 1)([1.0, 2.0]), autograd.Value)
    assert len(nn.Layer(2, 3)([1.0, 2.0])) == 3
    model = nn.MLP(2, [1, 3])
    assert len(model([1.0, 2.0])) == 3
    assert len(model(map(float, [1, 2]))) == 3
    assert model.layers[0].neurons[0].nonlin
    assert not model.layers[1].neurons[0].nonlin


def test_one_input_is_one_node_for_all_neurons():
    outputs = nn.Layer(1, 3, nonlin=False)([2.0])
    products = [output.parents[1] for output in outputs]
    assert len({id(product.parents[1]) for product in products}) == 1
    assert not products[0].parents[1].requires_grad


@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0, 3.0]])
def test_a_wrong_number_of_inputs_is_refused(x):
    with pytest.raises(ValueError, match=rf"ReLUNeuron\(2\): takes 2 inputs, got {len(x)}"):
        nn.Neuron(2)(x)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_share_nothing(duplicate):
    model = nn.MLP(2, [2, 1])
    other = duplicate(model)
    assert other([1.0, 2.0]).data == model([1.0, 2.0]).data
    other.parameters()[0].data = 100.0
    assert model.parameters()[0].data != 100.0


def test_scalar_parts_of_a_module_are_found():
    holder = nn.Module()
    holder.mlp = nn.MLP(1, [1])
    assert list(holder.state_dict()) == ["mlp.layers.0.neurons.0.w.0", "mlp.layers.0.neurons.0.b"]
    assert holder.mlp.layers[0].neurons[0].b.name == "mlp.layers.0.neurons.0.b"


def test_a_module_written_for_micrograd_runs():
    """Lists of Values and of modules, `parameters` of its own, `__call__` instead of forward, no super().__init__()."""

    class Pair(nn.Module):
        def __init__(self):
            self.neurons = [nn.Neuron(2), nn.Neuron(2, nonlin=False)]
            self.shift = [autograd.Value(0.5)]

        def __call__(self, x):
            return sum((neuron(x) for neuron in self.neurons), self.shift[0])

        def parameters(self):
            return [p for neuron in self.neurons for p in neuron.parameters()] + self.shift

    pair = Pair()
    out = pair([1.0, 2.0])
    out.backward()
    assert pair.shift[0].grad == 1.0
    pair.zero_grad()
    assert pair.shift[0].grad == 0.0
    assert repr(pair) == "Pair()"

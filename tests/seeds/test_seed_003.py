"""Document 003: a fully worked network, whose hand-made gradients are not the gradient. Both are held here."""

from __future__ import annotations

import math

import numpy as np
import pytest

import nn.functional as F
from autograd import Tensor
from gradwalk.seed003 import (
    DOCUMENT,
    IMAGE,
    LEARNING_RATE,
    PARAMETERS,
    SLIPS,
    comparison,
    hand_gradients,
    network,
)
from tests.seeds.seed_numbers import as_printed

# The true gradients, from one closed form: o1 = 1/(1 + e^-0.54), dE/do1_in = -2 (1 - o1).
D = -2 / (1 + math.exp(0.54))
TRUE = {
    "o1_out": -(1 + math.exp(-0.54)), "o2_out": 1 + math.exp(-0.54), "o1_in": D, "o2_in": -D,
    "Wh1o1": 0.7 * D, "Wh1o2": -0.7 * D, "Wh2o1": 0.0, "Wh2o2": 0.0, "bo1": D, "bo2": -D,
    "h1_out": 0.2 * D, "h2_out": -0.2 * D,
    "Wx1h1": 0.2 * D, "Wx1h2": 0.0, "Wx2h1": 0.2 * D, "Wx2h2": 0.0, "bh1": 0.2 * D, "bh2": 0.0,
    "x1": 0.1 * D, "x2": -0.02 * D,
    "W1(1,1)": 0.1 * D, "W1(2,1)": 0.1 * D, "W1(1,2)": 0.1 * D, "W1(2,2)": 0.0, "b_w1": 0.1 * D,
    "W2(1,1)": -0.02 * D, "W2(2,1)": -0.02 * D, "W2(1,2)": -0.02 * D, "W2(2,2)": 0.0, "b_w2": -0.02 * D,
}  # fmt: skip


def tensors(parameters: dict[str, float]) -> dict[str, Tensor]:
    """The same parameters as arrays: kernels OIHW, dense weights (out, in)."""

    def gather(names: str, *shape: int) -> np.ndarray:
        return np.array([parameters[name] for name in names.split()]).reshape(shape)

    kernels = " ".join(f"W{n}({i},{j})" for n in (1, 2) for i in (1, 2) for j in (1, 2))
    arrays = {
        "K": gather(kernels, 2, 1, 2, 2), "b_w": gather("b_w1 b_w2", 2),
        "Wxh": gather("Wx1h1 Wx2h1 Wx1h2 Wx2h2", 2, 2), "bh": gather("bh1 bh2", 2),
        "Who": gather("Wh1o1 Wh2o1 Wh1o2 Wh2o2", 2, 2), "bo": gather("bo1 bo2", 2),
    }  # fmt: skip
    return {name: Tensor(array, requires_grad=True) for name, array in arrays.items()}


def layers(p: dict[str, Tensor]) -> tuple[Tensor, ...]:
    """(x, h_in, h_out, o_in, o_out, E_total) of the network in nn.functional's words."""
    maps = F.conv2d(Tensor(np.array(IMAGE)[None, None]), p["K"], p["b_w"], stride=2)  # (1, 2, 2, 2)
    x = F.max_pool2d(maps, 2).reshape(1, 2)
    h_in = F.linear(x, p["Wxh"], p["bh"])
    h_out = F.relu(h_in)
    o_in = F.linear(h_out, p["Who"], p["bo"])
    o_out = F.softmax(o_in, -1)
    return x, h_in, h_out, o_in, o_out, F.binary_cross_entropy(o_out, np.array([[1.0, 0.0]]), reduction="sum")


def test_initial_parameters() -> None:
    """Section 3, "Initialize", and "learning rate = 0.1"."""
    printed = {"Wxh": [[0.5, -0.1], [-0.5, 0.1]], "bh": [0.3, 0.3], "Who": [[0.5, 0.3], [0.3, 0.5]], "bo": [0.5, 0.1]}
    found = tensors(dict(PARAMETERS))
    assert {name: found[name].data.tolist() for name in printed} == printed
    assert LEARNING_RATE == 0.1


@pytest.mark.parametrize("convolution", [False, True])
def test_forward_pass(convolution: bool) -> None:
    """Section 4 and the loss: h = [0.7 -0.1], [0.7 0]; o = [0.85 0.31], [0.6318 0.3682], before any rounding."""
    nodes = network(convolution=convolution)
    for symbol, text in DOCUMENT["forward"].items():
        if symbol != "E_total":
            assert as_printed(nodes[symbol].data, text) == text, symbol
    assert nodes["E_total"].data == pytest.approx(2 * math.log(1 + math.exp(-0.54)), rel=1e-14)


def test_forward_pass_on_arrays() -> None:
    """The same forward pass by F.conv2d, F.max_pool2d, F.linear, F.relu, F.softmax and F.binary_cross_entropy."""
    x, h_in, h_out, o_in, o_out, loss = layers(tensors(dict(PARAMETERS)))
    found = {"x": x, "h_in": h_in, "h_out": h_out, "o_in": o_in, "o_out": o_out}
    for name, tensor in found.items():
        letter, _, rest = name.partition("_")
        for unit, value in enumerate(tensor.data[0].tolist(), start=1):
            text = DOCUMENT["forward"][f"{letter}{unit}" + (f"_{rest}" if rest else "")]
            assert as_printed(value, text) == text, (name, unit)
    assert float(loss.data) == pytest.approx(2 * math.log(1 + math.exp(-0.54)), rel=1e-14)


def test_the_printed_loss_comes_from_rounded_probabilities() -> None:
    """Line "E_total = -(1 log(0.6318) + 1 log(1 - 0.3682)) = 0.9184": unrounded it is 0.9183."""
    rounded = F.binary_cross_entropy(Tensor([0.6318, 0.3682]), np.array([1.0, 0.0]), reduction="sum")
    assert as_printed(float(rounded.data), "0.9184") == "0.9184"
    assert as_printed(network()["E_total"].data, "0.9184") == "0.9183"


@pytest.mark.parametrize("symbol", TRUE)
def test_true_gradient(symbol: str) -> None:
    """Section 5, all symbols: the true gradient, by autograd, is the closed form's."""
    nodes = network(convolution=True)
    nodes["E_total"].backward()
    assert nodes[symbol].grad == pytest.approx(TRUE[symbol], rel=1e-12, abs=1e-15)


def test_true_gradient_to_four_digits() -> None:
    """What sections 5-1 to 5-3 should have printed: dE/do = -0.7364, dE/dx = -0.0736 and 0.0147."""
    true = {row.symbol: f"{row.true:.4f}" for row in comparison()}
    assert (true["o1_in"], true["o2_in"]) == ("-0.7364", "0.7364")
    assert (true["Wh1o1"], true["h1_out"], true["Wx1h1"]) == ("-0.5155", "-0.1473", "-0.1473")
    assert (true["x1"], true["x2"], true["W1(1,1)"], true["b_w2"]) == ("-0.0736", "0.0147", "-0.0736", "0.0147")


def test_true_gradient_on_arrays() -> None:
    """The same gradient of all 22 parameters through nn.functional."""
    p = tensors(dict(PARAMETERS))
    layers(p)[-1].backward()
    expected = {name: tensor.data for name, tensor in tensors({name: TRUE[name] for name in PARAMETERS}).items()}
    for name, tensor in p.items():
        np.testing.assert_allclose(tensor.grad, expected[name], rtol=1e-12, atol=1e-15, err_msg=name)


def test_local_derivatives() -> None:
    """Lines "do_out/do_in = 0.2326", "dh_out/dh_in = [1 0]", "do_in/dW = [0.7 0 1]", "dh_in/dW = [1 1 1]"."""
    printed = DOCUMENT["local derivatives"]
    for output, inputs in {
        "o1_out": {"o1_in": "o1_out by o1_in"}, "o2_out": {"o2_in": "o2_out by o2_in"},
        "h1_out": {"h1_in": "h1_out by h1_in"}, "h2_out": {"h2_in": "h2_out by h2_in"},
        "o1_in": {"Wh1o1": "o_in by Wh1o", "Wh2o1": "o_in by Wh2o", "bo1": "o_in by bo"},
        "o2_in": {"Wh1o2": "o_in by Wh1o", "Wh2o2": "o_in by Wh2o", "bo2": "o_in by bo"},
        "h1_in": {"Wx1h1": "h_in by Wx1h", "Wx2h1": "h_in by Wx2h", "bh1": "h_in by bh"},
        "h2_in": {"Wx1h2": "h_in by Wx1h", "Wx2h2": "h_in by Wx2h", "bh2": "h_in by bh"},
    }.items():  # fmt: skip
        nodes = network()
        nodes[output].backward()
        for name, line in inputs.items():
            assert as_printed(nodes[name].grad, printed[line]) == printed[line], (output, name)


@pytest.mark.parametrize("symbol", DOCUMENT["gradients"])
def test_printed_gradient(symbol: str) -> None:
    """Sections 5-1 to 5-5: each printed gradient, by the document's arithmetic with its three slips."""
    text = DOCUMENT["gradients"][symbol]
    assert as_printed(hand_gradients()[symbol], text) == text


@pytest.mark.parametrize("symbol", TRUE)
def test_without_its_slips_the_arithmetic_is_right(symbol: str) -> None:
    """The same arithmetic with no slip made is the true gradient: nothing else is wrong in the document."""
    assert hand_gradients(slips=())[symbol] == pytest.approx(TRUE[symbol], rel=1e-12, abs=1e-15)


def test_the_dropped_cross_terms_halve_every_gradient() -> None:
    """Section 5-1 b keeps only do1_out/do1_in and do2_out/do2_in: with that slip alone, each gradient is half."""
    for symbol, half in hand_gradients(slips=["cross terms"]).items():
        share = 1.0 if symbol in ("o1_out", "o2_out") else 0.5
        assert half == pytest.approx(share * TRUE[symbol], rel=1e-12, abs=1e-15), symbol


def test_the_cross_terms_as_a_detached_graph() -> None:
    """The same slip made in the graph: each output with the other's exponential held constant."""
    nodes = network()
    o1, o2 = nodes["o1_in"], nodes["o2_in"]
    first = o1.exp() / (o1.exp() + o2.exp().detach())
    second = o2.exp() / (o1.exp().detach() + o2.exp())
    loss = -(first.log() + (1 - second).log())
    loss.backward()
    for symbol in ("o1_in", "o2_in", "Wh1o1", "Wh1o2", "Wh2o1", "bo1", "bo2"):
        text = DOCUMENT["gradients"][symbol]
        assert as_printed(nodes[symbol].grad, text) == text, symbol


def test_the_stray_factor_opens_a_closed_relu() -> None:
    """Section 5-3: 0.2326 in the place of ReLU's 1 and 0; half of dx1 then comes through the closed unit h2."""
    stray, softmax = hand_gradients(slips=["stray factor"]), math.exp(0.54) / (1 + math.exp(0.54)) ** 2
    assert stray["x1"] == pytest.approx(softmax * (0.2 * D * 0.5 + -0.2 * D * -0.5), rel=1e-12)
    assert stray["x2"] == pytest.approx(softmax * (0.2 * D * -0.1 + -0.2 * D * 0.1), rel=1e-12)
    nodes = network()
    nodes["E_total"].backward()
    assert nodes["h2_out"].grad == pytest.approx(-0.2 * D)
    assert nodes["h2_in"].grad == 0.0


def test_every_row_names_its_slip() -> None:
    """A row has a slip exactly where the printed digits are not the true gradient's; each slip is explained."""
    rows = comparison()
    assert [row.symbol for row in rows] == list(DOCUMENT["gradients"])
    for row in rows:
        assert (as_printed(row.true, row.document) == row.document) == (row.slip == ""), row
        assert {name for name in row.slip.split(", ") if name} <= set(SLIPS)
    assert {name for row in rows for name in row.slip.split(", ") if name} == set(SLIPS)


def test_an_unknown_slip_is_refused() -> None:
    """A slip that is not made must not be silently left out."""
    with pytest.raises(ValueError, match="no slip is called"):
        hand_gradients(slips=["sign"])

"""Document 003, after its step: the printed second forward pass, the true one, and what the lost image must be."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import nn.functional as F
from autograd import Tensor
from gradwalk.seed003 import DOCUMENT, IMAGE, LEARNING_RATE, PARAMETERS, descend, hand_gradients, network
from tests.seeds.seed_numbers import as_printed

# One true step, computed with PyTorch 2.13 in float64.
TRUE_SECOND = {
    "x1": 1.0294550066, "x2": 0.995581749, "h1_out": 0.7597205672, "o1_in": 0.9926585551, "o2_in": 0.2151178987,
    "o1_out": 0.6851498272, "o2_out": 0.3148501728, "E_total": 0.7562354776,
}  # fmt: skip


def true_gradients(parameters: dict[str, float]) -> dict[str, float]:
    """dE/dparameter by autograd."""
    nodes = network(parameters, convolution=True)
    nodes["E_total"].backward()
    return {name: nodes[name].grad for name in parameters}


@pytest.mark.parametrize("symbol", ["o1_in", "o2_in", "o1_out", "o2_out"])
def test_printed_second_forward_pass(symbol: str) -> None:
    """Line "softmax([0.918358 0.262182]) = [0.6584 0.3416]", after the document's own step with learning rate 0.1."""
    text = DOCUMENT["second forward"][symbol]
    assert as_printed(network(descend(hand_gradients()), convolution=True)[symbol].data, text) == text


def test_printed_second_loss() -> None:
    """Lines "E_total = ... = 0.8359" and "reduced by 0.0825", by the rounded probabilities and by the network."""
    rounded = F.binary_cross_entropy(Tensor([0.6584, 0.3416]), np.array([1.0, 0.0]), reduction="sum")
    for loss in (float(rounded.data), network(descend(hand_gradients()), convolution=True)["E_total"].data):
        assert as_printed(loss, "0.8359") == "0.8359"
    reduction = float(DOCUMENT["forward"]["E_total"]) - float(DOCUMENT["second forward"]["E_total"])
    assert as_printed(reduction, "0.0825") == "0.0825" == DOCUMENT["second forward"]["reduction"]


def test_second_forward_pass_after_a_true_step() -> None:
    """The same step with the true gradient: o = [0.9927 0.2151], the loss 0.7562, twice the printed reduction."""
    nodes = network(descend(true_gradients(dict(PARAMETERS))), convolution=True)
    for symbol, expected in TRUE_SECOND.items():
        assert nodes[symbol].data == pytest.approx(expected, abs=5e-11), symbol


def test_the_true_step_beside_pytorch() -> None:
    """The constants of the test before, recomputed by PyTorch where it is installed."""
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle here")
    functional = torch.nn.functional
    p = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in PARAMETERS.items()}

    def forward() -> dict[str, object]:
        kernels = [torch.stack([p[f"W{n}({i},{j})"] for i in (1, 2) for j in (1, 2)]).reshape(1, 2, 2) for n in (1, 2)]
        image = torch.tensor(IMAGE, dtype=torch.float64)[None, None]
        maps = functional.conv2d(image, torch.stack(kernels), torch.stack([p["b_w1"], p["b_w2"]]), stride=2)
        x = functional.max_pool2d(maps, 2).reshape(2)
        h = [torch.relu(x[0] * p[f"Wx1{u}"] + x[1] * p[f"Wx2{u}"] + p[f"b{u}"]) for u in ("h1", "h2")]
        o = torch.stack([h[0] * p[f"Wh1{u}"] + h[1] * p[f"Wh2{u}"] + p[f"b{u}"] for u in ("o1", "o2")])
        out = torch.softmax(o, 0)
        return {
            "x1": x[0], "x2": x[1], "h1_out": h[0], "o1_in": o[0], "o2_in": o[1], "o1_out": out[0], "o2_out": out[1],
            "E_total": -(torch.log(out[0]) + torch.log(1 - out[1])),
        }  # fmt: skip

    forward()["E_total"].backward()
    for name, gradient in true_gradients(dict(PARAMETERS)).items():
        assert gradient == pytest.approx(0.0 if p[name].grad is None else p[name].grad.item(), rel=1e-12, abs=1e-15)
    with torch.no_grad():
        for parameter in p.values():
            parameter -= LEARNING_RATE * parameter.grad
        after = forward()
    for symbol, expected in TRUE_SECOND.items():
        assert after[symbol].item() == pytest.approx(expected, abs=5e-11), symbol


def second_by_terms(terms_1: int, terms_2: int) -> tuple[str, str]:
    """o_in after the printed step, with so many of each kernel's four terms (three weights, a bias) moved."""
    printed = {name: float(text) for name, text in DOCUMENT["gradients"].items()}
    moved = descend({name: printed.get(name, 0.0) for name in PARAMETERS})
    x1 = 1 - LEARNING_RATE * terms_1 * printed["x1"]
    x2 = 1 - LEARNING_RATE * terms_2 * printed["x2"]
    h1 = x1 * moved["Wx1h1"] + x2 * moved["Wx2h1"] + moved["bh1"]
    return f"{h1 * moved['Wh1o1'] + moved['bo1']:.6f}", f"{h1 * moved['Wh1o2'] + moved['bo2']:.6f}"


def test_the_lost_picture_leaves_one_possibility() -> None:
    """Line "softmax([0.918358 0.262182])": x1 moves by its four terms, x2 by three; no other count fits.

    Three terms mean that the second pooling took another window, which shares two pixels with the first, or that b_w2
    was left as it was. On the ring each of the other three windows shares two pixels with the first.
    """
    wanted = DOCUMENT["second forward"]["o1_in"], DOCUMENT["second forward"]["o2_in"]
    assert [n for n in itertools.product(range(5), repeat=2) if second_by_terms(*n) == wanted] == [(4, 3)]


def test_the_image_is_what_the_document_says_of_it() -> None:
    """Line "I(1,1), I(2,1), I(1,2), I(2,2)" with gradients -0.0171 three times, then 0; x from C1(1,1) and C2(1,1)."""
    assert (IMAGE[0][0], IMAGE[1][0], IMAGE[0][1], IMAGE[1][1]) == (1.0, 1.0, 1.0, 0.0)
    nodes = network(convolution=True)
    nodes["E_total"].backward()
    for kernel in (1, 2):
        cells = {(i, j): nodes[f"C{kernel}({i},{j})"] for i, j in itertools.product((1, 2), repeat=2)}
        assert nodes[f"x{kernel}"].data == max(cell.data for cell in cells.values()) == 1.0
        for place, cell in cells.items():
            assert cell.grad == (nodes[f"x{kernel}"].grad if place == (1, 1) else 0.0)


def test_the_tie_moves_to_another_window() -> None:
    """Before the step three windows of C2 are 1, and the first takes the gradient; after it C2(1,2) is the largest."""
    before, after = network(convolution=True), network(descend(hand_gradients()), convolution=True)
    cells = ["C2(1,1)", "C2(1,2)", "C2(2,1)", "C2(2,2)"]
    assert [before[name].data for name in cells] == [1.0, 1.0, 1.0, 0.75]
    assert [f"{after[name].data:.5f}" for name in cells] == ["0.99864", "0.99898", "0.99898", "0.74898"]
    assert as_printed(after["x1"].data, "1.00684") == "1.00684"
    assert as_printed(after["x2"].data, "0.99898") == "0.99898"


def test_the_loss_converges_to_zero() -> None:
    """Line "will converge to 0 if it is repeated several times": true of the true gradient."""
    parameters = dict(PARAMETERS)
    losses = []
    for _ in range(100):
        losses.append(network(parameters, convolution=True)["E_total"].data)
        parameters = descend(true_gradients(parameters), parameters)
    assert all(later < earlier for earlier, later in itertools.pairwise(losses))
    assert losses[-1] < 0.01 < losses[0]

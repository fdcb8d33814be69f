"""Document 002: the network Conv2D - maxpool - Conv2D - maxpool - Flatten - dense, its update, and its counts."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Tensor
from tests.seeds.seed_formulas import Array, conv, conv_back, flatten, flatten_back, maxpool, maxpool_back
from tests.seeds.seed_numbers import (
    FEATURE_MAPS_002,
    KERNELS_002,
    LAYER_1_TOTAL_002,
    LAYER_1_WEIGHTS_002,
    LAYER_2_PER_CHANNEL_002,
    LAYER_2_TOTAL_002,
    LAYER_2_WEIGHTS_002,
)

ALPHA = 0.05
SHAPES = {"K1": (1, 1, 3, 3), "b1": (1,), "K2": (1, 1, 3, 3), "b2": (1,), "w": (1, 4), "b": (1,)}


def draw(seed: int) -> tuple[Array, float, dict[str, Array]]:
    """An 8 x 8 image, its label, and the network's parameters, OIHW."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(8, 8)), float(seed % 2), {name: rng.normal(size=shape) for name, shape in SHAPES.items()}


def network(x: Array, parameters: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """(second pooled map, o, prediction), the six lines of the document."""
    y1 = F.conv2d(Tensor(x[None, None]), parameters["K1"], parameters["b1"], padding=1)  # (1, 1, 8, 8)
    p1 = F.max_pool2d(y1, (2, 2))
    y2 = F.conv2d(p1, parameters["K2"], parameters["b2"], padding=1)  # (1, 1, 4, 4)
    p2 = F.max_pool2d(y2, (2, 2))
    o = F.linear(p2.reshape(1, 4), parameters["w"], parameters["b"])
    return p2, o, F.sigmoid(o)


def by_hand(x: Array, label: float, parameters: dict[str, Array]) -> dict[str, Array]:
    """dL/dparameter by the printed chain, for L the binary cross-entropy: dL/dy dy/do = y - label."""
    kernels = {name: parameters[name].transpose(2, 3, 1, 0) for name in ("K1", "K2")}
    image = x[:, :, None]
    y1 = conv(image, kernels["K1"], parameters["b1"])
    p1 = maxpool(y1, 2, 2)
    y2 = conv(p1, kernels["K2"], parameters["b2"])
    p2 = maxpool(y2, 2, 2)
    o = float((parameters["w"] @ flatten(p2) + parameters["b"])[0])
    dL_do = 1 / (1 + np.exp(-o)) - label
    dL_dp2 = flatten_back(dL_do * parameters["w"][0], p2)
    dL_dp1, dL_dK2, dL_db2 = conv_back(maxpool_back(dL_dp2, y2, 2, 2, p2), p1, kernels["K2"])
    _, dL_dK1, dL_db1 = conv_back(maxpool_back(dL_dp1, y1, 2, 2, p1), image, kernels["K1"])
    return {
        "K1": dL_dK1.transpose(3, 2, 0, 1), "b1": dL_db1, "K2": dL_dK2.transpose(3, 2, 0, 1), "b2": dL_db2,
        "w": dL_do * flatten(p2)[None], "b": np.array([dL_do]),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_gradient_of_every_parameter(seed: int) -> None:
    """Lines "dL/dK = dL/dy dy/do [...]" down to "dy/dK": the chain of the printed network, every element."""
    x, label, arrays = draw(seed)
    parameters = {name: Tensor(array, requires_grad=True, name=name) for name, array in arrays.items()}
    F.binary_cross_entropy(network(x, parameters)[2], np.array([[label]])).backward()
    for name, expected in by_hand(x, label, arrays).items():
        np.testing.assert_allclose(parameters[name].grad, expected, rtol=1e-9, atol=1e-12, err_msg=name)


def test_update() -> None:
    """Line "K_new = K_old - alpha dL/dK", for every parameter, by one step of SGD on the model of the six lines."""
    x, label, arrays = draw(1)
    model = nn.Sequential(
        nn.Conv2d(1, 1, 3, padding="same"), nn.MaxPool2d(2), nn.Conv2d(1, 1, 3, padding="same"), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(4, 1), nn.Sigmoid(),
    )  # fmt: skip
    parameters = dict(zip(SHAPES, model.parameters(), strict=True))
    for name, parameter in parameters.items():
        assert parameter.data.shape == SHAPES[name]
        parameter.data = arrays[name]
    loss = F.binary_cross_entropy(model(Tensor(x[None, None])), np.array([[label]]))
    loss.backward()
    nn.SGD(list(parameters.values()), lr=ALPHA).step()
    gradients = by_hand(x, label, arrays)
    for name, parameter in parameters.items():
        np.testing.assert_allclose(parameter.data, arrays[name] - ALPHA * gradients[name], rtol=1e-10, atol=1e-13)
    assert F.binary_cross_entropy(model(Tensor(x[None, None])), np.array([[label]])).data < loss.data


def test_the_bracket_is_a_sum_over_the_pooled_map() -> None:
    """Line "[do/dp11 + do/dp12 + ...]": one term for each cell of the second pooled map, each carried on to K1."""
    x, label, arrays = draw(2)
    total = np.zeros(SHAPES["K1"])
    for row, column in itertools.product(range(2), range(2)):
        parameters = {name: Tensor(array, requires_grad=True) for name, array in arrays.items()}
        p2, _, prediction = network(x, parameters)
        p2[0, 0, row, column].backward()
        do_dp = arrays["w"][0, 2 * row + column]  # o: w1 p11 + w2 p12 + ...
        total += do_dp * parameters["K1"].grad
    dL_do = float(prediction.data[0, 0]) - label
    np.testing.assert_allclose(dL_do * total, by_hand(x, label, arrays)["K1"], rtol=1e-9, atol=1e-12)


def test_each_pooled_cell_is_its_largest() -> None:
    """Line "p = max(y, y, y, y)" and "max: y": one of the four cells passes its gradient on."""
    y = Tensor(np.array([[[[0.1, 0.7], [0.4, -0.3]]]]), requires_grad=True)
    p = F.max_pool2d(y, (2, 2))
    p.backward(np.array([[[[-2.5]]]]))
    assert p.data.item() == 0.7
    assert y.grad[0, 0].tolist() == [[0.0, -2.5], [0.0, 0.0]]


def size(layer: nn.Module) -> int:
    return sum(parameter.data.size for parameter in layer.parameters())


def test_counts() -> None:
    """Lines "32 x 3 x 3 = 288", "288 + 32 = 320", "18432 + 64 = 18496"."""
    layer_1, layer_2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
    assert layer_1.weight.data.size == LAYER_1_WEIGHTS_002
    assert size(layer_1) == LAYER_1_TOTAL_002
    assert layer_2.weight.data.size == LAYER_2_WEIGHTS_002
    assert size(layer_2) == LAYER_2_TOTAL_002


def test_slip_567() -> None:
    """Line "64 x 3 x 3 = 567": it is 576, and the document's own next line, "x 32 = 18432", goes on from 576."""
    weight = nn.Conv2d(32, 64, 3).weight
    per_channel = weight.data[:, 0].size
    assert per_channel == 576 != LAYER_2_PER_CHANNEL_002 == 63 * 3 * 3
    assert per_channel * 32 == LAYER_2_WEIGHTS_002 != LAYER_2_PER_CHANNEL_002 * 32


def test_kernels_and_feature_maps() -> None:
    """Line "K=5 -> F_M=5": as many feature maps as kernels."""
    maps = nn.Conv2d(1, KERNELS_002, 3)(Tensor(np.zeros((1, 1, 6, 6))))
    assert maps.data.shape[1] == FEATURE_MAPS_002

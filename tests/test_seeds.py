"""Every number that the seed documents print, to the digits they print: one test for each number.

A seed document works back-propagation through a small convolutional network by hand. Here each of its numbers stands
beside what the package computes; what the numbers mean, on random inputs too, is tested in `tests/seeds/`:

- 000: a 5 x 5 input, a 4 x 4 filter, 1 x 2 max pooling. Symbols only: the gradient of all 16 weights as a sum.
- 001: convolution of a binary image; the backward pass of both poolings and of the convolution.
- 002: Conv2D - maxpool - Conv2D - maxpool - Flatten - dense, its update, and its counts of parameters.
- 003: a whole network in numbers. Its gradients are not the gradient: both are held, and the slips between them.
- 004: each layer's function and its backward function, im2col, and training by mini-batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Tensor
from gradwalk.seed003 import DOCUMENT, descend, hand_gradients, network
from tests.seeds import seed_numbers as printed
from tests.seeds.seed_formulas import Array


@cache
def computed() -> dict[str, float]:
    """Every number by its key: the document, the place, and what is computed there."""
    numbers = {f"003 {section} {symbol}": value for section, symbol, value in _document_003()}
    numbers |= _entries("001 convolved feature", _convolve(printed.IMAGE_001, printed.FILTER_001))
    numbers |= {f"002 {place}": float(count) for place, count in _counts().items()}
    example = Tensor(printed.MATRIX_004[None, None])
    numbers |= _entries("004 pooled", F.max_pool2d(example, 2, stride=2).data[0, 0])
    numbers |= _entries("004 im2col", np.stack([_im2col_row(place) for place in range(4)]))
    return numbers


def _convolve(image: Array, filter: Array) -> Array:
    result: Array = F.conv2d(Tensor(image[None, None]), Tensor(filter[None, None])).data[0, 0]
    return result


def _im2col_row(place: int) -> Array:
    """One entry of each of the first four blocks: a convolution with a kernel that is 1 in that place alone."""
    pick = np.zeros((2, 2))
    pick[place % 2, place // 2] = 1.0
    return _convolve(printed.MATRIX_004, pick).T.ravel()[:4]


def _counts() -> dict[str, int]:
    layers = {1: nn.Conv2d(1, 32, 3), 2: nn.Conv2d(32, 64, 3)}
    counts = {f"layer {n} weights": layer.weight.data.size for n, layer in layers.items()}
    counts |= {f"layer {n} total": sum(p.data.size for p in layer.parameters()) for n, layer in layers.items()}
    counts["layer 2 per channel"] = nn.Conv2d(1, 63, 3).weight.data.size  # printed 64 x 3 x 3 = 567: it is 63 x 3 x 3
    counts["feature maps"] = nn.Conv2d(1, printed.KERNELS_002, 3)(Tensor(np.zeros((1, 1, 3, 3)))).data.size
    return counts


def _document_003() -> Iterator[tuple[str, str, float]]:
    nodes = network(convolution=True)
    for symbol in DOCUMENT["forward"]:
        if symbol != "E_total":
            yield "forward", symbol, nodes[symbol].data
    losses = [_loss_of_printed(section) for section in ("forward", "second forward")]
    yield "forward", "E_total", losses[0]
    yield "second forward", "E_total", losses[1]
    yield "second forward", "reduction", round(losses[0], 4) - round(losses[1], 4)
    for symbol, value in hand_gradients().items():
        yield "gradients", symbol, value
    after = network(descend(hand_gradients()), convolution=True)
    for symbol in ("o1_in", "o2_in", "o1_out", "o2_out"):
        yield "second forward", symbol, after[symbol].data
    for entry in DOCUMENT["local derivatives"]:
        yield "local derivatives", entry, _local_derivative(entry)


def _loss_of_printed(section: str) -> float:
    """The loss of the rounded probabilities, which is what the document takes the logarithm of."""
    o_out = Tensor([float(DOCUMENT[section][unit]) for unit in ("o1_out", "o2_out")])
    return float(F.binary_cross_entropy(o_out, np.array([1.0, 0.0]), reduction="sum").data)


def _local_derivative(entry: str) -> float:
    """ "o1_out by o1_in" names both nodes; "o_in by Wh1o" stands for either unit: the second is asked."""
    output, _, argument = entry.partition(" by ")
    unit = "" if output[1] != "_" else "2"
    nodes = network()
    nodes[output[0] + unit + output[1:]].backward()
    return nodes[argument + unit].grad


def _entries(place: str, array: Array) -> dict[str, float]:
    return {f"{place} {i + 1},{j + 1}": float(array[i, j]) for i, j in np.ndindex(*array.shape)}


def _printed() -> dict[str, str]:
    """Every printed number by the same keys."""
    texts = {f"003 {section} {symbol}": text for section in DOCUMENT for symbol, text in DOCUMENT[section].items()}
    counts = {
        "layer 1 weights": printed.LAYER_1_WEIGHTS_002, "layer 1 total": printed.LAYER_1_TOTAL_002,
        "layer 2 weights": printed.LAYER_2_WEIGHTS_002, "layer 2 total": printed.LAYER_2_TOTAL_002,
        "layer 2 per channel": printed.LAYER_2_PER_CHANNEL_002, "feature maps": printed.FEATURE_MAPS_002,
    }  # fmt: skip
    whole = _entries("001 convolved feature", printed.CONVOLVED_FEATURE_001)
    whole |= {f"002 {place}": float(count) for place, count in counts.items()}
    whole |= _entries("004 pooled", printed.POOLED_004) | _entries("004 im2col", printed.IM2COL_004.T)
    return texts | {key: f"{number:.0f}" for key, number in whole.items()}


@pytest.mark.parametrize("key, text", _printed().items())
def test_printed_number(key: str, text: str) -> None:
    """The key names the document and the line: "003 gradients Wh1o1", "004 im2col 2,3", ..."""
    assert printed.as_printed(computed()[key], text) == text


def test_nothing_is_computed_that_is_not_printed() -> None:
    """The two lists of keys are one list, so that no number falls out unseen."""
    assert set(computed()) == set(_printed())
    assert len(_printed()) == 9 + 6 + 57 + 4 + 16

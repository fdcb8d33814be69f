"""<A x, y> = <x, Aᵀ y> of convolutions as linear maps, to rounding: no other library is asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F
from autograd import vjp
from tests.amounts import configurations
from tests.nn.functional.spatial_draws import ConvolutionDraw, convolution

CONFIGURATIONS = configurations(1000)
CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def drawn(seed: int) -> tuple[np.random.Generator, ConvolutionDraw, Any]:
    """A configuration of one, two or three axes in turn, and a weight."""
    rng = np.random.default_rng([seed, 7])
    kind = ["any", "any", "depthwise", "pointwise"][rng.integers(4)]
    case = convolution(rng, axes=1 + seed % 3, kind=kind, leading=(2,) if rng.integers(2) else ())
    return rng, case, rng.normal(size=case.weight)


def assert_adjoint(forward: Any, y: Any, x: Any, backward: Any, note: str) -> None:
    """<forward, y> = <x, backward>, but for the rounding of the products that are added up."""
    terms = float(np.abs(forward * y).sum() + np.abs(x * backward).sum())
    assert abs(np.vdot(forward, y) - np.vdot(x, backward)) <= 1e-14 * terms, note


def assert_pulls_back_its_adjoint(
    function: Any, image: Any, weight: Any, options: dict[str, Any], wrt: str, rng: np.random.Generator
) -> None:
    """By the image with the weight held fixed, or the other way round: a convolution is linear in each."""
    x = image if wrt == "image" else weight

    def linear(x: Any) -> Any:
        return function(x, weight, **options) if wrt == "image" else function(image, x, **options)

    out, pull = vjp(linear, x)
    y = rng.normal(size=out.shape)
    assert_adjoint(np.asarray(out), y, x, np.asarray(pull(y)[0]), f"{image.shape}, {weight.shape}, {options}")


@pytest.mark.parametrize("wrt", ["image", "weight"])
def test_backward_pass_of_a_convolution(wrt: str) -> None:
    for seed in range(CONFIGURATIONS):
        rng, case, weight = drawn(seed)
        image = rng.normal(size=case.image)
        assert_pulls_back_its_adjoint(CONV[case.axes], image, weight, case.options, wrt, rng)


@pytest.mark.parametrize("wrt", ["image", "weight"])
def test_backward_pass_of_a_transposed_convolution(wrt: str) -> None:
    for seed in range(CONFIGURATIONS):
        rng, case, weight = drawn(seed)
        image = rng.normal(size=case.out)
        assert_pulls_back_its_adjoint(TRANSPOSED[case.axes], image, weight, case.transposed_options, wrt, rng)


def test_transposed_convolution_is_the_adjoint_of_the_convolution_with_the_same_weight() -> None:
    for seed in range(CONFIGURATIONS):
        rng, case, weight = drawn(seed)
        x, y = rng.normal(size=case.image), rng.normal(size=case.out)
        forward = CONV[case.axes](x, weight, **case.options)
        back = TRANSPOSED[case.axes](y, weight, **case.transposed_options)
        assert back.shape == x.shape
        assert_adjoint(forward, y, x, back, str(case))


def test_backward_pass_of_a_convolution_is_the_transposed_convolution() -> None:
    for seed in range(0, CONFIGURATIONS, 5):
        rng, case, weight = drawn(seed)
        x, y = rng.normal(size=case.image), rng.normal(size=case.out)
        _, pull = vjp(lambda x: CONV[case.axes](x, weight, **case.options), x)  # noqa: B023
        transposed = TRANSPOSED[case.axes](y, weight, **case.transposed_options)
        np.testing.assert_allclose(pull(y)[0], transposed, rtol=1e-12, atol=1e-12, err_msg=str(case))

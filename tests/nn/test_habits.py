"""Habits from PyTorch that would silently do nothing, or something else, are told."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import MutationError, ShapeError, Tensor
from tests.autograd.support import leaf


@pytest.mark.parametrize("axes", [(0, 1), (-2, -1), (0, -1), (-2, 1)])
def test_transpose_of_two_axes_by_the_order_they_have(axes: tuple[int, int]) -> None:
    with pytest.raises(
        ShapeError, match=r"transpose: .* in the order that they have; exchange them by \.T or swapaxes"
    ):
        leaf(np.ones((2, 2))).transpose(*axes)
    assert leaf(np.arange(4.0).reshape(2, 2)).transpose(axes).data.tolist() == [[0.0, 1.0], [2.0, 3.0]]  # a sequence


def test_transpose_of_two_of_three_axes() -> None:
    for axes in ((0, 1), (1, 2), (-2, -1)):
        with pytest.raises(ShapeError, match=r"transpose: axes .* or exchange two by swapaxes"):
            leaf(np.ones((2, 2, 2))).transpose(*axes)


def test_an_update_that_would_change_nothing() -> None:
    layer = nn.Linear(2, 1)
    layer(np.ones((3, 2))).sum().backward()
    with ag.no_grad():
        for parameter in layer.parameters():
            with pytest.raises(MutationError, match=r"`-=` on .*write `\.data -= \.\.\.`"):
                parameter -= 0.5 * parameter.grad
        for change in (lambda p: p.__iadd__(1.0), lambda p: p.__imul__(2.0), lambda p: p.__itruediv__(2.0)):
            with pytest.raises(MutationError, match=r"write `\.data"):
                change(layer.bias)
        with pytest.raises(MutationError):
            layer.weight -= 0.5


def test_in_place_operators_bind_a_new_node() -> None:
    x = leaf([1.0, 2.0])
    y = x
    y += 1.0
    y -= 0.5
    y *= 4.0
    y /= 2.0
    assert y.data.tolist() == [3.0, 5.0]
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 2.0]
    with ag.no_grad():
        constant = Tensor([1.0])
        constant += 1.0
        y += 1.0  # no leaf: nothing that learns is lost
    assert constant.data.tolist() == [2.0]


def test_a_constant_does_not_take_a_parameters_place() -> None:
    layer = nn.Linear(2, 1)
    for constant in (Tensor([[1.0, 2.0]]), layer.weight.detach()):
        with pytest.raises(TypeError, match="'weight' is a registered parameter"):
            layer.weight = constant
    with ag.no_grad(), pytest.raises(TypeError, match="'weight' is a registered parameter"):
        layer.weight = layer.weight * 0.5
    frozen = nn.Linear(2, 1).requires_grad_(False)
    layer.weight = frozen.weight  # shared, and frozen as it was
    assert layer.weight is frozen.weight


def test_a_parameter_may_be_frozen_before_a_module_has_it() -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            self.first = nn.Parameter([1.0]).requires_grad_(False)
            self.second = nn.Parameter(2.0, np.float32, requires_grad=False)
            self.data = Tensor([3.0], name="data")

    module = Scaled()
    assert list(module.state_dict()) == ["first", "second"]
    assert module.second.dtype == np.float32
    assert not any(parameter.requires_grad for parameter in module.parameters())


@pytest.mark.parametrize(
    "name, remedy",
    [
        ("view", "reshape"),
        ("permute", "transpose"),
        ("unsqueeze", "expand_dims"),
        ("masked_fill", "where"),
        ("to", "as"),
    ],
)
def test_methods_of_pytorchs_are_named_as_they_are_called_here(name: str, remedy: str) -> None:
    with pytest.raises(AttributeError, match=rf"a Tensor has no attribute '{name}'; write .*{remedy}"):
        getattr(leaf([1.0]), name)
    with pytest.raises(AttributeError, match=r"has no attribute 'nonsense'$"):
        leaf([1.0]).nonsense  # noqa: B018
    assert not hasattr(leaf([1.0]), "__array_interface__")
    assert name not in dir(leaf([1.0]))


def test_every_hint_names_what_there_is() -> None:
    """What stands in for a method is an attribute, or an expression in x and y that runs."""
    from autograd.elsewhere import _TORCH

    for name, remedy in _TORCH.items():
        assert not hasattr(Tensor, name), name
        first = remedy.split("(")[0].split(",")[0]
        if first.isidentifier():
            assert hasattr(leaf([1.0]), first), name
        elif first.startswith("autograd."):
            assert hasattr(ag, first.removeprefix("autograd.")), name

"""Losses as modules against PyTorch's, with the same options; their weights are buffers."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Tensor
from tests.nn.functional.losses.configurations import LOSSES, NAMES
from tests.nn.functional.losses.loss_draws import LossTest
from tests.nn.oracle import hold, torch

MODULES = sorted({loss.module for loss in LOSSES})
LEGACY = ("size_average", "reduce")
WEIGHTED = [
    "NLLLoss",
    "CrossEntropyLoss",
    "BCELoss",
    "BCEWithLogitsLoss",
    "MultiMarginLoss",
    "MultiLabelSoftMarginLoss",
]


@pytest.mark.parametrize("loss", LOSSES, ids=NAMES)
def test_module(loss: LossTest) -> None:
    hold(loss.module_case)


@pytest.mark.parametrize("name", MODULES)
def test_options_have_the_names_and_defaults_of_pytorch_and_of_the_function(name: str) -> None:
    ours = inspect.signature(getattr(nn, name)).parameters
    if hasattr(torch.nn, name):
        theirs = inspect.signature(getattr(torch.nn, name)).parameters
        assert {each: option.default for each, option in ours.items()} == {
            each: option.default for each, option in theirs.items() if each not in LEGACY
        }
    (function,) = {loss.function for loss in LOSSES if loss.module == name}
    options = inspect.signature(getattr(F, function)).parameters
    assert {each: option.default for each, option in ours.items()}.items() <= {
        each: option.default for each, option in options.items()
    }.items()


@pytest.mark.parametrize("name", sorted({loss.function for loss in LOSSES}))
def test_arguments_have_the_names_and_places_of_pytorch(name: str) -> None:
    if not hasattr(torch.nn.functional, name):
        return
    ours, theirs = (inspect.signature(getattr(each, name)).parameters for each in (F, torch.nn.functional))
    assert {each: option.default for each, option in ours.items()} == {
        each: option.default for each, option in theirs.items() if each not in LEGACY
    }
    positional = [each for each, option in ours.items() if option.kind is not option.KEYWORD_ONLY]
    assert positional == list(theirs)[: len(positional)]


@pytest.mark.parametrize("name", MODULES)
def test_a_call_names_its_arguments_as_pytorch_does(name: str) -> None:
    if not hasattr(torch.nn, name):
        return
    if name != "PoissonNLLLoss":  # whose input is called log_input there, also where it is no logarithm
        ours, theirs = (inspect.signature(getattr(each, name).forward).parameters for each in (nn, torch.nn))
        assert list(ours) == list(theirs)
    if name != "TripletMarginWithDistanceLoss":  # which shows its default distance there
        assert repr(getattr(nn, name)()) == repr(getattr(torch.nn, name)())


def test_a_distance_may_be_learnt() -> None:
    class Stretched(nn.Module):
        def __init__(self) -> None:
            self.factor = nn.Parameter([1.0, 2.0])

        def forward(self, x1: Any, x2: Any) -> Any:
            return F.pairwise_distance(self.factor * x1, self.factor * x2)

    loss = nn.TripletMarginWithDistanceLoss(distance_function=Stretched())
    assert [parameter.name for parameter in loss.parameters()] == ["distance_function.factor"]
    loss(np.array([[0.0, 1.0]]), np.array([[2.0, 2.0]]), np.array([[1.0, 0.0]])).backward()
    assert loss.distance_function.factor.grad.all()


@pytest.mark.parametrize("name", WEIGHTED)
def test_weights_are_buffers(name: str) -> None:
    weight = np.array([1.0, 3.0])
    loss = getattr(nn, name)(weight=weight)
    theirs = getattr(torch.nn, name)(weight=torch.from_numpy(weight))
    assert loss.parameters() == []
    assert {key: array.tolist() for key, array in loss.state_dict().items()} == {
        key: array.tolist() for key, array in theirs.state_dict().items()
    }
    weight[0] = 100.0
    assert loss.weight.tolist() == [1.0, 3.0]  # a copy
    loss.load_state_dict({"weight": np.array([5.0, 7.0])})
    assert loss.weight.tolist() == [5.0, 7.0]
    for twin in (copy.deepcopy(loss), pickle.loads(pickle.dumps(loss))):
        assert twin.weight.tolist() == [5.0, 7.0]
    assert getattr(nn, name)(weight=Tensor([1.0, 2.0])).weight.tolist() == [1.0, 2.0]
    assert getattr(nn, name)().state_dict() == {}
    with pytest.raises(TypeError, match=rf"{name}: weight is held as a buffer, .* give its \.numpy"):
        getattr(nn, name)(weight=Tensor([1.0, 2.0], requires_grad=True))


def test_positive_weights_are_a_buffer() -> None:
    loss = nn.BCEWithLogitsLoss(pos_weight=[2.0, 3.0])
    assert {key: array.tolist() for key, array in loss.state_dict().items()} == {"pos_weight": [2.0, 3.0]}


def test_weights_do_not_promote_single_precision() -> None:
    x = Tensor(np.ones((2, 3), np.float32), requires_grad=True)
    loss: Any = nn.CrossEntropyLoss([1.0, 2.0, 3.0])(x, [0, 2])
    loss.backward()
    assert loss.dtype == x.grad.dtype == np.float32


def test_what_a_loss_records_lies_in_its_scope() -> None:
    loss = nn.HuberLoss()(Tensor([1.0], requires_grad=True), [0.0])
    assert loss.scope.startswith("huberloss/huber_loss")

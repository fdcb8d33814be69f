"""Containers: what is in them is found, named and run in order."""

import numpy as np
import pytest

import nn
from autograd import Tensor


def test_a_dict_of_modules_names_its_parts():
    class Net(nn.Module):
        def __init__(self):
            self.heads = nn.ModuleDict({"a": nn.Linear(2, 1)})
            self.heads["b"] = nn.ModuleList([nn.Linear(2, 3)])

        def forward(self, x):
            return self.heads["b"][0](x)

    net = Net()
    assert [name for name, _ in net.named_parameters()] == [
        "heads.a.weight", "heads.a.bias", "heads.b.0.weight", "heads.b.0.bias"
    ]  # fmt: skip
    assert net(Tensor([1.0, 2.0])).scope == "net/heads.b.0/linear"
    assert (len(net.heads), "a" in net.heads, "c" in net.heads) == (2, True, False)
    assert net.heads.keys() == list(net.heads) == ["a", "b"]
    assert net.heads.values() == [net.heads["a"], net.heads["b"]]
    assert dict(net.heads.items()) == {"a": net.heads["a"], "b": net.heads["b"]}
    with pytest.raises(KeyError, match=r"ModuleDict 'heads': has no module 'c'; it has \['a', 'b'\]"):
        net.heads["c"]
    with pytest.raises(TypeError, match="part 'c' is a int, not a Module"):
        net.heads["c"] = 1
    with pytest.raises(ValueError, match=r"cannot be named 'a\.b'"):
        net.heads["a.b"] = nn.ReLU()


def test_a_slice_of_a_sequence_shares_its_modules_and_their_names():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    head = model[1:]
    assert [head[0], head[1]] == [model[1], model[2]]
    assert [name for name, _ in head.named_parameters()] == ["2.weight", "2.bias"]
    assert model[2].weight.name == "2.weight"  # as before
    assert list(model[1:].append(nn.Linear(2, 1, bias=False)).state_dict()) == ["2.weight", "2.bias", "3.weight"]
    x = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_array_equal(head(model[:1](x)).data, model(x).data)


def test_a_sequence_grows():
    model = nn.Sequential(nn.Linear(3, 4))
    assert model.append(nn.ReLU()).append(nn.Linear(4, 1)) is model
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert model(np.ones((2, 3))).shape == (2, 1)


@pytest.mark.parametrize(
    "held",
    [
        [nn.Flatten(), nn.Linear(2, 2)],
        [None, nn.Linear(2, 2)],
        [[nn.Linear(2, 2)]],
        {"act": nn.ReLU(), "linear": nn.Linear(2, 2)},
        (1.0, {"deep": nn.BatchNorm1d(2, affine=False)}),
        [0.5, nn.Parameter(1.0)],
    ],
)
def test_a_plain_list_that_hides_a_module_anywhere_is_refused(held):
    class Net(nn.Module):
        def __init__(self):
            self.held = held

    with pytest.raises(TypeError, match=r"'held' is a (list|dict|tuple) with a .*ModuleList"):
        Net().parameters()

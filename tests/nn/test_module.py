"""Modules: what is registered, how it is named, called, copied and shown."""

import copy
import pickle

import numpy as np
import pytest

import nn
from autograd import Tensor, topological_order

TORCH = "the oracle for names and reprs is PyTorch"


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.scale = nn.Parameter(np.linspace(0.5, 1.5, width))
        self.mix = nn.Linear(width, width)

    def forward(self, x):
        return self.mix(x * self.scale)


class Net(nn.Module):
    def __init__(self):
        self.first = Block(3)  # no super().__init__(): it is only needed for a name
        self.second = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])
        self.offset = nn.Parameter([1.0, 2.0, 3.0])

    def forward(self, x):
        x = self.first(x)
        for layer in self.second:
            x = layer(x).tanh()
        return x + self.offset


KEYS = [
    "offset",
    "first.scale",
    "first.mix.weight",
    "first.mix.bias",
    "second.0.weight",
    "second.0.bias",
    "second.1.weight",
    "second.1.bias",
]


def scopes_of(root):
    return {node.scope for node in topological_order(root) if not node.is_leaf}


# ---- registering ----------------------------------------------------------------------------------------------------


def test_parameters_are_found_in_pytorchs_order_and_bear_their_keys():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == KEYS
    assert list(net.state_dict()) == KEYS
    assert [parameter.name for parameter in net.parameters()] == KEYS
    assert all(parameter.requires_grad and parameter.is_leaf for parameter in net.parameters())


def test_named_modules_and_children():
    net = Net()
    names = ["", "first", "first.mix", "second", "second.0", "second.1"]
    assert [name for name, _ in net.named_modules()] == names
    assert [name for name, _ in net.named_children()] == ["first", "second"]
    assert net.modules()[0] is net
    assert net.children() == [net.first, net.second]
    assert [name for name, _ in net.first.named_parameters(prefix="a")] == ["a.scale", "a.mix.weight", "a.mix.bias"]


def test_names_follow_a_module_that_is_assembled_bottom_up():
    inner = nn.Sequential(nn.Linear(2, 2))
    outer = nn.Sequential({"body": inner})
    assert inner[0].weight.name == "body.0.weight"
    holder = nn.ModuleList([outer])
    assert inner[0].weight.name == "0.body.0.weight"
    inner[0].weight = nn.Parameter(np.eye(2))
    assert inner[0].weight.name == "0.body.0.weight"
    assert holder.parameters()[0] is inner[0].weight


def test_what_is_shared_is_listed_once_and_saved_twice_as_in_pytorch():
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2))
    net[2].weight = net[0].weight
    assert [name for name, _ in net.named_parameters()] == ["0.weight", "0.bias", "2.bias"]
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    same = nn.Linear(2, 2)
    twice = nn.Sequential(same, same)
    assert len(twice.parameters()) == 2
    assert len(twice.modules()) == 2
    assert list(twice.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]


def test_only_leaves_that_require_a_gradient_become_parameters():
    module = nn.Module()
    leaf = Tensor([1.0], requires_grad=True)
    module.constant = Tensor([1.0])
    module.result = leaf * 2.0
    module.number = 3.0
    assert module.parameters() == []
    module.leaf = leaf
    assert module.parameters() == [leaf]


def test_a_frozen_parameter_stays_a_parameter():
    layer = nn.Linear(2, 1)
    layer.weight.requires_grad_(False)
    assert list(layer.state_dict()) == ["weight", "bias"]
    layer.weight = layer.weight  # and may be assigned again
    layer(np.ones((1, 2))).sum().backward()
    assert layer.weight.grad is None
    np.testing.assert_array_equal(layer.bias.grad, [1.0])


def test_none_and_del_take_a_parameter_away():
    layer = nn.Linear(2, 1)
    layer.bias = None
    assert list(layer.state_dict()) == ["weight"]
    assert layer(np.ones((1, 2))).shape == (1, 1)
    layer.bias = nn.Parameter([0.5])
    assert list(layer.state_dict()) == ["weight", "bias"]
    del layer.bias
    assert list(layer.state_dict()) == ["weight"]
    assert not hasattr(layer, "bias")
    layer.bias = 3.0
    assert list(layer.state_dict()) == ["weight"]


def test_an_attribute_can_turn_from_parameter_to_module():
    module = nn.Module()
    module.part = nn.Parameter([1.0])
    module.part = nn.Linear(1, 1)
    assert list(module.state_dict()) == ["part.weight", "part.bias"]
    module.part = nn.Parameter([1.0])
    assert list(module.state_dict()) == ["part"]


def test_an_array_cannot_silently_replace_a_parameter():
    layer = nn.Linear(2, 1)
    with pytest.raises(TypeError, match=r"Linear: 'weight' is a registered parameter.*ndarray.*\.weight\.data = array"):
        layer.weight = np.zeros((1, 2))
    net = nn.Sequential(layer)
    with pytest.raises(TypeError, match="'0' is a registered module"):
        setattr(net, "0", 5)
    assert len(net.parameters()) == 2


@pytest.mark.parametrize("hidden", [lambda a: [a], lambda a: (a,), lambda a: {"x": a}])
@pytest.mark.parametrize("what", [lambda: nn.Linear(1, 1), lambda: nn.Parameter([1.0]), lambda: nn.Neuron(2)])
def test_parameters_hidden_in_a_plain_list_are_an_error(hidden, what):
    net = nn.Sequential(nn.Module())
    net[0].layers = hidden(what())
    with pytest.raises(TypeError, match=r"Module '0': 'layers' is a .*nn\.ModuleList"):
        net.parameters()


def test_a_plain_list_of_what_has_no_parameters_is_fine():
    module = nn.Module()
    module.steps, module.empty = [nn.ReLU(), nn.Tanh()], []
    assert module.parameters() == []


def test_a_tensor_kept_inside_forward_does_not_become_a_parameter_unseen():
    class Keeper(nn.Module):
        def forward(self, x):
            self.seen = x
            return x * 2.0

    keeper = Keeper()
    with pytest.raises(TypeError, match=r"Keeper: 'seen'.*inside forward.*__init__"):
        keeper(Tensor([1.0], requires_grad=True))
    assert keeper.parameters() == []
    keeper(Tensor([1.0]))  # a constant is just kept
    keeper.weight = nn.Parameter([1.0])  # and the failed call left nothing open
    assert len(keeper.parameters()) == 1


def test_a_module_cannot_hold_itself():
    net = nn.Sequential(nn.Sequential(nn.ReLU()))
    with pytest.raises(ValueError, match="cannot hold itself"):
        net[0].parent = net
    assert len(net.modules()) == 3


def test_the_methods_of_module_are_no_names_for_parts():
    module = nn.Module()
    with pytest.raises(TypeError, match=r"'children' is taken by nn\.Module"):
        module.children = nn.ReLU()


# ---- calling --------------------------------------------------------------------------------------------------------


def test_scopes_are_named_by_the_attributes():
    net = Net()
    out = net(Tensor(np.ones((2, 3))))
    found = scopes_of(out)
    assert {"net", "net/first", "net/first/mix/linear", "net/second.0/linear", "net/second.1/linear"} <= found
    assert all(scope.split("/")[0] == "net" for scope in found)
    assert {scope.split("/")[1] for scope in found if "/" in scope} == {"first", "second.0", "second.1"}


def test_the_outermost_scope_has_the_given_name():
    named = nn.Sequential(nn.Tanh(), name="cnn")
    assert named(Tensor([1.0], requires_grad=True)).scope.startswith("cnn/0")
    assert nn.Tanh()(Tensor([1.0], requires_grad=True)).scope.split("/")[0] == "tanh"
    assert nn.Sequential({"act": nn.Tanh()})(Tensor([1.0], requires_grad=True)).scope.startswith("sequential/act")
    lists = nn.ModuleList([nn.ModuleList([nn.Tanh()])])
    holder = nn.Module()
    holder.grid = lists
    assert lists[0][0].scope_name == "grid.0.0"


def test_an_error_in_forward_names_the_innermost_module():
    net = nn.Sequential({"flatten": nn.Flatten(), "scores": nn.Linear(4, 2)})
    with pytest.raises(
        ValueError, match=r"Linear 'scores': expected an input of shape \(\.\.\., 4\), got \(1, 6\)"
    ) as caught:
        net(np.ones((1, 2, 3)))
    assert caught.value.__notes__ == ["in the forward pass of Linear 'scores'"]


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Module: define forward"):
        nn.Module()(1.0)


def test_forward_hooks_see_and_may_replace_the_output():
    layer, seen = nn.Tanh(), []
    x = Tensor([1.0, -2.0])

    def note(module, arguments, output):
        seen.append((module, arguments, output))

    remove, remove_second = layer.register_forward_hook(note), layer.register_forward_hook(note)
    out = layer(x)
    assert seen[0][0] is layer
    assert seen[0][1] == (x,)
    assert seen[0][2] is out
    assert len(seen) == 2
    remove()
    layer(x)
    assert len(seen) == 3  # the equal hook is still there
    remove_second()
    remove_replacing = layer.register_forward_hook(lambda module, arguments, output: 7.0)
    assert layer(x) == 7.0
    remove_replacing()
    assert layer(x) is not seen
    assert len(seen) == 3


def test_train_and_eval_reach_every_part():
    net = Net()
    assert net.training
    assert net.eval() is net
    assert not any(module.training for module in net.modules())
    assert net.train() is net
    assert all(module.training for module in net.modules())


def test_zero_grad_forgets_every_gradient():
    net = Net()
    net(Tensor(np.ones((2, 3)))).sum().backward()
    assert all(parameter.has_grad for parameter in net.parameters())
    net.zero_grad()
    assert not any(parameter.has_grad for parameter in net.parameters())


# ---- copies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_computes_the_same_and_shares_nothing(duplicate):
    net = nn.Sequential({"a": nn.Linear(3, 3), "act": nn.ReLU(), "b": nn.Linear(3, 3)}, name="twin")
    net.b.weight = net.a.weight
    net.register_forward_hook(lambda *_: pytest.fail("hooks are not copied"))
    other = duplicate(net)
    net._hooks = ()
    x = np.random.default_rng(0).normal(size=(4, 3))
    np.testing.assert_array_equal(net(x).data, other(x).data)
    assert other.a.weight is other.b.weight
    assert other.a.weight is not net.a.weight
    assert [p.name for p in other.parameters()] == [p.name for p in net.parameters()]
    assert other.scope_name == "twin"
    other.a.weight.data = np.zeros((3, 3))
    assert np.any(net.a.weight.data != 0.0)
    other.c = nn.Linear(1, 1)
    assert "c.weight" in other.state_dict()
    assert "c.weight" not in net.state_dict()


# ---- what it looks like ---------------------------------------------------------------------------------------------


def test_reprs_are_pytorchs():
    torch = pytest.importorskip("torch", reason=TORCH)

    def build(n):
        return n.Sequential(
            n.Conv2d(4, 8, 3, padding=1, groups=2, dilation=2, bias=False),
            n.Conv1d(1, 2, 5, padding="same"),
            n.Conv3d(1, 2, (1, 2, 3), stride=2),
            n.MaxPool2d(2),
            n.MaxPool1d(3, 2, 1),
            n.MaxPool3d((1, 2, 2)),
            n.AvgPool1d(2),
            n.AvgPool2d((2, 3)),
            n.AvgPool3d(2),
            n.Sequential(n.ReLU(), n.LeakyReLU(0.2), n.Sigmoid(), n.Tanh(), n.Softmax(dim=1), n.LogSoftmax(dim=-1)),
            n.Flatten(),
            n.Linear(3, 4, bias=False),
            n.Sequential(),
            n.MSELoss(),
            n.CrossEntropyLoss(),
            n.BCELoss(),
            n.BCEWithLogitsLoss(),
        )

    assert repr(build(nn)) == repr(build(torch.nn))
    assert repr(Net()).startswith(
        "Net(\n  (first): Block(\n    (mix): Linear(in_features=3, out_features=3, bias=True)\n  )"
    )


def test_extra_repr_of_a_module_with_parts():
    class Noted(nn.Sequential):
        def extra_repr(self):
            return "note"

    assert repr(Noted(nn.ReLU())) == "Noted(\n  note\n  (0): ReLU()\n)"


# ---- containers -----------------------------------------------------------------------------------------------------


def test_sequential_runs_in_order_and_can_be_looked_into():
    net = nn.Sequential({"double": nn.Linear(1, 1), "act": nn.ReLU()})
    net.double.load_state_dict({"weight": np.array([[2.0]]), "bias": np.array([-3.0])})
    np.testing.assert_array_equal(net(np.array([[1.0], [4.0]])).data, [[0.0], [5.0]])
    assert len(net) == 2
    assert list(net) == [net.double, net.act]
    assert net[-1] is net.act
    x = Tensor([1.0])
    assert nn.Sequential()(x) is x


def test_module_list_is_a_list():
    parts = [nn.ReLU(), nn.Tanh()]
    listed = nn.ModuleList(parts)
    listed.append(nn.Sigmoid())
    assert len(listed) == 3
    assert list(listed)[:2] == parts
    assert listed[2].scope_name == "2"
    assert repr(listed) == "ModuleList(\n  (0): ReLU()\n  (1): Tanh()\n  (2): Sigmoid()\n)"


@pytest.mark.parametrize("container", [nn.Sequential, lambda part: nn.ModuleList([part])])
def test_containers_take_modules_only(container):
    with pytest.raises(TypeError, match=r"part '0' is a type, not a Module; give an instance"):
        container(nn.ReLU)


@pytest.mark.parametrize("name", ["", "a.b", "a/b"])
def test_parts_of_sequential_have_plain_names(name):
    with pytest.raises(ValueError, match="a part cannot be named"):
        nn.Sequential({name: nn.ReLU()})


def test_parameter_takes_a_dtype():
    assert nn.Parameter([1.0, 2.0], dtype=np.float32).dtype == np.float32
    array = np.array([1.0, 2.0])
    parameter = nn.Parameter(array)
    array[0] = 5.0
    np.testing.assert_array_equal(parameter.data, [1.0, 2.0])
    with pytest.raises(TypeError, match="int64"):
        nn.Parameter([1, 2])

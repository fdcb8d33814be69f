"""Optimisers: PyTorch's updates, dtypes, Values, and what they refuse."""

import copy
import pickle

import numpy as np
import pytest

import nn
from autograd import Tensor, Value
from autograd.errors import MutationError

ORACLE = "the oracle for optimisers is PyTorch"

CASES = [
    ("SGD", {"lr": 0.05}),
    ("SGD", {}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.02}),
    ("SGD", {"lr": 0.05, "weight_decay": 0.3}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": (0.7, 0.95), "eps": 1e-3}),
    ("Adam", {"lr": 0.05, "weight_decay": 0.2}),
    ("Adam", {"lr": 0.05, "betas": (0.0, 0.0)}),
    ("Adam", {"lr": 0.05, "amsgrad": True}),
    ("AdamW", {"lr": 0.05, "weight_decay": 0.2}),
    ("NAdam", {"lr": 0.05, "momentum_decay": 0.01}),
    ("RAdam", {"lr": 0.05, "betas": (0.8, 0.9)}),
    ("Adamax", {"lr": 0.05}),
    ("RMSprop", {"lr": 0.05}),
    ("RMSprop", {"lr": 0.05, "alpha": 0.6, "centered": True, "momentum": 0.7}),
    ("Adagrad", {"lr": 0.05, "lr_decay": 0.1, "initial_accumulator_value": 0.3}),
    ("Adadelta", {"rho": 0.7, "eps": 1e-3}),
]


@pytest.mark.parametrize("name, arguments", CASES)
def test_twenty_steps_are_pytorchs(name, arguments):
    """Of a loss whose gradients differ in size and sign, with a parameter that gets none in some steps."""
    torch = pytest.importorskip("torch", reason=ORACLE)
    rng = np.random.default_rng(8)
    starts = [rng.normal(size=(3, 2)), rng.normal(size=()), rng.normal(size=(4,))]
    ours = [Tensor(start, requires_grad=True) for start in starts]
    theirs = [torch.tensor(start, requires_grad=True) for start in starts]
    optimizer = getattr(nn, name)(ours, **arguments)
    torch_optimizer = getattr(torch.optim, name)(theirs, **arguments)
    for step in range(20):
        factors = [rng.normal(size=start.shape) * 10.0 ** rng.integers(-3, 2) for start in starts]
        used = [0, 1] if step % 3 == 1 else [0, 1, 2]
        for parameters, one_step, constant in (
            (ours, optimizer, lambda array: array),
            (theirs, torch_optimizer, torch.tensor),
        ):
            one_step.zero_grad()
            sum((constant(factors[i]) * parameters[i].sin() + parameters[i] ** 2).sum() for i in used).backward()
            one_step.step()
        for mine, other in zip(ours, theirs, strict=True):
            # PyTorch keeps NAdam's product of μ in single precision
            rtol = 1e-6 if name == "NAdam" else 1e-12
            np.testing.assert_allclose(mine.data, other.detach().numpy(), rtol=rtol, atol=1e-2 * rtol)


@pytest.mark.parametrize("name, arguments", CASES)
def test_float32_stays_float32(name, arguments):
    parameters = [Tensor(np.ones(shape, dtype=np.float32), requires_grad=True) for shape in ((2, 2), ())]
    optimizer = getattr(nn, name)(parameters, **arguments)
    for _ in range(3):
        optimizer.zero_grad()
        sum((parameter * parameter).sum() for parameter in parameters).backward()
        optimizer.step()
    assert {parameter.dtype for parameter in parameters} == {np.dtype(np.float32)}
    kept = [
        np.asarray(value)
        for state in optimizer.state.values()
        for key, value in state.items()
        if key not in optimizer.plain_state
    ]
    assert {array.dtype for array in kept} <= {np.dtype(np.float32)}
    assert all(np.all(parameter.data < 1.0) for parameter in parameters)


@pytest.mark.parametrize("name, arguments", CASES)
def test_values_move_as_tensors_do(name, arguments):
    value, tensor = Value(1.5), Tensor(1.5, requires_grad=True)
    optimizers = [getattr(nn, name)([each], **arguments) for each in (value, tensor)]
    for _ in range(5):
        for each, optimizer in zip((value, tensor), optimizers, strict=True):
            optimizer.zero_grad()
            (each * each * each).backward()
            optimizer.step()
        assert value.data == pytest.approx(tensor.item(), rel=1e-14)
    assert value.data.__class__ is float
    assert value.data != 1.5


def test_gradients_add_up_until_they_are_zeroed():
    w = Tensor([1.0], requires_grad=True)
    optimizer = nn.SGD([w], lr=0.5)
    (w * 2.0).sum().backward()
    (w * 3.0).sum().backward()
    optimizer.step()
    np.testing.assert_array_equal(w.data, [1.0 - 0.5 * 5.0])
    optimizer.zero_grad()
    assert not w.has_grad
    optimizer.step()  # nothing to do
    np.testing.assert_array_equal(w.data, [-1.5])


@pytest.mark.parametrize("name, arguments", CASES)
def test_a_step_writes_to_no_array_that_others_hold(name, arguments):
    w = Tensor([1.0, 2.0], requires_grad=True)
    optimizer = getattr(nn, name)([w], **arguments)
    (w * w).sum().backward()
    before, gradient = w.data, w.grad
    copies = before.copy(), gradient.copy()
    optimizer.step()
    np.testing.assert_array_equal(before, copies[0])
    np.testing.assert_array_equal(gradient, copies[1])
    before_step = copy.deepcopy(optimizer.state.get(w, {}))
    (w * w).sum().backward()  # adds to the gradient in place
    for kept, expected in zip(optimizer.state[w].values(), before_step.values(), strict=True):
        np.testing.assert_array_equal(kept, expected)


def test_a_graph_from_before_the_step_refuses_its_backward_pass():
    w = Tensor([1.0, 2.0], requires_grad=True)
    optimizer = nn.Adam([w])
    loss = (w * w).sum()
    loss.backward()
    optimizer.step()
    with pytest.raises(MutationError):
        loss.backward()


def test_the_learning_rate_can_change_between_steps():
    w = Tensor([1.0], requires_grad=True)
    optimizer = nn.SGD([w], lr=0.5)
    for rate, expected in ((0.5, 0.5), (0.1, 0.4)):
        optimizer.lr = rate
        optimizer.zero_grad()
        w.sum().backward()
        optimizer.step()
        np.testing.assert_allclose(w.data, [expected])


def test_model_and_optimizer_go_on_alike_from_one_pickle():
    model = nn.Linear(2, 2, rng=np.random.default_rng(0))
    optimizer = nn.Adam(model.parameters(), lr=0.1)

    def step(model, optimizer):
        optimizer.zero_grad()
        (model(np.array([[1.0, 2.0]])) ** 2).sum().backward()
        optimizer.step()

    step(model, optimizer)
    other_model, other_optimizer = pickle.loads(pickle.dumps((model, optimizer)))
    step(model, optimizer)
    step(other_model, other_optimizer)
    np.testing.assert_array_equal(model.weight.data, other_model.weight.data)
    np.testing.assert_array_equal(model.bias.data, other_model.bias.data)


def test_an_optimizer_of_ones_own():
    class Signs(nn.Optimizer):
        def update(self, data, gradient, state, options):
            return data - options["lr"] * np.sign(gradient)

    w = Tensor([3.0, -3.0], requires_grad=True)
    (w * w).sum().backward()
    Signs([w], lr=1.0).step()
    np.testing.assert_array_equal(w.data, [2.0, -2.0])
    with pytest.raises(NotImplementedError, match=r"Optimizer: define update\(self, data, gradient, state, options\)"):
        nn.Optimizer([w], lr=1.0).step()


def test_a_closure_computes_the_gradients_of_the_step():
    w = Tensor([1.0, 3.0], requires_grad=True)
    optimizer = nn.SGD([w], lr=0.25)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    assert [optimizer.step(closure).item() for _ in range(3)] == [10.0, 2.5, 0.625]
    assert optimizer.step() is None


def test_numpys_numbers_promote_no_float32():
    w = Tensor(np.ones(2, dtype=np.float32), requires_grad=True)
    optimizer = nn.Adam([w], lr=np.float64(0.1), betas=(np.float64(0.5), np.float64(0.9)), eps=np.float64(1e-8))
    for _ in range(2):
        w.grad = np.ones(2, dtype=np.float32)
        optimizer.step()
        optimizer.param_groups[0]["lr"] = np.float64(0.2)
        optimizer.param_groups[0]["betas"] = (np.float64(0.6), np.float64(0.9))
    assert {np.asarray(held).dtype for key, held in optimizer.state[w].items() if key != "step"} == {w.dtype}


def test_gradients_too_large_to_square_give_no_warning():
    """As in PyTorch: the infinite mean of squares stops the parameter."""
    w = Tensor(np.ones(2, dtype=np.float32), requires_grad=True)
    optimizer = nn.Adam([w])
    w.grad = np.array([1e30, 1.0], dtype=np.float32)
    optimizer.step()
    assert w.data[0] == 1.0
    assert w.data[1] < 1.0


def test_a_centred_variance_that_rounding_makes_negative_counts_as_zero():
    """PyTorch's parameter is NaN after some of these steps."""
    for gradient in np.random.default_rng(0).normal(size=20):
        w = Tensor([1.0], requires_grad=True)
        optimizer = nn.RMSprop([w], lr=1e-12, alpha=0.5, centered=True)
        for _ in range(80):
            w.grad = np.array([gradient])
            optimizer.step()
        assert np.all(np.isfinite(w.data))


W = Tensor([1.0], requires_grad=True)


@pytest.mark.parametrize(
    "build, error, message",
    [
        (lambda: nn.SGD([]), ValueError, "SGD: there is no parameter"),
        (
            lambda: nn.SGD(W),
            TypeError,
            r"SGD: expected a list of parameters, not a Tensor; write model\.parameters\(\)",
        ),
        (lambda: nn.Adam(nn.Linear(1, 1)), TypeError, "Adam: expected a list of parameters, not a Linear"),
        (lambda: nn.SGD(nn.Linear(1, 1).parameters), TypeError, "SGD: expected a list of parameters, not a method"),
        (lambda: nn.SGD([np.ones(2)]), TypeError, "is no parameter"),
        (lambda: nn.SGD([W * 2.0]), ValueError, r"SGD: .* is the result of an operation"),
        (lambda: nn.SGD([W, W]), ValueError, "named twice"),
        (lambda: nn.SGD([W], lr=-1.0), ValueError, r"SGD: lr=-1\.0"),
        (lambda: nn.SGD([W], lr=float("nan")), ValueError, "SGD: lr=nan"),
        (lambda: nn.SGD([W], momentum=-0.1), ValueError, r"SGD: momentum=-0\.1"),
        (lambda: nn.SGD([W], weight_decay=-0.1), ValueError, "SGD: weight_decay"),
        (lambda: nn.SGD([W], nesterov=True), ValueError, "SGD: nesterov needs momentum"),
        (lambda: nn.SGD([W], momentum=0.9, dampening=0.1, nesterov=True), ValueError, "SGD: nesterov needs momentum"),
        (lambda: nn.Adam([W], betas=(0.9, 1.0)), ValueError, r"Adam: betas=\(0\.9, 1\.0\)"),
        (lambda: nn.Adam([W], betas=(-0.1, 0.9)), ValueError, "Adam: betas"),
        (lambda: nn.Adam([W], betas=(0.9,)), ValueError, "Adam: betas"),
        (lambda: nn.Adam([W], eps=-1e-8), ValueError, "Adam: eps"),
        (lambda: nn.Adam([W], weight_decay=-1.0), ValueError, "Adam: weight_decay"),
        (lambda: nn.Adam([W], lr=-1.0), ValueError, "Adam: lr"),
        (lambda: nn.Adam([W], betas=0.9), ValueError, r"Adam: betas=0\.9 must be two numbers"),
        (lambda: nn.Adam([W], lr="0.1"), ValueError, r"Adam: lr='0\.1'"),
        (lambda: nn.Adam([W], amsgrad="yes"), ValueError, "Adam: amsgrad='yes' must be True or False"),
        (lambda: nn.SGD([W], dampening=None), ValueError, "SGD: dampening=None must be a number"),
        (lambda: nn.NAdam([W], momentum_decay=-1.0), ValueError, "NAdam: momentum_decay"),
        (lambda: nn.RMSprop([W], alpha=1.1), ValueError, r"RMSprop: alpha=1\.1 must be a number from 0 to 1"),
        (lambda: nn.Adagrad([W], lr_decay=-0.1), ValueError, "Adagrad: lr_decay"),
        (lambda: nn.Adagrad([W], initial_accumulator_value=-0.1), ValueError, "Adagrad: initial_accumulator_value"),
        (lambda: nn.Adadelta([W], rho=-0.1), ValueError, "Adadelta: rho"),
        (lambda: nn.Adamax([W], betas=(1.0, 0.9)), ValueError, "Adamax: betas"),
        (lambda: nn.RAdam([W], eps=float("nan")), ValueError, "RAdam: eps"),
        (lambda: nn.SGD({W}), TypeError, "SGD: a set has no order"),
        (lambda: nn.SGD({"params": [W]}), TypeError, "SGD: expected a list of parameters, not a dict"),
    ],
)
def test_what_cannot_work_is_refused_at_once(build, error, message):
    with pytest.raises(error, match=message):
        build()

"""The running average of weights: its formula, PyTorch's numbers, swapping in and out, buffers and states."""

import numpy as np
import pytest

import nn
from autograd import Tensor, Value


class Net(nn.Module):
    """Two parameters, one of them frozen, and a buffer that counts calls."""

    def __init__(self, seed=0, dtype=np.float64):
        rng = np.random.default_rng(seed)
        self.linear = nn.Linear(3, 2, rng=rng, dtype=dtype)
        self.linear.bias.requires_grad_(False)
        self.register_buffer("calls", 0)
        self.register_buffer("scratch", np.zeros(2), persistent=False)

    def forward(self, x):
        self.calls = self.calls + 1
        return self.linear(x)


def moved(model, rng):
    for parameter in model.parameters():
        parameter.data = parameter.numpy() + rng.normal(size=parameter.shape)


@pytest.mark.parametrize("dtype, rtol", [(np.float64, 1e-13), (np.float32, 1e-5)])
@pytest.mark.parametrize("decay", [0.0, 0.5, 0.999, 1.0])
def test_averages_are_pytorchs(decay, dtype, rtol):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of this test: pip install gradwalk[torch]")
    from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn

    model = Net(dtype=dtype)
    other = torch.nn.Linear(3, 2).to(torch.float32 if dtype == np.float32 else torch.float64)

    def alike():
        other.load_state_dict({name: torch.tensor(array) for name, array in model.linear.state_dict().items()})

    alike()
    average = nn.ExponentialMovingAverage(model, decay)
    their_average = AveragedModel(other, avg_fn=get_ema_avg_fn(decay))
    their_average.update_parameters(other)  # the first copies
    rng = np.random.default_rng(1)
    for _ in range(20):
        moved(model, rng)
        alike()
        average.update()
        their_average.update_parameters(other)
    with average.averaged():
        for mine, theirs in zip(model.parameters(), their_average.module.parameters(), strict=True):
            np.testing.assert_allclose(mine.data, theirs.detach().numpy(), rtol=rtol, atol=rtol)
            assert mine.dtype == dtype


def test_a_warm_up_lets_the_decay_grow():
    w = Tensor([0.0], requires_grad=True)
    average = nn.ExponentialMovingAverage([w], decay=0.3, warmup=True)
    expected = 0.0
    for step in range(1, 8):
        w.data = [float(step)]
        average.update()
        decay = min(0.3, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
        with average.averaged():
            np.testing.assert_allclose(w.data, [expected], rtol=1e-14)
    assert average.updates == 7


def test_values_are_averaged_as_tensors_are():
    value, tensor = Value(1.0), Tensor(1.0, requires_grad=True)
    averages = [nn.ExponentialMovingAverage([each], 0.25) for each in (value, tensor)]
    for number in (3.0, -7.0):
        for each, average in zip((value, tensor), averages, strict=True):
            each.data = number
            average.update()
    with averages[0].averaged(), averages[1].averaged():
        assert value.data == tensor.item() == 0.25 * (0.25 * 1.0 + 0.75 * 3.0) + 0.75 * -7.0
        assert value.data.__class__ is float
    assert value.data == tensor.item() == -7.0


def test_a_perceptron_of_values_is_averaged():
    model = nn.MLP(2, [3, 1])
    before = [parameter.data for parameter in model.parameters()]
    average = nn.ExponentialMovingAverage(model, 0.5)
    for parameter in model.parameters():
        parameter.data += 1.0
    average.update()
    with average.averaged():
        assert [parameter.data for parameter in model.parameters()] == pytest.approx([each + 0.5 for each in before])


def test_the_weights_come_back_to_the_bit_also_after_an_error():
    model = Net()
    average = nn.ExponentialMovingAverage(model, 0.9)
    moved(model, np.random.default_rng(2))
    average.update()
    x = np.ones((1, 3))
    model(x)
    before = model.state_dict()

    def use():
        with average.averaged():
            model(x)
            model(x)
            assert model.calls == 2  # 0 at the update, and two calls
            assert not np.array_equal(model.linear.weight.data, before["linear.weight"])
            raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        use()
    assert {name: array.tobytes() for name, array in model.state_dict().items()} == {
        name: array.tobytes() for name, array in before.items()
    }
    assert model.calls == 1


def test_what_is_written_in_place_inside_reaches_no_average():
    w = Tensor([1.0, 2.0], requires_grad=True)
    average = nn.ExponentialMovingAverage([w], 0.5)
    with average.averaged():
        w.data[:] = 9.0
        w.data = w.data
    with average.averaged():
        np.testing.assert_array_equal(w.data, [1.0, 2.0])
    w.data[:] = 5.0
    np.testing.assert_array_equal(average.state_dict()["averages"]["0"], [1.0, 2.0])


def test_an_update_inside_is_refused_and_contexts_nest():
    w = Tensor([1.0], requires_grad=True)
    average = nn.ExponentialMovingAverage([w], 0.5)
    w.data = [3.0]
    average.update()
    with average.averaged():
        with average.averaged():
            np.testing.assert_array_equal(w.data, [2.0])
        with pytest.raises(RuntimeError, match=r"update inside averaged\(\) would average the averages"):
            average.update()
        np.testing.assert_array_equal(w.data, [2.0])
    np.testing.assert_array_equal(w.data, [3.0])
    average.update()
    assert average.updates == 2


def test_averages_can_be_kept_for_good():
    model = Net()
    average = nn.ExponentialMovingAverage(model, 0.5)
    start = model.linear.weight.numpy()
    model.linear.weight.data = start + 2.0
    average.update()
    model(np.ones((1, 3)))
    average.copy_to_parameters()
    np.testing.assert_allclose(model.linear.weight.data, start + 1.0, rtol=1e-14)
    assert model.calls == 0


def test_a_buffer_registered_later_is_left_alone():
    model = Net()
    average = nn.ExponentialMovingAverage(model, 0.5)
    model.register_buffer("late", 1.0)
    with average.averaged():
        assert model.late == 1.0
        model.late = 2.0
    assert model.late == 1.0
    average.update()
    model.late = 3.0
    with average.averaged():
        assert model.late == 1.0
    assert model.late == 3.0


def test_a_parameter_held_in_two_places_is_averaged_once():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight = model[0].weight
    average = nn.ExponentialMovingAverage(model, 0.5)
    assert set(average.state_dict()["averages"]) == {"0.weight", "0.bias", "1.bias"}


def test_resuming_gives_the_same_bits_as_going_on():
    model, other = Net(0), Net(0)
    average = nn.ExponentialMovingAverage(model, 0.7, warmup=True)
    rng = np.random.default_rng(3)
    for _ in range(3):
        moved(model, rng)
        model(np.ones((1, 3)))
        average.update()
    other.load_state_dict(model.state_dict())
    resumed = nn.ExponentialMovingAverage(other, 0.7, warmup=True)
    state = average.state_dict()
    resumed.load_state_dict(state)
    state["averages"]["linear.weight"][:] = 0.0
    for each, each_average in ((model, average), (other, resumed)):
        moved(each, np.random.default_rng(4))
        each_average.update()
    with average.averaged(), resumed.averaged():
        assert model.linear.weight.data.tobytes() == other.linear.weight.data.tobytes()
        assert model.calls == other.calls == 3
    assert resumed.updates == 4


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda state: state.pop("updates"), "missing: 'updates'"),
        (lambda state: state.pop("averages"), "missing: 'averages'"),
        (lambda state: state["averages"].pop("linear.bias"), r"averages: missing 'linear\.bias'"),
        (lambda state: state["averages"].update(other=np.ones(1)), "averages: 'other' belongs to nothing here"),
        (lambda state: state["averages"].update({"linear.bias": np.ones(3)}), r"shape \(3,\), and here \(2,\)"),
        (lambda state: state["buffers"].update(calls=np.ones(3)), "buffers: 'calls' has shape"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, message):
    average = nn.ExponentialMovingAverage(Net(), 0.5)
    before = average.state_dict()
    state = average.state_dict()
    state["averages"]["linear.weight"] += 1.0
    state["updates"] = 5
    change(state)
    with pytest.raises(ValueError, match="the state does not fit the model, and nothing was changed") as raised:
        average.load_state_dict(state)
    assert raised.match(message)
    after = average.state_dict()
    assert after["updates"] == 0
    for name, array in before["averages"].items():
        np.testing.assert_array_equal(after["averages"][name], array)


@pytest.mark.parametrize(
    "build, error, message",
    [
        (lambda: nn.ExponentialMovingAverage([], 0.5), ValueError, "there is no parameter to average"),
        (lambda: nn.ExponentialMovingAverage(nn.ReLU(), 0.5), ValueError, "there is no parameter to average"),
        (lambda: nn.ExponentialMovingAverage(Net(), 1.5), ValueError, r"decay=1\.5 must be a number from 0 to 1"),
        (lambda: nn.ExponentialMovingAverage([np.ones(2)], 0.5), TypeError, "is no parameter"),
        (lambda: nn.ExponentialMovingAverage(Tensor([1.0]), 0.5), TypeError, "expected a list of parameters"),
    ],
)
def test_what_cannot_work_is_refused(build, error, message):
    with pytest.raises(error, match=message):
        build()

"""The training loop: what it computes, records, leaves as it was, and refuses."""

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Value


def data(n=24):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(n, 3))
    return x, (x @ [1.0, -2.0, 0.5] > 0).astype(int)


def model(seed=0):
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Linear(3, 4, rng=rng), nn.Tanh(), nn.Linear(4, 2, rng=rng))


def fit(net, train, **changes):
    arguments = {
        "epochs": 3,
        "optimizer": nn.SGD(net.parameters(), lr=0.5),
        "loss": F.cross_entropy,
        "progress": False,
    }
    return nn.fit(net, train, **{**arguments, **changes})


def test_fit_is_the_loop_that_one_would_write():
    """With batches of 5, 5, ... and 4: means are over examples, and losses are those before each step."""
    net, other = model(), model()
    history = fit(net, nn.DataLoader(data(), batch_size=5, shuffle=True, seed=2), metrics={"accuracy": nn.accuracy})

    optimizer = nn.SGD(other.parameters(), lr=0.5)
    loader = nn.DataLoader(data(), batch_size=5, shuffle=True, seed=2)
    losses, right = [], []
    for _ in range(3):
        total = correct = 0.0
        for x, y in loader:
            other.zero_grad()
            scores = other(x)
            loss = F.cross_entropy(scores, y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            correct += np.sum(scores.data.argmax(axis=1) == y)
        losses.append(total / 24)
        right.append(correct / 24)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-12)
    np.testing.assert_allclose(history.metrics["accuracy"], right, rtol=1e-12)
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, other.state_dict()[name])
    assert len(history) == len(history.seconds) == 3
    assert min(history.seconds) > 0.0
    assert history.validation_loss == []
    assert history.validation_metrics == {}


def test_validation_is_of_the_epochs_end_in_eval_mode_without_recording():
    net, seen = model(), []
    net[1].eval()  # fit and evaluate set every part's mode for their own time

    def watched(scores, labels):
        modes = {module.training for module in net.modules()}
        seen.append((modes, (Value(1.0) * 2.0).requires_grad, len(labels)))
        return F.cross_entropy(scores, labels)

    x, y = data(9)
    batches = nn.DataLoader((x, y), batch_size=4)
    ends = []
    history = fit(
        net,
        [data()],
        epochs=2,
        loss=watched,
        validation=batches,
        metrics={"accuracy": nn.accuracy},
        callback=lambda history: ends.append(F.cross_entropy(net(x), y).item()),
    )
    assert seen == [({True}, True, 24), ({False}, False, 4), ({False}, False, 4), ({False}, False, 1)] * 2
    np.testing.assert_allclose(history.validation_loss, ends, rtol=1e-12)
    assert history.validation_metrics["accuracy"][-1] == pytest.approx(np.mean(net(x).data.argmax(axis=1) == y))


def test_each_modules_mode_is_put_back():
    net = model()
    net[1].eval()
    fit(net, [data()], validation=[data()])
    assert [module.training for module in net.modules()] == [True, True, False, True]
    net.eval()
    with pytest.raises(ArithmeticError):
        fit(net, [data()], loss=lambda scores, labels: F.cross_entropy(scores, labels) * np.inf)
    assert not any(module.training for module in net.modules())


def test_a_callback_sees_each_epoch_and_can_end_the_training():
    lengths = []

    def callback(history):
        lengths.append(len(history))
        return len(history) == 2

    assert len(fit(model(), [data()], epochs=5, callback=callback)) == 2
    assert lengths == [1, 2]


def test_the_progress_bar_shows_epochs_and_means(capsys):
    history = fit(model(), [data()], epochs=2, progress=True, metrics={"accuracy": nn.accuracy})
    shown = capsys.readouterr().err
    assert "epoch 1/2" in shown
    assert "epoch 2/2" in shown
    assert f"loss={history.loss[1]:.4f}, accuracy={history.metrics['accuracy'][1]:.4f}" in shown
    fit(model(), [data()], epochs=2)
    assert capsys.readouterr().err == ""


def test_a_loss_that_is_not_finite_stops_before_the_step():
    net = model()
    before = net.state_dict()
    x, y = data()
    x[3, 1] = np.nan
    with pytest.raises(ArithmeticError, match=r"the loss is nan in epoch 1/3, batch 1; the step was not taken.*0\.5"):
        fit(net, [(x, y)])
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("which", ["train", "validation"])
def test_an_iterator_is_refused_before_it_is_spent(which):
    batches = iter([data()])
    changes = {"validation": batches} if which == "validation" else {}
    with pytest.raises(TypeError, match=f"{which} is an iterator"):
        fit(model(), batches if which == "train" else [data()], **changes)
    assert len(list(batches)) == 1


def test_what_cannot_work_is_refused():
    with pytest.raises(ValueError, match="the data gave no example"):
        fit(model(), [])
    with pytest.raises(ValueError, match="the optimiser moves none of the parameters of Sequential"):
        fit(model(), [data()], optimizer=nn.SGD(model().parameters()))
    with pytest.raises(ValueError, match="a metric cannot be called 'loss'"):
        fit(model(), [data()], metrics={"loss": nn.accuracy})


def test_a_part_of_the_parameters_can_be_trained():
    net = model()
    before = net.state_dict()
    fit(net, [data()], optimizer=nn.SGD(net[2].parameters(), lr=0.5))
    after = net.state_dict()
    np.testing.assert_array_equal(before["0.weight"], after["0.weight"])
    assert np.any(before["2.weight"] != after["2.weight"])


def test_evaluate_takes_the_mean_over_examples():
    x, y = data(7)
    net = model()
    measured = nn.evaluate(net, [(x[:5], y[:5]), (x[5:], y[5:])], loss=F.cross_entropy, metrics={"right": nn.accuracy})
    assert measured["loss"] == pytest.approx(F.cross_entropy(net(x), y).item(), rel=1e-12)
    assert measured["right"] == pytest.approx(nn.accuracy(net(x), y), rel=1e-12)
    assert list(measured) == ["loss", "right"]


def test_accuracy_counts_and_checks_shapes():
    scores = np.array([[1.0, 3.0, 2.0], [5.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 4.0]])
    assert nn.accuracy(scores, np.array([1, 0, 1, 0])) == 0.75
    with pytest.raises(ValueError, match=r"got shapes \(4, 3\) and \(3,\)"):
        nn.accuracy(scores, np.array([1, 0, 1]))
    with pytest.raises(ValueError, match=r"got shapes \(3,\)"):
        nn.accuracy(scores[0], np.array([1]))


# ---- schedules, clipping, averages ----------------------------------------------------------------------------------


def rates_of(net, scheduler, optimizer, epochs=3, **changes):
    """The learning rate of each step."""
    rates = []

    def loss(scores, labels):
        if net.training:
            rates.append(optimizer.lr)
        return F.cross_entropy(scores, labels)

    loader = nn.DataLoader(data(), batch_size=8)
    fit(net, loader, epochs=epochs, optimizer=optimizer, scheduler=scheduler, loss=loss, **changes)
    return rates


@pytest.mark.parametrize(
    "each, expected", [(None, [8, 8, 8, 4, 4, 4, 2, 2, 2]), ("batch", [8, 4, 2, 1, 0.5, 0.25, 0.125, 0.0625, 0.03125])]
)
def test_a_schedule_steps_after_each_epoch_or_batch(each, expected):
    net = model()
    optimizer = nn.SGD(net.parameters(), lr=8.0 / 100)
    rates = rates_of(net, nn.ExponentialLR(optimizer, 0.5), optimizer, schedule_each=each)
    np.testing.assert_allclose(rates, np.array(expected) / 100, rtol=1e-12)


def test_one_cycle_steps_after_each_batch():
    net = model()
    optimizer = nn.Adam(net.parameters())
    cycle = nn.OneCycleLR(optimizer, 0.1, epochs=3, steps_per_epoch=3)
    rates = rates_of(net, cycle, optimizer)
    assert cycle.last_epoch == len(rates) == 9
    assert rates[0] == pytest.approx(0.1 / 25)
    assert max(rates) == pytest.approx(0.1, rel=0.1)
    assert rates[-1] < 1e-5
    with pytest.raises(ValueError, match="4 epochs of 3 batches are 12 steps, and the OneCycleLR has 9; make it with"):
        rates_of(net, nn.OneCycleLR(optimizer, 0.1, total_steps=9), optimizer, epochs=4)


def test_a_plateau_looks_at_the_validation_loss_or_else_at_the_training_loss():
    class Recorded(nn.ReduceLROnPlateau):
        def step(self, metrics=None):
            seen.append(metrics)
            super().step(metrics)

    for validation in (None, [data(9)]):
        seen = []
        net = model()
        optimizer = nn.SGD(net.parameters(), lr=0.5)
        history = fit(net, [data()], optimizer=optimizer, scheduler=Recorded(optimizer), validation=validation)
        assert seen == (history.loss if validation is None else history.validation_loss)
        assert history.loss != history.validation_loss


def test_schedules_that_cannot_step_so_are_refused():
    net = model()
    optimizer = nn.SGD(net.parameters(), lr=0.5)
    for changes, error, message in (
        ({"scheduler": lambda: None}, TypeError, "scheduler is a function; give a schedule of nn.optim"),
        ({"schedule_each": "step"}, ValueError, "schedule_each='step' is neither 'batch' nor 'epoch'"),
        ({"scheduler": nn.ReduceLROnPlateau(optimizer, mode="max")}, ValueError, "step it in a callback"),
        ({"scheduler": nn.ReduceLROnPlateau(optimizer), "schedule_each": "batch"}, ValueError, "after each epoch"),
    ):
        with pytest.raises(error, match=message):
            fit(net, [data()], optimizer=optimizer, **changes)


def test_gradients_are_clipped_over_all_parameters_before_the_step():
    net, other = model(), model()
    before = net.state_dict()
    fit(net, [data()], epochs=1, clip_norm=0.01)
    F.cross_entropy(other(data()[0]), data()[1]).backward()
    gradients = {path: parameter.grad for path, parameter in other.named_parameters()}
    norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients.values()))
    assert norm > 0.1
    for path, array in net.state_dict().items():
        np.testing.assert_allclose(array, before[path] - 0.5 * gradients[path] * 0.01 / norm, rtol=1e-3, atol=1e-9)


def test_a_gradient_that_is_not_finite_stops_before_the_step():
    """sqrt at 0 has a finite value and an infinite derivative."""
    net = nn.Linear(3, 1, bias=False)
    net.weight.data = np.zeros((1, 3))
    with pytest.raises(ArithmeticError, match=r"the gradients' norm is (inf|nan) in epoch 1/3, batch 1; the step"):
        fit(net, [data()], loss=lambda scores, labels: (scores * scores).sum().sqrt(), clip_norm=1.0)
    np.testing.assert_array_equal(net.weight.data, np.zeros((1, 3)))


def test_averages_are_what_is_validated_and_what_remains():
    net, other = model(), model()
    ema = nn.ExponentialMovingAverage(net, decay=0.6)
    seen = []
    loader = nn.DataLoader(data(), batch_size=8)
    history = fit(
        net, loader, epochs=2, ema=ema, validation=[data(9)], callback=lambda _: seen.append(net.state_dict())
    )
    optimizer = nn.SGD(other.parameters(), lr=0.5)
    average = {path: array.copy() for path, array in other.state_dict().items()}
    for epoch in range(2):
        for x, y in loader:
            optimizer.zero_grad()
            F.cross_entropy(other(x), y).backward()
            optimizer.step()
            average = {path: 0.6 * average[path] + 0.4 * array for path, array in other.state_dict().items()}
        for path, array in other.state_dict().items():
            np.testing.assert_allclose(seen[epoch][path], array, rtol=1e-12)  # between epochs, the parameters are there
    for path, array in net.state_dict().items():
        np.testing.assert_allclose(array, average[path], rtol=1e-12)
    assert history.validation_loss[-1] == nn.evaluate(net, [data(9)], loss=F.cross_entropy)["loss"]


@pytest.mark.parametrize(
    "given, message",
    [
        ({"optimizer": "adam"}, r"fit: optimizer='adam' is none; give one, such as nn\.Adam"),
        ({"loss": "mse"}, r"fit: loss='mse' cannot be called; give a function"),
        ({"metrics": ["accuracy"]}, r"fit: metrics=\['accuracy'\] name no functions; give a dict"),
        ({"train": (np.ones((4, 2)), np.ones(4))}, r"fit: train is a tuple, not batches; give nn\.DataLoader"),
        (
            {"validation": (np.ones((4, 2)), np.ones(4))},
            r"fit: validation is a tuple, not batches; give nn\.DataLoader",
        ),
    ],
)
def test_what_other_libraries_take_is_told(given, message):
    model = nn.Linear(2, 1)
    usual = {
        "train": nn.DataLoader((np.ones((4, 2)), np.ones((4, 1)))),
        "optimizer": nn.SGD(model.parameters()),
        "loss": F.mse_loss,
        "epochs": 1,
        "progress": False,
    }
    options = {**usual, **given}
    with pytest.raises(TypeError, match=message):
        nn.fit(model, options.pop("train"), **options)

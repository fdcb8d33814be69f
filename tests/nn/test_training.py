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

"""Early stopping: when it stops, what it gives back, and what it refuses."""

import math

import numpy as np
import pytest

import nn
import nn.functional as F


def watched(stopping, values, monitor="validation_loss"):
    """The epoch after which it stops, for a measure of these values; 0 where it does not."""
    history, model = nn.History(), nn.Linear(1, 1)
    for epoch, value in enumerate(values, start=1):
        name = monitor.removeprefix("validation_")
        measured = {"loss": 1.0, name: value}
        history.add(measured, measured, 0.1)
        stopping.update(history, model)
        if stopping.stop:
            return epoch
    return 0


@pytest.mark.parametrize(
    "patience, min_delta, values, stops, best_epoch",
    [
        (1, 0.0, [3.0, 2.0, 2.5], 3, 2),
        (1, 0.0, [3.0, 3.0], 2, 1),  # no better is no better
        (2, 0.0, [3.0, 4.0, 2.0, 4.0, 4.0], 5, 3),
        (2, 0.0, [3.0, 4.0, 2.0, 4.0, 1.0], 0, 5),
        (2, 0.5, [3.0, 2.6, 2.51], 3, 1),
        (2, 0.5, [3.0, 2.6, 2.4], 0, 3),
        (2, 0.0, [math.nan, math.nan], 2, 0),
        (2, 0.0, [math.nan, 5.0, math.nan, 4.0], 0, 4),
        (2, 0.0, [math.inf, 5.0], 0, 2),
    ],
)
def test_it_stops_after_so_many_epochs_without_a_better_value(patience, min_delta, values, stops, best_epoch):
    stopping = nn.EarlyStopping(patience, min_delta)
    assert watched(stopping, values) == stops
    assert stopping.best_epoch == best_epoch
    assert stopping.best == (values[best_epoch - 1] if best_epoch else None)
    rising = nn.EarlyStopping(patience, min_delta, mode="max")
    assert watched(rising, [-value for value in values]) == stops


@pytest.mark.parametrize(
    "monitor, mode", [("loss", "min"), ("validation_loss", "min"), ("accuracy", "max"), ("validation_accuracy", "max")]
)
def test_the_direction_follows_the_name(monitor, mode):
    assert nn.EarlyStopping(monitor=monitor).mode == mode
    assert nn.EarlyStopping(monitor=monitor, mode="max").mode == "max"


def data(seed=0, n=30):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    return x, (x[:, 0] > 0).astype(int) ^ (rng.random(n) < 0.3)


def train(early_stopping, validation=None, **changes):
    """Of labels that are partly wrong the rule is learnt first, then each by heart: validation falls, then rises."""
    rng = np.random.default_rng(1)
    model = nn.Sequential(nn.Linear(3, 16, rng=rng), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2, rng=rng))
    states = []
    history = nn.fit(
        model,
        nn.DataLoader(data(), 5, shuffle=True),
        epochs=60,
        optimizer=nn.Adam(model.parameters(), lr=0.02),
        loss=F.cross_entropy,
        validation=nn.DataLoader(data(5) if validation is None else validation, 20),
        early_stopping=early_stopping,
        callback=lambda history: states.append(model.state_dict()),
        progress=False,
        **changes,
    )
    return model, history, states


def test_the_best_epochs_model_comes_back_with_its_buffers():
    stopping = nn.EarlyStopping(patience=4)
    model, history, states = train(stopping)
    assert 5 < len(history) < 60
    assert stopping.best_epoch == 1 + int(np.argmin(history.validation_loss)) == len(history) - 4
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, states[stopping.best_epoch - 1][name])
    assert np.any(model.state_dict()["1.running_mean"] != states[-1]["1.running_mean"])
    measured = nn.evaluate(model, nn.DataLoader(data(5), 20), loss=F.cross_entropy)
    assert measured["loss"] == stopping.best


def test_of_averages_the_best_epochs_come_back():
    rng = np.random.default_rng(1)
    model = nn.Sequential(nn.Linear(3, 16, rng=rng), nn.ReLU(), nn.Linear(16, 2, rng=rng))
    ema, stopping, seen = nn.ExponentialMovingAverage(model, decay=0.9), nn.EarlyStopping(patience=4), []
    history = nn.fit(
        model,
        nn.DataLoader(data(), 5, shuffle=True),
        epochs=60,
        optimizer=nn.Adam(model.parameters(), lr=0.02),
        loss=F.cross_entropy,
        validation=[data(5)],
        early_stopping=stopping,
        ema=ema,
        callback=lambda history: seen.append(ema.state_dict()["averages"]),
        progress=False,
    )
    assert 5 < len(history) < 60
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, seen[stopping.best_epoch - 1][name])
    assert nn.evaluate(model, [data(5)], loss=F.cross_entropy)["loss"] == stopping.best


def test_the_last_model_can_be_kept():
    model, _, states = train(nn.EarlyStopping(patience=4, restore_best=False))
    np.testing.assert_array_equal(model[0].weight.data, states[-1]["0.weight"])


def test_a_training_that_ends_by_itself_gives_the_best_too():
    stopping = nn.EarlyStopping(patience=1000)
    model, history, states = train(stopping)
    assert len(history) == 60
    assert 0 < stopping.best_epoch < 55
    np.testing.assert_array_equal(model[0].weight.data, states[stopping.best_epoch - 1]["0.weight"])


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"patience": 0}, "patience=0 must be at least 1"),
        ({"min_delta": -0.1}, "min_delta=-0.1 at least 0"),
        ({"min_delta": math.nan}, "min_delta=nan at least 0"),
        ({"mode": "auto"}, "mode='auto' is neither 'min' nor 'max'"),
    ],
)
def test_arguments_outside_their_range(arguments, message):
    with pytest.raises(ValueError, match=message):
        nn.EarlyStopping(**arguments)


def test_what_is_not_measured_is_refused_before_the_first_step():
    model = nn.Linear(3, 2)
    before = model.state_dict()

    def fit(stopping, **changes):
        return nn.fit(
            model,
            [data()],
            epochs=1,
            optimizer=nn.SGD(model.parameters()),
            loss=F.cross_entropy,
            metrics={"accuracy": nn.accuracy},
            early_stopping=stopping,
            progress=False,
            **changes,
        )

    with pytest.raises(ValueError, match=r"'validation_loss' is not measured; there are \['loss', 'accuracy'\]"):
        fit(nn.EarlyStopping())
    with pytest.raises(ValueError, match=r"monitor='f1' is not measured; .*'validation_accuracy'"):
        fit(nn.EarlyStopping(monitor="f1"), validation=[data()])
    np.testing.assert_array_equal(model.weight.data, before["weight"])
    assert len(fit(nn.EarlyStopping(monitor="validation_accuracy"), validation=[data()])) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state.pop("best"),
        lambda state: state.update(more=1),
        lambda state: state.update(best="0.5"),
        lambda state: state.update(waited=None),
        lambda state: state.update(best_model=[1]),
    ],
)
def test_a_state_that_is_none_changes_nothing(change):
    stopping = nn.EarlyStopping()
    watched(stopping, [1.0, 2.0])
    state = stopping.state_dict()
    change(state)
    with pytest.raises(ValueError, match="not a state of early stopping"):
        stopping.load_state_dict(state)
    assert (stopping.best, stopping.best_epoch, stopping.waited) == (1.0, 1, 1)

"""A training's record: as a dict, in a line, as a picture, and in a checkpoint."""

import io
import sys

import numpy as np
import pytest

import nn


def history(epochs=4, validation=True, metrics=("accuracy",)):
    found = nn.History()
    for epoch in range(1, epochs + 1):
        measured = {"loss": 1.0 / epoch, **dict.fromkeys(metrics, 1.0 - 0.5 / epoch)}
        validated = {"loss": 0.2 + 1.0 / epoch, **dict.fromkeys(metrics, 0.9 - 0.5 / epoch)}
        found.add(measured, validated if validation else None, 0.5)
    return found


def test_as_a_dict_of_what_was_measured():
    assert history(2).as_dict() == {
        "loss": [1.0, 0.5],
        "accuracy": [0.5, 0.75],
        "validation_loss": [1.2, 0.7],
        "validation_accuracy": [0.4, 0.65],
    }
    assert list(history(1, validation=False).as_dict()) == ["loss", "accuracy"]
    assert nn.History().as_dict() == {}
    own = history(1)
    own.as_dict()["loss"].append(9.0)
    assert own.loss == [1.0]


def test_in_a_line():
    assert repr(nn.History()) == "History(0 epochs)"
    assert repr(history(1, validation=False)) == "History(1 epoch: loss 1, accuracy 0.5)"
    line = repr(history(3))
    assert line == "History(3 epochs: loss 0.3333, accuracy 0.8333, validation loss 0.5333, validation accuracy 0.7333)"


def test_equal_where_the_numbers_are():
    assert history(3) == history(3) != history(2)


# ---- saving ---------------------------------------------------------------------------------------------------------


def test_to_a_state_and_back():
    state, other = history(3).state_dict(), nn.History()
    other.load_state_dict(state)
    assert other == history(3)
    state["loss"].append(1.0)
    state["metrics"]["accuracy"].append(1.0)
    assert other == history(3)


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state.pop("seconds"),
        lambda state: state.update(more=[]),
        lambda state: state.update(loss="1.0"),
        lambda state: state.update(loss=["1.0"]),
        lambda state: state.update(metrics=[1.0]),
        lambda state: state.update(metrics={"accuracy": 1.0}),
        lambda state: state.update(seconds={"a": [1.0]}),
    ],
)
def test_a_state_that_is_none_changes_nothing(change):
    own, state = history(1), history(3).state_dict()
    change(state)
    with pytest.raises(ValueError, match="History: a state has lists of numbers under"):
        own.load_state_dict(state)
    assert own == history(1)


# ---- the picture ----------------------------------------------------------------------------------------------------

matplotlib = pytest.importorskip("matplotlib", reason="histories are drawn with Matplotlib")


def test_a_panel_for_the_loss_and_one_for_each_metric():
    found = history(4, metrics=("accuracy", "top 3"))
    figure = found.plot()
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "accuracy", "top 3"]
    for axes, name in zip(figure.axes, ("loss", "accuracy", "top 3"), strict=True):
        training, validation = axes.lines
        assert [text.get_text() for text in axes.get_legend().get_texts()] == [
            f"training, {found.as_dict()[name][-1]:.4g} at the end",
            f"validation, {found.as_dict()[f'validation_{name}'][-1]:.4g} at the end",
        ]
        assert axes.get_xlabel() == "epoch"
        np.testing.assert_array_equal(training.get_xdata(), [1, 2, 3, 4])
        np.testing.assert_array_equal(training.get_ydata(), found.as_dict()[name])
        np.testing.assert_array_equal(validation.get_ydata(), found.as_dict()[f"validation_{name}"])
        assert training.get_color() != validation.get_color()
        assert training.get_linestyle() != validation.get_linestyle()  # told apart without colour, too


@pytest.mark.uncounted
@pytest.mark.parametrize("epochs", [1, 2, 3, 7, 40, 400])
@pytest.mark.parametrize("validation", [True, False])
def test_epochs_are_whole_numbers_and_nothing_warns(epochs, validation):
    figure = history(epochs, validation).plot()
    figure.savefig(io.BytesIO(), format="svg")
    for axes in figure.axes:
        ticks = axes.get_xticks()
        assert np.all(ticks == np.round(ticks))
        assert any(1 <= tick <= epochs for tick in ticks)
        assert len(axes.get_legend().get_texts()) == 1 + validation


def test_numbers_that_are_not_finite_leave_a_gap():
    found = history(3)
    found.validation_loss[1] = float("nan")
    found.loss[0] = float("inf")
    found.plot().savefig(io.BytesIO(), format="png")


def test_a_notebook_shows_it_and_nothing_keeps_it():
    pyplot = sys.modules.get("matplotlib.pyplot")
    before = pyplot.get_fignums() if pyplot else []
    assert history().plot()._repr_png_().startswith(b"\x89PNG\r\n")
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert (pyplot.get_fignums() if pyplot else []) == before


def test_nothing_to_plot():
    with pytest.raises(ValueError, match="no epoch was finished"):
        nn.History().plot()


def test_without_matplotlib_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"History.plot needs Matplotlib, .*: pip install 'gradwalk\[plot\]'"):
        history().plot()

"""What each epoch of a training brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from autograd.optional import optional

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(repr=False)
class History:
    """What each epoch of `fit` brought: lists with one number for each epoch.

    Attributes:
        loss: the mean training loss, over the examples, while the parameters moved.
        metrics: the mean of each metric over the same predictions.
        validation_loss: the loss on the validation data after the epoch; empty without such data.
        validation_metrics: the metrics on it.
        seconds: how long the epoch took.

    Example:
        >>> import nn
        >>> history = nn.History(loss=[1.5, 0.5], metrics={"accuracy": [0.5, 0.75]}, validation_loss=[1.0, 0.6])
        >>> history
        History(2 epochs: loss 0.5, accuracy 0.75, validation loss 0.6)
    """

    loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    validation_loss: list[float] = field(default_factory=list)
    validation_metrics: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        """How many epochs were finished."""
        return len(self.loss)

    def __repr__(self) -> str:
        if not self.loss:
            return "History(0 epochs)"
        last = ", ".join(f"{name.replace('_', ' ', 1)} {numbers[-1]:.4g}" for name, numbers in self.as_dict().items())
        return f"History({len(self)} epoch{'s' if len(self) > 1 else ''}: {last})"

    def as_dict(self) -> dict[str, list[float]]:
        """A copy as one list for each measure, by name: "loss", "accuracy", "validation_loss", "validation_accuracy".

        Such as ``pandas.DataFrame(history.as_dict())`` takes. The seconds are left out, and what was not measured.

        Example:
            >>> import nn
            >>> nn.History(loss=[1.5], metrics={"accuracy": [0.5]}, validation_loss=[1.0]).as_dict()
            {'loss': [1.5], 'accuracy': [0.5], 'validation_loss': [1.0]}
        """
        validation = {f"validation_{name}": numbers for name, numbers in self.validation_metrics.items()}
        named = {"loss": self.loss, **self.metrics, "validation_loss": self.validation_loss, **validation}
        return {name: list(numbers) for name, numbers in named.items() if numbers}

    def plot(self) -> Figure:
        """The loss and each metric by epoch, training beside validation, as a Matplotlib figure.

        A notebook shows it; ``history.plot().savefig("training.png")`` writes it to a file.

        Raises:
            ImportError: Matplotlib is not installed.
            ValueError: no epoch was finished.
        """
        if not self.loss:
            raise ValueError("History.plot: no epoch was finished, and there is nothing to plot; call nn.fit first")
        optional("matplotlib", of="Matplotlib", extra="plot", needed_by="History.plot")
        from nn.training.plot import figure_of

        return figure_of(self)

    def add(self, measured: Mapping[str, float], validated: Mapping[str, float] | None, seconds: float) -> None:
        """Note an epoch: its measures by name, "loss" among them, the same on validation data, and its duration."""
        _record(self.loss, self.metrics, measured)
        if validated is not None:
            _record(self.validation_loss, self.validation_metrics, validated)
        self.seconds.append(seconds)

    # ---- saving ---------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """A copy of every list, by attribute."""
        return asdict(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set every list from what `state_dict` gave.

        Raises:
            ValueError: it is not of that form, and nothing was changed.
        """
        names = [each.name for each in fields(self)]
        if sorted(state) != sorted(names) or not all(_is_record(state[name], getattr(self, name)) for name in names):
            raise ValueError(
                f"History: a state has lists of numbers under {names}; this is none, and nothing was changed"
            )
        for name in names:
            held = state[name]
            copied = {key: list(numbers) for key, numbers in held.items()} if isinstance(held, Mapping) else list(held)
            setattr(self, name, copied)


def _is_record(given: Any, own: Any) -> bool:
    """Whether it is a list of numbers, or a dict of such lists where the history's own is one."""
    if isinstance(own, dict):
        return isinstance(given, Mapping) and all(_is_record(numbers, []) for numbers in given.values())
    return isinstance(given, list) and all(isinstance(number, int | float) for number in given)


def _record(losses: list[float], metrics: dict[str, list[float]], measured: Mapping[str, float]) -> None:
    for name, value in measured.items():
        (losses if name == "loss" else metrics.setdefault(name, [])).append(value)

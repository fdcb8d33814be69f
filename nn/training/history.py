"""What each epoch of a training brought."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class History:
    """What each epoch of `fit` brought: lists with one number for each epoch.

    Attributes:
        loss: the mean training loss, over the examples, while the parameters moved.
        metrics: the mean of each metric over the same predictions.
        validation_loss: the loss on the validation data after the epoch; empty without such data.
        validation_metrics: the metrics on it.
        seconds: how long the epoch took.
    """

    loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    validation_loss: list[float] = field(default_factory=list)
    validation_metrics: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        """How many epochs were finished."""
        return len(self.loss)

"""When to stop: once a measure has not become better for some epochs."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from nn.module import Module
from nn.training.history import History


class EarlyStopping:
    """Ends a training where a measure has not become better for some epochs, and gives the best epoch's model back.

    One object is for one training: give it to `nn.fit` as ``early_stopping``.

    Args:
        patience: epochs in a row without a better value, after which the training ends; at least 1.
        min_delta: how much better than the best a value must be to count, at least 0.
        monitor: a measure by its name in ``history.as_dict()``, such as "validation_loss" or "validation_accuracy".
        mode: "min" where smaller is better, "max" where larger is. By default "min" for a loss, and "max" otherwise.
        restore_best: when the training ends, set the model's parameters and buffers to those after the best epoch.

    Attributes:
        best: the best value, or None before the first epoch. NaN is never better.
        best_epoch: when it was, counted from 1; 0 before.
        waited: epochs since.

    Raises:
        ValueError: an argument outside its range.

    Example:
        >>> import nn
        >>> stopping = nn.EarlyStopping(patience=2)
        >>> history, model = nn.History(), nn.Linear(1, 1)
        >>> for loss in (0.9, 0.5, 0.6, 0.55):
        ...     history.loss.append(loss)
        ...     history.validation_loss.append(loss)
        ...     stopping.update(history, model)
        >>> stopping.stop, stopping.best, stopping.best_epoch
        (True, 0.5, 2)
    """

    def __init__(
        self,
        patience: int = 10,
        min_delta: float = 0.0,
        monitor: str = "validation_loss",
        mode: str | None = None,
        restore_best: bool = True,
    ) -> None:
        if patience < 1 or not 0.0 <= min_delta < math.inf:
            raise ValueError(
                f"EarlyStopping: patience={patience} must be at least 1, and min_delta={min_delta} at least 0"
            )
        if mode not in (None, "min", "max"):
            raise ValueError(f"EarlyStopping: mode={mode!r} is neither 'min' nor 'max'")
        self.patience = patience
        self.min_delta = min_delta
        self.monitor = monitor
        self.mode = mode or ("min" if monitor in ("loss", "validation_loss") else "max")
        self.restore_best = restore_best
        self.best: float | None = None
        self.best_epoch = 0
        self.waited = 0
        self._best_model: dict[str, Any] | None = None

    @property
    def stop(self) -> bool:
        """Whether the training should end."""
        return self.waited >= self.patience

    def check(self, measures: Collection[str]) -> None:
        """Raise `ValueError` where what it looks at is not among the measures of a training."""
        if self.monitor not in measures:
            raise ValueError(
                f"EarlyStopping: monitor={self.monitor!r} is not measured; there are {list(measures)}. What begins "
                f"with 'validation' needs validation data"
            )

    def update(self, history: History, model: Module) -> None:
        """Look at the last epoch, and keep the model's parameters and buffers where it is the best.

        Raises:
            ValueError: nothing of that name is measured.
        """
        measured = history.as_dict()
        self.check(measured)
        value = measured[self.monitor][-1]
        if self._is_better(value):
            self.best, self.best_epoch, self.waited = value, len(history), 0
            self._best_model = model.state_dict() if self.restore_best else None
        else:
            self.waited += 1

    def restore(self, model: Module) -> None:
        """Set the model's parameters and buffers to those after the best epoch, where they were kept."""
        if self._best_model is not None:
            model.load_state_dict(self._best_model)

    def _is_better(self, value: float) -> bool:
        if math.isnan(value):
            return False
        if self.best is None:
            return True
        gain = self.best - value if self.mode == "min" else value - self.best
        return gain > self.min_delta

    # ---- saving ---------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """What it has seen, the best model included."""
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "waited": self.waited,
            "best_model": None if self._best_model is None else dict(self._best_model),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave.

        Raises:
            ValueError: it is not of that form, and nothing was changed.
        """
        match dict(state):
            case {
                "best": float() | None as best,
                "best_epoch": int(best_epoch),
                "waited": int(waited),
                "best_model": dict() | None as best_model,
                **others,
            } if not others:
                self.best, self.best_epoch, self.waited = best, best_epoch, waited
                self._best_model = None if best_model is None else dict(best_model)
            case _:
                raise ValueError("EarlyStopping: not a state of early stopping, and nothing was changed")

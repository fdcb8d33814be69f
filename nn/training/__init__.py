"""The training loop, and what measures its success."""

from nn.training.evaluate import accuracy, evaluate
from nn.training.fit import fit
from nn.training.history import History

__all__ = ["History", "accuracy", "evaluate", "fit"]

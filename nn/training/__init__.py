"""The training loop, what measures its success, and checkpoints to take it up from again."""

from nn.training.checkpoint import load_checkpoint, save_checkpoint
from nn.training.early_stopping import EarlyStopping
from nn.training.evaluate import accuracy, evaluate
from nn.training.fit import fit
from nn.training.history import History

__all__ = ["EarlyStopping", "History", "accuracy", "evaluate", "fit", "load_checkpoint", "save_checkpoint"]

"""Models to and from files."""

from nn.saving.weights import load, save

__all__ = ["load", "save"]

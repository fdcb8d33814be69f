"""Modules of PyTorch as modules of nn."""

from nn.saving.pytorch.convert import from_torch

__all__ = ["from_torch"]

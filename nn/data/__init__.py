"""Data sets, and batches of them."""

from nn.data.digits import load_digits
from nn.data.loader import DataLoader
from nn.data.splits import Split, stratified_split

__all__ = ["DataLoader", "Split", "load_digits", "stratified_split"]

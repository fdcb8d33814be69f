"""Data sets from files, batches of them, and augmentation."""

from nn.data.augmentation import Compose, GaussianNoise, RandomHorizontalFlip, RandomRotation, RandomShift
from nn.data.digits import load_digits
from nn.data.idx import load_idx
from nn.data.images import from_pillow, load_images
from nn.data.loader import DataLoader
from nn.data.mnist import FASHION_CLASSES, load_fashion_mnist, load_mnist
from nn.data.pixels import from_pixels
from nn.data.splits import Split, stratified_split

__all__ = [
    "FASHION_CLASSES",
    "Compose",
    "DataLoader",
    "GaussianNoise",
    "RandomHorizontalFlip",
    "RandomRotation",
    "RandomShift",
    "Split",
    "from_pillow",
    "from_pixels",
    "load_digits",
    "load_fashion_mnist",
    "load_idx",
    "load_images",
    "load_mnist",
    "stratified_split",
]

"""MNIST, and Fashion-MNIST in its place: from the four files that the user has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nn.data.idx import load_idx
from nn.data.pixels import check_floating, from_pixels
from nn.data.splits import Split

Array = npt.NDArray[Any]

FASHION_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"
)  # fmt: skip

CLASSES = 10
PIXELS = (28, 28)
NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def load_mnist(folder: str | os.PathLike[str], dtype: Any = np.float64) -> Split:
    """The 70,000 handwritten digits of MNIST, from a folder that holds its four files; nothing is downloaded.

    Args:
        folder: holds train-images-idx3-ubyte, train-labels-idx1-ubyte and both t10k files. Each may end in ``.gz``, and
            may be called ``images.idx3`` instead of ``images-idx3``. A plain file is taken before a compressed one.
        dtype: of the images; np.float32 takes half the memory, and half the time with a model of float32.

    Returns:
        (train, held_out), each (images, labels): images (N, 1, 28, 28) from 0 to 1, labels (N,) integers from 0 to 9.

    Raises:
        FileNotFoundError: a file is missing; the message names each.
        ValueError: a file is damaged, holds no images or labels, or images and labels differ in number.
        DTypeError: `dtype` is not floating.

    Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-Based Learning Applied to Document Recognition
    (Proceedings of the IEEE, 1998).

    Example:
        >>> import nn, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     nn.load_mnist(folder)
        Traceback (most recent call last):
        FileNotFoundError: load_mnist: ... holds none of train-images-idx3-ubyte, ...
    """
    return _load("load_mnist", Path(folder), dtype)


def load_fashion_mnist(folder: str | os.PathLike[str], dtype: Any = np.float64) -> Split:
    """The 70,000 pictures of clothes of Fashion-MNIST, whose files bear the names of MNIST's; nothing is downloaded.

    Arguments, result and errors are those of `load_mnist`. Label i is ``nn.FASHION_CLASSES[i]``.

    Source: H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST (arXiv:1708.07747, 2017).

    Example:
        >>> import nn
        >>> nn.FASHION_CLASSES[9]
        'Ankle boot'
    """
    return _load("load_fashion_mnist", Path(folder), dtype)


def _load(function: str, folder: Path, dtype: Any) -> Split:
    check_floating(function, dtype)
    found = {name: _find(folder, name) for name in NAMES}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise FileNotFoundError(
            f"{function}: {folder} holds none of {', '.join(missing)}, nor these with '.idx' or '.gz'; nothing is "
            f"downloaded: put the files there, or name the folder that holds them"
        )
    train_images, train_labels, held_images, held_labels = (path for path in found.values() if path)
    return Split(
        _pair(function, train_images, train_labels, dtype),
        _pair(function, held_images, held_labels, dtype),
    )


def _find(folder: Path, name: str) -> Path | None:
    spellings = (name, name.replace("-idx", ".idx"))
    candidates = [folder / f"{spelling}{ending}" for ending in ("", ".gz") for spelling in spellings]
    return next((path for path in candidates if path.is_file()), None)


def _pair(function: str, image_path: Path, label_path: Path, dtype: Any) -> tuple[Array, Array]:
    images, labels = load_idx(image_path), load_idx(label_path)
    if images.dtype != np.uint8 or images.shape[1:] != PIXELS or not len(images):
        raise ValueError(
            f"{function}: {image_path} holds {images.dtype} numbers of shape {images.shape}, not images: uint8 of "
            f"shape (N, 28, 28)"
        )
    if labels.dtype != np.uint8 or labels.ndim != 1:
        raise ValueError(
            f"{function}: {label_path} holds {labels.dtype} numbers of shape {labels.shape}, not labels: uint8 of "
            f"shape (N,)"
        )
    if len(images) != len(labels):
        raise ValueError(
            f"{function}: {image_path} holds {len(images)} images and {label_path} {len(labels)} labels; they do not "
            f"belong together"
        )
    if labels.max() >= CLASSES:
        place = int(np.argmax(labels >= CLASSES))
        raise ValueError(f"{function}: {label_path} holds the label {labels[place]} at {place}; labels are 0 to 9")
    return from_pixels(images[..., np.newaxis], dtype), labels.astype(np.int64)

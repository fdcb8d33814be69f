"""The demo's second half: a small convolutional network that learns to read handwritten digits."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager

import numpy as np

import nn
import nn.functional as F
from autograd import no_grad
from gradwalk.demo.findings import Array, Digits, Epoch, Mistake, Split

__all__ = ["EPOCHS", "build_model", "train_digits"]

EPOCHS = 16
BATCH_SIZE = 16
LEARNING_RATE = 5e-3
WEIGHT_DECAY = 1e-3
HELD_OUT = 0.2
CLASSES = 10


def build_model(seed: int) -> nn.Sequential:
    """The network: two convolutions with ReLU, one max pooling, and one linear layer for ten scores.

    >>> nn.summarize(build_model(0), (1, 8, 8)).total
    5682
    """
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        {
            "conv1": nn.Conv2d(1, 8, kernel_size=3, padding=1, rng=rng),
            "relu1": nn.ReLU(),
            "conv2": nn.Conv2d(8, 24, kernel_size=3, padding=1, rng=rng),
            "relu2": nn.ReLU(),
            "pool": nn.MaxPool2d(2),
            "flatten": nn.Flatten(),
            "scores": nn.Linear(384, CLASSES, rng=rng),
        },
        name="digits",
    )


def train_digits(seed: int = 0, epochs: int = EPOCHS, *, progress: bool = True) -> Digits:
    """Train the network, and read the held-out digits with it.

    Args:
        seed: of the split, the initial weights and the order of the batches.
        epochs: passes over the training part, at least 1.
        progress: show a progress bar on standard error.

    Raises:
        ImportError: scikit-learn, which brings the digits, is not installed.
    """
    train, held_out = nn.load_digits(held_out=HELD_OUT, seed=seed, dtype=np.float32)
    model = build_model(seed)
    for parameter in model.parameters():
        parameter.data = parameter.data.astype(np.float32)
    optimizer = nn.Adam(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    kernels_before = _first_kernels(model)
    start = time.perf_counter()
    with _one_thread():
        history = nn.fit(
            model,
            nn.DataLoader(train, batch_size=BATCH_SIZE, shuffle=True, seed=seed),
            epochs=epochs,
            optimizer=optimizer,
            loss=F.cross_entropy,
            validation=nn.DataLoader(held_out, batch_size=len(held_out[1])),
            metrics={"accuracy": nn.accuracy},
            progress=progress,
            callback=lambda history: _slow_down(optimizer, len(history) / epochs),
        )
    seconds = time.perf_counter() - start
    probabilities = _probabilities(model, held_out[0])
    read = probabilities.argmax(axis=1)
    return Digits(
        split=Split(len(train[1]), len(held_out[1]), *train[0].shape[2:]),
        summary=nn.summarize(model, train[0].shape[1:]),
        recipe=_recipe(seed, epochs),
        history=_epochs(history),
        kernels_before=kernels_before,
        kernels_after=_first_kernels(model),
        confusion=_confusion(held_out[1], read),
        mistakes=_mistakes(held_out, probabilities),
        seconds=seconds,
    )


def _one_thread() -> AbstractContextManager[object]:
    """Matrix products in one thread: on two busy cores, three epochs take 0.8 s instead of 4.0 s, so small they are."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # comes with scikit-learn

    limits: AbstractContextManager[object] = threadpool_limits(1)
    return limits


def _slow_down(optimizer: nn.Optimizer, done: float) -> None:
    """Let the learning rate fall to zero along half a cosine (Loshchilov and Hutter, 2017)."""
    optimizer.lr = LEARNING_RATE * (1.0 + math.cos(math.pi * done)) / 2.0


def _recipe(seed: int, epochs: int) -> dict[str, str]:
    return {
        "loss": "cross-entropy",
        "optimiser": "Adam",
        "learning rate": f"{LEARNING_RATE:g}, falling along a cosine",
        "weight decay": f"{WEIGHT_DECAY:g}",
        "batches": f"{BATCH_SIZE} images",
        "epochs": str(epochs),
        "seed": str(seed),
        "numbers": "float32",
    }


def _first_kernels(model: nn.Sequential) -> Array:
    return model.state_dict()["conv1.weight"]


def _epochs(history: nn.History) -> list[Epoch]:
    columns = (
        history.loss, history.metrics["accuracy"], history.validation_loss, history.validation_metrics["accuracy"]
    )  # fmt: skip
    return [Epoch(*numbers) for numbers in zip(*columns, strict=True)]


def _probabilities(model: nn.Module, images: Array) -> Array:
    model.eval()
    with no_grad():
        return np.array(F.softmax(model(images), dim=1).data)


def _confusion(true: Array, read: Array) -> Array:
    confusion = np.zeros((CLASSES, CLASSES), dtype=np.int64)
    np.add.at(confusion, (true, read), 1)
    return confusion


def _mistakes(held_out: tuple[Array, Array], probabilities: Array) -> Sequence[Mistake]:
    images, labels = held_out
    read, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = sorted(np.flatnonzero(read != labels), key=lambda place: -float(confidence[place]))
    return [Mistake(images[i, 0], int(read[i]), int(labels[i]), float(confidence[i])) for i in wrong]

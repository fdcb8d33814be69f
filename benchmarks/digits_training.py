"""``python -m benchmarks.digits_training``: how well, and how fast, a LeNet-style network learns to read the digits.

Each seed decides the held-out fifth, the initial weights, the order of the batches, their augmentation and the dropout.
The exit status is 1 where a seed misses a bar.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import nn
import nn.functional as F

SEEDS = (0, 1, 2)
EPOCHS = 20
BATCH_SIZE = 32
HIGHEST_RATE = 0.01
WEIGHT_DECAY = 1e-3
DROPOUT = 0.4
AUGMENT = nn.Compose(nn.RandomRotation(10.0), nn.GaussianNoise(0.1))

LEAST_ACCURACY = 0.985  # of the held-out digits
MOST_SECONDS = 40.0


class Result(NamedTuple):
    """What a training came to.

    Attributes:
        accuracy: on the held-out digits, after the last epoch.
        seconds: from loading the data to the last validation, by the clock on the wall.
        processor_seconds: the same, by the processor's clock, which other work on the machine does not spend.
    """

    seed: int
    accuracy: float
    seconds: float
    processor_seconds: float
    history: nn.History

    @property
    def meets_the_bars(self) -> bool:
        return self.accuracy >= LEAST_ACCURACY and self.processor_seconds <= MOST_SECONDS


def lenet(seed: int) -> nn.Sequential:
    """LeCun et al. (1998) with today's parts: two convolutions, one pooling, one linear layer; (N, 1, 8, 8) -> (N, 10).

    >>> nn.summarize(lenet(0), (1, 8, 8)).total
    29258
    """
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        {
            "conv1": nn.Conv2d(1, 32, kernel_size=3, padding=1, rng=rng, dtype=np.float32),
            "norm1": nn.BatchNorm2d(32, dtype=np.float32),
            "relu1": nn.ReLU(),
            "conv2": nn.Conv2d(32, 64, kernel_size=3, padding=1, rng=rng, dtype=np.float32),
            "norm2": nn.BatchNorm2d(64, dtype=np.float32),
            "relu2": nn.ReLU(),
            "pool": nn.MaxPool2d(2),
            "flatten": nn.Flatten(),
            "dropout": nn.Dropout(DROPOUT, rng=rng),
            "scores": nn.Linear(64 * 4 * 4, 10, rng=rng, dtype=np.float32),
        },
        name="lenet",
    )


def train(seed: int, epochs: int = EPOCHS, *, progress: bool = False) -> Result:
    """Train a network on four fifths of the digits, and judge it by the rest, which decides nothing in the training."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # comes with scikit-learn

    start, processor_start = time.perf_counter(), time.process_time()
    digits = nn.load_digits(held_out=0.2, seed=seed, dtype=np.float32)
    model = lenet(seed)
    batches = nn.DataLoader(digits.train, BATCH_SIZE, shuffle=True, seed=seed, transform=AUGMENT)
    optimizer = nn.AdamW(model.parameters(), lr=HIGHEST_RATE, weight_decay=WEIGHT_DECAY)
    with threadpool_limits(1):  # such small products are slower in several threads
        history = nn.fit(
            model,
            batches,
            epochs=epochs,
            optimizer=optimizer,
            loss=F.cross_entropy,
            validation=nn.DataLoader(digits.held_out, batch_size=len(digits.held_out[1])),
            metrics={"accuracy": nn.accuracy},
            scheduler=nn.OneCycleLR(optimizer, HIGHEST_RATE, epochs=epochs, steps_per_epoch=len(batches)),
            progress=progress,
        )
    accuracy = history.validation_metrics["accuracy"][-1]
    return Result(seed, accuracy, time.perf_counter() - start, time.process_time() - processor_start, history)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train once for each seed and print a line of it; returns the exit status."""
    parser = argparse.ArgumentParser("python -m benchmarks.digits_training", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="default: 0 1 2")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="default: %(default)s")
    options = parser.parse_args(arguments)
    print(f"bars: at least {LEAST_ACCURACY:.1%} of the held-out digits, in at most {MOST_SECONDS:g} s of one processor")
    results = []
    for seed in options.seeds:
        result = train(seed, options.epochs, progress=True)
        results.append(result)
        print(
            f"seed {seed}: {result.accuracy:.2%} in {result.seconds:.1f} s, {result.processor_seconds:.1f} s of the "
            f"processor: {'met' if result.meets_the_bars else 'NOT MET'}"
        )
    return 0 if all(result.meets_the_bars for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())

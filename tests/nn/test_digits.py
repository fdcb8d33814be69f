"""A small convolutional network learns to read digits: the sum of every part of this package."""

import time

import numpy as np
import pytest

import nn
import nn.functional as F


def digits_cnn(seed=0):
    """Two convolutions of 3 by 3, one pooling, 9,930 parameters: (N, 1, 8, 8) -> (N, 10) scores."""
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        {
            "conv1": nn.Conv2d(1, 16, kernel_size=3, padding=1, rng=rng),
            "relu1": nn.ReLU(),
            "conv2": nn.Conv2d(16, 32, kernel_size=3, padding=1, rng=rng),
            "relu2": nn.ReLU(),
            "pool": nn.MaxPool2d(2),
            "flatten": nn.Flatten(),
            "scores": nn.Linear(32 * 4 * 4, 10, rng=rng),
        },
        name="cnn",
    )


def test_a_cnn_reads_97_percent_of_held_out_digits():
    pytest.importorskip("sklearn.datasets", reason="the digits come with scikit-learn")
    threads = pytest.importorskip("threadpoolctl", reason="scikit-learn brings it")
    train, held_out = nn.load_digits(held_out=0.2, seed=0)
    model = digits_cnn()
    optimizer = nn.Adam(model.parameters(), lr=0.005)

    def slow_down(history):
        if len(history) == 6:
            optimizer.lr = 0.0005

    start = time.process_time()
    with threads.threadpool_limits(1):  # on a busy machine the threads of small products wait for each other
        history = nn.fit(
            model,
            nn.DataLoader(train, batch_size=16, shuffle=True, seed=0),
            epochs=8,
            optimizer=optimizer,
            loss=F.cross_entropy,
            validation=nn.DataLoader(held_out, batch_size=len(held_out[1])),
            metrics={"accuracy": nn.accuracy},
            progress=False,
            callback=slow_down,
        )
    assert history.validation_metrics["accuracy"][-1] >= 0.97
    assert history.loss[-1] < 0.01 < history.loss[0]
    assert time.process_time() - start < 25.0  # of the processor, which other work on the machine does not spend

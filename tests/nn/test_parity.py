"""One network trained here and in PyTorch, from the same weights on the same batches: the losses stay equal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F
from tests.nn.oracle import torch

pytest.importorskip("sklearn", reason="the digits come with scikit-learn: pip install gradwalk[demo]")

STEPS = 50


def lenet(layers: Any, **options: Any) -> Any:
    """Convolutions and poolings, normalised, then two linear layers; by the names that both libraries share."""
    return layers.Sequential(
        layers.Conv2d(1, 6, 3, padding=1, **options),
        layers.BatchNorm2d(6, **options),
        layers.ReLU(),
        layers.MaxPool2d(2),
        layers.Conv2d(6, 16, 3, padding=1, **options),
        layers.GELU(),
        layers.AvgPool2d(2),
        layers.Flatten(),
        layers.Linear(64, 32, **options),
        layers.Tanh(),
        layers.Linear(32, 10, **options),
    )


OPTIMISERS = {
    "SGD": {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3},
    "Adam": {"lr": 0.01},
    "AdamW": {"lr": 0.01, "weight_decay": 0.05},
}


@pytest.mark.uncounted
@pytest.mark.parametrize("name", OPTIMISERS)
def test_losses_stay_equal_over_50_steps(name: str) -> None:
    nn.manual_seed(0)
    ours, theirs = lenet(nn), lenet(torch.nn, dtype=torch.float64)
    theirs.load_state_dict({key: torch.from_numpy(np.array(array)) for key, array in ours.state_dict().items()})
    optimizer = getattr(nn.optim, name)(ours.parameters(), **OPTIMISERS[name])
    reference = getattr(torch.optim, name)(theirs.parameters(), **OPTIMISERS[name])
    (images, labels), _ = nn.load_digits()
    batches = iter(nn.DataLoader((images, labels), batch_size=16, shuffle=True, seed=1))
    losses = []
    for _ in range(STEPS):
        x, y = next(batches)
        loss = F.cross_entropy(ours(x), y)
        expected = torch.nn.functional.cross_entropy(theirs(torch.from_numpy(x)), torch.from_numpy(y))
        assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        reference.zero_grad()
        expected.backward()
        reference.step()
    assert np.mean(losses[-10:]) < 0.7 * np.mean(losses[:10])  # it did learn
    for key, array in ours.state_dict().items():
        np.testing.assert_allclose(array, theirs.state_dict()[key].numpy(), rtol=1e-6, atol=1e-9, err_msg=key)

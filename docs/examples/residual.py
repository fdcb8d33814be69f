"""A residual block, and a small network of two that learns to tell stripes: `python docs/examples/residual.py`.

What a block computes is added to its input, so that it has only the difference to learn, and so that the gradient has a
way past it on which nothing shrinks it (K. He et al., "Deep residual learning for image recognition", 2015).
"""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
import nn.functional as F


class ResidualBlock(nn.Module):
    """relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)), of images (N, in_channels, H, W).

    The shortcut is x itself where the shape stays, else a convolution of 1 by 1 with the same stride, and a
    normalisation. The convolutions have no bias, which the normalisation after them would take away again.
    """

    def __init__(
        self, in_channels: int, out_channels: int, stride: int = 1, rng: np.random.Generator | None = None
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False, rng=rng)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False, rng=rng)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False, rng=rng), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x: Any) -> Any:
        """(N, in_channels, H, W) -> (N, out_channels, ceil(H / stride), ceil(W / stride))"""
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + self.shortcut(x))


def stripes(rng: np.random.Generator, count: int) -> tuple[Any, Any]:
    """Noisy images (count, 1, 8, 8) of stripes, and whether these are upright (1) or lie (0)."""
    labels = rng.integers(2, size=count)
    phase = rng.uniform(0.0, 2.0 * np.pi, size=(count, 1, 1))
    place = np.where(labels[:, None, None] == 1, np.arange(8.0)[None, :], np.arange(8.0)[:, None])
    images = np.sin(place * np.pi / 2.0 + phase) + rng.normal(scale=0.5, size=(count, 8, 8))
    return images[:, None], labels


def train(steps: int = 30, seed: int = 0) -> tuple[list[float], float]:
    """The loss of each step, and the accuracy on images that were not trained on."""
    rng = np.random.default_rng(seed)
    model = nn.Sequential(
        ResidualBlock(1, 4, rng=rng),
        ResidualBlock(4, 8, stride=2, rng=rng),
        nn.AvgPool2d(4),
        nn.Flatten(),
        nn.Linear(8, 2, rng=rng),
    )
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(steps):
        images, labels = stripes(rng, 32)
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    images, labels = stripes(rng, 200)
    predictions = model.eval()(images).data.argmax(axis=1)
    return losses, float((predictions == labels).mean())


if __name__ == "__main__":
    losses, accuracy = train()
    print(f"loss {losses[0]:.3f} at first, {losses[-1]:.3f} at last; {accuracy:.0%} of new images are told right")

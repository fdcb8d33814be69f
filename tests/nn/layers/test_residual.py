"""The documentation's residual block: it learns, and its gradients are those of PyTorch's same block."""

from __future__ import annotations

import importlib.util
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Tensor

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docs" / "examples" / "residual.py"


@pytest.fixture(scope="module")
def residual() -> Any:
    specification = importlib.util.spec_from_file_location("residual", FILE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_it_learns_in_a_few_steps(residual: Any) -> None:
    losses, accuracy = residual.train(steps=30)
    assert losses[0] > 0.9 * math.log(2.0)  # two classes, nothing known
    assert np.mean(losses[-5:]) < 0.25 * losses[0]
    assert accuracy > 0.9


def test_it_runs_as_it_is_written() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    shown = subprocess.run([sys.executable, str(FILE)], capture_output=True, text=True, check=True, env=environment)
    assert "loss 0." in shown.stdout
    assert "of new images are told right" in shown.stdout


@pytest.mark.parametrize("channels, stride", [((2, 2), 1), ((2, 3), 1), ((2, 2), 2), ((3, 4), 2)])
def test_its_gradients_are_pytorchs(residual: Any, channels: tuple[int, int], stride: int) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of this test: pip install gradwalk[torch]")

    class Block(torch.nn.Module):  # type: ignore[misc]
        def __init__(self, inputs: int, outputs: int) -> None:
            super().__init__()
            self.conv1 = torch.nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
            self.bn1 = torch.nn.BatchNorm2d(outputs)
            self.conv2 = torch.nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
            self.bn2 = torch.nn.BatchNorm2d(outputs)
            self.shortcut = torch.nn.Identity()
            if stride != 1 or inputs != outputs:
                self.shortcut = torch.nn.Sequential(
                    torch.nn.Conv2d(inputs, outputs, 1, stride, bias=False), torch.nn.BatchNorm2d(outputs)
                )

        def forward(self, x: Any) -> Any:
            out = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
            return torch.relu(out + self.shortcut(x))

    rng = np.random.default_rng(stride)
    ours, theirs = residual.ResidualBlock(*channels, stride, rng=rng), Block(*channels).double()
    for name, parameter in ours.named_parameters():
        if parameter.ndim == 1:  # of the normalisations, 1 and 0 at first
            parameter.data = rng.normal(size=parameter.shape)
            assert name.split(".")[-1] in ("weight", "bias")
    theirs.load_state_dict({name: torch.tensor(array) for name, array in ours.state_dict().items()})
    data = rng.normal(size=(3, channels[0], 5, 4))
    x, reference = Tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
    out, expected = ours(x), theirs(reference)
    np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-11, atol=1e-12)
    upstream = rng.normal(size=out.shape)
    out.backward(upstream)
    expected.backward(torch.from_numpy(upstream))
    np.testing.assert_allclose(x.grad, reference.grad.numpy(), rtol=1e-9, atol=1e-11)
    for parameter, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(parameter.grad, other.grad.numpy(), rtol=1e-9, atol=1e-11)
    for name, array in theirs.state_dict().items():  # the running statistics too
        np.testing.assert_allclose(ours.state_dict()[name], array.numpy(), rtol=1e-11, atol=1e-13)

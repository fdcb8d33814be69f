"""Every loss against PyTorch: all options and reductions, both orders, by every argument that has a gradient."""

from __future__ import annotations

import pytest

from tests.nn.functional.losses.configurations import LOSSES, NAMES
from tests.nn.functional.losses.loss_draws import LossTest
from tests.nn.oracle import hold


@pytest.mark.parametrize("loss", LOSSES, ids=NAMES)
def test_function(loss: LossTest) -> None:
    hold(loss.case)

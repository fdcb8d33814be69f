"""What the demo found: plain data, which the terminal and the page both tell, and neither computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gradwalk.seed003 import Row
from nn.summary import Summary

__all__ = ["Descent", "Digits", "Epoch", "Findings", "GraphPicture", "Mistake", "Route", "Split", "WorkedExample"]

REQUIRED_ACCURACY = 0.97

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class GraphPicture:
    """The drawn graph: as SVG, empty where nothing that can lay it out is installed, and as text."""

    svg: str
    text: str
    remark: str  # what to install, where there is no SVG


@dataclass(frozen=True)
class Route:
    """One of the ways by which dE/do1_in is made: through an output, whose upstream and local derivative multiply."""

    through: str
    upstream: float
    local: float
    in_document: bool

    @property
    def product(self) -> float:
        """What this way contributes."""
        return self.upstream * self.local


@dataclass(frozen=True)
class Descent:
    """The loss before one step of gradient descent, and after it with each of the two gradients."""

    before: float
    after_document: float
    after_true: float


@dataclass(frozen=True)
class WorkedExample:
    """The hand-worked network, differentiated.

    Attributes:
        rows: every gradient that the document prints, true and printed.
        slips: what each slip is.
        parameters: how many weights and biases the network has.
        reproduced: how many of the printed gradients the hand arithmetic gives to the last digit, slips included.
        largest_gap: between autograd's gradients and the hand arithmetic without slips.
        routes: the two ways by which the gradient of o1_in is made, of which the document takes one.
        descent: what one step along either gradient does.
        picture: the chain-rule graph.
        seconds: how long all of it took.
    """

    rows: Sequence[Row]
    slips: Mapping[str, str]
    parameters: int
    reproduced: int
    largest_gap: float
    routes: Sequence[Route]
    descent: Descent
    picture: GraphPicture
    seconds: float

    @property
    def agreeing(self) -> int:
        """How many printed gradients are right to their last digit."""
        return sum(not row.slip for row in self.rows)

    @property
    def only_rounded(self) -> int:
        """How many printed gradients are right but for their rounding."""
        return sum(row.slip == "rounding" for row in self.rows)

    @property
    def wrong(self) -> int:
        """How many printed gradients are not the gradient."""
        return len(self.rows) - self.agreeing - self.only_rounded


@dataclass(frozen=True)
class Epoch:
    """Loss and accuracy on the training part, over the epoch; on the held-out part, after it."""

    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float


@dataclass(frozen=True)
class Split:
    """How many images were trained on and how many held out, and their size in pixels."""

    train: int
    test: int
    height: int
    width: int


@dataclass(frozen=True)
class Mistake:
    """A held-out digit that was read wrongly; `image` is (8, 8) in 0 (paper) ... 1 (ink)."""

    image: Array
    predicted: int
    true: int
    confidence: float  # the softmax probability of what was predicted


@dataclass(frozen=True)
class Digits:
    """The trained network.

    Attributes:
        split: the sizes of the two parts.
        summary: the layers, their output shapes and parameter counts.
        recipe: how it was trained, as names and values.
        history: one entry for each epoch.
        kernels_before, kernels_after: the first layer's weights, (O, 1, KH, KW).
        confusion: (10, 10) counts of held-out images, true digit by row, predicted by column.
        mistakes: the held-out images that were read wrongly, the most confident first.
        seconds: how long the training took.
    """

    split: Split
    summary: Summary
    recipe: Mapping[str, str]
    history: Sequence[Epoch]
    kernels_before: Array
    kernels_after: Array
    confusion: Array
    mistakes: Sequence[Mistake]
    seconds: float

    @property
    def correct(self) -> int:
        """How many held-out images were read rightly."""
        return int(np.trace(self.confusion))

    @property
    def accuracy(self) -> float:
        """The share of the held-out images that was read rightly."""
        return self.correct / self.split.test


@dataclass(frozen=True)
class Findings:
    """Everything that the demo has to tell."""

    worked: WorkedExample
    digits: Digits
    seed: int
    versions: Mapping[str, str]
    seconds: float

    @property
    def accurate(self) -> bool:
        """Whether the network reads as many held-out digits as it has to."""
        return self.digits.accuracy >= REQUIRED_ACCURACY

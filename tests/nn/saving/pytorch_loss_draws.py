"""Every loss of PyTorch as a module in random configurations, and what all such draws share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.nn.oracle import torch

Rng = np.random.Generator
Drawn = tuple[Any, list[Any]]  # a module, and arrays: of floats to differentiate by, or of integers

T = torch.nn


def pick(rng: Rng, *values: Any) -> Any:
    return values[int(rng.integers(len(values)))]


def flag(rng: Rng) -> bool:
    return bool(rng.integers(2))


def numbers(rng: Rng, *shape: int) -> Any:
    return rng.normal(size=shape)


def loss(name: str, inputs: Callable[[Rng], list[Any]], **options: list[Any]) -> Callable[[Rng], Drawn]:
    """With one of the values of each option; those that are arrays become tensors."""

    def draw(rng: Rng) -> Drawn:
        chosen = {option: pick(rng, *values) for option, values in options.items()}
        chosen = {key: torch.tensor(each) if isinstance(each, np.ndarray) else each for key, each in chosen.items()}
        return getattr(T, name)(reduction=pick(rng, "none", "mean", "sum"), **chosen), inputs(rng)

    return draw


def pair(rng: Rng) -> list[Any]:
    return [numbers(rng, 4, 3), numbers(rng, 4, 3)]


def triple(rng: Rng) -> list[Any]:
    return [*pair(rng), numbers(rng, 4, 3)]


def shares(rng: Rng) -> list[Any]:
    return [rng.uniform(0.1, 0.9, (4, 3)), rng.uniform(0.1, 0.9, (4, 3))]


def labelled(rng: Rng) -> list[Any]:
    return [numbers(rng, 4, 3), rng.integers(0, 3, 4)]


def signed(rng: Rng) -> list[Any]:
    return [numbers(rng, 4, 3), rng.choice([-1.0, 1.0], (4, 3))]


WEIGHTS = [None, np.array([0.5, 2.0, 0.1])]
_ARGUMENTS: dict[str, tuple[Callable[[Rng], list[Any]], dict[str, list[Any]]]] = {
    "BCELoss": (shares, {"weight": WEIGHTS}), "BCEWithLogitsLoss": (shares, {"weight": WEIGHTS, "pos_weight": WEIGHTS}),
    "CosineEmbeddingLoss": (lambda rng: [*pair(rng), rng.choice([-1.0, 1.0], 4)], {"margin": [-0.5, 0.3]}),
    "CrossEntropyLoss": (labelled, {"weight": WEIGHTS, "label_smoothing": [0.0, 0.2], "ignore_index": [-100, 1]}),
    "GaussianNLLLoss": (lambda rng: [*pair(rng), rng.uniform(0.2, 1, (4, 3))], {"full": [True, False], "eps": [0.5]}),
    "HingeEmbeddingLoss": (signed, {"margin": [0.5, 2.0]}), "HuberLoss": (pair, {"delta": [0.5, 1.0]}),
    "KLDivLoss": (shares, {"log_target": [True, False]}), "L1Loss": (pair, {}), "MSELoss": (pair, {}),
    "MarginRankingLoss": (lambda rng: [*pair(rng), rng.choice([-1.0, 1.0], (4, 3))], {"margin": [0.0, 0.5]}),
    "MultiLabelMarginLoss": (lambda rng: [numbers(rng, 2, 3), np.array([[0, -1, 1], [2, 0, -1]])], {}),
    "MultiLabelSoftMarginLoss": (shares, {"weight": WEIGHTS}),
    "MultiMarginLoss": (labelled, {"p": [1, 2], "margin": [0.5], "weight": WEIGHTS}),
    "NLLLoss": (labelled, {"weight": WEIGHTS, "ignore_index": [-100, 2]}),
    "PoissonNLLLoss": (shares, {"log_input": [True, False], "full": [True, False], "eps": [1e-3]}),
    "SmoothL1Loss": (pair, {"beta": [0.3, 1.0]}),
    "SoftMarginLoss": (lambda rng: [numbers(rng, 4, 3), rng.choice([-1, 1], (4, 3))], {}),
    "TripletMarginLoss": (triple, {"margin": [2.0], "p": [2.0, 3.0], "eps": [1e-3], "swap": [True, False]}),
    "TripletMarginWithDistanceLoss": (
        triple, {"distance_function": [None, T.CosineSimilarity(), T.functional.pairwise_distance], "swap": [True]},
    ),
}  # fmt: skip

LOSSES = {name: loss(name, inputs, **options) for name, (inputs, options) in _ARGUMENTS.items()}

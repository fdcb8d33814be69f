"""The states of random generators, checked before they are set."""

from __future__ import annotations

from typing import Any

import numpy as np


def check_generator_state(owner: str, rng: np.random.Generator, state: Any) -> None:
    """Raise `ValueError` where a generator could not take a state, by letting a new one of its kind try.

    Args:
        owner: how the message calls the generator.
        rng: the generator, which stays as it is.
        state: what the `bit_generator.state` of a generator gave.
    """
    kind = type(rng.bit_generator)
    try:
        trial = kind()
        trial.state = state
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise ValueError(
            f"{owner}: not the state of a {kind.__name__} generator ({type(error).__name__}: {error}), and nothing was "
            f"changed; take it from a generator of the same kind"
        ) from None

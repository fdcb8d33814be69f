"""How many random configurations a test takes."""

from __future__ import annotations

import math
import os

_FACTORS = {"default": 0.1, "full": 1.0, "thorough": 20.0}


IS_WHOLE = os.environ.get("GRADWALK_HYPOTHESIS", "default") != "default"


def configurations(count: int) -> int:
    """A tenth of so many; all of them, or twenty times as many, where `GRADWALK_HYPOTHESIS` is `full` or `thorough`."""
    return math.ceil(count * _FACTORS[os.environ.get("GRADWALK_HYPOTHESIS", "default")])

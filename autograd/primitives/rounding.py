"""The derivative table of the step functions: constant between their jumps, they have derivative 0, stated everywhere.

At a jump there is no derivative; 0 is what every other engine gives too. The local derivative is a closed gate, so that
nothing passes, not even an infinite upstream gradient or NaN.
"""

# fmt: off
from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.rules import Elementwise
from autograd.symbol import Symbol, function


def _closed(out: Any, x: Any, **_: Any) -> bool:
    return False


def _brackets(left: str, right: str, latex_left: str, latex_right: str) -> Any:
    return lambda x: Symbol(f"{left}{x.text}{right}", rf"{latex_left}{x.latex}{latex_right}")


def _sign_of_float(x: float) -> float:
    return x if math.isnan(x) else float((x > 0) - (x < 0))


floor: Elementwise = Elementwise(
    "floor", np.floor, [_closed],
    scalar=lambda x: float(math.floor(x)), symbol="⌊·⌋", formula=[0],
    latex=_brackets("⌊", "⌋", r"\lfloor ", r" \rfloor"),
)
ceil: Elementwise = Elementwise(
    "ceil", np.ceil, [_closed],
    scalar=lambda x: float(math.ceil(x)), symbol="⌈·⌉", formula=[0],
    latex=_brackets("⌈", "⌉", r"\lceil ", r" \rceil"),
)
trunc: Elementwise = Elementwise(
    "trunc", np.trunc, [_closed], scalar=lambda x: float(math.trunc(x)), formula=[0],
)
round_: Elementwise = Elementwise(
    "round", lambda x, decimals=0: np.round(x, decimals), [_closed], formula=[0],
)
sign: Elementwise = Elementwise(
    "sign", np.sign, [_closed], scalar=_sign_of_float, latex=function("sign", r"\operatorname{sign}"), formula=[0],
)

"""Random functions of Values, for tests: the same program text runs on Values, again and again, on other numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import primitives

ARITHMETIC = ("add", "subtract", "multiply", "divide", "negative", "relu", "maximum", "minimum", "square", "absolute")
SMOOTH = ("tanh", "sigmoid", "sin", "cos", "exp", "log", "sqrt", "softplus", "arctan", "logaddexp", "erf")


def random_function(rng: np.random.Generator, operations: int, names: tuple[str, ...]) -> Callable[..., Any]:
    """A function of so many Values, composed of the named primitives and of sums; numbers stay moderate."""
    table = {rule.name: rule for rule in primitives()}
    script = []
    for _ in range(operations):
        name = str(rng.choice([*names, "sum", "constant"]))
        script.append((name, rng.integers(0, 2**31, size=int(rng.integers(2, 7))), float(rng.normal())))

    def function(*given: Any) -> Any:
        values = list(given)
        for name, choices, number in script:
            # recent values are chosen more often, so that the graph grows deep as well as wide
            chosen = [values[-1 - int(c) % min(len(values), 1 + int(c) // 7 % len(values))] for c in choices]
            if name == "sum":
                values.append(sum(chosen) * (1.0 / len(chosen)))
            elif name == "constant":
                values.append(chosen[0] * number + number)
            elif name == "divide":
                values.append(chosen[0] / (chosen[1] * chosen[1] + 1.0))
            elif name in ("log", "sqrt"):
                values.append(table[name](chosen[0] * chosen[0] + 0.5))
            elif name in ("exp", "square", "multiply"):
                values.append(table[name](*map(_moderate, chosen[: table[name].arity])))
            else:
                values.append(table[name](*chosen[: table[name].arity]))
        return sum(values[-4:]) * _moderate(values[-1])

    return function


def _moderate(x: Any) -> Any:
    return x.maximum(-2.0).minimum(2.0)

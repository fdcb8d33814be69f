"""What the compiled loops compute for one number; importing this module needs numba."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

from autograd.progress import Progress

# The columns of a table, one line for each group; offsets count in the plan's index.
OPCODE, START, COUNT, TERMS, FIRST, SECOND, USES, GATHERED, TO_FIRST, TO_SECOND = range(10)
COLUMNS = 10

# Opcodes. CHAIN adds up any number of terms.
CHAIN, ADD, SUBTRACT, MULTIPLY, DIVIDE, NEGATIVE, SQUARE, RELU, ABSOLUTE, MAXIMUM, MINIMUM = range(11)
EXP, LOG, SQRT, TANH, SIGMOID, SIN, COS = range(11, 18)

_OPTIONS: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True}


def compiled(function: Any) -> Any:
    """The function, compiled at its first call and kept on disk."""
    return numba.njit(**_OPTIONS)(function)


def compile_for(kernel: Any, arguments: tuple[Any, ...]) -> None:
    """Compile a kernel for arguments such as these, where no program has needed it yet."""
    if not kernel.signatures:
        with Progress("compiling"):
            kernel.compile(tuple(map(numba.typeof, arguments)))


@compiled
def value(opcode: int, x: float, y: float) -> Any:
    """A primitive of one or two numbers."""
    if opcode == ADD:
        return x + y
    if opcode == SUBTRACT:
        return x - y
    if opcode == DIVIDE:
        return x / y
    if opcode == NEGATIVE:
        return -x
    if opcode == SQUARE:
        return x * x
    if opcode == TANH:
        return math.tanh(x)
    if opcode == EXP:
        return math.exp(x)
    if opcode == LOG:
        return np.log(x)
    if opcode == SQRT:
        return np.sqrt(x)
    if opcode == SIGMOID:
        if x >= 0:
            return 1.0 / (1.0 + math.exp(-x))
        small = math.exp(x)
        return small / (1.0 + small)
    if opcode == SIN:
        return np.sin(x)
    if opcode == COS:
        return np.cos(x)
    if opcode == ABSOLUTE:
        return abs(x)
    if x != x or y != y:
        return math.nan
    if opcode == MAXIMUM:
        return max(x, y)
    return min(x, y)


@compiled
def to_first(opcode: int, out: float, x: float, y: float) -> Any:
    """Its local derivative with respect to the first."""
    if opcode == DIVIDE:
        return 1.0 / y
    if opcode == NEGATIVE:
        return -1.0
    if opcode == SQUARE:
        return 2.0 * x
    if opcode == TANH:
        return 1.0 - out * out
    if opcode == EXP:
        return out
    if opcode == LOG:
        return 1.0 / x
    if opcode == SQRT:
        return 0.5 / out
    if opcode == SIGMOID:
        return out * (1.0 - out)
    if opcode == SIN:
        return np.cos(x)
    if opcode == COS:
        return -np.sin(x)
    if opcode == ABSOLUTE:
        return 1.0 if x > 0 else -1.0 if x < 0 else 0.0
    if opcode == MAXIMUM:
        return 1.0 if x > y else 0.5 if x == y else 0.0
    return 1.0 if x < y else 0.5 if x == y else 0.0


@compiled
def to_second(opcode: int, out: float, x: float, y: float) -> Any:
    """... and to the second."""
    if opcode == SUBTRACT:
        return -1.0
    if opcode == DIVIDE:
        return -out / y
    if opcode == MAXIMUM:
        return 1.0 if y > x else 0.5 if x == y else 0.0
    return 1.0 if y < x else 0.5 if x == y else 0.0

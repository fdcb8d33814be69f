"""What the engine's tests share: random operands in every memory layout, and the comparison of results."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from hypothesis import settings
from hypothesis import strategies as st

from autograd import Primitive, Tensor, flip, primitives
from tests.amounts import configurations
from tests.tracing import traced_at_first

Array = npt.NDArray[Any]

SPECIAL = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])  # ties, zeros and kinks are certain among few elements
LAYOUTS = ("plain", "reversed", "transposed", "strided")
TOLERANCE = {np.dtype(np.float64): (1e-10, 1e-12), np.dtype(np.float32): (1e-4, 1e-5)}


def examples(count: int = 300) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """So many random configurations, or a part or multiple of them; see `tests.amounts`."""

    def decorate(test: Any) -> Callable[..., None]:
        test.hypothesis.inner_test = traced_at_first(test.hypothesis.inner_test)
        return settings(max_examples=configurations(count))(test)

    return decorate


def leaf(data: Any, name: str = "") -> Tensor:
    """A tensor whose gradient is wanted."""
    return Tensor(data, requires_grad=True, name=name)


class Operand(NamedTuple):
    """An array as it lies in memory: the operand is a view of `base` in one of `LAYOUTS`."""

    base: Array
    layout: str

    def view(self, base: Any) -> Any:
        """The operand, from its base as an ndarray or a Tensor."""
        if self.layout == "reversed":
            return np.flip(base) if isinstance(base, np.ndarray) else flip(base)
        if self.layout == "transposed":
            return base.T
        return base[..., ::2] if self.layout == "strided" else base

    @property
    def array(self) -> Array:
        return np.asarray(self.view(self.base))


def base_shape(shape: tuple[int, ...], layout: str) -> tuple[int, ...]:
    """The shape of a base whose view in this layout has the given shape."""
    if layout == "transposed":
        return shape[::-1]
    return (*shape[:-1], 2 * shape[-1]) if layout == "strided" else shape


def numbers(rng: np.random.Generator, shape: tuple[int, ...], special: bool, dtype: Any = float) -> Array:
    """Random numbers of both signs, or few distinct ones, so that ties and zeros abound."""
    return np.asarray(rng.choice(SPECIAL, size=shape) if special else 1.5 * rng.normal(size=shape), dtype=dtype)


shapes = st.lists(st.integers(0, 4), min_size=0, max_size=3).map(tuple)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def operands(draw: Callable[..., Any], least_dims: int = 0, least_side: int = 0) -> Operand:
    """An operand of any shape with at least so many axes, each at least so long."""
    shape = tuple(draw(st.lists(st.integers(least_side, 4), min_size=least_dims, max_size=3)))
    layout = draw(st.sampled_from(LAYOUTS if shape else LAYOUTS[:3]))
    code = draw(st.integers(0, 2**32 - 1))
    dtype = np.float32 if code % 3 == 0 else np.float64
    return Operand(numbers(np.random.default_rng(code), base_shape(shape, layout), code % 2 == 0, dtype), layout)


@st.composite
def several(draw: Callable[..., Any], shapes_of: Any) -> list[Operand]:
    """Operands of the shapes that a strategy gives, of one dtype."""
    drawn = draw(shapes_of)
    code = draw(seeds)
    rng = np.random.default_rng(code)
    dtype = np.float32 if code % 3 == 0 else np.float64
    out = []
    for shape in drawn:
        layout = str(rng.choice(LAYOUTS if shape else LAYOUTS[:3]))
        out.append(Operand(numbers(rng, base_shape(shape, layout), bool(rng.integers(2)), dtype), layout))
    return out


@st.composite
def broadcastable(draw: Callable[..., Any], count: int = 2) -> list[tuple[int, ...]]:
    """Shapes that broadcast together, with axes missing, of length 1 and of length 0."""
    full = draw(shapes)
    out = []
    for _ in range(count):
        own = full[draw(st.integers(0, len(full))) :]
        ones = draw(st.integers(0, 2 ** len(own) - 1))
        out.append(tuple(1 if ones >> place & 1 else length for place, length in enumerate(own)))
    return out


def assert_close(actual: Any, expected: Any, what: str = "", terms: float = 0.0) -> None:
    """Equal shape and dtype, and equal elements to the dtype's tolerance, infinities and NaN included.

    `terms` is the size of the terms that were added up: where they cancel, their rounding remains.
    """
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, expected {expected.shape}"
    assert actual.dtype == expected.dtype, f"{what}: {actual.dtype}, expected {expected.dtype}"
    relative, absolute = TOLERANCE[expected.dtype]
    finite = expected[np.isfinite(expected)]
    scale = float(np.max(np.abs(finite), initial=terms))
    np.testing.assert_allclose(actual, expected, rtol=relative, atol=absolute * scale, err_msg=what)


def table() -> list[Primitive]:
    """The engine's own primitives: those of its modules, without what a test or an example has declared."""
    own = {
        id(each)
        for name, module in sys.modules.items()
        if name.split(".")[0] == "autograd"
        for each in vars(module).values()
        if isinstance(each, Primitive)
    }
    return [rule for rule in primitives() if id(rule) in own]


def upstream(seed: int, shape: tuple[int, ...], dtype: Any) -> Array:
    """A random upstream gradient: both signs, no two elements equal, none zero."""
    return np.asarray(np.random.default_rng([seed, 1]).normal(size=shape), dtype=dtype)


def by_own_names(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, for which nodes go by their own names alone, and not by the variables of the test."""
    return functools.partial(function, names={})

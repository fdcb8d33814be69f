"""A model's gradients held against differences of its loss."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd import Tensor, enable_grad
from autograd.progress import Progress
from autograd.testing import Estimate, derivative
from autograd.testing.directions import size_of
from nn import init
from nn.module import Module

_UNCLEAR = 1e-4  # a bound above this part of the slope says nothing
_SMALL = 1e-3  # and a slope below this part of the largest may be as good as zero
_LISTED = 3  # wrong elements named in the message


@dataclass(frozen=True)
class Slope:
    """The loss's slope in one random direction of one parameter or input.

    Attributes:
        name: of the parameter, or "input 0".
        by_gradient: Σ gradient · direction.
        by_differences: the same from differences of the loss.
        bound: the error that the differences may have.
        verdict: "right", "wrong", or "unclear" where the differences say too little, as on a kink or beside a large
            constant.
    """

    name: str
    by_gradient: float
    by_differences: float
    bound: float
    verdict: str


@dataclass(frozen=True)
class GradientReport:
    """What `check_gradients` found; its text is a table."""

    slopes: list[Slope] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every gradient was found right, and there is one."""
        return {slope.verdict for slope in self.slopes} == {"right"}

    def __str__(self) -> str:
        width = max([len(slope.name) for slope in self.slopes], default=9)
        lines = [f"{'parameter':<{width}}  {'by gradient':>16}  {'by differences':>16}  {'± bound':>9}"]
        lines += [
            f"{slope.name:<{width}}  {slope.by_gradient:>16.9g}  {slope.by_differences:>16.9g}  {slope.bound:>9.1e}  "
            f"{slope.verdict}"
            for slope in self.slopes
        ]
        return "\n".join(lines)

    __repr__ = __str__


def check_gradients(
    model: Module, batch: Any, loss: Callable[[Any, Any], Any] | None = None, *, directions: int = 2, seed: int = 0
) -> GradientReport:
    """Hold the gradients of every parameter, and of floating-point inputs, against differences of the loss.

    The check runs on a copy in float64, in the model's own mode, with the same dropout in every evaluation. Its
    parameters and inputs are moved by a thousandth of their size, so that no unit stands exactly on a kink.

    Args:
        model: the model to check; it stays as it is.
        batch: (inputs, targets) where `loss` is given; else the input, or a tuple of several.
        loss: (predictions, targets) -> a scalar node; by default a sum of all outputs with random weights.
        directions: random directions for each parameter. One sees an error in any element, but with bad luck.
        seed: of the directions and weights.

    Returns:
        The slopes, one for each parameter and direction.

    Raises:
        AssertionError: a gradient is wrong; the message names the parameter and its worst elements.
        ValueError: the loss is another one when it is evaluated again, so that it has no differences to speak of.

    Example:
        >>> import nn
        >>> import nn.functional as F
        >>> import numpy as np
        >>> model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
        >>> rng = np.random.default_rng(0)
        >>> report = nn.check_gradients(model, (rng.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])), F.cross_entropy)
        >>> report.passed, [slope.name for slope in report.slopes[::2]]
        (True, ['0.weight', '0.bias', '2.weight', '2.bias', 'input 0'])
    """
    with enable_grad():
        return _checked(_Problem(model, batch, loss, np.random.default_rng(seed)), directions)


def _checked(problem: _Problem, directions: int) -> GradientReport:
    measured = []
    with Progress("check_gradients", total=len(problem.leaves)) as told:
        for name, leaf in problem.leaves:
            told.step(name)
            measured += [_measure(problem, name, leaf, direction) for direction in problem.directions(leaf, directions)]
    largest = max((abs(each.found.value) for each in measured if np.isfinite(each.found.value)), default=0.0)
    report = GradientReport([each.judged(largest) for each in measured])
    wrong = {slope.name for slope in report.slopes if slope.verdict == "wrong"}
    faults = [_worst_elements(problem, name, leaf) for name, leaf in problem.leaves if name in wrong]
    if faults:
        raise AssertionError(f"check_gradients: {len(faults)} gradients are wrong\n{report}\n" + "\n".join(faults))
    return report


class _Problem:
    """The loss as a function of its leaves: a copy of the model, its inputs, and its gradients."""

    def __init__(self, model: Module, batch: Any, loss: Any, rng: np.random.Generator) -> None:
        self.model = copy.deepcopy(model).astype(np.float64)
        self.rng = rng
        self.targets: Any = None
        inputs = batch
        if loss is not None:
            inputs, self.targets = batch
        self.given: list[Any] = []
        self.inputs = [self._as_input(each) for each in (inputs if isinstance(inputs, tuple) else (inputs,))]
        self.loss = loss
        self.weights: list[Any] = []
        own = [(name, each) for name, each in self.model.named_parameters() if each.requires_grad]
        self.leaves: list[tuple[str, Any]] = [
            *own,
            *((f"input {place}", each) for place, each in enumerate(self.given)),
        ]
        self.fixed = _without_gradient(self.model)
        for _, leaf in self.leaves:
            self._nudge(leaf)
        self._draw_weights()
        for _, leaf in self.leaves:
            leaf.zero_grad()
        loss_node = self._value()
        if float(loss_node) != float(self._value()) and np.isfinite(float(loss_node)):
            raise ValueError(
                f"check_gradients: the loss of {model.describe()} is another one when it is evaluated again; draw "
                f"random numbers from the default generator, or from a Generator that a module has as an attribute, "
                f"and keep no count in forward"
            )
        loss_node.backward()
        self.gradients = {
            id(leaf): np.array(leaf.grad) if leaf.has_grad else np.zeros(leaf.shape) for _, leaf in self.leaves
        }

    def _as_input(self, given: Any) -> Any:
        """Floating-point arrays as leaves, those in tuples too; anything else as it is."""
        if isinstance(given, tuple):
            return tuple(self._as_input(each) for each in given)
        numbers = np.asarray(getattr(given, "_data", given))
        if numbers.dtype.kind != "f":
            return given
        self.given.append(Tensor(numbers.astype(float), requires_grad=True))
        return self.given[-1]

    def _nudge(self, leaf: Any) -> None:
        leaf.data = leaf.numpy() + 1e-3 * size_of(leaf.numpy()) * self._moving(leaf) * self.rng.normal(size=leaf.shape)

    def _moving(self, leaf: Any) -> Any:
        """1 for the elements to move, and 0 for infinite ones and those that have no gradient by design."""
        return np.isfinite(leaf.numpy()) * self.fixed.get(id(leaf), 1.0)

    def _draw_weights(self) -> None:
        if self.loss is None:
            with restored_generators(self.model):
                outputs = _flat(self.model(*self.inputs))
            self.weights = [self.rng.uniform(0.5, 1.5, size=out.shape) * self._signs(out.shape) for out in outputs]

    def _signs(self, shape: tuple[int, ...]) -> Any:
        return self.rng.choice([-1.0, 1.0], size=shape)

    def _value(self) -> Any:
        with restored_generators(self.model):
            outputs = self.model(*self.inputs)
            if self.loss is not None:
                return self.loss(outputs, self.targets)
            return sum((out * weight).sum() for out, weight in zip(_flat(outputs), self.weights, strict=True))

    def directions(self, leaf: Any, count: int) -> list[Any]:
        """Random directions of the leaf's own size, in which every element moves by half of it at least."""
        size = size_of(leaf.numpy()) * self._moving(leaf)
        return [size * self.rng.uniform(0.5, 1.0, size=leaf.shape) * self._signs(leaf.shape) for _ in range(count)]

    def estimate(self, leaf: Any, direction: Any) -> Estimate:
        """The slope of the loss in a direction, by differences."""
        start = leaf.numpy()
        moved = direction != 0

        def along(step: float) -> float:
            leaf.data = np.where(moved, start + step * direction, start)
            return float(self._value())

        try:
            return derivative(along)
        finally:
            leaf.data = start


@dataclass(frozen=True)
class _Measured:
    """A slope by the gradient and by differences, before anything is said of it."""

    name: str
    by_gradient: float
    terms: float  # the sizes that add up to it
    found: Estimate

    def judged(self, largest: float) -> Slope:
        """The slope with its verdict, where `largest` is the largest of all: beside it, noise may be called zero."""
        found = self.found
        allowed = found.bound + 1e-9 * self.terms
        differs = not abs(self.by_gradient - found.value) <= allowed
        says_little = not found.bound <= _UNCLEAR * max(abs(found.value), self.terms, _SMALL * largest)
        if says_little or (differs and found.jump > allowed):
            verdict = "unclear"
        else:
            verdict = "wrong" if differs else "right"
        return Slope(self.name, self.by_gradient, found.value, found.bound, verdict)


def _measure(problem: _Problem, name: str, leaf: Any, direction: Any) -> _Measured:
    products = problem.gradients[id(leaf)] * direction
    return _Measured(name, float(products.sum()), float(np.abs(products).sum()), problem.estimate(leaf, direction))


def _without_gradient(model: Module) -> dict[int, Any]:
    """The parameters of which some elements have no gradient by design: the rows that stand for padding."""
    fixed: dict[int, Any] = {}
    for module in model.modules():
        row = getattr(module, "padding_idx", None)
        if row is not None and isinstance(getattr(module, "weight", None), Tensor):
            fixed[id(module.weight)] = np.ones(module.weight.shape)
            fixed[id(module.weight)][row] = 0.0
    return fixed


def _worst_elements(problem: _Problem, name: str, leaf: Any) -> str:
    """The elements of a wrong gradient that are farthest off, of up to 200 looked at."""
    gradient = problem.gradients[id(leaf)]
    places = list(zip(*np.nonzero(np.broadcast_to(problem._moving(leaf), leaf.shape)), strict=True))
    if len(places) > 200:
        chosen = problem.rng.permutation(len(places))[:200]
        places = [places[place] for place in sorted(chosen)]
    found = []
    for place in places:
        direction = np.zeros(leaf.shape)
        direction[place] = 1.0
        numeric = problem.estimate(leaf, direction).value
        found.append((abs(float(gradient[place]) - numeric), place, float(gradient[place]), numeric))
    found.sort(key=lambda each: -each[0])
    lines = [
        f"  {name}[{', '.join(map(str, place))}]: the gradient is {own:.9g}, differences give {numeric:.9g}"
        for _, place, own, numeric in found[:_LISTED]
    ]
    return "\n".join(lines)


def _flat(result: Any) -> list[Any]:
    if isinstance(result, dict):
        return _flat(list(result.values()))
    if isinstance(result, tuple | list):
        return [out for part in result for out in _flat(part)]
    return [] if result is None else [result]


@contextmanager
def restored_generators(model: Module) -> Iterator[None]:
    """A context at whose end every random generator of the model, and the default one, stands where it stood."""
    held = [each for module in model.modules() for each in vars(module).values()]
    generators = [each for each in (*held, init.default_generator()) if isinstance(each, np.random.Generator)]
    states = [generator.bit_generator.state for generator in generators]
    try:
        yield
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.bit_generator.state = state

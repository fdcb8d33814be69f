"""Mistakes in the derivatives of what sums up, averages and chooses."""

# fmt: off
from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd import functions as f
from autograd.testing.faults.fault import Fault
from autograd.testing.faults.making import attribute, by_hand, everywhere, is_tensor, normal, of, spread

_plausible = partial(Fault, family="reductions", historical=False)
_historical = partial(Fault, family="reductions", historical=True)

X, SQUARE = normal(3, 4), normal(4, 4, seed=2)


def _raw(x: Any) -> Any:
    return getattr(x, "_data", x)


def _reduction(name: str, back: Callable[..., Any]) -> Any:
    """A reduction of `autograd.functions` with a backward pass of its own: (gradient, spread out, x) and options."""

    def wrong(right: Any) -> Any:
        def function(x: Any, axis: Any = None, *rest: Any, **options: Any) -> Any:
            if not is_tensor(x):
                return right(x, axis, *rest, **options)

            def pull(g: Any, out: Any, x: Any) -> Any:
                return back(spread(g, x, axis), spread(out, x, axis), x, axis, *rest, **options)

            return by_hand(name, lambda each: right(each, axis, *rest, **options), pull)(x)

        return function

    return everywhere("autograd.functions", name, wrong)


def _length(x: Any, axis: Any) -> int:
    return int(np.prod([x.shape[place] for place in np.atleast_1d(axis)])) if axis is not None else x.size


def _times_too_large_a_variance(g: Any, out: Any, x: Any, axis: Any, ddof: int = 0, keepdims: bool = False) -> Any:
    return g * 2.0 * (x - x.mean(axis=axis, keepdims=True)) / (_length(x, axis) - (1 - ddof))


def _variance_without_its_mean(g: Any, out: Any, x: Any, axis: Any, ddof: int = 0, keepdims: bool = False) -> Any:
    return g * 2.0 * x / (_length(x, axis) - ddof)


def _by_division(g: Any, out: Any, x: Any, axis: Any, keepdims: bool = False) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return g * out / x


def _spread_wrongly(right: Any) -> Any:
    """A square whose rows were summed has its gradient laid along the rows."""

    def vjp(gradient: Any, out: Any, inputs: Any, needed: Any, params: Any) -> Any:
        x, axis = inputs[0], params.get("axis")
        shape: tuple[int, ...] = getattr(x, "shape", ())
        if len(inputs) > 1 or len(shape) != 2 or axis is None or len(axis) != 1 or shape[0] != shape[1]:
            return right(gradient, out, inputs, needed, params)
        return [np.broadcast_to(np.expand_dims(np.ravel(gradient), 1 - axis[0]), shape)]

    return vjp


def _to_all_ties(_: Any) -> Any:
    return lambda out, x, axis, ties="first": _raw(x) == _raw(out)


def _unnormalised(_: Any) -> Any:
    return lambda out, x, axis: np.exp(_raw(x) - np.max(_raw(x), axis=axis, keepdims=True))


FAULTS = [
    _plausible(
        "sum_as_mean", title="Each term of a sum receives 1/n of its gradient.",
        story="The rule of the mean, used for the sum.",
        where="sum", causes=("factor",),
        changes=attribute("sum", "weight", lambda _: lambda out, x, axis: np.full(x.shape, 1.0 / _length(x, axis))),
        trigger=of(lambda x: f.sum(x, axis=1), X),
    ),
    _plausible(
        "sum_spread_along_wrong_axis", title="The gradient of a sum over rows is laid along the rows.",
        story="`keepdims` forgotten: for a square, NumPy's broadcasting then fits the wrong way and says nothing.",
        where="sum", causes=("transpose", "summed too much", "swapped inputs"),
        changes=attribute("sum", "vjp", _spread_wrongly), trigger=of(lambda x: f.sum(x, axis=1), SQUARE),
    ),
    _plausible(
        "mean_without_divisor", title="Each term of a mean receives the gradient of a sum.",
        story="The divisor stands in the forward pass alone; a smaller learning rate hides it.",
        where="mean", causes=("factor",),
        changes=_reduction("mean", lambda g, out, x, axis, keepdims=False: 1.0 * g),
        trigger=of(lambda x: f.mean(x, axis=0), X),
    ),
    _plausible(
        "mean_divided_by_all", title="The gradient of a mean over one axis is divided by the size of the whole array.",
        story="`x.size` for `x.shape[axis]`; right for the mean of everything.",
        where="mean", causes=("factor",),
        changes=_reduction("mean", lambda g, out, x, axis, keepdims=False: g / x.size),
        trigger=of(lambda x: f.mean(x, axis=-1), X),
    ),
    _plausible(
        "variance_by_other_ddof", title="The gradient of a variance is divided by n − 1 where n is asked for.",
        story="NumPy divides by n, PyTorch by n − 1; a port takes the forward of one and the backward of the other.",
        where="var", causes=("factor",),
        changes=_reduction("var", _times_too_large_a_variance), trigger=of(lambda x: f.var(x, axis=1), X),
    ),
    _plausible(
        "variance_without_mean", title="The gradient of a variance is 2x/n: the mean is not taken off.",
        story="The derivative of the mean of squares; right for data that have a mean of 0.",
        where="var", causes=("mean term", "offset", "missing factor"),
        changes=_reduction("var", _variance_without_its_mean), trigger=of(lambda x: f.var(x, axis=1), X),
    ),
    _historical(
        "product_by_division", title="The gradient of a product is the product divided by each factor: NaN at 0.",
        story="PyTorch (#773), TensorFlow (#3862, #119430), Theano (#5197), MXNet (#17864), tinygrad (#17404): one "
              "zero or two among the factors.",
        where="prod", causes=("not finite",),
        changes=_reduction("prod", _by_division), trigger=of(lambda x: f.prod(x, axis=1), X),
    ),
    _plausible(
        "max_to_all_ties", title="Every one of several equal maxima receives the whole gradient.",
        story="`x == x.max()` as the mask: right as long as the maximum is one element.",
        where="max", causes=("kink", "double"),
        changes=attribute("max", "weight", _to_all_ties), trigger=of(lambda x: f.max(x, axis=1), X),
    ),
    _plausible(
        "max_to_everything", title="Every element receives the gradient of the maximum.",
        story="A maximum undone like a sum, without the mask.",
        where="max", causes=("summed too much", "region", "mask inverted"),
        changes=attribute("max", "weight", lambda _: 1.0), trigger=of(lambda x: f.max(x, axis=1), X),
    ),
    _plausible(
        "min_without_second_minus", title="The gradient of a minimum has the opposite sign.",
        story="min x = −max(−x), with one of the two minus signs on the way back.",
        where="min", causes=("sign",),
        changes=attribute("min", "weight", lambda right: lambda *args, **more: -1.0 * right(*args, **more)),
        trigger=of(lambda x: f.min(x, axis=1), X),
    ),
    _plausible(
        "logsumexp_unnormalised", title="The gradient of logsumexp is exp(x − max), not divided by its sum.",
        story="The shift by the maximum is taken for the normalisation.",
        where="logsumexp", causes=("factor",),
        changes=attribute("logsumexp", "weight", _unnormalised), trigger=of(lambda x: f.logsumexp(x, axis=1), X),
    ),
]

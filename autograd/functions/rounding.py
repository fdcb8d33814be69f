"""Step functions, and numbers in the place of those that are none."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.functions.arguments import integers, operand, raw, unboxed
from autograd.functions.parts import where
from autograd.primitives import rounding
from autograd.recording import composed
from autograd.rule import as_operand


def round(x: Any, decimals: int = 0) -> Any:
    """The nearest number of so many decimals, a half to the even neighbour as in NumPy. Its derivative is 0 everywhere.

    Example:
        >>> from autograd import Tensor, functions
        >>> functions.round(Tensor([0.5, 1.5, -1.25]), 1).data
        array([ 0.5,  1.5, -1.2])
    """
    (places,) = integers(decimals, "round", "the number of decimals")
    return rounding.round_(as_operand(x), decimals=places) if places else rounding.round_(as_operand(x))


@composed
def nan_to_num(x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    """Numbers in the place of NaN and infinities, whose derivative is then 0; 1 elsewhere.

    Args:
        x: any shape.
        nan: in the place of NaN.
        posinf, neginf: in the place of the infinities; the largest and smallest number of x's dtype by default.

    Example:
        >>> import numpy as np
        >>> from autograd import Tensor, functions
        >>> x = Tensor([np.nan, 1.0, np.inf], requires_grad=True)
        >>> y = functions.nan_to_num(x, posinf=9.0)
        >>> y.backward([1.0, 10.0, 100.0])
        >>> y.data, x.grad
        (array([0., 1., 9.]), array([ 0., 10.,  0.]))
    """
    x = operand(x, "nan_to_num")
    numbers = raw(x)
    instead = np.nan_to_num(numbers, nan=nan, posinf=posinf, neginf=neginf)
    finite = np.isfinite(numbers)
    return unboxed(where(finite, x, instead)) if not np.all(finite) else unboxed(x)

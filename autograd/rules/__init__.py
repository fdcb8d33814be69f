"""The kinds of derivative rule.

- `Elementwise` gives the local derivative with respect to each argument: ``exp -> out``, ``multiply -> (y, x)``.
- `Linear` gives the transpose with respect to each argument: of a reshape it is the reshape back.
- `Reduction` gives the weight of each element in the result: ``max -> 1 at the first maximum``.
- `Whole` gives the two products with the Jacobian: what is left, such as the inverse of a matrix.
"""

from autograd.rules.elementwise import Elementwise
from autograd.rules.linear import Linear
from autograd.rules.reduction import Reduction
from autograd.rules.whole import Whole

__all__ = ["Elementwise", "Linear", "Reduction", "Whole"]

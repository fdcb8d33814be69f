"""What every loss as a module has: a reduction, options, and the function of `nn.functional` that it calls."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd import Tensor
from nn.functional.arguments import check_reduction
from nn.module import Module


class Loss(Module):
    """The base of the losses: a call runs the function `_loss` with the attributes named in `_options`."""

    _loss: ClassVar[Any]
    _options: ClassVar[tuple[str, ...]] = ()
    _reductions: ClassVar[tuple[str, ...]] = ()  # beside the usual three

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__()
        if reduction not in self._reductions:
            check_reduction(type(self).__name__, reduction)
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """One number, or with the reduction "none" an array of them."""
        return self._of(input, target)

    def _of(self, *arguments: Any) -> Any:
        options = {name: getattr(self, name) for name in self._options}
        return type(self)._loss(*arguments, **options, reduction=self.reduction)

    def _register_weight(self, name: str, weight: Any) -> None:
        """Hold weights as a buffer, which saving and loading keep and no optimiser changes."""
        if isinstance(weight, Tensor):
            if weight.requires_grad:
                raise TypeError(
                    f"{type(self).__name__}: {name} is held as a buffer, which is not learnt, and the Tensor given "
                    f"requires a gradient; give its .numpy(), or call the function with it"
                )
            weight = weight.numpy()
        self.register_buffer(name, weight)

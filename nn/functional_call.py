"""A module as a function of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from threading import RLock
from typing import Any

from nn.module import Module

_one_at_a_time = RLock()  # two threads that replaced one module's parameters would put back each other's


def functional_call(module: Module, parameters: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
    """Call a module with other numbers or nodes in the place of its parameters, which stay as they are.

    What makes a network a function that `autograd.grad`, `hessian` and the others can differentiate with respect to its
    weights.

    Args:
        module: any module.
        parameters: Tensors or arrays by dotted path; parameters that are not named keep their own.
        args, kwargs: what the module is called with.

    Raises:
        KeyError: a path names no parameter.
        ValueError: one parameter that is held in two places is given two replacements.

    Example:
        >>> import nn
        >>> from autograd import Tensor, grad
        >>> layer = nn.Linear(2, 1, bias=False)
        >>> x = Tensor([3.0, 5.0])
        >>> grad(lambda w: nn.functional_call(layer, {"weight": w}, x).sum())(layer.weight)
        Tensor([[3., 5.]])
    """
    with _one_at_a_time:
        held = dict(module.named_parameters(remove_duplicate=False))
        unknown = [path for path in parameters if path not in held]
        if unknown:
            raise KeyError(f"functional_call: {module.describe()} has no parameter {unknown[0]!r}; it has {list(held)}")
        replaced: dict[int, Any] = {}
        for path, new in parameters.items():
            if replaced.setdefault(id(held[path]), new) is not new:
                raise ValueError(
                    f"functional_call: {path!r} of {module.describe()} is held twice, and is given two replacements"
                )
        places = [
            (part, name, parameter)
            for part in module.modules()
            for name, parameter in part._own_parameters()
            if id(parameter) in replaced
        ]
        try:
            for part, name, parameter in places:
                vars(part)[name] = replaced[id(parameter)]  # past the registration: the parts stay what they are
            return module(*args, **kwargs)
        finally:
            for part, name, parameter in places:
                vars(part)[name] = parameter

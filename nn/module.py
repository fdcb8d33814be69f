"""`Module`: a part of a network that knows its parameters and its parts, and names what it records.

A module is called like a function. What the call records lies in a scope named after the attribute that holds the
module, so that a picture of ``self.conv1 = Conv2d(...)`` inside a class ``CNN`` shows ``cnn/conv1/conv2d``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from autograd import DTypeError, Tensor
from nn.calls import HOOKS, Calls, open_modules
from nn.parts import copied_numbers, made_parameters

ModuleT = TypeVar("ModuleT", bound="Module")
Array = npt.NDArray[Any]


def Parameter(data: Any, dtype: Any = None, requires_grad: bool = True) -> Tensor:
    """A leaf `autograd.Tensor` for a module to learn: ``self.factor = Parameter(2.0)``.

    Args:
        data: floating-point numbers of any shape; they are copied.
        dtype: a floating-point dtype; that of `data` by default.
        requires_grad: False for one that is frozen, and part of the state all the same; see `Tensor.requires_grad_`.

    Example:
        >>> import nn
        >>> class Scale(nn.Module):
        ...     def __init__(self):
        ...         self.factor = nn.Parameter(2.0)
        ...     def forward(self, x):
        ...         return x * self.factor
        >>> Scale().parameters()
        [Tensor(2., requires_grad=True, name='factor')]
    """
    tensor = Tensor(data)
    parameter = tensor if dtype is None else tensor.astype(dtype).detach()
    made_parameters[id(parameter)] = parameter
    return parameter.requires_grad_(requires_grad)


@contextmanager
def mode(module: Module, training: bool) -> Iterator[None]:
    """A context in which `training` of a module and its parts is as given; each part's own is then put back."""
    before = [(part, part.training) for part in module.modules()]
    module.train(training)
    try:
        yield
    finally:
        for part, part_training in before:
            part.training = part_training


class Module(Calls):
    """The base class of layers and networks: assign parameters and modules as attributes, and define `forward`.

    A leaf Tensor that requires a gradient becomes a parameter when it is assigned, a Module becomes a part. A
    parameter's `name` is its key in `state_dict`: the attributes that lead to it, joined by dots. What is assigned in
    two places is named by the last.

    Args:
        name: the name of the outermost scope in pictures; the class name in lower case by default. Subclasses need to
            call ``super().__init__()`` only to pass it.

    Example:
        >>> import nn
        >>> from autograd import Tensor
        >>> class Net(nn.Module):
        ...     def __init__(self):
        ...         self.hidden = nn.Linear(2, 3)
        ...         self.output = nn.Linear(3, 1)
        ...     def forward(self, x):
        ...         return self.output(self.hidden(x).relu())
        >>> net = Net()
        >>> net
        Net(
          (hidden): Linear(in_features=2, out_features=3, bias=True)
          (output): Linear(in_features=3, out_features=1, bias=True)
        )
        >>> [parameter.name for parameter in net.parameters()]
        ['hidden.weight', 'hidden.bias', 'output.weight', 'output.bias']
        >>> net(Tensor([[1.0, 2.0]])).scope.startswith("net/output")
        True
    """

    training: bool = True
    _name: str = ""  # the scope of its calls, where it is not its class name

    def __init__(self, name: str = "") -> None:
        self._name = name

    @property
    def scope_name(self) -> str:
        """The name of the scope that a call opens."""
        return self._name or type(self).__name__.lower()

    # ---- registering ----------------------------------------------------------------------------------------------

    def _adopt(self, name: str, part: Any) -> None:
        part._name = self._part_name(name)
        super()._adopt(name, part)

    def _part_name(self, name: str) -> str:
        return name

    def _check_registration(self, name: str, value: Any) -> None:
        if hasattr(Module, name):
            raise TypeError(f"{type(self).__name__}: {name!r} is taken by nn.Module; choose another attribute name")
        if isinstance(value, Tensor) and any(module is self for module in open_modules.calls):
            raise TypeError(
                f"{self.describe()}: {name!r} is assigned a Tensor that requires a gradient inside forward, and would "
                f"become a parameter. Assign parameters in __init__, and look at other tensors from a forward hook"
            )

    # ---- all parts at once ----------------------------------------------------------------------------------------

    def apply(self: ModuleT, function: Callable[[Any], Any]) -> ModuleT:
        """Call a function with each part, a module after its own parts, and return the module.

        Example:
            >>> import nn
            >>> def start_at_zero(module):
            ...     if isinstance(module, nn.Linear):
            ...         nn.init.zeros_(module.weight)
            >>> model = nn.Sequential(nn.Linear(2, 1, bias=False), nn.ReLU()).apply(start_at_zero)
            >>> model[0].weight.data
            array([[0., 0.]])
        """
        for module in reversed(self.modules()):
            function(module)
        return self

    def requires_grad_(self: ModuleT, requires_grad: bool = True) -> ModuleT:
        """Set whether every parameter's gradient is wanted, and return the module: False freezes it."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def astype(self: ModuleT, dtype: Any) -> ModuleT:
        """Give every parameter and every floating-point buffer another floating-point dtype, and return the module.

        The parameters are the same nodes, so that an optimiser that holds them goes on. Their gradients are forgotten.

        Raises:
            DTypeError: the dtype is not a floating-point one.

        Example:
            >>> import nn
            >>> import numpy as np
            >>> nn.Linear(2, 1).astype(np.float32).weight.dtype
            dtype('float32')
        """
        target = np.dtype(dtype)
        if target.kind != "f":
            raise DTypeError(f"{self.describe()}.astype: {target} parameters cannot be differentiated; take a float")
        for parameter in self.parameters():
            if isinstance(parameter, Tensor):
                parameter.astype_(target)
        for module in self.modules():
            for name, array in module._own_buffers():
                if array.dtype.kind == "f":
                    setattr(module, name, array.astype(target))
        return self

    # ---- training -------------------------------------------------------------------------------------------------

    def zero_grad(self) -> None:
        """Forget every parameter's gradient."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def train(self: ModuleT, mode: bool = True) -> ModuleT:
        """Set `training` of this module and its parts, and return the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: ModuleT) -> ModuleT:
        """Set `training` to False, and return the module."""
        return self.train(False)

    # ---- saving ---------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Array]:
        """A copy of every parameter and persistent buffer under its dotted path, as in PyTorch.

        What is held in two places is under both paths.

        Example:
            >>> import nn
            >>> {name: array.shape for name, array in nn.Linear(2, 3).state_dict().items()}
            {'weight': (3, 2), 'bias': (3,)}
        """
        return {entry.path: copied_numbers(entry.held) for entry in self.named_state()}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> tuple[list[str], list[str]]:
        """Set parameters and buffers from what `state_dict` gave, here or in PyTorch. Each keeps its own dtype.

        Args:
            state: arrays, Tensors or PyTorch CPU tensors by dotted path; floating-point for parameters.
            strict: whether every path must be there, and no other. Otherwise what is missing stays as it is.

        Returns:
            The paths that are missing, and those that belong to nothing here; both empty where `strict`.

        Raises:
            ValueError: a path is missing or belongs to nothing here, an array has another shape than its place or
                holds another kind of numbers, or a parameter held in two places is given two arrays. The message names
                every mismatch, and nothing is changed.
        """
        from nn.saving.state import checked_state

        checked = checked_state(self, state, strict)
        for entry, array in checked.arrays:
            entry.set(array)
        return checked.missing, checked.unexpected

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key not in HOOKS}

    # ---- what it looks like ---------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands between the parentheses of the module's repr; a layer gives its arguments."""
        return ""

    def __repr__(self) -> str:
        lines = [f"({name}): {part!r}".replace("\n", "\n  ") for name, part in self.named_children()]
        if not lines:
            return f"{type(self).__name__}({self.extra_repr()})"
        extra = [self.extra_repr()] if self.extra_repr() else []
        return f"{type(self).__name__}(\n  " + "\n  ".join(extra + lines) + "\n)"

    def summary(self, *inputs: Any) -> None:
        """Print a table of layers, output shapes, parameters and costs, as Keras does; `nn.summarize` returns it.

        Args:
            inputs: for each argument of `forward` the shape of one example, without the batch axis; or a batch.
        """
        from nn.summary import summarize

        print(summarize(self, *inputs))

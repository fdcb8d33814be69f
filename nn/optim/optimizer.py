"""What every optimiser has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from autograd import Tensor
from nn.optim.groups import checked_parameters, listed_groups, plain_group, refuse_unknown
from nn.optim.options import Option, at_least_zero, plain
from nn.optim.state import checked_state, copied


class Optimizer:
    """What optimisers have in common: groups of parameters, their options, and one update for each parameter.

    A subclass defines `update`. A parameter without a gradient is left as it is, and its state too.

    Args:
        parameters: leaf Tensors or Values, such as ``model.parameters()``; or a list of groups, each a dict with its
            parameters under ``"params"`` and options of its own, as in PyTorch.
        lr: the learning rate, at least 0, of groups that name none.
        options: what else `update` is given, of groups that do not name it.

    Attributes:
        param_groups: the groups, dicts of ``"params"`` and every option; an entry can be set between steps.
        state: what is remembered of each parameter that has moved, by parameter.
        defaults: the options of groups that do not name them.

    An option is an attribute too. Reading ``optimizer.lr`` gives the first group's, setting it sets that of all groups,
    and is refused where they differ.

    Raises:
        TypeError: `parameters` holds something else than nodes, or a group is no dict.
        ValueError: there is no parameter, one is no leaf or is named twice, an option is unknown or outside its range.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
        >>> groups = [{"params": model[0].parameters(), "lr": 0.01}, {"params": model[1].parameters()}]
        >>> optimizer = nn.SGD(groups, lr=0.1)
        >>> [group["lr"] for group in optimizer.param_groups]
        [0.01, 0.1]
    """

    lr = at_least_zero()

    plain_state: ClassVar[frozenset[str]] = frozenset({"step"})  # the entries of a state that are one number each
    needed_state: ClassVar[frozenset[str]] = frozenset()  # those of every parameter that has moved; empty if not known
    optional_state: ClassVar[frozenset[str]] = frozenset()  # those that depend on options

    def __init__(self, parameters: Iterable[Any], lr: float, **options: Any) -> None:
        self.defaults = self.checked_options({"lr": lr, **options})
        self.param_groups: list[dict[str, Any]] = []
        self.state: dict[Any, dict[str, Any]] = {}
        groups = listed_groups(parameters, type(self).__name__)
        for group in groups:
            self.add_param_group(group)
        if not self.parameters:
            raise ValueError(
                f"{type(self).__name__}: there is no parameter to move; does the module hold its layers as attributes?"
            )

    # ---- one step -------------------------------------------------------------------------------------------------

    @np.errstate(divide="ignore", over="ignore", invalid="ignore")  # infinities are values, as in a backward pass
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient.

        Args:
            closure: called first, to compute the loss and the gradients; what it returns is returned.
        """
        loss = None if closure is None else closure()
        for group in self.param_groups:
            options = {name: plain(group[name]) for name in self.defaults}
            for parameter in group["params"]:
                if parameter.has_grad:
                    numbers = parameter.numpy() if isinstance(parameter, Tensor) else parameter.data
                    state = self.state.setdefault(parameter, {})
                    parameter.data = self.update(numbers, parameter.grad, state, options)
        return loss

    def zero_grad(self) -> None:
        """Forget every parameter's gradient, so that the next pass starts to add from nothing."""
        for parameter in self.parameters:
            parameter.zero_grad()

    def update(self, data: Any, gradient: Any, state: dict[str, Any], options: Mapping[str, Any]) -> Any:
        """The parameter's next numbers.

        Args:
            data: its numbers now: an array of its own, or a float.
            gradient: of the same shape; not to be written to.
            state: what the optimiser remembers of this parameter, empty before its first update: arrays of the
                parameter's shape, and single numbers under the names in `plain_state`.
            options: the learning rate and the other options of the parameter's group.
        """
        raise NotImplementedError(f"{type(self).__name__}: define update(self, data, gradient, state, options)")

    # ---- groups and options ---------------------------------------------------------------------------------------

    @property
    def parameters(self) -> list[Any]:
        """The parameters of all groups."""
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Move further parameters from now on, as a layer that is no longer frozen.

        Args:
            param_group: the parameters under ``"params"``, and options of their own.

        Raises:
            TypeError, ValueError: as the constructor; the optimiser is then as it was.
        """
        name = type(self).__name__
        given = plain_group(param_group, name)
        refuse_unknown(given, self.defaults, name)
        parameters = checked_parameters(given.pop("params"), name)
        known = {id(parameter) for parameter in self.parameters}
        if any(id(parameter) in known for parameter in parameters):
            raise ValueError(f"{name}: a parameter is in two groups and would be moved twice in each step")
        self.param_groups.append({"params": parameters, **self.checked_options({**self.defaults, **given})})

    def set_option(self, name: str, value: Any) -> None:
        """Set an option of every group to one value.

        Raises:
            ValueError: the value is outside its range, or the groups' options differ and would be lost.
        """
        found = [group[name] for group in self.param_groups]
        if any(each != found[0] for each in found):
            raise ValueError(
                f"{type(self).__name__}: {name} differs from group to group, {found}, which one value would wipe out; "
                f"set each group's, as in optimizer.param_groups[0][{name!r}] = {value!r}"
            )
        changed = [self.checked_options({**group, name: value}) for group in self.param_groups]
        for group, options in zip(self.param_groups, changed, strict=True):
            group[name] = options[name]

    def checked_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options as they are kept.

        Raises:
            ValueError: one is outside its range, or they do not go together.
        """
        declared = {name: getattr(type(self), name, None) for name in options}
        checked = {
            name: option.checked(type(self).__name__, options[name]) if isinstance(option, Option) else options[name]
            for name, option in declared.items()
        }
        self._check_together(checked)
        return checked

    def _check_together(self, options: Mapping[str, Any]) -> None:
        """Raise where options that are each within their range do not go together."""

    # ---- saving ---------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """A copy of what is remembered, as in PyTorch: arrays, numbers, texts, and dicts and lists of them.

        Under ``"state"`` what is remembered of each parameter, by its place among all parameters; under
        ``"param_groups"`` each group's options, with those places for ``"params"``.

        Example:
            >>> import nn
            >>> from autograd import Tensor
            >>> w = Tensor([1.0, -2.0], requires_grad=True)
            >>> optimizer = nn.SGD([w], lr=0.25, momentum=0.5)
            >>> (w * w).sum().backward()
            >>> optimizer.step()
            >>> optimizer.state_dict()["state"]
            {0: {'momentum_buffer': array([ 2., -4.])}}
        """
        place = {parameter: number for number, parameter in enumerate(self.parameters)}
        state = {
            number: copied(self.state[parameter], parameter)
            for parameter, number in place.items()
            if self.state.get(parameter)
        }
        groups = [{**group, "params": [place[each] for each in group["params"]]} for group in self.param_groups]
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave, here or in PyTorch: the next steps are those that would have followed.

        Args:
            state_dict: its arrays may be Tensors or PyTorch CPU tensors. Each is kept in its parameter's dtype.

        Raises:
            ValueError: the groups, their options or the shapes are not those of this optimiser. The message names
                every mismatch, and nothing is changed.
        """
        checked = checked_state(self, state_dict)
        self.state = checked.state
        for group, options in zip(self.param_groups, checked.options, strict=True):
            parameters = group["params"]
            group.clear()
            group.update({"params": parameters, **options})


def signed_and_decayed(data: Any, gradient: Any, options: Mapping[str, Any]) -> Any:
    """The gradient, its sign turned to maximise, and weight_decay·w added: what most updates begin with."""
    if options["maximize"]:
        gradient = -gradient
    return gradient + options["weight_decay"] * data if options["weight_decay"] else gradient

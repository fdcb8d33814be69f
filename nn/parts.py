"""What a module is made of: attributes that hold parameters and other modules, found by walking and named by path."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor


class Parts:
    """The base of `Module`: registers the parameters and modules that are assigned as attributes, and lists them."""

    _path: str = ""  # the attributes that lead to it from the module that holds all others
    _parameter_names: tuple[str, ...] = ()
    _module_names: tuple[str, ...] = ()

    def describe(self) -> str:
        """The module as messages call it: its class, and the attributes that lead to it."""
        return f"{type(self).__name__} {self._path!r}" if self._path else type(self).__name__

    # ---- registering ----------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Parts):
            self._register_module(name, value)
        elif _is_parameter(value) or (name in self._parameter_names and _is_leaf(value)):
            self._register_parameter(name, value)
        elif value is not None and name in self._parameter_names + self._module_names:
            kind = "parameter" if name in self._parameter_names else "module"
            remedy = f"write its numbers through `.{name}.data = array`" if kind == "parameter" else "assign a module"
            raise TypeError(
                f"{self.describe()}: {name!r} is a registered {kind}, whose place no {type(value).__name__} can take; "
                f"{remedy}, or `del` it first"
            )
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        self._unregister(name)

    def _register_parameter(self, name: str, parameter: Tensor) -> None:
        self._check_registration(name, parameter)
        if name not in self._parameter_names:
            self._unregister(name)
            self._parameter_names += (name,)
        parameter.name = _join(self._path, name)

    def _register_module(self, name: str, module: Parts) -> None:
        self._check_registration(name, module)
        if any(part is self for part in module.modules()):
            raise ValueError(f"{self.describe()}: a module cannot hold itself, as {name!r} would")
        if name not in self._module_names:
            self._unregister(name)
            self._module_names += (name,)
        self._adopt(name, module)

    def _adopt(self, name: str, part: Any) -> None:
        part._move(_join(self._path, name))

    def _unregister(self, name: str) -> None:
        self._parameter_names = tuple(each for each in self._parameter_names if each != name)
        self._module_names = tuple(each for each in self._module_names if each != name)

    def _check_registration(self, name: str, value: Any) -> None:
        """Raise where a parameter or module cannot be registered under this name, or not now."""

    def _move(self, path: str) -> None:
        """Name this module, its parts and their parameters by the attributes that now lead to them."""
        for part_path, part in self.named_modules(path):
            part._path = part_path
        for parameter_path, parameter in self.named_parameters(path):
            parameter.name = parameter_path

    # ---- parts and parameters -------------------------------------------------------------------------------------

    def named_children(self) -> list[tuple[str, Any]]:
        """The modules assigned to this one, with their attribute names, in order of assignment."""
        parts = [(name, getattr(self, name)) for name in self._module_names]
        return [(name, part) for name, part in parts if part is not None]

    def children(self) -> list[Any]:
        """The modules assigned to this one."""
        return [part for _, part in self.named_children()]

    def named_modules(self, prefix: str = "", remove_duplicate: bool = True) -> list[tuple[str, Any]]:
        """This module and all its parts, each before its own parts, with the dotted path to each.

        Args:
            prefix: what each path begins with.
            remove_duplicate: name a module that is held in two places once, by the first.
        """
        found: list[tuple[str, Any]] = []
        seen: set[int] = set()
        pending: list[tuple[str, Any]] = [(prefix, self)]
        while pending:
            path, module = pending.pop()
            if remove_duplicate and id(module) in seen:
                continue
            seen.add(id(module))
            found.append((path, module))
            pending += [(_join(path, name), part) for name, part in reversed(module.named_children())]
        return found

    def modules(self) -> list[Any]:
        """This module and all its parts, each before its own parts."""
        return [module for _, module in self.named_modules()]

    def named_parameters(self, prefix: str = "", remove_duplicate: bool = True) -> list[tuple[str, Any]]:
        """Every parameter with its dotted path, in order of assignment, a module's own before its parts'.

        Args:
            prefix: what each path begins with.
            remove_duplicate: name a parameter that is held in two places once, by the first.

        Raises:
            TypeError: a plain list or dict holds modules or parameters, which would not be found.
        """
        found: list[tuple[str, Any]] = []
        seen: set[int] = set()
        for path, module in self.named_modules(prefix, remove_duplicate):
            module._refuse_hidden()
            for name, parameter in module._own_parameters():
                if not (remove_duplicate and id(parameter) in seen):
                    seen.add(id(parameter))
                    found.append((_join(path, name), parameter))
        return found

    def parameters(self) -> list[Any]:
        """Every parameter, each once, in the order of `named_parameters`."""
        return [parameter for _, parameter in self.named_parameters()]

    def _own_parameters(self) -> list[tuple[str, Any]]:
        named = [(name, getattr(self, name)) for name in self._parameter_names]
        return [(name, parameter) for name, parameter in named if parameter is not None]

    def _refuse_hidden(self) -> None:
        """Raise where a plain list or dict holds what would silently not be trained."""
        for name, held in vars(self).items():
            if not isinstance(held, list | tuple | dict) or not held:
                continue
            first = next(iter(held.values() if isinstance(held, dict) else held))  # the first: a list may be long
            if _is_parameter(first) or (isinstance(first, Parts) and _has_parameters(first)):
                raise TypeError(
                    f"{self.describe()}: {name!r} is a {type(held).__name__} of {type(first).__name__}, in which no "
                    f"parameter would be found; use nn.ModuleList or nn.Sequential, and an attribute for each parameter"
                )


def copied_numbers(parameter: Any) -> npt.NDArray[Any]:
    """A copy of a Tensor's or a Value's numbers. `Tensor.data` would note a fingerprint of the array it hands out."""
    return parameter.numpy() if isinstance(parameter, Tensor) else np.array(parameter.data)


def _is_leaf(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_leaf


def _is_parameter(value: Any) -> bool:
    return _is_leaf(value) and value.requires_grad


def _has_parameters(module: Parts) -> bool:
    return any(part._own_parameters() for part in module.modules())


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name

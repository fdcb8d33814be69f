"""What a module is made of: parameters, buffers and other modules, found by walking and named by path."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.node import Node

Array = npt.NDArray[Any]

# What `Parameter` made, by `id`: one may be frozen before a module has it. (A set would compare Tensors by elements.)
made_parameters: WeakValueDictionary[int, Tensor] = WeakValueDictionary()
_LOOKED_AT = 1000  # elements of a plain list that are looked through for modules: it may be data, and long


class StateEntry(NamedTuple):
    """A parameter or a buffer, and where it is held."""

    path: str
    module: Any
    name: str  # in that module
    held: Any

    def set(self, array: Array) -> None:
        """Give it the array's numbers, in the dtype that it has."""
        if isinstance(self.held, Node):
            leaf: Any = self.held
            leaf.data = array
        else:
            setattr(self.module, self.name, array.astype(self.held.dtype))


class Parts:
    """The base of `Module`: registers the parameters and modules that are assigned as attributes, and lists them."""

    _path: str = ""  # the attributes that lead to it from the module that holds all others
    _parameter_names: tuple[str, ...] = ()
    _buffer_names: tuple[str, ...] = ()
    _transient_names: tuple[str, ...] = ()  # of the buffers that no state_dict holds
    _module_names: tuple[str, ...] = ()

    def describe(self) -> str:
        """The module as messages call it: its class, and the attributes that lead to it."""
        return f"{type(self).__name__} {self._path!r}" if self._path else type(self).__name__

    # ---- registering ----------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Parts):
            self._register_module(name, value)
        elif name in self._buffer_names and value is not None:
            value = self._checked_buffer(name, value)
        elif _is_parameter(value) or (name in self._parameter_names and _is_leaf(value) and value.name):
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

    def register_buffer(self, name: str, data: Any, persistent: bool = True) -> None:
        """Hold an array that is part of the module's state but is not learnt, as the running mean of a normalisation.

        It is an attribute, a NumPy array, in its own dtype. Assigning to it later replaces the array.

        Args:
            name: the attribute.
            data: numbers; or None, for a buffer that this module does not have.
            persistent: whether `state_dict` holds it.

        Raises:
            TypeError: the name is taken by something else, or the data are nodes or no numbers.

        Example:
            >>> import nn
            >>> class Counter(nn.Module):
            ...     def __init__(self):
            ...         self.register_buffer("calls", 0)
            ...     def forward(self, x):
            ...         self.calls = self.calls + 1
            ...         return x
            >>> counter = Counter()
            >>> counter(2.0), counter.state_dict()
            (2.0, {'calls': array(1)})
        """
        taken = name not in self._buffer_names and hasattr(self, name)
        if taken or not name.isidentifier():
            raise TypeError(f"{self.describe()}: a buffer cannot be called {name!r}; choose a name that is free")
        self._unregister(name)
        self._buffer_names += (name,)
        if not persistent:
            self._transient_names += (name,)
        setattr(self, name, data)

    def _checked_buffer(self, name: str, data: Any) -> Array:
        array = np.array(None if isinstance(data, Node) else data)
        if array.dtype.kind not in "fiub":
            raise TypeError(
                f"{self.describe()}: the buffer {name!r} holds numbers, not {type(data).__name__}; give an array, such "
                f"as a Tensor's .numpy()"
            )
        return array

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
        for kind in ("_parameter_names", "_buffer_names", "_transient_names", "_module_names"):
            names = getattr(self, kind)
            if name in names:
                object.__setattr__(self, kind, tuple(each for each in names if each != name))

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

    def named_buffers(self, prefix: str = "") -> list[tuple[str, Array]]:
        """Every buffer with its dotted path, in order of registration, a module's own before its parts'.

        Args:
            prefix: what each path begins with.
        """
        return [
            (_join(path, name), array)
            for path, module in self.named_modules(prefix)
            for name, array in module._own_buffers()
        ]

    def buffers(self) -> list[Array]:
        """Every buffer, in the order of `named_buffers`."""
        return [array for _, array in self.named_buffers()]

    def named_state(self) -> list[StateEntry]:
        """What `state_dict` holds, in PyTorch's order. What is held in two places is there under both paths."""
        state = []
        for path, module in self.named_modules(remove_duplicate=False):
            module._refuse_hidden()
            own = [*module._own_parameters(), *module._own_buffers()]
            kept = [(name, held) for name, held in own if name not in module._transient_names]
            state += [StateEntry(_join(path, name), module, name, held) for name, held in kept]
        return state

    def _own_buffers(self) -> list[tuple[str, Array]]:
        named = [(name, getattr(self, name)) for name in self._buffer_names]
        return [(name, array) for name, array in named if array is not None]

    def _own_parameters(self) -> list[tuple[str, Any]]:
        named = [(name, getattr(self, name)) for name in self._parameter_names]
        return [(name, parameter) for name, parameter in named if parameter is not None]

    def _refuse_hidden(self) -> None:
        """Raise where a plain list or dict holds what would silently be neither trained nor saved."""
        for name, held in vars(self).items():
            if not isinstance(held, list | tuple | dict) or not held:
                continue
            looked_at = islice(_elements(held), _LOOKED_AT)
            hidden = next((each for each in looked_at if _is_parameter(each) or _has_state(each)), None)
            if hidden is not None:
                raise TypeError(
                    f"{self.describe()}: {name!r} is a {type(held).__name__} with a {type(hidden).__name__}, in which "
                    f"no parameter would be found; use nn.ModuleList, nn.ModuleDict or nn.Sequential, and an attribute "
                    f"for each parameter"
                )


def copied_numbers(held: Any) -> Array:
    """A copy of the numbers of a parameter or buffer. `Tensor.data` would note a fingerprint of what it hands out."""
    if isinstance(held, Tensor):
        return held.numpy()
    return np.array(held.data if isinstance(held, Node) else held)


def _is_leaf(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_leaf


def _is_parameter(value: Any) -> bool:
    return _is_leaf(value) and (value.requires_grad or made_parameters.get(id(value)) is value)


def _has_state(held: Any) -> bool:
    return isinstance(held, Parts) and any(part._own_parameters() or part._own_buffers() for part in held.modules())


def _elements(held: Any) -> Iterator[Any]:
    """The elements of a list or dict, and those of the lists in it."""
    for each in held.values() if isinstance(held, dict) else held:
        yield each
        if isinstance(each, list | tuple | dict):
            yield from each.values() if isinstance(each, dict) else each


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name
